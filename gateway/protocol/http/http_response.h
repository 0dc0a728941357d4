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

/* A response with the fields of a short answer, which takes more to make than the answer. Its length is
 * fixed, its bytes are written anew for each answer. */
struct kept_response {
    struct MHD_Response *response; /* NULL for none */
    unsigned users;                /* requests whose answer it is until they are completed */
    size_t length;
    char bytes[HTTP_CACHED_BYTES]; /* the library reads them while it has users */
};

struct http_response_cache {
    struct kept_response entries[HTTP_CACHED_RESPONSES];
    size_t next; /* to be replaced */
};

void http_response_cache_done(struct http_response_cache *cache);

/* The request that was answered with `kept` is completed. NULL is legal. */
void http_response_release(struct kept_response *kept);

#endif
