/* Secrets and ids from the kernel's random source (getrandom(2)). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills `text` with `bytes` random bytes as lower-case hex; `text` has room for 2 × bytes + 1.
 * 0, or the negative errno of getrandom(2). */
int random_hex(size_t bytes, char *text);

enum { RANDOM_TOKEN_SIZE = 27 }; /* 26 characters and NUL */

/* Writes 130 random bits as 26 characters of base32 (RFC 4648: A-Z, 2-7). 0, or the negative errno of
 * getrandom(2). */
int random_token(char text[RANDOM_TOKEN_SIZE]);

/* Any 32 bits, to spread what many would do in one moment: no secret, 0 while the kernel has none. */
uint32_t random_number(void);

/* 80 to 120 % of `ms`, up to 30 minutes: a thousand gateways do not come back in one moment. */
unsigned random_spread(unsigned ms);

#endif
