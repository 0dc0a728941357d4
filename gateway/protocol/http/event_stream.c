#include "protocol/http/event_stream.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "protocol/feed.h"
#include "protocol/http/detached_head.h"
#include "protocol/json_encode.h"
#include "protocol/line_texts.h"
#include "protocol/send_queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A comment now and then finds dead peers and keeps proxies from closing an idle stream. */
#define HEARTBEAT_NS (15 * CLOCK_NS_PER_SECOND)

enum { HEAD_MAX_BYTES = 1024 };

struct event_stream {
    struct list in_streams;
    struct event_streams *streams;
    struct stream *stream;
    struct send_queue send_queue;
    uint64_t grant_key;           /* of what let it in: auth_grant_stands() */
    char line[CIRCUIT_NAME_SIZE]; /* that it follows; "" for all */
};

struct event_streams {
    struct service *service;
    struct feed_subscriber subscriber;
    struct loop_timer heartbeat;
    struct list streams;
    struct value_polls polls;
};

static int encode_event(struct buffer *buffer, struct circuit *circuit, const struct event *event)
{
    char cursor[JOURNAL_CURSOR_SIZE];
    (void)buffer_append_text(buffer, "id: ");
    (void)buffer_append_text(buffer, journal_cursor(circuit_journal(circuit), event->seq, cursor));
    (void)buffer_append_text(buffer, "\ndata: ");
    struct json_writer writer = json_writer_begin(buffer);
    json_encode_event(&writer, circuit, event, true);
    (void)buffer_append_text(buffer, "\n\n");
    return buffer->error;
}

static int encode_snapshot(struct buffer *buffer, struct line_texts *texts, enum role role)
{
    char cursor[JOURNAL_CURSOR_SIZE];
    const struct journal *journal = circuit_journal(line_texts_circuit(texts));
    struct timestamps now = clock_now();
    (void)buffer_printf(buffer, "event: snapshot\nid: %s\ndata: ",
                        journal_cursor(journal, journal_last(journal), cursor));
    struct json_writer writer = json_writer_begin(buffer);
    json_encode_circuit(&writer, texts, role, &now);
    (void)buffer_append_text(buffer, "\n\n");
    return buffer->error;
}

/* A line's value is what GET answers: 0 or 1. */
static int print_value(struct buffer *buffer, const struct journal *journal, uint64_t seq,
                       unsigned value)
{
    char cursor[JOURNAL_CURSOR_SIZE];
    return buffer_printf(buffer, "event: value\nid: %s\ndata: %u\n\n",
                         journal_cursor(journal, seq, cursor), value);
}

static int encode_value_event(struct buffer *buffer, struct circuit *circuit,
                              const struct event *event)
{
    return print_value(buffer, circuit_journal(circuit), event->seq, event->value);
}

static int encode_value(struct buffer *buffer, struct circuit *circuit, const char *name)
{
    const struct journal *journal = circuit_journal(circuit);
    int line = circuit_find(circuit, name);
    if (line < 0)
        return buffer_append_text(buffer, ": this line is no more\n\n");
    struct timestamps now = clock_now();
    struct line_state state;
    circuit_line(circuit, (size_t)line, &now, &state);
    return print_value(buffer, journal, journal_last(journal), state.value);
}

static const struct feed_format format = {.event = encode_event, .snapshot = encode_snapshot};
static const struct feed_format value_format = {.event = encode_value_event, .line = encode_value};

static void stream_end(struct event_stream *client)
{
    list_remove(&client->in_streams);
    send_queue_finish(&client->send_queue);
    struct event_streams *streams = client->streams;
    free(client);
    if (list_is_empty(&streams->streams))
        loop_timer_stop(&streams->heartbeat);
}

static void on_ended(void *context)
{
    stream_end(context);
}

/* A client has nothing more to send; what it sends is read away so that its end is seen. */
static void on_readable(void *context)
{
    struct event_stream *client = context;
    char unread[1024];
    ssize_t got = stream_read(client->stream, unread, sizeof unread);
    if (got == 0 || (got < 0 && got != -EAGAIN))
        stream_end(client);
}

static void on_events(void *context)
{
    struct event_streams *streams = context;
    const struct circuit *circuit = streams->service->circuit;
    LIST_FOR_EACH (member, &streams->streams) {
        struct event_stream *client = CONTAINER_OF(member, struct event_stream, in_streams);
        bool is_over = client->line[0] && circuit_find(circuit, client->line) < 0;
        if (is_over)
            stream_end(client);
        else
            send_queue_pump(&client->send_queue);
    }
}

static void on_heartbeat(void *context)
{
    struct event_streams *streams = context;
    LIST_FOR_EACH (member, &streams->streams) {
        struct event_stream *client = CONTAINER_OF(member, struct event_stream, in_streams);
        if (send_queue_is_empty(&client->send_queue))
            (void)send_queue_append(&client->send_queue, ":\n\n", 3);
        send_queue_pump(&client->send_queue);
    }
    if (!list_is_empty(&streams->streams))
        (void)loop_timer_set(&streams->heartbeat,
                             loop_now_ns(streams->service->loop) + HEARTBEAT_NS);
}

