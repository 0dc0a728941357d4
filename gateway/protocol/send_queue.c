#include "protocol/send_queue.h"

#include "loop/loop.h"
#include "net/linger.h"
#include "net/stream.h"

#include <errno.h>
#include <sys/epoll.h>

static void end(struct send_queue *send_queue)
{
    if (send_queue->has_ended)
        return;
    send_queue->has_ended = true;
    send_queue->events.ended(send_queue->events.context);
}

static void on_ready(void *context, uint32_t events)
{
    struct send_queue *send_queue = context;
    /* What a peer wrote before it left is still read. */
    if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLIN)) {
        end(send_queue);
        return;
    }
    /* One of them a turn, since either may free the client; the loop comes again for the other.
     * Writing first: a client that only asks and never reads is not read from. */
    if (events & EPOLLOUT)
        send_queue_pump(send_queue);
    else if (events & EPOLLIN)
        send_queue->events.readable(send_queue->events.context);
}

int send_queue_init(struct send_queue *send_queue, struct loop *loop, struct feed *feed,
                    struct stream *stream, const struct send_queue_events *events)
{
    *send_queue =
        (struct send_queue){.stream = stream, .feed = feed, .events = *events, .watched = EPOLLIN};
    buffer_init(&send_queue->out, SEND_QUEUE_MAX_BYTES);
    return loop_watch(loop, stream_fd(stream), send_queue->watched, on_ready, send_queue,
                      &send_queue->source);
}

void send_queue_done(struct send_queue *send_queue)
{
    send_queue->has_ended = true;
    send_queue->source = loop_source_free(send_queue->source);
    buffer_done(&send_queue->out);
}

void send_queue_finish(struct send_queue *send_queue)
{
    struct buffer rest = send_queue->out;
    buffer_init(&send_queue->out, 0);
    send_queue_done(send_queue);
    stream_finish(send_queue->stream, rest.data, rest.length);
    buffer_done(&rest);
}

void send_queue_follow(struct send_queue *send_queue, const struct feed_format *format,
                       struct feed_cursor cursor, enum role role)
{
    send_queue->format = format;
    send_queue->cursor = cursor;
    send_queue->role = role;
}

int send_queue_append(struct send_queue *send_queue, const void *bytes, size_t length)
{
    return buffer_append(&send_queue->out, bytes, length);
}

bool send_queue_is_empty(const struct send_queue *send_queue)
{
    return send_queue->out.length == 0;
}

/* Hands a text to the kernel at once and keeps what it does not take. 0 or a negative errno. */
static int send_at_once(struct send_queue *send_queue, const char *text, size_t length)
{
    ssize_t sent = stream_write(send_queue->stream, text, length);
    if (sent < 0 && sent != -EAGAIN)
        return (int)sent;
    size_t taken = sent > 0 ? (size_t)sent : 0;
    return taken < length ? buffer_append(&send_queue->out, text + taken, length - taken) : 0;
}

/* Draws events while there is room. 0 or a negative errno. */
static int draw_events(struct send_queue *send_queue)
{
    while (send_queue->format && send_queue->out.length < SEND_QUEUE_EVENTS_BYTES) {
        size_t length;
        const char *text = feed_next(send_queue->feed, send_queue->format, &send_queue->cursor,
                                     send_queue->role, &length);
        if (!text)
            return 0;
        /* Most turns bring one event, to a client that has taken everything: it is copied nowhere. */
        if (send_queue->out.length == 0 && !feed_has_next(send_queue->feed, &send_queue->cursor))
            return send_at_once(send_queue, text, length);
        int error = buffer_append(&send_queue->out, text, length);
        if (error)
            return error;
    }
    return 0;
}

/* 0, -EAGAIN when the kernel's queue is full, or another negative errno. */
static int flush(struct send_queue *send_queue)
{
    while (send_queue->out.length > 0) {
        ssize_t sent =
            stream_write(send_queue->stream, send_queue->out.data, send_queue->out.length);
        if (sent < 0)
            return (int)sent;
        buffer_consume(&send_queue->out, (size_t)sent);
    }
    return 0;
}

static void watch(struct send_queue *send_queue)
{
    uint32_t wanted = 0;
    bool behind = send_queue->format && feed_has_next(send_queue->feed, &send_queue->cursor);
    if (send_queue->out.length > 0 || behind)
        wanted |= EPOLLOUT;
    /* A peer that does not take its answers is not asked for more. */
    bool may_answer = send_queue->out.length == 0 || stream_may_answer(send_queue->stream);
    if (send_queue->out.length < SEND_QUEUE_READ_PAUSE_BYTES && may_answer)
        wanted |= EPOLLIN;
    if (wanted != send_queue->watched && loop_source_set(send_queue->source, wanted) == 0)
        send_queue->watched = wanted;
}

void send_queue_pump(struct send_queue *send_queue)
{
    if (send_queue->has_ended)
        return;
    /* One portion a turn: a client that comes back far behind must not keep others waiting. What is
     * left is drawn when the descriptor is writable again, which is in the next turn. */
    int error = draw_events(send_queue);
    if (!error)
        error = flush(send_queue);
    stream_set_waiting(send_queue->stream, send_queue->out.length);
    if (error && error != -EAGAIN) {
        end(send_queue);
        return;
    }
    watch(send_queue);
}
