/* TLS in front of a server that reads and writes plain bytes: accepts the handshake, then hands a stream up whose
 * other end is here (socketpair(2)), and carries bytes between the two. The stream has the addresses of the peer's
 * connection and its place in the limits. */
#ifndef NET_TLS_RELAY_H
#define NET_TLS_RELAY_H

#include "net/listener.h"

struct net;
struct tls_context;
struct tls_relays;

enum { TLS_HANDSHAKE_MS = 10000 };

/* `context` and `net` are borrowed. 0 or -ENOMEM. */
int tls_relays_new(struct net *net, struct tls_context *context, struct tls_relays **ret_relays);

/* Closes every connection. NULL is legal; returns NULL. */
struct tls_relays *tls_relays_free(struct tls_relays *relays);

/* Takes an accepted stream. After the handshake `events` (copied) gets the plain one. A peer that speaks plain HTTP is
 * sent the https link; one that does not finish the handshake within TLS_HANDSHAKE_MS is closed. */
void tls_relays_add(struct tls_relays *relays, struct stream *stream,
                    const struct listener_events *events);

#endif
