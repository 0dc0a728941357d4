#include "protocol/http/value_poll.h"

#include "base/clock.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "protocol/http/detached_head.h"
#include "protocol/send_queue.h"
#include "protocol/web_origin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MAX_BYTES = 1024 };

struct value_poll {
    struct list in_polls;
    struct value_polls *polls;
    struct stream *stream;
    struct send_queue send_queue;
    struct loop_timer timer;
    uint64_t grant_key; /* of what let it in: auth_grant_stands() */
    uint64_t seen;
    char line[CIRCUIT_NAME_SIZE];
    char origin[WEB_ORIGIN_TEXT_SIZE];
};

bool value_poll_read(struct circuit *circuit, const char *line, uint64_t *seen, uint8_t *ret_value)
{
    const struct journal *journal = circuit_journal(circuit);
    uint64_t last = journal_last(journal);
    while (*seen < last) {
        const struct event *event = journal_get(journal, *seen + 1);
        if (!event) {
            struct timestamps now = clock_now();
            struct line_state state;
            int index = circuit_find(circuit, line);
            *seen = last;
            if (index < 0)
                return false;
            circuit_line(circuit, (size_t)index, &now, &state);
            *ret_value = (uint8_t)state.value;
            return true;
        }
        (*seen)++;
        if (journal_is_of_line(journal, event, line)) {
            *ret_value = event->value;
            return true;
        }
    }
    return false;
}

/* The stream's last bytes are still sent after this. */
static void poll_end(struct value_poll *poll)
{
    list_remove(&poll->in_polls);
    loop_timer_stop(&poll->timer);
    send_queue_finish(&poll->send_queue);
    free(poll);
}

static void answer(struct value_poll *poll, const uint8_t *value)
{
    char cursor[JOURNAL_CURSOR_SIZE];
    const struct journal *journal = circuit_journal(poll->polls->service->circuit);
    struct buffer text;
    buffer_init(&text, ANSWER_MAX_BYTES);
    detached_head_write(&text, value ? "200 OK" : "204 No Content", poll->origin);
    (void)buffer_printf(&text, "Last-Event-ID: %s\r\n",
                        journal_cursor(journal, poll->seen, cursor));
    if (value)
        (void)buffer_printf(
            &text, "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n%u\n", *value);
    else
        (void)buffer_append_text(&text, "\r\n");
    if (!text.error)
        (void)send_queue_append(&poll->send_queue, text.data, text.length);
    buffer_done(&text);
    poll_end(poll);
}

static void on_time_over(void *context)
{
    answer(context, NULL);
}

static void on_ended(void *context)
{
    poll_end(context);
}

/* What a client sends meanwhile is read away so that its end is seen. */
static void on_readable(void *context)
{
    struct value_poll *poll = context;
    char unread[1024];
    ssize_t got = stream_read(poll->stream, unread, sizeof unread);
    if (got == 0 || (got < 0 && got != -EAGAIN))
        poll_end(poll);
}

static void check(struct value_poll *poll)
{
    struct circuit *circuit = poll->polls->service->circuit;
    uint8_t value = 0;
    if (value_poll_read(circuit, poll->line, &poll->seen, &value))
        answer(poll, &value);
    else if (circuit_find(circuit, poll->line) < 0) /* the next poll answers with that */
        answer(poll, NULL);
}

static void on_events(void *context)
{
    struct value_polls *polls = context;
    LIST_FOR_EACH (member, &polls->waiting)
        check(CONTAINER_OF(member, struct value_poll, in_polls));
}

void value_polls_init(struct value_polls *polls, struct service *service)
{
    *polls = (struct value_polls){.service = service,
                                  .subscriber = {.ready = on_events, .context = polls}};
    list_init(&polls->waiting);
    feed_subscribe(service->feed, &polls->subscriber);
}

void value_polls_close(struct value_polls *polls)
{
    LIST_FOR_EACH (member, &polls->waiting)
        answer(CONTAINER_OF(member, struct value_poll, in_polls), NULL);
}

void value_polls_done(struct value_polls *polls)
{
    value_polls_close(polls);
    feed_unsubscribe(&polls->subscriber);
}

void value_polls_check_grants(struct value_polls *polls)
{
    LIST_FOR_EACH (member, &polls->waiting) {
        struct value_poll *poll = CONTAINER_OF(member, struct value_poll, in_polls);
        if (!auth_grant_stands(polls->service->auth, poll->grant_key))
            poll_end(poll);
    }
}

void value_polls_add(struct value_polls *polls, struct stream *stream,
                     const struct auth_grant *grant, const struct value_poll_request *request)
{
    struct loop *loop = polls->service->loop;
    struct value_poll *poll = calloc(1, sizeof *poll);
    if (!poll) {
        stream_close(stream);
        return;
    }
    *poll = (struct value_poll){
        .polls = polls, .stream = stream, .grant_key = grant->key, .seen = request->seen};
    (void)snprintf(poll->line, sizeof poll->line, "%s", request->line);
    (void)snprintf(poll->origin, sizeof poll->origin, "%s", request->origin);
    stream_hand_over(stream, "poll");
    loop_timer_init(&poll->timer, loop, on_time_over, poll);
    struct send_queue_events events = {.context = poll, .readable = on_readable, .ended = on_ended};
    int error = send_queue_init(&poll->send_queue, loop, polls->service->feed, stream, &events);
    if (!error)
        error =
            loop_timer_set(&poll->timer, loop_now_ns(loop) + request->wait_s * CLOCK_NS_PER_SECOND);
    if (error) {
        send_queue_done(&poll->send_queue);
        stream_close(stream);
        free(poll);
        return;
    }
    list_append(&polls->waiting, &poll->in_polls);
    check(poll); /* another request of this turn may have changed the line */
}
