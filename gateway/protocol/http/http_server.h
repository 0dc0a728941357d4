/* HTTP over libmicrohttpd: connections that net/ accepted, requests that routes answer, the page's
 * files. Connections that turn into something else leave the library here. */
#ifndef PROTOCOL_HTTP_SERVER_H
#define PROTOCOL_HTTP_SERVER_H

#include "net/listener.h"
#include "protocol/service.h"

struct event_streams;
struct http_server;
struct page_files;
struct websocket_server;

struct http_options {
    unsigned connections;    /* most at one time; net/ counts them, the library gets some spare */
    unsigned idle_timeout_s; /* a connection without a request */
    unsigned request_deadline_s; /* from the first byte waited for to the whole request, on top */
    size_t request_bytes;        /* largest body */
};

/* Borrows everything. 0, -ENOMEM, or -EINVAL when the library cannot start (logged by it). */
int http_server_new(struct service *service, const struct http_options *options,
                    struct page_files *pages, struct websocket_server *websockets,
                    struct event_streams *streams, struct http_server **ret_server);

/* Ends every connection. NULL is legal. */
struct http_server *http_server_free(struct http_server *server);

/* What a listener of ours calls. */
struct listener_events http_server_listener(struct http_server *server);

#endif
