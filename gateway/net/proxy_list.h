/* Peers that may say on whose behalf they ask: reverse proxies. */
#ifndef NET_PROXY_LIST_H
#define NET_PROXY_LIST_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROXY_NETWORKS_MAX = 16 };

struct proxy_network {
    uint8_t bytes[ADDRESS_HOST_BYTES];
    uint8_t length; /* of an address: 4 or 16 */
    uint8_t bits;   /* that must be the same */
};

/* All zero: nobody. */
struct proxy_list {
    bool has_unix; /* every peer over AF_UNIX */
    uint8_t count;
    struct proxy_network networks[PROXY_NETWORKS_MAX];
};

/* Adds "127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8" or "unix". 0; -EINVAL for anything else, also bits set
 * behind the mask; -ENOSPC when there are PROXY_NETWORKS_MAX already. */
int proxy_list_add(struct proxy_list *list, const char *text);

bool proxy_list_has(const struct proxy_list *list, const struct address *peer);

#endif
