/* One WebSocket client: what it sent in pieces, what it is still to be sent. Only for the WebSocket
 * server. */
#ifndef PROTOCOL_WEBSOCKET_CLIENT_H
#define PROTOCOL_WEBSOCKET_CLIENT_H

#include "base/buffer.h"
#include "base/list.h"
#include "net/receive_filter.h"
#include "net/stream.h"
#include "protocol/feed.h"
#include "protocol/service.h"
#include "protocol/websocket/frame_check.h"

#include <libwebsockets.h>

struct stream;
struct websocket_server;

struct websocket_client {
    struct list in_server;
    struct websocket_server *server;
    struct service *service; /* borrowed */
    struct stream *stream;
    struct lws *wsi; /* NULL until the handshake is done */
    enum role role;
    uint64_t grant_key; /* of what gave the role: auth_grant_stands() */
    struct feed_cursor cursor;
    struct buffer received;    /* a message that came in pieces */
    struct buffer reply;       /* LWS_PRE bytes of room, then one text; empty when there is none */
    uint64_t calls_next;       /* see struct caller */
    uint64_t pins_next;        /* number of the pin notice that it gets next */
    uint64_t lesson_next;      /* number of the class's change that it gets next; 0 for none */
    struct frame_check frames; /* of what the client sends */
    struct receive_filter filter;
    bool is_open, is_closing, is_paused;
    bool wants_turn; /* it asked the library for something that libuv does in its next turn */
    char source[];   /* "websocket:" and the peer */
};

/* The bytes of a client for `stream`, its source included. */
size_t websocket_client_size(const struct stream *stream);

/* Sets up a client for `stream` in so many bytes; the handshake is still to come. */
void websocket_client_init(struct websocket_client *client, struct service *service,
                           struct stream *stream, enum role role, const char *since);
void websocket_client_done(struct websocket_client *client);

/* Writes what waits, the answer first, then events and calls, until the kernel's queue is full.
 * 0, or -1: the connection must be closed. */
int websocket_client_pump(struct websocket_client *client);

/* Takes a piece of a message, and answers it when it was the last. 0, or -1 as above. */
int websocket_client_receive(struct websocket_client *client, const void *bytes, size_t length);

/* Sends a close frame from outside of the library's callbacks. The client's own close frame then ends the
 * connection; nothing else is written any more, and nothing that still comes is run. `reason` has at most
 * 60 bytes. */
void websocket_client_begin_close(struct websocket_client *client, enum lws_close_status status,
                                  const char *reason);

#endif
