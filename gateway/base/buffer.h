/* A growing byte buffer with a ceiling. An append that would pass the ceiling changes nothing,
 * marks the buffer as failed and answers -ENOBUFS; a caller may append many times and ask once. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *data;      /* owned; NULL until the first append; always followed by a NUL */
    size_t length;   /* bytes in use, without the NUL */
    size_t capacity; /* bytes allocated */
    size_t max;      /* ceiling for `length` */
    int error;       /* first failure: 0, -ENOBUFS or -ENOMEM */
};

/* Starts an empty buffer that never holds more than `max` bytes. Nothing is allocated yet. */
void buffer_init(struct buffer *buffer, size_t max);

/* Frees the memory; the buffer is empty and usable again afterwards. */
void buffer_done(struct buffer *buffer);

/* Forgets the content and the failure, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Appends; 0, -ENOBUFS at the ceiling, or -ENOMEM. On failure nothing was appended. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length);
int buffer_append_text(struct buffer *buffer, const char *text);
int buffer_append_char(struct buffer *buffer, char byte);
int buffer_append_unsigned(struct buffer *buffer, uint64_t number);
int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for `length` more bytes and returns where to write them, or NULL (see `error`).
 * Report how many were written with buffer_commit(). */
char *buffer_reserve(struct buffer *buffer, size_t length);
void buffer_commit(struct buffer *buffer, size_t length);

/* Drops `length` bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t length);

/* Keeps the first `length` bytes only. */
void buffer_truncate(struct buffer *buffer, size_t length);

/* The content as text, "" when empty. Borrowed until the next change. */
const char *buffer_text(const struct buffer *buffer);

#endif
