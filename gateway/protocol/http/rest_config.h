/* The circuit's file over REST: read, check, change, undo. */
#ifndef PROTOCOL_REST_CONFIG_H
#define PROTOCOL_REST_CONFIG_H

struct http_exchange;

void rest_config_get(struct http_exchange *http_exchange);      /* the file, with a strong ETag */
void rest_config_put(struct http_exchange *http_exchange);      /* ?dry_run=1 checks only */
void rest_config_versions(struct http_exchange *http_exchange); /* what was kept */
void rest_config_undo(struct http_exchange *http_exchange);     /* back to the version before */
void rest_config_schema(struct http_exchange *http_exchange);   /* JSON Schema of the file */

#endif
