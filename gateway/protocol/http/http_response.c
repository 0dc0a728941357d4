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

/* Whether answers of this kind all have the same fields. */
static bool is_plain(const struct http_exchange *http_exchange)
{
    return !http_exchange->page && http_exchange->status == 200 &&
           http_exchange->header_count == 0 && !http_exchange->cors_origin &&
           http_exchange->media_type == http_media_json && http_exchange->answer.length > 0 &&
           http_exchange->answer.length <= HTTP_CACHED_BYTES;
}

/* A kept response of this length that has no users, or NULL. */
static struct kept_response *find_kept(struct http_response_cache *cache, size_t length)
{
    for (size_t i = 0; i < HTTP_CACHED_RESPONSES; i++)
        if (cache->entries[i].response && cache->entries[i].users == 0 &&
            cache->entries[i].length == length)
            return &cache->entries[i];
    return NULL;
}

/* Makes one in place of the oldest; NULL where that has users, or without memory. */
static struct kept_response *make_kept(struct http_response_cache *cache,
                                       const struct http_exchange *http_exchange)
{
    struct kept_response *kept = &cache->entries[cache->next++ % HTTP_CACHED_RESPONSES];
    if (kept->users > 0)
        return NULL;
    if (kept->response)
        MHD_destroy_response(kept->response);
    kept->length = http_exchange->answer.length;
    kept->response =
        MHD_create_response_from_buffer(kept->length, kept->bytes, MHD_RESPMEM_PERSISTENT);
    if (!kept->response)
        return NULL;
    add_fields(kept->response, http_exchange);
    return kept;
}

void http_response_release(struct kept_response *kept)
{
    if (kept)
        kept->users--;
}

void http_response_cache_done(struct http_response_cache *cache)
{
    for (size_t i = 0; i < HTTP_CACHED_RESPONSES; i++)
        if (cache->entries[i].response)
            MHD_destroy_response(cache->entries[i].response);
}

static enum MHD_Result send_kept(struct kept_response *kept, const struct buffer *answer,
                                 struct MHD_Connection *connection)
{
    memcpy(kept->bytes, answer->data, answer->length);
    kept->users++;
    return MHD_queue_response(connection, MHD_HTTP_OK, kept->response);
}

enum MHD_Result http_response_send(struct http_response_cache *cache,
                                   struct http_exchange *http_exchange,
                                   struct MHD_Connection *connection,
                                   struct kept_response **ret_kept)
{
    if (is_plain(http_exchange)) {
        *ret_kept = find_kept(cache, http_exchange->answer.length);
        if (!*ret_kept)
            *ret_kept = make_kept(cache, http_exchange);
        if (*ret_kept)
            return send_kept(*ret_kept, &http_exchange->answer, connection);
    }
    struct MHD_Response *response =
        http_exchange->page ? page_response(http_exchange) : answer_response(http_exchange);
    if (!response)
        return MHD_NO;
    add_fields(response, http_exchange);
    enum MHD_Result result =
        MHD_queue_response(connection, (unsigned)http_exchange->status, response);
    MHD_destroy_response(response);
    return result;
}
