#include "protocol/http/request_count.h"

#include <string.h>

/* A client may send any word as a method: those that no route has are one. */
static const char *const methods[SERVICE_HTTP_METHODS] = {"GET",    "POST",    "PUT",  "HEAD",
                                                          "DELETE", "OPTIONS", "other"};

void request_count(struct service_counters *counters, const char *method, int status,
                   int64_t took_ns)
{
    size_t index = 0;
    while (index < SERVICE_HTTP_METHODS - 1 && strcmp(method, methods[index]) != 0)
        index++;
    histogram_note(&counters->request_times[index], took_ns);
    counters->responses[status / 100 % SERVICE_HTTP_CLASSES]++;
    counters->requests++;
    counters->request_errors += status >= 400;
}

const char *request_count_method(size_t index)
{
    return methods[index];
}
