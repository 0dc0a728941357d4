/* Streams that are on their way out: the last bytes are sent as the peer takes them, then the end is
 * told (SHUT_WR), then the peer's own end is waited for, so that no RST overtakes the last word. */
#ifndef NET_FAREWELL_H
#define NET_FAREWELL_H

#include <stddef.h>

struct farewell;
struct loop;
struct stream;

enum {
    FAREWELL_STREAMS_MAX = 64, /* one more is closed at once */
    FAREWELL_SEND_MS = 5000,   /* for a slow reader of the last bytes */
    FAREWELL_WAIT_MS = 1000,   /* for the peer's end; a peer on a slow radio answers within it */
    FAREWELL_BYTES_MAX = 1024 * 1024, /* what one peer may still send */
};

/* Borrows `loop`. 0 or -ENOMEM. */
int farewell_new(struct loop *loop, struct farewell **ret_farewell);

/* Closes those that still wait. NULL is legal. */
struct farewell *farewell_free(struct farewell *farewell);

/* Takes `stream`; copies those of the `length` bytes that cannot be sent at once. */
void farewell_take(struct farewell *farewell, struct stream *stream, const void *bytes,
                   size_t length);

#endif
