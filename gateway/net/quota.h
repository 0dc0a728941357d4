/* How many connections there are, in all and from each host. One look-up by the host's hash, so
 * that a flood costs the same whether 10 or 10,000 are open. */
#ifndef NET_QUOTA_H
#define NET_QUOTA_H

#include "net/address.h"

struct quota;

struct net_limits {
    unsigned connections;          /* accepted streams at one time, all listeners together */
    unsigned connections_per_peer; /* of one host; AF_UNIX peers do not count as one host */
    unsigned backlog;              /* of listen(2); the kernel cuts it at net.core.somaxconn */
};

/* Copies `limits`. 0, -ENOMEM, or the errno of getrandom(2): the hash is keyed, so that nobody can
 * choose hosts that meet in one place of the table. */
int quota_new(const struct net_limits *limits, struct quota **ret_quota);
struct quota *quota_free(struct quota *quota);

void quota_set_limits(struct quota *quota, const struct net_limits *limits);
unsigned quota_used(const struct quota *quota);

/* Counts one connection of `peer`. NULL, or one sentence that says which limit is reached (then
 * nothing was counted). */
const char *quota_take(struct quota *quota, const struct address *peer);

/* Gives back what quota_take() counted. */
void quota_give(struct quota *quota, const struct address *peer);

#endif
