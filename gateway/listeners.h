/* Every listening and datagram socket of the config. They are opened before any pin changes, so that a second
 * gateway on the same port does not disturb the circuit, and served once the servers exist. */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "config/config.h"
#include "net/datagram.h"
#include "net/inherit.h"
#include "net/listener.h"

#include <stdio.h>

struct listeners;
struct tls_context;
struct net;

/* The server of each kind of socket. */
struct listener_servers {
    struct listener_events http;
    struct listener_events line;
    struct datagram_events datagram;
};

/* Opens every socket, with the descriptors of `inherited` where they match. 0, or -1 after a message with the
 * call and its errno on standard error. */
int listeners_open(struct net *net, const struct config_listen *listen,
                   const struct config_tls *tls, struct inherited *inherited,
                   struct listeners **ret_listeners);

/* Reads the certificate again; one that cannot be used leaves the one before, with a warning in the log. */
void listeners_reload(struct listeners *listeners);

/* Connects the sockets to their servers; before, no connection is answered. */
void listeners_serve(struct listeners *listeners, const struct listener_servers *servers);

/* Prints `listening http http://127.0.0.1:8080/` for each. */
void listeners_print(const struct listeners *listeners, FILE *out);

/* The certificate of listen.https; NULL without it. */
const struct tls_context *listeners_tls(const struct listeners *listeners);

/* Bound addresses of the HTTP listeners, one after another; NULL after the last. */
const struct address *listeners_http(const struct listeners *listeners, size_t index);

/* The sockets that send events to multicast groups, one after another; NULL after the last. */
struct datagram *listeners_group(const struct listeners *listeners, size_t index);

/* Stops accepting connections; datagrams are still answered, and events still sent to groups. */
void listeners_close_connections(struct listeners *listeners);

/* Closes everything. NULL is legal; returns NULL. */
struct listeners *listeners_close(struct listeners *listeners);

#endif
