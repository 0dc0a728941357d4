/* The context of the raw-socket layer: its loop, its socket register, its limits, and a spare descriptor
 * for EMFILE. It must outlive every socket that was opened in it. */
#ifndef NET_NET_H
#define NET_NET_H

#include "net/quota.h"

#include <stdbool.h>
#include <stddef.h>

struct lingering;
struct loop;
struct net;
struct proxy_list;
struct socket_register;

/* Borrows `loop`, copies `limits`. 0, -ENOMEM, or the errno of opening the spare descriptor. */
int net_new(struct loop *loop, const struct net_limits *limits, struct net **ret_net);

/* Every listener, stream and datagram socket must be closed before. NULL is legal. */
struct net *net_free(struct net *net);

struct socket_register *net_register(struct net *net);
unsigned net_connections(const struct net *net);

/* Whom peers are believed when they say on whose behalf they ask (copied); all zero at first. They are not counted
 * as one host each. */
void net_set_proxies(struct net *net, const struct proxy_list *proxies);
const struct proxy_list *net_proxies(const struct net *net);

/* ---- for the rest of net/; all borrowed ---- */

struct loop *net_loop(struct net *net);
struct quota *net_quota(struct net *net);

/* Accepted streams whose peer has not authenticated, oldest first: see stream_set_authenticated(). */
struct list *net_unauthenticated(struct net *net);
unsigned net_backlog(const struct net *net);

/* The streams that linger, and the function that frees them; for net/linger.h. NULL at first; taken. */
struct lingering *net_lingering(struct net *net);
void net_set_lingering(struct net *net, struct lingering *lingering,
                       struct lingering *(*free)(struct lingering *lingering));

/* Closes the spare descriptor, so that one accept4(2) can succeed after EMFILE. False when it is closed
 * already. */
bool net_release_spare(struct net *net);

/* Opens the spare descriptor again, if one is free. */
void net_restore_spare(struct net *net);

#endif
