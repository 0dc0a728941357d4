/* Secrets and ids from the kernel's random source (getrandom(2)). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

/* Fills `text` with `bytes` random bytes as lower-case hex; `text` has room for 2 × bytes + 1.
 * 0, or the negative errno of getrandom(2). */
int random_hex(size_t bytes, char *text);

#endif
