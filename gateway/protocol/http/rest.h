/* Handlers of the routes that are no plain call of a method. */
#ifndef PROTOCOL_REST_H
#define PROTOCOL_REST_H

#include <stdbool.h>

struct http_exchange;
struct web_origin;

void rest_history(
    struct http_exchange *http_exchange); /* GET /api/v1/history, as JSON, CSV or VCD */
void rest_pcapng(struct http_exchange *http_exchange);  /* a capture, for Wireshark */
void rest_rpc(struct http_exchange *http_exchange);     /* POST /api/v1/rpc */
void rest_share(struct http_exchange *http_exchange);   /* POST /api/v1/share */
void rest_openapi(struct http_exchange *http_exchange); /* GET /api/v1/openapi.json */
void rest_health(struct http_exchange *http_exchange);  /* GET /healthz */
void rest_metrics(struct http_exchange *http_exchange); /* GET /metrics */

/* The origin under which the client reached the gateway, also through a proxy: a link with it works for
 * others, too. False when the request does not tell it. */
bool rest_find_asked_origin(const struct http_exchange *http_exchange, struct web_origin *ret);

#endif
