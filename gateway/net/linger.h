/* Streams that are closing: they send their last bytes as the peer reads them, then FIN (SHUT_WR), then wait
 * for the peer's FIN, so that no RST destroys the last answer. */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include <stddef.h>

struct stream;

enum {
    LINGER_STREAMS_MAX = 64,        /* beyond this, a stream is closed at once */
    LINGER_SEND_MS = 5000,          /* to send the last bytes to a slow reader */
    LINGER_WAIT_MS = 1000,          /* to wait for the peer's FIN; enough for a slow radio link */
    LINGER_BYTES_MAX = 1024 * 1024, /* read and discarded from one peer at most */
};

/* Closes gracefully: sends the last bytes as the peer reads them (for 5 s at most), then FIN (SHUT_WR),
 * then reads and discards what the peer still sends until its own FIN (for 1 s at most).
 * Otherwise close(2) with unread bytes sends RST, and the peer loses the last answer.
 * `stream` is taken, `bytes` are copied where they cannot be sent at once. NULL is legal. */
struct stream *stream_finish(struct stream *stream, const void *bytes, size_t length);

/* The same without waiting: sends what the kernel takes, sends the end, reads what the peer has sent so far, and
 * closes. Returns NULL. */
struct stream *stream_close_at_once(struct stream *stream, const void *bytes, size_t length);

/* The same as stream_finish() without last bytes. */
struct stream *stream_linger(struct stream *stream);

#endif
