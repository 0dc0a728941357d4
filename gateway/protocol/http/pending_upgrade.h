/* Connections that leave the HTTP library and become something else: a WebSocket, an event stream.
 * They wait here until the library has returned, since the others must not be called from inside it. */
#ifndef PROTOCOL_PENDING_UPGRADE_H
#define PROTOCOL_PENDING_UPGRADE_H

#include "base/list.h"

struct event_streams;
struct http_exchange;
struct stream;
struct websocket_server;

/* Lives in the HTTP server. */
struct pending_upgrades {
    struct list waiting;
    struct websocket_server *websockets; /* borrowed */
    struct event_streams *streams;       /* borrowed */
};

void pending_upgrades_init(struct pending_upgrades *pending_upgrades,
                           struct websocket_server *websockets, struct event_streams *streams);

/* Closes what still waits. */
void pending_upgrades_done(struct pending_upgrades *pending_upgrades);

/* Takes `stream` with a second descriptor of its own; the library may close the first one after this
 * (with MHD_USE_TURBO it does so without shutdown(2) and without a byte sent). 0, -ENOMEM, or the
 * errno of fcntl(2): the stream is the caller's still. */
int pending_upgrades_add(struct pending_upgrades *pending_upgrades,
                         const struct http_exchange *http_exchange, struct stream *stream);

/* Hands everything over that waits. */
void pending_upgrades_run(struct pending_upgrades *pending_upgrades);

#endif
