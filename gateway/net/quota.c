#include "net/quota.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PLACES = 1024 }; /* a power of two; several hosts in one place form a chain */

struct host {
    struct host *next;
    unsigned connections;
    uint8_t length;
    uint8_t bytes[ADDRESS_HOST_BYTES];
};

struct quota {
    struct net_limits limits;
    unsigned used;
    uint64_t key;
    struct host *places[PLACES];
};

int quota_new(const struct net_limits *limits, struct quota **ret_quota)
{
    struct quota *quota = calloc(1, sizeof *quota);
    if (!quota)
        return -ENOMEM;
    if (getrandom(&quota->key, sizeof quota->key, 0) < 0) {
        int error = -errno;
        free(quota);
        return error;
    }
    quota->limits = *limits;
    *ret_quota = quota;
    return 0;
}

struct quota *quota_free(struct quota *quota)
{
    if (quota)
        assert(quota->used == 0);
    free(quota);
    return NULL;
}

void quota_set_limits(struct quota *quota, const struct net_limits *limits)
{
    quota->limits = *limits;
}

unsigned quota_used(const struct quota *quota)
{
    return quota->used;
}

/* Multiply and fold, twice; the key makes the places unknown outside. */
static size_t place_of(const struct quota *quota, const uint8_t *bytes, size_t length)
{
    uint64_t hash = quota->key ^ length;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return (hash ^ quota->key >> 32) & (PLACES - 1);
}

/* The link that points to the host's entry, or to the end of its chain. */
static struct host **find_host(struct quota *quota, const uint8_t *bytes, size_t length)
{
    struct host **link = &quota->places[place_of(quota, bytes, length)];
    while (*link && ((*link)->length != length || memcmp((*link)->bytes, bytes, length) != 0))
        link = &(*link)->next;
    return link;
}

const char *quota_take(struct quota *quota, const struct address *peer)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    if (quota->used >= quota->limits.connections)
        return "the limit of connections is reached";
    size_t length = address_host_bytes(peer, bytes);
    if (length == 0) { /* AF_UNIX: its peers are no host */
        quota->used++;
        return NULL;
    }
    struct host **link = find_host(quota, bytes, length);
    if (!*link) {
        struct host *host = calloc(1, sizeof *host);
        if (!host)
            return "there is no memory for one more connection";
        host->length = (uint8_t)length;
        memcpy(host->bytes, bytes, length);
        *link = host;
    }
    if ((*link)->connections >= quota->limits.connections_per_peer)
        return "the limit of connections from one address is reached";
    (*link)->connections++;
    quota->used++;
    return NULL;
}

void quota_give(struct quota *quota, const struct address *peer)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    size_t length = address_host_bytes(peer, bytes);
    assert(quota->used > 0);
    quota->used--;
    if (length == 0)
        return;
    struct host **link = find_host(quota, bytes, length);
    struct host *host = *link;
    assert(host && host->connections > 0);
    if (--host->connections > 0)
        return;
    *link = host->next;
    free(host);
}
