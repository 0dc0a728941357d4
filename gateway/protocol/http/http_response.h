/* Responses that the library can give again. http_library.h has the function that uses them. */
#ifndef PROTOCOL_HTTP_RESPONSE_H
#define PROTOCOL_HTTP_RESPONSE_H

#include <stddef.h>

struct MHD_Response;

enum {
    HTTP_ANSWER_MAX_BYTES = 32 * 1024 * 1024, /* a history of 65,536 events as JSON, VCD or CSV */
    HTTP_CACHED_RESPONSES = 4,
    HTTP_CACHED_BYTES = 1024, /* of one answer: a line's description has some 400 */
};

/* The last short answers: who asks again and again for what has not changed is answered by the same
 * response, which saves making its fields anew. */
struct http_response_cache {
    struct {
        struct MHD_Response *response; /* NULL while free */
        char bytes[HTTP_CACHED_BYTES];
        size_t length;
    } entries[HTTP_CACHED_RESPONSES];
    size_t next; /* to be replaced */
};

void http_response_cache_done(struct http_response_cache *cache);

#endif
