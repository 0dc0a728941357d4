/* Wrong tokens, counted for each host. A host with too many of them waits for each further refusal. A right
 * token is accepted at once, so nobody can lock out the owner by guessing from the same address. */
#ifndef PROTOCOL_GUESS_LIMIT_H
#define PROTOCOL_GUESS_LIMIT_H

#include "base/allowance.h"
#include "net/address.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    GUESS_LIMIT_HOSTS = 256, /* a power of two; hosts that meet in one bucket share their guesses */
    GUESS_LIMIT_BURST = 20,
    GUESS_LIMIT_PER_SECOND = 2,
    GUESS_LIMIT_DELAY_MS = 1000, /* of each refusal beyond */
};

/* Begin with all zero. */
struct guess_limit {
    struct allowance hosts[GUESS_LIMIT_HOSTS];
    uint64_t wrong;  /* tokens, since the start */
    uint64_t slowed; /* of them */
};

/* Counts one wrong token of `peer` (a /64 of IPv6 is one host). True when its refusal must wait. */
bool guess_limit_count(struct guess_limit *limit, const struct address *peer, int64_t now_ns);

#endif
