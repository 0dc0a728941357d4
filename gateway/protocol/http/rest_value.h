/* GET /api/v1/lines/{line}/value: at once, as a stream of events, or as a long poll. */
#ifndef PROTOCOL_REST_VALUE_H
#define PROTOCOL_REST_VALUE_H

#include "base/field.h"

struct http_exchange;

/* The route's handler. */
void rest_value(struct http_exchange *http_exchange);

/* What may stand in its query. */
enum { REST_VALUE_FIELDS = 2, REST_VALUE_WAIT_MAX_S = 60 }; /* proxies end what is idle longer */
extern const struct field rest_value_fields[REST_VALUE_FIELDS];

#endif
