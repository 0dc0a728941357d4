/* The socket register as JSON. */
#ifndef PROTOCOL_SOCKET_ENCODE_H
#define PROTOCOL_SOCKET_ENCODE_H

#include <stddef.h>
#include <stdint.h>

struct json_writer;
struct socket_register;
struct socket_report;

/* One open socket with its kept calls; `asking` is the id of the connection that asks (0 for none),
 * which is marked as `you`. */
void socket_encode_report(struct json_writer *writer, const struct socket_register *reg,
                          const struct socket_report *report, uint32_t asking);

/* `{"calls":[…],"next":…,"lost":…}`: at most `max` calls from number `since` on. Returns `next`. */
uint64_t socket_encode_calls(struct json_writer *writer, const struct socket_register *reg,
                             uint64_t since, size_t max);

#endif
