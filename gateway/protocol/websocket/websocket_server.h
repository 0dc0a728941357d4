/* WebSocket clients (RFC 6455) over libwebsockets, on connections that the HTTP server accepted and
 * checked: a snapshot, then every event, and JSON-RPC calls in between. The library runs on a private
 * libuv loop whose descriptor our own loop watches. */
#ifndef PROTOCOL_WEBSOCKET_SERVER_H
#define PROTOCOL_WEBSOCKET_SERVER_H

#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>

struct stream;
struct websocket_server;

extern const char websocket_subprotocol[]; /* "gpio-gateway.v1" */

struct websocket_options {
    unsigned clients;  /* most open at one time */
    unsigned ping_s;   /* a client that is silent this long is pinged */
    unsigned hangup_s; /* and dropped after this long in all */
};

enum {
    WEBSOCKET_FRAME_MAX_BYTES = 64 * 1024, /* of one message; larger closes with 1009 */
};

/* Borrows `service`. 0; -ENOMEM; -ENOTSUP when libwebsockets lacks its libuv plugin (package
 * libwebsockets-evlib-uv). */
int websocket_server_new(struct service *service, const struct websocket_options *options,
                         struct websocket_server **ret_server);
struct websocket_server *websocket_server_free(struct websocket_server *server);

/* True when one more client may be handed over. */
bool websocket_server_has_capacity(const struct websocket_server *server);

/* Takes `stream`; `grant` says who it is; `request` is the upgrade as libwebsockets needs to see it. */
void websocket_server_add(struct websocket_server *server, struct stream *stream,
                          const struct auth_grant *grant, const char *since, const char *request,
                          size_t length);

/* Closes the clients whose token or session has ended (close code 1008). */
void websocket_server_check_grants(struct websocket_server *server);

/* Tells every client that the gateway ends (close code 1001). */
void websocket_server_close(struct websocket_server *server);

unsigned websocket_server_count(const struct websocket_server *server);

#endif
