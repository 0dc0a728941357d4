#include "protocol/datagram/datagram_quota.h"

#include "base/clock.h"
#include "base/hash.h"

static bool has_one(struct allowance *allowance, int64_t now_ns, double per_second, double burst)
{
    double passed_s = (double)(now_ns - allowance->counted_ns) / (double)CLOCK_NS_PER_SECOND;
    bool is_new = allowance->counted_ns == 0;
    allowance->left = is_new ? burst : allowance->left + passed_s * per_second;
    if (allowance->left > burst)
        allowance->left = burst;
    allowance->counted_ns = now_ns;
    return allowance->left >= 1;
}

bool datagram_quota_take(struct datagram_quota *quota, const struct address *peer, int64_t now_ns)
{
    uint8_t host[ADDRESS_HOST_BYTES];
    size_t length = address_host_bytes(peer, host);
    size_t place =
        (size_t)hash_bytes(HASH_SEED, host, length > 8 ? 8 : length) % DATAGRAM_QUOTA_HOSTS;
    struct allowance *own = &quota->hosts[place];
    if (!has_one(own, now_ns, DATAGRAM_QUOTA_HOST_PER_SECOND, DATAGRAM_QUOTA_HOST_BURST) ||
        !has_one(&quota->all, now_ns, DATAGRAM_QUOTA_PER_SECOND, DATAGRAM_QUOTA_BURST)) {
        quota->refused++;
        return false;
    }
    own->left -= 1;
    quota->all.left -= 1;
    return true;
}
