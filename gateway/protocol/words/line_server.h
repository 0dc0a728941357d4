/* The line protocol over TCP and AF_UNIX: one message a line, words or JSON-RPC 2.0, for nc, socat and
 * programs of a few lines. A stream has no message borders, so lines are cut out of it here. */
#ifndef PROTOCOL_LINE_SERVER_H
#define PROTOCOL_LINE_SERVER_H

#include "net/listener.h"
#include "protocol/service.h"

struct line_server;

struct line_server_options {
    unsigned ping_s;   /* after so much silence the kernel asks a TCP peer whether it is there */
    unsigned hangup_s; /* and ends the connection after so much in all */
};

/* Borrows `service`. 0 or -ENOMEM. */
int line_server_new(struct service *service, const struct line_server_options *options,
                    struct line_server **ret_server);

/* Ends every connection. NULL is legal. */
struct line_server *line_server_free(struct line_server *server);

/* What a listener of ours calls. */
struct listener_events line_server_listener(struct line_server *server);

/* The end of the program: watchers are told what is left, then every connection ends. */
void line_server_close(struct line_server *server);

unsigned line_server_count(const struct line_server *server);

#endif
