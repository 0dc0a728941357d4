/* Access: the tokens and sessions of the state folder, and the connections that they have authenticated. */
#ifndef ACCESS_H
#define ACCESS_H

#include "config/config.h"
#include "protocol/service.h"
#include "state/tokens.h"

struct access;
struct datagram_server;
struct event_streams;
struct text_server;
struct websocket_server;

/* Makes `service->auth`; `service` reports the end of a session to it. `tokens` is copied, all else
 * borrowed. 0, or a negative errno. */
int access_new(struct service *service, const struct config_auth *config,
               const struct tokens *tokens, const char *state_folder, struct access **ret_access);

/* From now on, clients of these servers are closed when their token or session ends. */
void access_serve(struct access *access, struct websocket_server *websockets,
                  struct event_streams *streams, struct text_server *lines,
                  struct datagram_server *datagrams);

/* Reads the tokens again. NULL is legal. */
void access_reload(struct access *access);

/* Free the servers before. NULL is legal; returns NULL. */
struct access *access_free(struct access *access);

#endif
