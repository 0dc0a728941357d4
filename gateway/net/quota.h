/* Counts connections, in all and from each host, by one look-up of the host's hash: the cost of a
 * connection does not depend on how many are open. */
#ifndef NET_QUOTA_H
#define NET_QUOTA_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>

struct quota;

struct net_limits {
    unsigned connections;          /* accepted streams at one time, all listeners together */
    unsigned connections_per_peer; /* of one host, or one /64 of IPv6; AF_UNIX peers are no host */
    unsigned backlog;              /* of listen(2); the kernel cuts it at net.core.somaxconn */
};

/* Copies `limits`. The hash is keyed, so that nobody can choose hosts whose hashes collide.
 * 0, -ENOMEM, or the errno of getrandom(2). */
int quota_new(const struct net_limits *limits, struct quota **ret_quota);
struct quota *quota_free(struct quota *quota);

unsigned quota_used(const struct quota *quota);

enum {
    /* Connections beyond the limit for the gateway's own user and root over AF_UNIX: they can switch everything
     * off however many connections others keep open. */
    QUOTA_RESERVED = 32,
    /* For a new connection in whose place an older unauthenticated one was just shut, until that is closed. */
    QUOTA_YIELDED = 16,
    /* Bytes of answers that wait to be read by their peer: of one host, and of all together. Beyond these no
     * new answer is made. */
    QUOTA_HOST_WAITING_BYTES = 4 * 1024 * 1024,
    QUOTA_WAITING_BYTES = 32 * 1024 * 1024,
};

/* Counts one connection of `peer`, which may be up to `beyond` above the limit of all. NULL, or one sentence
 * that names the limit that is reached (then nothing was counted). */
const char *quota_take(struct quota *quota, const struct address *peer, unsigned beyond);

/* False when this peer's own limit is reached. */
bool quota_may_connect(struct quota *quota, const struct address *peer);

/* True when the limit of all connections together is reached. */
bool quota_is_full(const struct quota *quota);

/* Changes how many bytes wait for `peer`, whose connection is counted. */
void quota_wait(struct quota *quota, const struct address *peer, size_t before, size_t after);

/* False while so many bytes wait, for this peer or for all together, that no new answer should be made. */
bool quota_may_answer(struct quota *quota, const struct address *peer);

/* Uncounts a connection that quota_take() counted. */
void quota_give(struct quota *quota, const struct address *peer);

#endif
