/* Where requests begin and end on a connection (RFC 9112 §6, §7.1), seen beside libmicrohttpd, which takes a bare LF for
 * the end of a chunk's line and tells a wrong Content-Length by a page that it sends twice. Whatever two parsers
 * may read differently ends the connection, before the library reads it. Heads are held to the letter by http_head.h;
 * here only what frames a body. */
#ifndef PROTOCOL_HTTP_FRAMING_H
#define PROTOCOL_HTTP_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_HEAD_MAX_BYTES =
        20480,               /* a request's line and fields together: node takes 16 kB, nginx 32 */
    FRAMING_NAME_BYTES = 64, /* of a line: a name that is looked for, and its value */
};

struct framing {
    enum {
        FRAMING_HEAD,
        FRAMING_BODY,
        FRAMING_CHUNK_SIZE,
        FRAMING_CHUNK_EXTENSION,
        FRAMING_CHUNK,
        FRAMING_CHUNK_CR,
        FRAMING_CHUNK_LF,
        FRAMING_TRAILER,
    } state;
    bool is_chunked, is_behind_cr;
    uint64_t left;      /* bytes of the body or the chunk */
    unsigned digits;    /* of a chunk's size */
    size_t heads;       /* that have ended */
    size_t head_bytes;  /* of a head that has not ended */
    size_t lines, line; /* of it; bytes of the present line */
    char begin[FRAMING_NAME_BYTES];
};

/* All zero is a connection's beginning. NULL, or one sentence that tells what is wrong; then it is over. */
const char *framing_read(struct framing *framing, const unsigned char *bytes, size_t length);

/* What framing_read() returns for a head over HTTP_HEAD_MAX_BYTES, whether or not its end is there. */
extern const char framing_head_size_rule[];

/* True where all that was read are whole requests. */
bool framing_is_between(const struct framing *framing);

#endif
