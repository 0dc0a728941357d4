/* The gateway's doors: every listening and datagram socket of the config. They are opened before a pin
 * is touched, so that a second gateway on the same port leaves the circuit alone, and answered once
 * the servers stand. */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "config/config.h"
#include "net/datagram.h"
#include "net/inherit.h"
#include "net/listener.h"

#include <stdio.h>

struct listeners;
struct net;

/* Who answers, by kind. */
struct door_servers {
    struct listener_events http;
    struct listener_events line;
    struct datagram_events datagram;
};

/* Opens every door. 0, or -1: said on standard error, with the call and its errno. Descriptors of
 * `inherited` are used where they fit. */
int listeners_open(struct net *net, const struct config_listen *listen, struct inherited *inherited,
                   struct listeners **ret_listeners);

/* Names the servers; before, nothing is answered. */
void listeners_serve(struct listeners *listeners, const struct door_servers *servers);

/* Prints `listening http http://127.0.0.1:8080/` for each. */
void listeners_print(const struct listeners *listeners, FILE *out);

/* Bound addresses of the HTTP listeners, one after another; NULL after the last. */
const struct address *listeners_http(const struct listeners *listeners, size_t index);

/* The sockets that send events to multicast groups, one after another; NULL after the last. */
struct datagram *listeners_group(const struct listeners *listeners, size_t index);

/* Stops accepting connections; datagrams are still answered, and groups still told. */
void listeners_close_connections(struct listeners *listeners);

/* Closes everything. NULL is legal; returns NULL. */
struct listeners *listeners_close(struct listeners *listeners);

#endif
