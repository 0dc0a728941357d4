/* TCP segments, and why there are none, as JSON members. */
#ifndef PROTOCOL_SEGMENT_ENCODE_H
#define PROTOCOL_SEGMENT_ENCODE_H

#include <stdint.h>

struct json_writer;

/* Writes `available`: false with `reason`, and with `reason_key` where a right is missing, for `error` of the call
 * `failed`; true for 0. */
void segment_encode_available(struct json_writer *writer, int error, const char *failed);

/* Writes `flags`, a list such as ["SYN", "ACK"]. */
void segment_encode_flags(struct json_writer *writer, uint8_t flags);

#endif
