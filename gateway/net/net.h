/* The raw-socket layer's own context: the loop it watches on, the socket register that it keeps,
 * the limits, and the spare descriptor that survives EMFILE. Lives as long as any socket of it. */
#ifndef NET_NET_H
#define NET_NET_H

#include "net/quota.h"

#include <stdbool.h>
#include <stddef.h>

struct lingering;
struct loop;
struct net;
struct socket_register;

/* Borrows `loop`, copies `limits`. 0, -ENOMEM, or the errno of opening the spare descriptor. */
int net_new(struct loop *loop, const struct net_limits *limits, struct net **ret_net);

/* Every listener, stream and datagram socket must be gone. NULL is legal. */
struct net *net_free(struct net *net);

struct socket_register *net_register(struct net *net);
unsigned net_connections(const struct net *net);

/* ---- for the rest of net/; all borrowed ---- */

struct loop *net_loop(struct net *net);
struct quota *net_quota(struct net *net);
unsigned net_backlog(const struct net *net);

/* The streams that linger, and who frees them: kept here for net/linger.h. NULL at first; taken. */
struct lingering *net_lingering(struct net *net);
void net_set_lingering(struct net *net, struct lingering *lingering,
                       struct lingering *(*free)(struct lingering *lingering));

/* Gives up the spare descriptor, so that one accept4(2) can succeed after EMFILE. False when it is
 * gone already. */
bool net_release_spare(struct net *net);

/* Takes a spare descriptor again, where one can be had. */
void net_restore_spare(struct net *net);

#endif
