#include "protocol/http/page_twin.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST /* input is only read */
#include <zlib.h>

/* RFC 1952 §2.3: magic, deflate, FEXTRA, no time, best compression, Unix; 20 bytes of fields, "pg" with 16. */
static const unsigned char twin_head[] = {0x1f, 0x8b, 8,  4, 0,   0,   0,  0,
                                          2,    3,    20, 0, 'p', 'g', 16, 0};
static const unsigned char plain_head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3};

enum {
    GZIP_WINDOW = 15 + 16, /* the largest window, with a gzip header (zlib.h, deflateInit2) */
    CHECKSUM_BYTES = 8,    /* CRC-32 and length, as a gzip file ends with them */
    SOURCE_AT = sizeof twin_head,
    BODY_CHECKSUM_AT = SOURCE_AT + CHECKSUM_BYTES,
    BODY_AT = BODY_CHECKSUM_AT + CHECKSUM_BYTES,
};

static uint32_t read_number(const char *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool has_checksum(const char *checksum, const char *bytes, size_t length)
{
    return read_number(checksum + 4) == length &&
           read_number(checksum) == crc32_z(0, (const unsigned char *)bytes, length);
}

bool page_twin_is(const struct buffer *bytes)
{
    return bytes->length > BODY_AT && memcmp(bytes->data, twin_head, sizeof twin_head) == 0;
}

bool page_twin_take(struct buffer *twin, const char *source, size_t length)
{
    if (!page_twin_is(twin) || !has_checksum(twin->data + SOURCE_AT, source, length) ||
        !has_checksum(twin->data + BODY_CHECKSUM_AT, twin->data + BODY_AT, twin->length - BODY_AT))
        return false;
    buffer_consume(twin, BODY_AT - sizeof plain_head);
    memcpy(twin->data, plain_head, sizeof plain_head);
    return true;
}

char *page_twin_pack(const char *bytes, size_t length, size_t *ret_length)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, 9, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t capacity = deflateBound(&stream, length);
    char *packed = malloc(capacity);
    int result = Z_MEM_ERROR;
    if (packed) {
        stream.next_in = (const unsigned char *)bytes;
        stream.avail_in = (unsigned)length;
        stream.next_out = (unsigned char *)packed;
        stream.avail_out = (unsigned)capacity;
        result = deflate(&stream, Z_FINISH);
    }
    *ret_length = stream.total_out;
    (void)deflateEnd(&stream);
    /* The bound was far larger. */
    char *fitting = result == Z_STREAM_END ? realloc(packed, *ret_length) : NULL;
    if (!fitting)
        free(packed);
    return fitting;
}

char *page_twin_unpack(const char *packed, size_t packed_length, size_t *ret_length)
{
    size_t length = packed_length > CHECKSUM_BYTES ? read_number(packed + packed_length - 4) : 0;
    z_stream stream = {.next_in = (const unsigned char *)packed,
                       .avail_in = (unsigned)packed_length,
                       .avail_out = (unsigned)length};
    char *bytes = malloc(length + 1);
    stream.next_out = (unsigned char *)bytes;
    if (!bytes || inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
        free(bytes);
        return NULL;
    }
    int result = inflate(&stream, Z_FINISH);
    (void)inflateEnd(&stream);
    *ret_length = length;
    if (result == Z_STREAM_END)
        return bytes;
    free(bytes);
    return NULL;
}
