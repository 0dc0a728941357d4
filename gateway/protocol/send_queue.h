/* A byte stream to one client: what is sent to it, in order, with a ceiling. Answers are appended by
 * the server; events are drawn from the feed only when there is room, so that a slow reader costs its
 * cursor and nothing more. Used by the event streams and the line server. */
#ifndef PROTOCOL_SEND_QUEUE_H
#define PROTOCOL_SEND_QUEUE_H

#include "base/buffer.h"
#include "protocol/feed.h"

#include <stdbool.h>
#include <stddef.h>

struct feed;
struct loop;
struct loop_source;
struct stream;

enum {
    SEND_QUEUE_EVENTS_BYTES = 16 * 1024,    /* events are drawn while less than this waits */
    SEND_QUEUE_MAX_BYTES = 4 * 1024 * 1024, /* with answers; more is the end of the client */
    SEND_QUEUE_READ_PAUSE_BYTES =
        256 * 1024, /* nothing is read from a client that reads so little */
};

struct send_queue_events {
    void *context;
    void (*readable)(void *context); /* there is something to read, the end included */
    void (*ended)(void *context);    /* the peer is gone or a write failed: free the client */
};

/* Lives in its client. */
struct send_queue {
    struct stream *stream; /* borrowed */
    struct loop_source *source;
    struct feed *feed; /* borrowed */
    struct buffer out;
    struct send_queue_events events;
    const struct feed_format *format; /* NULL while it follows nothing */
    struct feed_cursor cursor;
    enum role role;
    uint32_t watched; /* epoll events */
    bool has_ended;
};

/* Watches the stream's descriptor. 0 or a negative errno. */
int send_queue_init(struct send_queue *send_queue, struct loop *loop, struct feed *feed,
                    struct stream *stream, const struct send_queue_events *events);
void send_queue_done(struct send_queue *send_queue);

/* The same, but ends the stream politely, which is taken: what waits is still sent. */
void send_queue_finish(struct send_queue *send_queue);

/* Follows the feed from `cursor` on, or no longer with `format` NULL. Call send_queue_pump() after. */
void send_queue_follow(struct send_queue *send_queue, const struct feed_format *format,
                       struct feed_cursor cursor, enum role role);

/* Appends to what is to be sent. 0 or -ENOBUFS: the client must be ended. */
int send_queue_append(struct send_queue *send_queue, const void *bytes, size_t length);

/* Sends what can be sent now, draws events while there is room. May call `ended`: the client may be
 * freed afterwards. */
void send_queue_pump(struct send_queue *send_queue);

/* True when everything appended has been handed to the kernel. */
bool send_queue_is_empty(const struct send_queue *send_queue);

#endif
