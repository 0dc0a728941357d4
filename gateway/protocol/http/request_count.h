/* Counts requests that were answered, for /metrics. */
#ifndef PROTOCOL_HTTP_REQUEST_COUNT_H
#define PROTOCOL_HTTP_REQUEST_COUNT_H

#include "protocol/service.h"

#include <stddef.h>
#include <stdint.h>

/* Counts an answer with `status`, which took `took_ns` from the request's head on. */
void request_count(struct service_counters *counters, const char *method, int status,
                   int64_t took_ns);

/* The method that service_counters.request_times[index] is of; "other" for the last. */
const char *request_count_method(size_t index);

#endif
