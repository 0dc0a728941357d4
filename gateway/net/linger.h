/* Streams that are on their way out: the last bytes are sent as the peer takes them, then the end is
 * told (SHUT_WR), then the peer's own end is waited for, so that no RST overtakes the last word. */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include <stddef.h>

struct lingering;
struct loop;
struct stream;

enum {
    LINGER_STREAMS_MAX = 64, /* one more is closed at once */
    LINGER_SEND_MS = 5000,   /* for a slow reader of the last bytes */
    LINGER_WAIT_MS = 1000,   /* for the peer's end; a peer on a slow radio answers within it */
    LINGER_BYTES_MAX = 1024 * 1024, /* what one peer may still send */
};

/* Borrows `loop`. 0 or -ENOMEM. */
int lingering_new(struct loop *loop, struct lingering **ret_lingering);

/* Closes those that still wait. NULL is legal. */
struct lingering *lingering_free(struct lingering *lingering);

/* Takes `stream`; copies those of the `length` bytes that cannot be sent at once. */
void lingering_take(struct lingering *lingering, struct stream *stream, const void *bytes,
                    size_t length);

#endif
