#include "protocol/http/framing.h"

#include <string.h>
#include <strings.h>

enum { SIZE_DIGITS_MAX = 15, LENGTH_DIGITS_MAX = 18 }; /* 64 bits hold as many */

static const char length_name[] = "Content-Length:";
static const char coding_name[] = "Transfer-Encoding:";

const char framing_head_size_rule[] =
    "The fields of a request have at most 20480 bytes together. In a browser, clear the cookies of "
    "this host: other programs on it share them.";
static const char wrong_length[] = "Content-Length is a number in decimal digits (RFC 9112 §6.2).";
static const char wrong_chunk[] =
    "A chunk is its size in hexadecimal digits, CR LF, as many bytes, and CR LF (RFC 9112 §7.1).";

/* ---- the head ---- */

static bool is_named(const struct framing *framing, const char *name, size_t length)
{
    return framing->line >= length && strncasecmp(framing->begin, name, length) == 0;
}

/* The line is whole: its value counts where it is short enough to be one. */
static const char *take_length(struct framing *framing)
{
    size_t at = sizeof length_name - 1;
    size_t end = framing->line;
    uint64_t value = 0;
    if (end > FRAMING_NAME_BYTES)
        return wrong_length;
    while (at < end && (framing->begin[at] == ' ' || framing->begin[at] == '\t'))
        at++;
    while (end > at && strchr(" \t\r", framing->begin[end - 1]))
        end--;
    if (at == end || end - at > LENGTH_DIGITS_MAX)
        return wrong_length;
    for (; at < end; at++) {
        if (framing->begin[at] < '0' || framing->begin[at] > '9')
            return wrong_length;
        value = value * 10 + (uint64_t)(framing->begin[at] - '0');
    }
    framing->left = value;
    return NULL;
}

static const char *end_line(struct framing *framing)
{
    const char *wrong = NULL;
    bool is_empty = framing->line == 0 || (framing->line == 1 && framing->begin[0] == '\r');
    if (!is_empty && is_named(framing, length_name, sizeof length_name - 1))
        wrong = take_length(framing);
    else if (!is_empty && is_named(framing, coding_name, sizeof coding_name - 1))
        framing->is_chunked = true;
    framing->lines += !is_empty;
    framing->line = 0;
    if (!is_empty || framing->lines == 0) /* empty lines may stand before a request */
        return wrong;
    framing->state = framing->is_chunked ? FRAMING_CHUNK_SIZE
                     : framing->left > 0 ? FRAMING_BODY
                                         : FRAMING_HEAD;
    framing->heads++;
    framing->lines = framing->head_bytes = 0;
    if (framing->is_chunked)
        framing->left = 0;
    return NULL;
}

/* Up to the end of the line, or of the bytes; returns how many. */
static size_t read_head(struct framing *framing, const unsigned char *bytes, size_t length,
                        const char **ret_wrong)
{
    const unsigned char *end = memchr(bytes, '\n', length);
    size_t size = end ? (size_t)(end - bytes) : length;
    if (framing->line < FRAMING_NAME_BYTES) {
        size_t most = FRAMING_NAME_BYTES - framing->line;
        memcpy(framing->begin + framing->line, bytes, size < most ? size : most);
    }
    framing->line += size;
    framing->head_bytes += size + (end ? 1 : 0);
    if (framing->head_bytes > HTTP_HEAD_MAX_BYTES)
        *ret_wrong = framing_head_size_rule;
    else if (end)
        *ret_wrong = end_line(framing);
    return size + (end ? 1 : 0);
}

/* ---- chunks ---- */

static int hex_value(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void end_size(struct framing *framing)
{
    framing->state = framing->left > 0 ? FRAMING_CHUNK : FRAMING_TRAILER;
    framing->digits = 0;
    framing->is_behind_cr = false;
    framing->line = 0;
}

static const char *take_size_byte(struct framing *framing, unsigned char byte)
{
    int digit = framing->state == FRAMING_CHUNK_SIZE ? hex_value(byte) : -1;
    if (framing->is_behind_cr) {
        if (byte != '\n')
            return wrong_chunk;
        end_size(framing);
    } else if (digit >= 0 && framing->digits < SIZE_DIGITS_MAX) {
        framing->digits++;
        framing->left = framing->left * 16 + (uint64_t)digit;
    } else if (byte == '\r' && framing->digits > 0) {
        framing->is_behind_cr = true;
    } else if (framing->state == FRAMING_CHUNK_SIZE && byte == ';' && framing->digits > 0) {
        framing->state = FRAMING_CHUNK_EXTENSION;
    } else if (framing->state == FRAMING_CHUNK_SIZE || (byte < ' ' && byte != '\t') ||
               byte == 0x7f) {
        return wrong_chunk;
    }
    return NULL;
}

/* Lines as those of a head, none of which counts. */
static const char *take_trailer_byte(struct framing *framing, unsigned char byte)
{
    if (framing->is_behind_cr != (byte == '\n'))
        return wrong_chunk;
    framing->is_behind_cr = byte == '\r';
    if (byte != '\r' && byte != '\n') {
        framing->line++;
        return (byte < ' ' && byte != '\t') || byte == 0x7f ? wrong_chunk : NULL;
    }
    if (byte == '\n' && framing->line == 0)
        *framing = (struct framing){.heads = framing->heads};
    else if (byte == '\n')
        framing->line = 0;
    return NULL;
}

static const char *take_byte(struct framing *framing, unsigned char byte)
{
    switch (framing->state) {
    case FRAMING_CHUNK_SIZE:
    case FRAMING_CHUNK_EXTENSION:
        return take_size_byte(framing, byte);
    case FRAMING_CHUNK_CR:
        framing->state = FRAMING_CHUNK_LF;
        return byte == '\r' ? NULL : wrong_chunk;
    case FRAMING_CHUNK_LF:
        framing->state = FRAMING_CHUNK_SIZE;
        return byte == '\n' ? NULL : wrong_chunk;
    case FRAMING_TRAILER:
        return take_trailer_byte(framing, byte);
    case FRAMING_HEAD:
    case FRAMING_BODY:
    case FRAMING_CHUNK:
        break;
    }
    return NULL;
}

static size_t skip(struct framing *framing, size_t length)
{
    size_t size = length < framing->left ? length : (size_t)framing->left;
    framing->left -= size;
    if (framing->left > 0)
        return size;
    if (framing->state == FRAMING_BODY)
        *framing = (struct framing){.heads = framing->heads};
    else
        framing->state = FRAMING_CHUNK_CR;
    return size;
}

const char *framing_read(struct framing *framing, const unsigned char *bytes, size_t length)
{
    const char *wrong = NULL;
    for (size_t at = 0; at < length && !wrong;) {
        if (framing->state == FRAMING_HEAD)
            at += read_head(framing, bytes + at, length - at, &wrong);
        else if (framing->state == FRAMING_BODY || framing->state == FRAMING_CHUNK)
            at += skip(framing, length - at);
        else
            wrong = take_byte(framing, bytes[at++]);
    }
    return wrong;
}

bool framing_is_between(const struct framing *framing)
{
    return framing->state == FRAMING_HEAD && framing->head_bytes == 0;
}
