/* Which heads of requests do with little of libmicrohttpd's memory. */
#ifndef PROTOCOL_SMALL_HEAD_H
#define PROTOCOL_SMALL_HEAD_H

#include <stdbool.h>
#include <stddef.h>

/* Of a head that is small. Browsers send a third of it. */
enum { SMALL_HEAD_MAX_BYTES = 3072, SMALL_HEAD_MAX_PARTS = 40 };

/* True when all of the bytes, which begin with a head, are at most so many, with so many parts in all: lines, arguments
 * and cookies, for each of which the library keeps some 64 bytes. */
bool small_head_is(const unsigned char *bytes, size_t length);

#endif
