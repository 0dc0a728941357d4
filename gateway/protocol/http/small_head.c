#include "protocol/http/small_head.h"

#include "base/number.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char cookie[] = "Cookie:";
static const char encoding[] = "Transfer-Encoding:";
static const char body_length[] = "Content-Length:";

struct head {
    unsigned parts;
    bool is_chunked;
    size_t body_bytes;
};

static bool begins_with(const char *line, size_t length, const char *name, size_t name_length)
{
    return length >= name_length && strncasecmp(line, name, name_length) == 0;
}

static unsigned count(const char *line, size_t length, char separator)
{
    unsigned parts = 0;
    for (size_t i = 0; i < length; i++)
        parts += line[i] == separator;
    return parts;
}

/* 0 where it is no number: whoever refuses that has the memory for it. */
static size_t read_number(const char *text, const char *end)
{
    int64_t number = 0;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    while (end > text && end[-1] == '\r')
        end--;
    (void)number_parse_bytes(text, (size_t)(end - text), 0, INT64_MAX, &number);
    return (size_t)number;
}

static void read_field(struct head *head, const char *line, size_t length)
{
    head->parts++;
    if (begins_with(line, length, cookie, sizeof cookie - 1))
        head->parts += count(line, length, ';');
    else if (begins_with(line, length, body_length, sizeof body_length - 1))
        head->body_bytes = read_number(line + sizeof body_length - 1, line + length);
    else if (begins_with(line, length, encoding, sizeof encoding - 1))
        head->is_chunked = true;
}

bool small_head_is(const unsigned char *bytes, size_t length)
{
    const char *first = (const char *)bytes;
    const char *end = first + (length < SMALL_HEAD_MAX_BYTES ? length : SMALL_HEAD_MAX_BYTES);
    struct head head = {0};
    for (const char *line = first, *newline; line < end; line = newline + 1) {
        newline = memchr(line, '\n', (size_t)(end - line));
        if (!newline)
            return false;
        size_t size = (size_t)(newline - line);
        size_t behind = length - (size_t)(newline + 1 - first);
        if (size <= 1)
            return size == 1 && *line == '\r' && line > first && !head.is_chunked &&
                   head.parts <= SMALL_HEAD_MAX_PARTS && behind <= head.body_bytes;
        if (line == first)
            head.parts = 1 + count(line, size, '&');
        else
            read_field(&head, line, size);
    }
    return false;
}
