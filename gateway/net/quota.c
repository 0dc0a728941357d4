#include "net/quota.h"

#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { BUCKETS = 1024 }; /* a power of two; several hosts in one bucket form a chain */

struct host {
    struct host *next;
    unsigned connections;
    size_t waiting_bytes;
    uint8_t length;
    uint8_t bytes[ADDRESS_HOST_BYTES];
};

struct quota {
    struct net_limits limits;
    unsigned used;
    size_t waiting_bytes;
    uint64_t key;
    struct host *buckets[BUCKETS];
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

unsigned quota_used(const struct quota *quota)
{
    return quota->used;
}

/* Without the key nobody can compute the bucket. */
static size_t bucket_of(const struct quota *quota, const uint8_t *bytes, size_t length)
{
    uint64_t hash = hash_bytes(quota->key, bytes, length);
    return (hash ^ hash >> 32) & (BUCKETS - 1);
}

/* The link that points to the host's entry, or to the end of its chain. */
static struct host **find_host(struct quota *quota, const uint8_t *bytes, size_t length)
{
    struct host **link = &quota->buckets[bucket_of(quota, bytes, length)];
    while (*link && ((*link)->length != length || memcmp((*link)->bytes, bytes, length) != 0))
        link = &(*link)->next;
    return link;
}

/* A site usually gets a whole /64 of IPv6 (RFC 6177): it counts as one host. */
static size_t host_of(const struct address *peer, uint8_t bytes[ADDRESS_HOST_BYTES])
{
    size_t length = address_host_bytes(peer, bytes);
    return length > 8 ? 8 : length;
}

bool quota_may_connect(struct quota *quota, const struct address *peer)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    size_t length = host_of(peer, bytes);
    const struct host *host = length > 0 ? *find_host(quota, bytes, length) : NULL;
    return !host || host->connections < quota->limits.connections_per_peer;
}

bool quota_is_full(const struct quota *quota)
{
    return quota->used >= quota->limits.connections;
}

const char *quota_take(struct quota *quota, const struct address *peer, unsigned beyond)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    if (quota->used >= quota->limits.connections + beyond)
        return "the limit of connections is reached";
    size_t length = host_of(peer, bytes);
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
    size_t length = host_of(peer, bytes);
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

void quota_wait(struct quota *quota, const struct address *peer, size_t before, size_t after)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    size_t length = host_of(peer, bytes);
    quota->waiting_bytes += after - before;
    struct host *host = length > 0 ? *find_host(quota, bytes, length) : NULL;
    if (host)
        host->waiting_bytes += after - before;
}

bool quota_may_answer(struct quota *quota, const struct address *peer)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    size_t length = host_of(peer, bytes);
    const struct host *host = length > 0 ? *find_host(quota, bytes, length) : NULL;
    return quota->waiting_bytes < QUOTA_WAITING_BYTES &&
           (!host || host->waiting_bytes < QUOTA_HOST_WAITING_BYTES);
}
