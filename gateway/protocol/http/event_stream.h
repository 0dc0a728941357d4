/* Server-sent events (HTML Living Standard §9.2): GET /api/v1/events, and GET /api/v1/lines/{line}/value
 * where the client accepts them. After the checks the connection leaves the HTTP library and becomes a
 * follower of the feed with a send queue. Long polls, which leave it as well, are kept here, too. */
#ifndef PROTOCOL_EVENT_STREAM_H
#define PROTOCOL_EVENT_STREAM_H

#include "protocol/http/http_exchange.h"
#include "protocol/http/value_poll.h"

struct event_streams;

/* Borrows `service`. 0 or -ENOMEM. */
int event_streams_new(struct service *service, struct event_streams **ret_streams);
struct event_streams *event_streams_free(struct event_streams *streams);

/* The route's handler: checks `since`, asks for the hand-over. */
void event_stream_request(struct http_exchange *http_exchange);

/* Where the client wants to resume: an EventSource says it in a field of its own, which is newer than the
 * address. NULL where it does not say. Borrowed from the request. */
const char *event_stream_since(const struct http_exchange *http_exchange);

/* Ends the streams whose token or session has ended, and such polls. */
void event_streams_check_grants(struct event_streams *streams);

struct event_stream_request {
    const char *since;  /* "<boot>-<seq>", "" for from now on */
    const char *line;   /* its values alone, as `event: value`; "" for every event; copied */
    const char *origin; /* an allowed one whose page may read it, "" for none */
};

/* Takes `stream`, `grant` says whose it is: answers 200 and follows the feed. */
void event_streams_add(struct event_streams *streams, struct stream *stream,
                       const struct auth_grant *grant, const struct event_stream_request *request);

struct value_polls *event_streams_polls(struct event_streams *streams);

/* The end of the program: sends a last comment to every client and closes. */
void event_streams_close(struct event_streams *streams);

#endif
