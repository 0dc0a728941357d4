#include "base/buffer.h"

#include "base/number.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY_BYTES = 256 };

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max};
}

void buffer_done(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->max);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->error = 0;
    if (buffer->data)
        buffer->data[0] = '\0';
}

static int fail(struct buffer *buffer, int error)
{
    if (!buffer->error)
        buffer->error = error;
    return error;
}

char *buffer_reserve(struct buffer *buffer, size_t length)
{
    if (length > buffer->max || buffer->length > buffer->max - length) {
        fail(buffer, -ENOBUFS);
        return NULL;
    }
    size_t need = buffer->length + length + 1;
    if (need > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY_BYTES;
        while (capacity < need)
            capacity *= 2;
        if (capacity > buffer->max + 1)
            capacity = buffer->max + 1;
        char *data = realloc(buffer->data, capacity);
        if (!data) {
            fail(buffer, -ENOMEM);
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->length;
}

void buffer_commit(struct buffer *buffer, size_t length)
{
    assert(buffer->length + length < buffer->capacity);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    char *space = buffer_reserve(buffer, length);
    if (!space)
        return buffer->error;
    if (length > 0)
        memcpy(space, bytes, length);
    buffer_commit(buffer, length);
    return 0;
}

int buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

int buffer_append_unsigned(struct buffer *buffer, uint64_t number)
{
    char digits[NUMBER_TEXT_MAX];
    return buffer_append(buffer, digits, number_print_unsigned(number, digits));
}

int buffer_append_char(struct buffer *buffer, char byte)
{
    return buffer_append(buffer, &byte, 1);
}

__attribute__((format(printf, 2, 0))) static int
append_formatted(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t left = buffer->capacity > buffer->length ? buffer->capacity - buffer->length : 0;
    int length =
        vsnprintf(left > 0 ? buffer->data + buffer->length : NULL, left, format, arguments);
    if (length < 0) {
        length = fail(buffer, -EINVAL);
    } else if ((size_t)length < left) {
        buffer->length += (size_t)length;
        length = 0;
    } else { /* it did not fit: what stands behind the content is forgotten */
        if (left > 0)
            buffer->data[buffer->length] = '\0';
        char *space = buffer_reserve(buffer, (size_t)length);
        if (space) {
            (void)vsnprintf(space, (size_t)length + 1, format, again);
            buffer_commit(buffer, (size_t)length);
        }
        length = space ? 0 : buffer->error;
    }
    va_end(again);
    return length;
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = append_formatted(buffer, format, arguments);
    va_end(arguments);
    return result;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
    assert(length <= buffer->length);
    if (length == 0)
        return;
    buffer->length -= length;
    memmove(buffer->data, buffer->data + length, buffer->length);
    buffer->data[buffer->length] = '\0';
}

void buffer_truncate(struct buffer *buffer, size_t length)
{
    assert(length <= buffer->length);
    buffer->length = length;
    if (buffer->data)
        buffer->data[length] = '\0';
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}
