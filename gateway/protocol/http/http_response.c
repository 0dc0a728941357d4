#include "protocol/http/http_library.h"

#include "protocol/http/http_dispatch.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/page_files.h"

#include <string.h>

static void add_field(void *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static void add_fields(struct MHD_Response *response, const struct http_exchange *http_exchange)
{
    for (size_t i = 0; i < http_exchange->header_count; i++)
        add_field(response, http_exchange->headers[i].name, http_exchange->headers[i].value);
    if (http_exchange->media_type)
        add_field(response, MHD_HTTP_HEADER_CONTENT_TYPE, http_exchange->media_type);
    http_dispatch_fields(http_exchange, add_field, response);
}

static struct MHD_Response *page_response(const struct http_exchange *http_exchange)
{
    struct page_file *page = http_exchange->page;
    char *bytes = http_exchange->gzip ? page->gzip : page_file_plain(page);
    size_t length = http_exchange->gzip ? page->gzip_length : page->length;
    /* The library only reads, but its signature wants a writable pointer. */
    return bytes ? MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_PERSISTENT) : NULL;
}

static struct MHD_Response *answer_response(struct http_exchange *http_exchange)
{
    struct buffer *answer = &http_exchange->answer;
    bool is_short = answer->length <= HTTP_CACHED_BYTES; /* the buffer is worth keeping */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->length, answer->data, is_short ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_MUST_FREE);
    if (response && !is_short) /* the library frees the bytes */
        buffer_init(answer, HTTP_ANSWER_MAX_BYTES);
    return response;
}

/* Whether answers with the same bytes have the same fields, too. */
static bool is_plain(const struct http_exchange *http_exchange)
{
    return !http_exchange->page && http_exchange->status == 200 &&
           http_exchange->header_count == 0 && !http_exchange->cors_origin &&
           http_exchange->media_type == http_media_json &&
           http_exchange->answer.length <= HTTP_CACHED_BYTES;
}

static struct MHD_Response *find_response(const struct http_response_cache *cache,
                                          const struct buffer *answer)
{
    for (size_t i = 0; i < HTTP_CACHED_RESPONSES; i++)
        if (cache->entries[i].response && cache->entries[i].length == answer->length &&
            memcmp(cache->entries[i].bytes, answer->data, answer->length) == 0)
            return cache->entries[i].response;
    return NULL;
}

/* Takes the response, which answers whoever gets the same bytes from now on. */
static void keep_response(struct http_response_cache *cache, const struct buffer *answer,
                          struct MHD_Response *response)
{
    size_t place = cache->next++ % HTTP_CACHED_RESPONSES;
    if (cache->entries[place].response)
        MHD_destroy_response(cache->entries[place].response);
    cache->entries[place].response = response;
    cache->entries[place].length = answer->length;
    memcpy(cache->entries[place].bytes, answer->data, answer->length);
}

void http_response_cache_done(struct http_response_cache *cache)
{
    for (size_t i = 0; i < HTTP_CACHED_RESPONSES; i++)
        if (cache->entries[i].response)
            MHD_destroy_response(cache->entries[i].response);
}

enum MHD_Result http_response_send(struct http_response_cache *cache,
                                   struct http_exchange *http_exchange,
                                   struct MHD_Connection *connection)
{
    const struct buffer *answer = &http_exchange->answer;
    unsigned status = (unsigned)http_exchange->status;
    bool plain = is_plain(http_exchange);
    struct MHD_Response *response = plain ? find_response(cache, answer) : NULL;
    if (response)
        return MHD_queue_response(connection, status, response);
    response = http_exchange->page ? page_response(http_exchange) : answer_response(http_exchange);
    if (!response)
        return MHD_NO;
    add_fields(response, http_exchange);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    if (plain)
        keep_response(cache, answer, response);
    else
        MHD_destroy_response(response);
    return result;
}