int event_streams_new(struct service *service, struct event_streams **ret_streams)
{
    struct event_streams *streams = calloc(1, sizeof *streams);
    if (!streams)
        return -ENOMEM;
    streams->service = service;
    list_init(&streams->streams);
    value_polls_init(&streams->polls, service);
    streams->subscriber = (struct feed_subscriber){.ready = on_events, .context = streams};
    feed_subscribe(service->feed, &streams->subscriber);
    loop_timer_init(&streams->heartbeat, service->loop, on_heartbeat, streams);
    *ret_streams = streams;
    return 0;
}

struct value_polls *event_streams_polls(struct event_streams *streams)
{
    return &streams->polls;
}

void event_streams_close(struct event_streams *streams)
{
    value_polls_close(&streams->polls);
    LIST_FOR_EACH (member, &streams->streams) {
        struct event_stream *client = CONTAINER_OF(member, struct event_stream, in_streams);
        static const char goodbye[] = ": the gateway ends\n\n";
        (void)send_queue_append(&client->send_queue, goodbye, sizeof goodbye - 1);
        send_queue_pump(&client->send_queue);
    }
    LIST_FOR_EACH (member, &streams->streams)
        stream_end(CONTAINER_OF(member, struct event_stream, in_streams));
}

void event_streams_check_grants(struct event_streams *streams)
{
    value_polls_check_grants(&streams->polls);
    LIST_FOR_EACH (member, &streams->streams) {
        struct event_stream *client = CONTAINER_OF(member, struct event_stream, in_streams);
        if (!auth_grant_stands(streams->service->auth, client->grant_key))
            stream_end(client);
    }
}

struct event_streams *event_streams_free(struct event_streams *streams)
{
    if (!streams)
        return NULL;
    event_streams_close(streams);
    value_polls_done(&streams->polls);
    loop_timer_stop(&streams->heartbeat);
    feed_unsubscribe(&streams->subscriber);
    free(streams);
    return NULL;
}

const char *event_stream_since(const struct http_exchange *http_exchange)
{
    const char *since = http_exchange->header(http_exchange, "Last-Event-ID");
    return since ? since : http_exchange->query(http_exchange, "since");
}

void event_stream_request(struct http_exchange *http_exchange)
{
    const char *since = event_stream_since(http_exchange);
    if (since && *since && !journal_cursor_is_valid(since)) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "since: \"<boot>-<seq>\" is needed, as 9f3c61d2-42");
        return;
    }
    if (strcmp(http_exchange->method, "HEAD") == 0) {
        http_exchange_answer_empty(http_exchange, 200);
        http_exchange->media_type = "text/event-stream";
        return;
    }
    http_exchange->upgrade = UPGRADE_EVENTS;
}

/* The answer's head and the cursor to resume from, so that even a stream that saw no event resumes
 * where it began. */
static int write_head(struct event_stream *client, const char *since, const char *origin)
{
    const struct journal *journal = circuit_journal(client->streams->service->circuit);
    char cursor[JOURNAL_CURSOR_SIZE];
    struct buffer text;
    buffer_init(&text, HEAD_MAX_BYTES);
    detached_head_write(&text, "200 OK", origin);
    (void)buffer_append_text(&text, "Content-Type: text/event-stream\r\n"
                                    "X-Accel-Buffering: no\r\n"
                                    "\r\n"
                                    "retry: 1000\n");
    if (*since == '\0')
        (void)buffer_printf(&text, "id: %s\n",
                            journal_cursor(journal, journal_last(journal), cursor));
    (void)buffer_append_text(&text, "\n");
    int error =
        text.error ? text.error : send_queue_append(&client->send_queue, text.data, text.length);
    buffer_done(&text);
    return error;
}

void event_streams_add(struct event_streams *streams, struct stream *stream,
                       const struct auth_grant *grant, const struct event_stream_request *request)
{
    const char *since = request->since;
    struct event_stream *client = calloc(1, sizeof *client);
    if (!client) {
        stream_close(stream);
        return;
    }
    *client = (struct event_stream){.streams = streams, .stream = stream, .grant_key = grant->key};
    (void)snprintf(client->line, sizeof client->line, "%s", request->line);
    stream_hand_over(stream, "events");
    struct send_queue_events events = {
        .context = client, .readable = on_readable, .ended = on_ended};
    struct service *service = streams->service;
    int error = send_queue_init(&client->send_queue, service->loop, service->feed, stream, &events);
    if (!error)
        error = write_head(client, since, request->origin);
    if (error) {
        send_queue_done(&client->send_queue);
        stream_close(stream);
        free(client);
        return;
    }
    if (list_is_empty(&streams->streams))
        (void)loop_timer_set(&streams->heartbeat, loop_now_ns(service->loop) + HEARTBEAT_NS);
    list_append(&streams->streams, &client->in_streams);
    service->counters.event_streams++;
    struct feed_cursor cursor = feed_begin(service->feed, *since ? since : NULL, false);
    cursor.line = client->line[0] ? client->line : NULL;
    send_queue_follow(&client->send_queue, cursor.line ? &value_format : &format, cursor,
                      grant->role);
    send_queue_pump(&client->send_queue);
}
