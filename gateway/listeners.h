/* The gateway's listening sockets: opened before a pin is touched, so that a second gateway on the
 * same port leaves the circuit alone; answered once the servers stand. */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "config/config.h"
#include "net/inherit.h"
#include "net/listener.h"

#include <stdio.h>

struct net;
struct listeners;

/* Opens every listener of the config. 0, or -1: said on standard error, with the call and errno.
 * Descriptors of `inherited` are used where they fit. */
int listeners_open(struct net *net, const struct config_listen *listen, struct inherited *inherited,
                   struct listeners **ret_listeners);

/* Gives each kind of listener the server that answers; before, nothing is accepted. */
void listeners_serve_http(struct listeners *listeners, const struct listener_events *events);
void listeners_serve_line(struct listeners *listeners, const struct listener_events *events);

/* Prints `listening http http://127.0.0.1:8080/` for each. */
void listeners_print(const struct listeners *listeners, FILE *out);

/* Bound addresses of the HTTP listeners, one after another; NULL after the last. */
const struct address *listeners_http(const struct listeners *listeners, size_t index);

/* Stops accepting. NULL is legal; returns NULL. */
struct listeners *listeners_close(struct listeners *listeners);

#endif
