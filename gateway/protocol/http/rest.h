/* Handlers of the routes that are no plain call of a method. */
#ifndef PROTOCOL_REST_H
#define PROTOCOL_REST_H

struct exchange;

void rest_value(struct exchange *exchange);          /* GET /api/v1/lines/{line}/value */
void rest_history(struct exchange *exchange);        /* GET /api/v1/history, as JSON, CSV or VCD */
void rest_pcapng(struct exchange *exchange);         /* a capture, for Wireshark */
void rest_rpc(struct exchange *exchange);            /* POST /api/v1/rpc */
void rest_session_get(struct exchange *exchange);    /* who am I */
void rest_session_post(struct exchange *exchange);   /* log in */
void rest_session_delete(struct exchange *exchange); /* log out */
void rest_share(struct exchange *exchange);          /* POST /api/v1/share */
void rest_openapi(struct exchange *exchange);        /* GET /api/v1/openapi.json */
void rest_health(struct exchange *exchange);         /* GET /healthz */
void rest_metrics(struct exchange *exchange);        /* GET /metrics */

#endif
