/* The line protocol over TCP and AF_UNIX: one message a line, words or JSON-RPC 2.0, for nc, socat and
 * programs of a few lines. A stream has no message borders, so lines are cut out of it here. */
#ifndef PROTOCOL_TEXT_SERVER_H
#define PROTOCOL_TEXT_SERVER_H

#include "net/listener.h"
#include "protocol/service.h"

struct text_server;

struct text_server_options {
    unsigned ping_s;   /* after so much silence the kernel asks a TCP peer whether it is there */
    unsigned hangup_s; /* and ends the connection after so much in all */
};

/* Borrows `service`. 0 or -ENOMEM. */
int text_server_new(struct service *service, const struct text_server_options *options,
                    struct text_server **ret_server);

/* Ends every connection. NULL is legal. */
struct text_server *text_server_free(struct text_server *server);

/* What a listener of ours calls. */
struct listener_events text_server_listener(struct text_server *server);

/* The end of the program: watchers are sent what is left, then every connection ends. */
void text_server_close(struct text_server *server);

/* Serves a stream that nobody accepted (to a helper process): its peer has `role` from the beginning, and
 * is `source` in events. `stream` is taken; `source` is copied. */
void text_server_adopt(struct text_server *server, struct stream *stream, enum role role,
                       const char *source);

/* Ends the connections whose token has ended. */
void text_server_check_grants(struct text_server *server);

#endif
