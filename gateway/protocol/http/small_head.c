#include "protocol/http/small_head.h"

#include <string.h>
#include <strings.h>

static const char cookie[] = "Cookie:";

static unsigned count(const char *line, size_t length, char separator)
{
    unsigned parts = 0;
    for (size_t i = 0; i < length; i++)
        parts += line[i] == separator;
    return parts;
}

static bool is_cookie(const char *line, size_t length)
{
    return length >= sizeof cookie - 1 && strncasecmp(line, cookie, sizeof cookie - 1) == 0;
}

bool small_head_is(const unsigned char *bytes, size_t length)
{
    const char *line = (const char *)bytes;
    const char *end = line + length;
    unsigned parts = 0;
    bool is_first = true; /* of a head, or of what may be one */
    if (length > SMALL_HEAD_MAX_BYTES)
        return false;
    while (line < end && parts <= SMALL_HEAD_MAX_PARTS) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((newline ? newline : end) - line);
        if (is_first)
            parts += count(line, size, '&');
        else if (is_cookie(line, size))
            parts += count(line, size, ';');
        parts++;
        is_first = size <= 1;
        line += size + 1;
    }
    return parts <= SMALL_HEAD_MAX_PARTS;
}
