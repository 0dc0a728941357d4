/* One small hash: FNV-1a with 64 bits. It spreads keys over places and names contents; it protects nothing
 * against somebody who chooses the bytes, unless `seed` is secret. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SEED UINT64_C(0xcbf29ce484222325)

/* The hash of `bytes`, continuing from `seed`: HASH_SEED, or what an earlier call returned. */
static inline uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        seed = (seed ^ at[i]) * UINT64_C(0x100000001b3);
    return seed;
}

#endif
