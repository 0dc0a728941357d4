#include "base/json_writer.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

enum {
    ESCAPE_MAX = 6, /* bytes that one byte of a text becomes at most: \u001f */
    AROUND = 4,     /* a comma, two quotes and a colon */
    SHORT_TEXT = 40,
    PLAIN = 0,
    MULTIBYTE = 1, /* begins, or breaks, a character of several bytes */
};

#define HEX 'u' /* six bytes: \u00XX */
#define HEX_8 HEX, HEX, HEX, HEX, HEX, HEX, HEX, HEX
#define MULTIBYTE_8                                                                                \
    MULTIBYTE, MULTIBYTE, MULTIBYTE, MULTIBYTE, MULTIBYTE, MULTIBYTE, MULTIBYTE, MULTIBYTE
#define MULTIBYTE_32 MULTIBYTE_8, MULTIBYTE_8, MULTIBYTE_8, MULTIBYTE_8

/* What becomes of a byte in a text: PLAIN, MULTIBYTE, or the letter after a backslash. */
static const unsigned char treatment[256] = {
    HEX_8,         'b',
    't',           'n',
    HEX,           'f',
    'r',           HEX,
    HEX,           HEX_8,
    HEX_8,         ['"'] = '"',
    ['\\'] = '\\', [0x80] = MULTIBYTE_32,
    MULTIBYTE_32,  MULTIBYTE_32,
    MULTIBYTE_32,
};

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

struct json_writer json_writer_begin(struct buffer *buffer)
{
    return (struct json_writer){.buffer = buffer};
}

/* Room for `length` bytes, or NULL; NULL too after an earlier failure. */
static char *reserve(struct json_writer *writer, size_t length)
{
    return writer->buffer->error ? NULL : buffer_reserve(writer->buffer, length);
}

static char *put_escape(char *to, unsigned char byte, unsigned char letter)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = (char)letter;
    if (letter != HEX)
        return to;
    *to++ = '0';
    *to++ = '0';
    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
    return to;
}

/* Writes a quoted text; there is room for ESCAPE_MAX bytes for each of its bytes. */
static char *put_quoted(char *to, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    *to++ = '"';
    while (bytes < end) {
        unsigned char byte = (unsigned char)*bytes;
        unsigned char how = treatment[byte];
        if (how == PLAIN) {
            *to++ = (char)byte;
            bytes++;
            continue;
        }
        if (how != MULTIBYTE) {
            to = put_escape(to, byte, how);
            bytes++;
            continue;
        }
        size_t character = utf8_length(bytes, (size_t)(end - bytes));
        const char *from = character ? bytes : replacement;
        size_t count = character ? character : sizeof replacement - 1;
        memcpy(to, from, count);
        to += count;
        bytes += character ? character : 1;
    }
    *to++ = '"';
    return to;
}

/* Room for a quoted text. Short ones are not measured: what they do not need is given back. */
static size_t quoted_max(const char *bytes, size_t length)
{
    size_t count = length;
    if (length <= SHORT_TEXT)
        return ESCAPE_MAX * length;
    for (size_t i = 0; i < length; i++)
        if (treatment[(unsigned char)bytes[i]] != PLAIN)
            count += ESCAPE_MAX - 1;
    return count;
}

/* Begins a value of at most `length` bytes: the comma and the key before it. Where the value goes, or
 * NULL. */
static char *begin(struct json_writer *writer, const char *key, size_t length)
{
    size_t key_length = key ? strlen(key) : 0;
    char *to = reserve(writer, (key ? quoted_max(key, key_length) : 0) + AROUND + length);
    if (!to)
        return NULL;
    if (writer->has_value)
        *to++ = ',';
    if (key) {
        to = put_quoted(to, key, key_length);
        *to++ = ':';
    }
    return to;
}

/* Ends a value: `end` is the byte after it. */
static void finish(struct json_writer *writer, const char *end)
{
    struct buffer *buffer = writer->buffer;
    buffer_commit(buffer, (size_t)(end - (buffer->data + buffer->length)));
    writer->has_value = true;
}

static void open_container(struct json_writer *writer, const char *key, char bracket)
{
    char *to = begin(writer, key, 1);
    if (!to)
        return;
    *to++ = bracket;
    finish(writer, to);
    writer->has_value = false;
}

static void close_container(struct json_writer *writer, char bracket)
{
    char *to = reserve(writer, 1);
    if (!to)
        return;
    *to++ = bracket;
    finish(writer, to);
}

void json_write_object(struct json_writer *writer, const char *key)
{
    open_container(writer, key, '{');
}

void json_write_object_end(struct json_writer *writer)
{
    close_container(writer, '}');
}

void json_write_list(struct json_writer *writer, const char *key)
{
    open_container(writer, key, '[');
}

void json_write_list_end(struct json_writer *writer)
{
    close_container(writer, ']');
}

void json_write_bytes(struct json_writer *writer, const char *key, const char *bytes, size_t length)
{
    char *to = begin(writer, key, quoted_max(bytes, length) + 2);
    if (to)
        finish(writer, put_quoted(to, bytes, length));
}

void json_write_text(struct json_writer *writer, const char *key, const char *text)
{
    if (text)
        json_write_bytes(writer, key, text, strlen(text));
    else
        json_write_null(writer, key);
}

void json_write_raw(struct json_writer *writer, const char *key, const char *text, size_t length)
{
    char *to = begin(writer, key, length);
    if (!to)
        return;
    memcpy(to, text, length);
    finish(writer, to + length);
}

void json_write_integer(struct json_writer *writer, const char *key, int64_t value)
{
    char *to = begin(writer, key, NUMBER_TEXT_MAX);
    if (to)
        finish(writer, to + number_print(value, to));
}

void json_write_unsigned(struct json_writer *writer, const char *key, uint64_t value)
{
    char *to = begin(writer, key, NUMBER_TEXT_MAX);
    if (to)
        finish(writer, to + number_print_unsigned(value, to));
}

void json_write_real(struct json_writer *writer, const char *key, double value)
{
    if (!isfinite(value)) {
        json_write_null(writer, key);
        return;
    }
    char *to = begin(writer, key, NUMBER_TEXT_MAX);
    if (to)
        finish(writer, to + number_print_real(value, to));
}

void json_write_bool(struct json_writer *writer, const char *key, bool value)
{
    json_write_raw(writer, key, value ? "true" : "false", value ? 4 : 5);
}

void json_write_null(struct json_writer *writer, const char *key)
{
    json_write_raw(writer, key, "null", 4);
}

void json_write_time(struct json_writer *writer, const char *key, int64_t wall_ns)
{
    char *to = begin(writer, key, CLOCK_TEXT_SIZE + 2);
    if (!to)
        return;
    *to++ = '"';
    (void)clock_format(wall_ns, to);
    to += CLOCK_TEXT_SIZE - 1;
    *to++ = '"';
    finish(writer, to);
}

void json_write_time_or_null(struct json_writer *writer, const char *key, int64_t wall_ns)
{
    if (wall_ns)
        json_write_time(writer, key, wall_ns);
    else
        json_write_null(writer, key);
}

void json_write_key(struct json_writer *writer, const char *key)
{
    json_write_raw(writer, key, "", 0);
    writer->has_value = false;
}
