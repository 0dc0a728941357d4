/* From a whole request to its answer, before and after the routes: Host, Origin, role, the page's
 * files, OPTIONS and 405, and the fields that every answer carries. */
#ifndef PROTOCOL_HTTP_DISPATCH_H
#define PROTOCOL_HTTP_DISPATCH_H

#include "protocol/http/http_exchange.h"

/* Answers the request. */
void http_dispatch(struct http_exchange *http_exchange);

typedef void (*http_field_function)(void *response, const char *name, const char *value);

/* Calls `add` for each field that every answer carries: caching, content policy, no sniffing. */
void http_dispatch_fields(const struct http_exchange *http_exchange, http_field_function add,
                          void *response);

#endif
