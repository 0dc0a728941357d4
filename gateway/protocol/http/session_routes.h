/* Logging in and out, and who is logged in: /api/v1/session and /api/v1/sessions. */
#ifndef PROTOCOL_SESSION_ROUTES_H
#define PROTOCOL_SESSION_ROUTES_H

#include "protocol/http/http_exchange.h"

/* Begins a session for whoever sent this token, which is a right one, and adds its cookie to the answer.
 * Nothing is done in mode none. */
void session_begin(struct http_exchange *http_exchange, const char *token);

/* Handlers of the routes. */
void session_route_get(struct http_exchange *http_exchange);
void session_route_post(struct http_exchange *http_exchange);
void session_route_delete(struct http_exchange *http_exchange);
void session_route_list(struct http_exchange *http_exchange);
void session_route_end(struct http_exchange *http_exchange);

#endif
