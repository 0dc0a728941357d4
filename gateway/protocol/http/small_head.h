/* Which heads of requests do with little of libmicrohttpd's memory. */
#ifndef PROTOCOL_SMALL_HEAD_H
#define PROTOCOL_SMALL_HEAD_H

#include <stdbool.h>
#include <stddef.h>

/* Of a head that is small. Browsers send a third of it. */
enum { SMALL_HEAD_MAX_BYTES = 3072, SMALL_HEAD_MAX_PARTS = 40 };

/* True when a request begins with the first byte, its head is complete, and it has at most so many bytes and
 * parts: lines, arguments and cookies, for each of which the library keeps some 64 bytes. False where more than its body
 * stands behind it, since the library would have a part of the next head then, and for a body in chunks, whose end only
 * the library knows. */
bool small_head_is(const unsigned char *bytes, size_t length);

#endif
