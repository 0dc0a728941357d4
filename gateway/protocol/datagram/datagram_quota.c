#include "protocol/datagram/datagram_quota.h"

#include "base/hash.h"

static const struct allowance_rate rate_of_host = {DATAGRAM_QUOTA_HOST_BURST,
                                                   DATAGRAM_QUOTA_HOST_PER_SECOND};
static const struct allowance_rate rate_of_all = {DATAGRAM_QUOTA_BURST, DATAGRAM_QUOTA_PER_SECOND};

bool datagram_quota_take(struct datagram_quota *quota, const struct address *peer, int64_t now_ns)
{
    uint8_t host[ADDRESS_HOST_BYTES];
    size_t length = address_host_bytes(peer, host);
    size_t bucket =
        (size_t)hash_bytes(HASH_SEED, host, length > 8 ? 8 : length) % DATAGRAM_QUOTA_HOSTS;
    struct allowance *own = &quota->hosts[bucket];
    if (!allowance_has(own, &rate_of_host, now_ns) ||
        !allowance_take(&quota->all, &rate_of_all, now_ns)) {
        quota->refused++;
        return false;
    }
    return allowance_take(own, &rate_of_host, now_ns);
}
