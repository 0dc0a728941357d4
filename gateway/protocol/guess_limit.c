#include "protocol/guess_limit.h"

#include "base/hash.h"

static const struct allowance_rate rate = {.burst = GUESS_LIMIT_BURST,
                                           .per_second = GUESS_LIMIT_PER_SECOND};

bool guess_limit_count(struct guess_limit *limit, const struct address *peer, int64_t now_ns)
{
    uint8_t host[ADDRESS_HOST_BYTES];
    size_t length = address_host_bytes(peer, host);
    size_t bucket =
        (size_t)hash_bytes(HASH_SEED, host, length > 8 ? 8 : length) % GUESS_LIMIT_HOSTS;
    limit->wrong++;
    bool must_wait = !allowance_take(&limit->hosts[bucket], &rate, now_ns);
    limit->slowed += must_wait;
    return must_wait;
}
