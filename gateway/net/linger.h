/* Streams that end: the last bytes are sent as the peer takes them, then the end is reported (SHUT_WR),
 * then the peer's own end is awaited, so that no RST overtakes the last answer. */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include <stddef.h>

struct stream;

enum {
    LINGER_STREAMS_MAX = 64, /* one more is closed at once */
    LINGER_SEND_MS = 5000,   /* for a slow reader of the last bytes */
    LINGER_WAIT_MS = 1000,   /* for the peer's end; a peer on a slow radio answers within it */
    LINGER_BYTES_MAX = 1024 * 1024, /* what one peer may still send */
};

/* Ends politely: sends the last bytes as the peer takes them (for 5 s at most), tells the end
 * (SHUT_WR), then reads and drops what the peer still sends until it ends, too (for 1 s at most).
 * Without that, close(2) with unread bytes sends RST, and the peer loses the last answer.
 * `stream` is taken, `bytes` are copied where they cannot be sent at once. NULL is legal. */
struct stream *stream_finish(struct stream *stream, const void *bytes, size_t length);

/* The same without last bytes. */
struct stream *stream_linger(struct stream *stream);

#endif
