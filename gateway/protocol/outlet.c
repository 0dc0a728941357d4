#include "protocol/outlet.h"

#include "loop/loop.h"
#include "net/stream.h"

#include <errno.h>
#include <sys/epoll.h>

static void end(struct outlet *outlet)
{
    if (outlet->has_ended)
        return;
    outlet->has_ended = true;
    outlet->events.ended(outlet->events.context);
}

static void on_ready(void *context, uint32_t events)
{
    struct outlet *outlet = context;
    /* What a peer wrote before it left is still read. */
    if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLIN)) {
        end(outlet);
        return;
    }
    /* One of them a turn, since either may free the client; the loop comes again for the other.
     * Writing first: a client that only asks and never reads is not read from. */
    if (events & EPOLLOUT)
        outlet_pump(outlet);
    else if (events & EPOLLIN)
        outlet->events.readable(outlet->events.context);
}

int outlet_init(struct outlet *outlet, struct loop *loop, struct feed *feed, struct stream *stream,
                const struct outlet_events *events)
{
    *outlet =
        (struct outlet){.stream = stream, .feed = feed, .events = *events, .watched = EPOLLIN};
    buffer_init(&outlet->out, OUTLET_MAX_BYTES);
    return loop_watch(loop, stream_fd(stream), outlet->watched, on_ready, outlet, &outlet->source);
}

void outlet_done(struct outlet *outlet)
{
    outlet->has_ended = true;
    outlet->source = loop_source_free(outlet->source);
    buffer_done(&outlet->out);
}

void outlet_finish(struct outlet *outlet)
{
    struct buffer rest = outlet->out;
    buffer_init(&outlet->out, 0);
    outlet_done(outlet);
    stream_finish(outlet->stream, rest.data, rest.length);
    buffer_done(&rest);
}

void outlet_follow(struct outlet *outlet, const struct feed_format *format,
                   struct feed_cursor cursor, enum role role)
{
    outlet->format = format;
    outlet->cursor = cursor;
    outlet->role = role;
}

int outlet_say(struct outlet *outlet, const void *bytes, size_t length)
{
    return buffer_append(&outlet->out, bytes, length);
}

bool outlet_is_empty(const struct outlet *outlet)
{
    return outlet->out.length == 0;
}

static void draw_events(struct outlet *outlet)
{
    while (outlet->format && outlet->out.length < OUTLET_EVENTS_BYTES) {
        size_t length;
        const char *text =
            feed_next(outlet->feed, outlet->format, &outlet->cursor, outlet->role, &length);
        if (!text || buffer_append(&outlet->out, text, length))
            return;
    }
}

/* 0, -EAGAIN when the kernel's queue is full, or another negative errno. */
static int flush(struct outlet *outlet)
{
    while (outlet->out.length > 0) {
        ssize_t sent = stream_write(outlet->stream, outlet->out.data, outlet->out.length);
        if (sent < 0)
            return (int)sent;
        buffer_consume(&outlet->out, (size_t)sent);
    }
    return 0;
}

static void watch(struct outlet *outlet)
{
    uint32_t wanted = 0;
    bool behind = outlet->format && feed_has_next(outlet->feed, &outlet->cursor);
    if (outlet->out.length > 0 || behind)
        wanted |= EPOLLOUT;
    if (outlet->out.length < OUTLET_READ_PAUSE_BYTES)
        wanted |= EPOLLIN;
    if (wanted != outlet->watched && loop_source_set(outlet->source, wanted) == 0)
        outlet->watched = wanted;
}

void outlet_pump(struct outlet *outlet)
{
    if (outlet->has_ended)
        return;
    /* One portion a turn: a client that comes back far behind must not keep others waiting. What is
     * left is drawn when the descriptor is writable again, which is in the next turn. */
    draw_events(outlet);
    int error = flush(outlet);
    if (error && error != -EAGAIN) {
        end(outlet);
        return;
    }
    watch(outlet);
}
