#include "net/linger.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/socket.h"
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { READS_BEFORE_CLOSE = 16 };

/* One stream: it first sends, then waits for the peer's FIN. */
struct wait {
    struct lingering *lingering;
    struct stream *stream; /* owned; NULL while unused */
    struct loop_source *source;
    int64_t due_ns;
    char *bytes; /* owned; NULL once all was sent */
    size_t sent, length;
    size_t dropped_bytes;
};

struct lingering {
    struct loop *loop; /* borrowed */
    struct loop_timer timer;
    struct wait waits[LINGER_STREAMS_MAX];
};

static void end_wait(struct wait *wait)
{
    wait->source = loop_source_free(wait->source);
    wait->stream = stream_close(wait->stream);
    free(wait->bytes);
    wait->bytes = NULL;
}

/* Closes the streams that are due, and sets the timer to the next due time. */
static void on_timer(void *context)
{
    struct lingering *lingering = context;
    int64_t now_ns = loop_now_ns(lingering->loop);
    int64_t next_ns = LOOP_NEVER;
    for (int i = 0; i < LINGER_STREAMS_MAX; i++) {
        struct wait *wait = &lingering->waits[i];
        if (wait->stream && wait->due_ns <= now_ns)
            end_wait(wait);
        if (wait->stream && wait->due_ns < next_ns)
            next_ns = wait->due_ns;
    }
    /* Without memory for the timer, a stream waits until its peer or the gateway ends. */
    (void)loop_timer_set(&lingering->timer, next_ns);
}

static void set_due(struct wait *wait, int ms)
{
    struct lingering *lingering = wait->lingering;
    wait->due_ns = loop_now_ns(lingering->loop) + ms * CLOCK_NS_PER_MS;
    if (lingering->timer.heap_slot == 0 || wait->due_ns < lingering->timer.due_ns)
        (void)loop_timer_set(&lingering->timer, wait->due_ns);
}

static void drop_bytes(struct wait *wait)
{
    char dropped[4096];
    ssize_t received = stream_read(wait->stream, dropped, sizeof dropped);
    if (received > 0)
        wait->dropped_bytes += (size_t)received;
    if (received == -EAGAIN || (received > 0 && wait->dropped_bytes < LINGER_BYTES_MAX))
        return;
    end_wait(wait);
}

/* Returns false when the stream has failed. */
static bool report_end(struct wait *wait)
{
    free(wait->bytes);
    wait->bytes = NULL;
    if (socket_shut_write(stream_socket(wait->stream)) < 0)
        return false;
    set_due(wait, LINGER_WAIT_MS);
    return !wait->source || loop_source_set(wait->source, EPOLLIN) == 0;
}

static void send_bytes(struct wait *wait)
{
    ssize_t sent = stream_write(wait->stream, wait->bytes + wait->sent, wait->length - wait->sent);
    if (sent == -EAGAIN)
        return;
    if (sent > 0)
        wait->sent += (size_t)sent;
    if (sent < 0 || (wait->sent == wait->length && !report_end(wait)))
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

static int lingering_new(struct loop *loop, struct lingering **ret_lingering)
{
    struct lingering *lingering = calloc(1, sizeof *lingering);
    if (!lingering)
        return -ENOMEM;
    lingering->loop = loop;
    loop_timer_init(&lingering->timer, loop, on_timer, lingering);
    *ret_lingering = lingering;
    return 0;
}

static struct lingering *lingering_free(struct lingering *lingering)
{
    if (!lingering)
        return NULL;
    for (int i = 0; i < LINGER_STREAMS_MAX; i++)
        end_wait(&lingering->waits[i]);
    loop_timer_stop(&lingering->timer);
    free(lingering);
    return NULL;
}

static struct wait *free_wait(struct lingering *lingering)
{
    for (int i = 0; i < LINGER_STREAMS_MAX; i++)
        if (!lingering->waits[i].stream)
            return &lingering->waits[i];
    return NULL;
}

/* Usually the peer has closed first; then there is nothing to wait for. */
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
    set_due(wait, LINGER_SEND_MS);
    return 0;
}

/* 0, or a negative errno; after an error the stream is not waited for. */
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
    } else if (!report_end(wait) || has_ended(wait)) {
        return -ENOTCONN;
    }
    return loop_watch(wait->lingering->loop, stream_fd(wait->stream),
                      wait->bytes ? EPOLLOUT : EPOLLIN, on_ready, wait, &wait->source);
}

/* Unread bytes would turn the close into a RST (RFC 9293 §3.10.4), which takes the last answer away. */
struct stream *stream_close_at_once(struct stream *stream, const void *bytes, size_t length)
{
    char dropped[4096];
    if (length > 0)
        (void)stream_write(stream, bytes, length);
    (void)socket_shut_write(stream_socket(stream));
    for (int i = 0; i < READS_BEFORE_CLOSE && stream_read(stream, dropped, sizeof dropped) > 0; i++)
        continue;
    return stream_close(stream);
}

static void take_stream(struct lingering *lingering, struct stream *stream, const void *bytes,
                        size_t length)
{
    struct wait *wait = free_wait(lingering);
    if (!wait) {
        stream_close_at_once(stream, bytes, length);
        return;
    }
    *wait = (struct wait){.lingering = lingering, .stream = stream};
    if (begin(wait, bytes, length))
        end_wait(wait);
}

/* Made when the first stream lingers. NULL without memory. */
static struct lingering *find_lingering(struct net *net)
{
    struct lingering *lingering = net_lingering(net);
    if (!lingering && lingering_new(net_loop(net), &lingering) == 0)
        net_set_lingering(net, lingering, lingering_free);
    return lingering;
}

struct stream *stream_finish(struct stream *stream, const void *bytes, size_t length)
{
    if (!stream)
        return NULL;
    struct lingering *lingering = find_lingering(stream_net(stream));
    if (!lingering)
        return stream_close(stream);
    take_stream(lingering, stream, bytes, length);
    return NULL;
}

struct stream *stream_linger(struct stream *stream)
{
    return stream_finish(stream, NULL, 0);
}
