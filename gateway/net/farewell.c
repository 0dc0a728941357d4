#include "net/farewell.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "net/socket.h"
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* One stream: first it sends, then it waits for the peer's end. */
struct wait {
    struct farewell *farewell;
    struct stream *stream; /* owned; NULL in a free place */
    struct loop_source *source;
    int64_t due_ns;
    char *bytes; /* owned; NULL once all was sent */
    size_t sent, length;
    size_t dropped_bytes;
};

struct farewell {
    struct loop *loop; /* borrowed */
    struct loop_timer timer;
    struct wait waits[FAREWELL_STREAMS_MAX];
};

static void end_wait(struct wait *wait)
{
    wait->source = loop_source_free(wait->source);
    wait->stream = stream_close(wait->stream);
    free(wait->bytes);
    wait->bytes = NULL;
}

/* Ends what is due, and sets the timer to what is due next. */
static void on_timer(void *context)
{
    struct farewell *farewell = context;
    int64_t now_ns = loop_now_ns(farewell->loop);
    int64_t next_ns = LOOP_NEVER;
    for (int i = 0; i < FAREWELL_STREAMS_MAX; i++) {
        struct wait *wait = &farewell->waits[i];
        if (wait->stream && wait->due_ns <= now_ns)
            end_wait(wait);
        if (wait->stream && wait->due_ns < next_ns)
            next_ns = wait->due_ns;
    }
    /* Without memory for the timer a wait ends with its peer, or with the gateway. */
    (void)loop_timer_set(&farewell->timer, next_ns);
}

static void set_due(struct wait *wait, int ms)
{
    struct farewell *farewell = wait->farewell;
    wait->due_ns = loop_now_ns(farewell->loop) + ms * CLOCK_NS_PER_MS;
    if (farewell->timer.place == 0 || wait->due_ns < farewell->timer.due_ns)
        (void)loop_timer_set(&farewell->timer, wait->due_ns);
}

static void drop_bytes(struct wait *wait)
{
    char dropped[4096];
    ssize_t received = stream_read(wait->stream, dropped, sizeof dropped);
    if (received > 0)
        wait->dropped_bytes += (size_t)received;
    if (received == -EAGAIN || (received > 0 && wait->dropped_bytes < FAREWELL_BYTES_MAX))
        return;
    end_wait(wait);
}

/* False when the stream is of no use any more. */
static bool tell_end(struct wait *wait)
{
    free(wait->bytes);
    wait->bytes = NULL;
    if (socket_shut_write(stream_socket(wait->stream)) < 0)
        return false;
    set_due(wait, FAREWELL_WAIT_MS);
    return !wait->source || loop_source_set(wait->source, EPOLLIN) == 0;
}

static void send_bytes(struct wait *wait)
{
    ssize_t sent = stream_write(wait->stream, wait->bytes + wait->sent, wait->length - wait->sent);
    if (sent == -EAGAIN)
        return;
    if (sent > 0)
        wait->sent += (size_t)sent;
    if (sent < 0 || (wait->sent == wait->length && !tell_end(wait)))
        end_wait(wait);
}

static void on_ready(void *context, uint32_t events)
{
    struct wait *wait = context;
    if (!wait->bytes)
        drop_bytes(wait);
    else if (events & (EPOLLERR | EPOLLHUP))
        end_wait(wait);
    else
        send_bytes(wait);
}

int farewell_new(struct loop *loop, struct farewell **ret_farewell)
{
    struct farewell *farewell = calloc(1, sizeof *farewell);
    if (!farewell)
        return -ENOMEM;
    farewell->loop = loop;
    loop_timer_init(&farewell->timer, loop, on_timer, farewell);
    *ret_farewell = farewell;
    return 0;
}

struct farewell *farewell_free(struct farewell *farewell)
{
    if (!farewell)
        return NULL;
    for (int i = 0; i < FAREWELL_STREAMS_MAX; i++)
        end_wait(&farewell->waits[i]);
    loop_timer_stop(&farewell->timer);
    free(farewell);
    return NULL;
}

static struct wait *free_place(struct farewell *farewell)
{
    for (int i = 0; i < FAREWELL_STREAMS_MAX; i++)
        if (!farewell->waits[i].stream)
            return &farewell->waits[i];
    return NULL;
}

/* Mostly the peer has ended before us: then there is nothing to wait for. */
static bool has_ended(struct wait *wait)
{
    char dropped[4096];
    ssize_t received = stream_read(wait->stream, dropped, sizeof dropped);
    return received == 0 || (received < 0 && received != -EAGAIN);
}

static int keep_bytes(struct wait *wait, const char *bytes, size_t length)
{
    wait->bytes = malloc(length);
    if (!wait->bytes)
        return -ENOMEM;
    memcpy(wait->bytes, bytes, length);
    wait->length = length;
    set_due(wait, FAREWELL_SEND_MS);
    return 0;
}

/* 0, or a negative errno: there is nothing to wait for then. */
static int begin(struct wait *wait, const char *bytes, size_t length)
{
    ssize_t sent = 0;
    while (length > 0 && (sent = stream_write(wait->stream, bytes, length)) > 0) {
        bytes += sent;
        length -= (size_t)sent;
    }
    if (sent < 0 && sent != -EAGAIN)
        return (int)sent;
    if (length > 0) {
        int error = keep_bytes(wait, bytes, length);
        if (error)
            return error;
    } else if (!tell_end(wait) || has_ended(wait)) {
        return -ENOTCONN;
    }
    return loop_watch(wait->farewell->loop, stream_fd(wait->stream),
                      wait->bytes ? EPOLLOUT : EPOLLIN, on_ready, wait, &wait->source);
}

void farewell_take(struct farewell *farewell, struct stream *stream, const void *bytes,
                   size_t length)
{
    struct wait *wait = free_place(farewell);
    if (!wait) {
        stream_close(stream);
        return;
    }
    *wait = (struct wait){.farewell = farewell, .stream = stream};
    if (begin(wait, bytes, length))
        end_wait(wait);
}
