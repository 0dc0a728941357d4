/* The circuit as a Thing of the W3C's Web of Things: GET /.well-known/wot and /api/v1/thing answer a Thing
 * Description 1.1. Lines are properties, commands are actions, made from the table of verbs; edges are an
 * event. */
#ifndef PROTOCOL_THING_H
#define PROTOCOL_THING_H

struct http_exchange;

/* The route's handler. */
void thing_request(struct http_exchange *http_exchange);

#endif
