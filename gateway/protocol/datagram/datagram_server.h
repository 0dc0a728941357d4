/* The datagram protocol over UDP and AF_UNIX: one message a datagram, words or JSON-RPC 2.0. There is
 * no connection: the token, the number and the question travel together. */
#ifndef PROTOCOL_DATAGRAM_SERVER_H
#define PROTOCOL_DATAGRAM_SERVER_H

#include "net/datagram.h"
#include "protocol/service.h"

#include <stdint.h>

struct datagram_server;

/* Borrows `service`. 0 or -ENOMEM. */
int datagram_server_new(struct service *service, struct datagram_server **ret_server);

/* The datagram sockets that call it must be open until now, or never call again. NULL is legal. */
struct datagram_server *datagram_server_free(struct datagram_server *server);

/* What a datagram socket of ours calls. */
struct datagram_events datagram_server_socket(struct datagram_server *server);

/* Tells every event to a group (datagram_open_group()), which is borrowed. 0 or -ENOMEM. */
int datagram_server_add_group(struct datagram_server *server, struct datagram *group);

/* Ends the watches whose token was revoked. */
void datagram_server_check_grants(struct datagram_server *server);

/* The end of the program: watchers are sent what is left. */
void datagram_server_close(struct datagram_server *server);

#endif
