/* Server-sent events (HTML Living Standard §9.2): GET /api/v1/events. After the checks the connection
 * leaves the HTTP library and becomes an outlet of the feed. */
#ifndef PROTOCOL_EVENT_STREAM_H
#define PROTOCOL_EVENT_STREAM_H

#include "protocol/http/http_exchange.h"

struct event_streams;

/* Borrows `service`. 0 or -ENOMEM. */
int event_streams_new(struct service *service, struct event_streams **ret_streams);
struct event_streams *event_streams_free(struct event_streams *streams);

/* The route's handler: checks `since`, asks for the hand-over. */
void event_stream_request(struct http_exchange *http_exchange);

/* Ends the streams whose token or session has ended. */
void event_streams_check_grants(struct event_streams *streams);

/* Takes `stream`, `grant` says whose it is: answers 200 and follows the feed after `since` ("" for from now on). `origin` is the
 * allowed origin whose page may read it, "" for none. */
void event_streams_add(struct event_streams *streams, struct stream *stream,
                       const struct auth_grant *grant, const char *since, const char *origin);

/* The end of the program: says so to every client and closes. */
void event_streams_close(struct event_streams *streams);

#endif
