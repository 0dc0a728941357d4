#include "protocol/http/gzip.h"

#include "loop/loop.h"
#include "protocol/http/http_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum {
    LEVEL = 1,              /* the quickest */
    PIECE_BYTES = 8 * 1024, /* between two checks for urgent work */
    GZIP_WINDOW = 15 + 16,  /* the largest window, with a gzip header (zlib.h, deflateInit2) */
};

bool gzip_is_accepted(const struct http_exchange *http_exchange)
{
    const char *list = http_exchange->header(http_exchange, "Accept-Encoding");
    while (list && *list) {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ",; \t");
        const char *rest = list + length;
        size_t rest_length = strcspn(rest, ",");
        const char *weight = memchr(rest, '=', rest_length);
        if (length == 4 && strncasecmp(list, "gzip", length) == 0)
            return !weight || strtod(weight + 1, NULL) > 0;
        list = rest + rest_length;
    }
    return false;
}

/* Packs `plain` into `packed`, which has room for less than that. False where it does not fit. */
static bool pack(struct loop *loop, const struct buffer *plain, char *packed, size_t *ret_length)
{
    z_stream stream = {0};
    int result = Z_OK;
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    stream.next_in = (unsigned char *)plain->data;
    stream.next_out = (unsigned char *)packed;
    stream.avail_out = (unsigned)plain->length;
    for (size_t left = plain->length; left > 0 && result == Z_OK && stream.avail_out > 0;) {
        size_t piece = left < PIECE_BYTES ? left : PIECE_BYTES;
        left -= piece;
        stream.avail_in = (unsigned)piece;
        result = deflate(&stream, left > 0 ? Z_NO_FLUSH : Z_FINISH);
        loop_run_urgent(loop);
    }
    *ret_length = stream.total_out;
    (void)deflateEnd(&stream);
    return result == Z_STREAM_END;
}

void gzip_answer(struct http_exchange *http_exchange)
{
    struct buffer *answer = &http_exchange->answer;
    struct buffer packed;
    size_t length;
    http_exchange_add_header(http_exchange, "Vary", "Accept-Encoding");
    if (answer->length == 0 || !gzip_is_accepted(http_exchange))
        return;
    buffer_init(&packed, answer->max);
    char *bytes = buffer_reserve(&packed, answer->length);
    if (!bytes || !pack(http_exchange->service->loop, answer, bytes, &length)) {
        buffer_done(&packed);
        return;
    }
    buffer_commit(&packed, length);
    buffer_done(answer);
    *answer = packed;
    http_exchange_add_header(http_exchange, "Content-Encoding", "gzip");
}
