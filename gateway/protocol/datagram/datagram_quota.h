/* What peers without a token may cost: so many datagrams a second are answered, for each host and in all. The
 * source of a datagram can be forged, so nothing is remembered but counts. */
#ifndef PROTOCOL_DATAGRAM_QUOTA_H
#define PROTOCOL_DATAGRAM_QUOTA_H

#include "base/allowance.h"
#include "net/address.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DATAGRAM_QUOTA_HOSTS =
        256, /* a power of two; hosts that meet in one bucket share its allowance */
    DATAGRAM_QUOTA_HOST_BURST = 50,
    DATAGRAM_QUOTA_HOST_PER_SECOND = 10,
    DATAGRAM_QUOTA_BURST = 200,
    DATAGRAM_QUOTA_PER_SECOND = 100,
    DATAGRAM_QUOTA_MAX_BYTES =
        4096, /* longer datagrams of unauthenticated peers are not even read */
};

struct datagram_quota {
    struct allowance all;
    struct allowance hosts[DATAGRAM_QUOTA_HOSTS];
    uint64_t refused;
};

/* Whether one more datagram of `peer` may be answered; counted when it may. Begin with all zero. */
bool datagram_quota_take(struct datagram_quota *quota, const struct address *peer, int64_t now_ns);

#endif
