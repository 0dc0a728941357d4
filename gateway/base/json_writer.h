/* JSON as text, written straight into a buffer: no tree, and no memory but the buffer's. What comes out
 * is valid UTF-8 whatever goes in: a byte that is no UTF-8 becomes U+FFFD. Members come in the order of
 * the calls; the caller closes what it opens. The first failure stays in the buffer (`error`), and
 * nothing is written after it: a caller writes everything and asks once. RFC 8259. */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
    struct buffer *buffer; /* borrowed */
    bool has_value;        /* a value stands before the next one in the same container */
};

/* Writes one value behind what is in `buffer` already. */
struct json_writer json_writer_begin(struct buffer *buffer);

/* In all of them `key` names a member of an object; NULL in a list and for the value at the root. */

void json_write_object(struct json_writer *writer, const char *key);
void json_write_object_end(struct json_writer *writer);
void json_write_list(struct json_writer *writer, const char *key);
void json_write_list_end(struct json_writer *writer);

/* NULL becomes null. */
void json_write_text(struct json_writer *writer, const char *key, const char *text);

/* The same for `length` bytes. */
void json_write_bytes(struct json_writer *writer, const char *key, const char *bytes,
                      size_t length);

/* With all 64 bits. */
void json_write_integer(struct json_writer *writer, const char *key, int64_t value);
void json_write_unsigned(struct json_writer *writer, const char *key, uint64_t value);

/* With the fewest digits that read back as the same double; what is not finite becomes null. */
void json_write_real(struct json_writer *writer, const char *key, double value);

void json_write_bool(struct json_writer *writer, const char *key, bool value);
void json_write_null(struct json_writer *writer, const char *key);

/* Nanoseconds since 1970 as RFC 3339 in UTC with microseconds. */
void json_write_time(struct json_writer *writer, const char *key, int64_t wall_ns);
void json_write_time_or_null(struct json_writer *writer, const char *key, int64_t wall_ns);

/* Text that is one JSON value already, as it is. */
void json_write_raw(struct json_writer *writer, const char *key, const char *text, size_t length);

/* The key alone; the next value, without a key, belongs to it. */
void json_write_key(struct json_writer *writer, const char *key);

#endif
