/* Connections that leave the HTTP library and become something else: a WebSocket, an event stream.
 * They wait here until the library has returned, since the others must not be called from inside it. */
#ifndef PROTOCOL_HTTP_HANDOVER_H
#define PROTOCOL_HTTP_HANDOVER_H

#include "base/list.h"

struct event_streams;
struct exchange;
struct stream;
struct websocket_server;

/* Lives in the HTTP server. */
struct handover {
    struct list waiting;
    struct websocket_server *websockets; /* borrowed */
    struct event_streams *streams;       /* borrowed */
};

void handover_init(struct handover *handover, struct websocket_server *websockets,
                   struct event_streams *streams);

/* Closes what still waits. */
void handover_done(struct handover *handover);

/* Takes `stream` with a second descriptor of its own; the library may close the first one after this
 * (with MHD_USE_TURBO it does so without shutdown(2) and without a byte sent). 0, -ENOMEM, or the
 * errno of fcntl(2): the stream is the caller's still. */
int handover_add(struct handover *handover, const struct exchange *exchange, struct stream *stream);

/* Hands everything over that waits. */
void handover_run(struct handover *handover);

#endif
