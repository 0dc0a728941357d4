/* One request: head, body, answer, or the way out of the library. */
#include "protocol/config_store.h"
#include "protocol/http/forwarded.h"
#include "protocol/http/http_head.h"
#include "protocol/http/http_library.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/number.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/stream.h"
#include "protocol/http/http_dispatch.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/request_count.h"
#include "protocol/http/route.h"
#include "protocol/websocket/websocket_server.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    /* A body that is too large is read away up to this, so that its sender sees the 413. */
    DRAIN_MAX_BYTES = 2 * 1024 * 1024, /* a config may have the half of it */
    ANSWER_DEADLINE_S = 120,           /* a slow reader of an answer has this long */
    SPARE_ANSWER_BYTES = 4 * 1024,     /* memory that a request keeps for the next answer */
};

struct http_request {
    struct MHD_Connection *connection;
    struct http_connection *owner;
    struct list in_deferred;
    bool lacks_memory; /* for the body, the rest of which is read as that of a large one is */
    bool is_too_large, is_answered, was_deferred, is_delayed;
    int64_t began_ns;           /* monotonic: when its head had arrived */
    int64_t due_ns;             /* of a refusal that is held back */
    struct kept_response *kept; /* that it was answered with; NULL for none */
    size_t drained;
    struct http_exchange http_exchange; /* last: see take_request() */
};

/* ---- what an exchange asks of the library ---- */

static const char *header(const struct http_exchange *http_exchange, const char *name)
{
    const struct http_request *request = http_exchange->library;
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct field_lines {
    const char *name;
    const char **values;
    size_t count, max;
};

static enum MHD_Result take_line(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    (void)kind;
    struct field_lines *lines = context;
    if (strcasecmp(name, lines->name) == 0 && value && lines->count < lines->max)
        lines->values[lines->count++] = value;
    return MHD_YES;
}

static size_t headers_all(const struct http_exchange *http_exchange, const char *name,
                          const char **values, size_t max)
{
    const struct http_request *request = http_exchange->library;
    struct field_lines lines = {.name = name, .values = values, .max = max};
    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_line, &lines);
    return lines.count;
}

static const char *query(const struct http_exchange *http_exchange, const char *name)
{
    const struct http_request *request = http_exchange->library;
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* ---- answering ---- */

static enum MHD_Result send_answer(struct http_request *request)
{
    struct http_exchange *http_exchange = &request->http_exchange;
    request_count(&http_exchange->service->counters, http_exchange->method, http_exchange->status,
                  clock_monotonic_ns() - request->began_ns);
    request->is_answered = true;
    return http_response_send(&request->owner->server->responses, http_exchange,
                              request->connection, &request->kept);
}

static enum MHD_Result refuse_head(struct http_request *request, enum problem_code code,
                                   const char *detail)
{
    http_exchange_refuse(&request->http_exchange, code, "%s", detail);
    http_exchange_add_header(&request->http_exchange, "Connection", "close");
    return send_answer(request);
}

/* ---- leaving the library ---- */

/* Takes a second descriptor and has the library drop its own: with MHD_USE_TURBO it does so
 * without shutdown(2) and without a byte sent. */
static enum MHD_Result detach(struct http_request *request)
{
    struct http_exchange *http_exchange = &request->http_exchange;
    struct http_connection *connection = request->owner;
    struct http_server *server = connection->server;
    /* RFC 6455 §4.1: a client waits for the 101. What it sent before would be lost without a word. */
    if (http_exchange->upgrade == UPGRADE_WEBSOCKET && http_connection_is_ahead(connection))
        return refuse_head(request, PROBLEM_BAD_REQUEST,
                           "Send no frame before the answer 101 has come (RFC 6455 §4.1).");
    if (http_exchange->client_source[0]) {
        const char *limit = stream_count_for(connection->stream, &http_exchange->client);
        if (limit)
            return refuse_head(request, PROBLEM_BUSY, limit);
    }
    if (pending_upgrades_add(&server->pending_upgrades, http_exchange, connection->stream)) {
        http_exchange_refuse(http_exchange, PROBLEM_BUSY, "No descriptor is free; try again.");
        return send_answer(request);
    }
    connection->stream = NULL;
    request_count(&http_exchange->service->counters, http_exchange->method,
                  http_exchange->upgrade == UPGRADE_WEBSOCKET ? 101 : 200,
                  clock_monotonic_ns() - request->began_ns);
    return MHD_NO;
}

/* A peer that does not take its answers is refused more of them; commands have small answers and go on. */
static bool asks_for_too_much(const struct http_request *request)
{
    const struct http_exchange *http_exchange = &request->http_exchange;
    bool is_command = strcmp(http_exchange->method, "PUT") == 0 ||
                      (strcmp(http_exchange->method, "POST") == 0 &&
                       strcmp(http_exchange->path, "/api/v1/rpc") != 0);
    bool is_small = is_command || strcmp(http_exchange->path, "/healthz") == 0;
    return !is_small && !stream_may_answer(http_exchange->stream);
}

/* A token was shown, and it was wrong. */
static bool is_guess(const struct http_exchange *http_exchange)
{
    return http_exchange->status == 401 &&
           (header(http_exchange, MHD_HTTP_HEADER_AUTHORIZATION) ||
            header(http_exchange, MHD_HTTP_HEADER_COOKIE) || query(http_exchange, "token") ||
            http_exchange->body.length > 0);
}

/* The answer is made and waits; what else the peer asks on other connections is served as ever. */
static enum MHD_Result hold_back(struct http_request *request)
{
    struct http_server *server = request->owner->server;
    request->is_delayed = true;
    request->due_ns = loop_now_ns(server->service->loop) + GUESS_LIMIT_DELAY_MS * CLOCK_NS_PER_MS;
    MHD_suspend_connection(request->connection);
    list_append(&server->delayed, &request->in_deferred);
    return MHD_YES;
}

static enum MHD_Result finish(struct http_request *request)
{
    struct http_exchange *http_exchange = &request->http_exchange;
    const struct http_server *server = request->owner->server;
    if (request->lacks_memory)
        http_exchange_refuse(http_exchange, PROBLEM_INTERNAL, "Out of memory.");
    else if (request->is_too_large)
        http_exchange_refuse(http_exchange, PROBLEM_TOO_LARGE, "A body has at most %zu bytes.",
                             http_exchange->body.max);
    else if (asks_for_too_much(request))
        http_exchange_refuse(http_exchange, PROBLEM_BUSY,
                             "Too many answers wait to be taken; take those first.");
    else
        http_dispatch(http_exchange);
    if (http_exchange->upgrade == UPGRADE_WEBSOCKET &&
        !websocket_server_has_capacity(server->websockets)) {
        http_exchange->upgrade = UPGRADE_NONE;
        http_exchange_refuse(http_exchange, PROBLEM_BUSY,
                             "Too many WebSockets are open (limits.connections).");
    }
    if (http_exchange->upgrade != UPGRADE_NONE)
        return detach(request);
    if (is_guess(http_exchange) &&
        guess_limit_count(&server->service->guesses, &http_exchange->client,
                          loop_now_ns(server->service->loop)))
        return hold_back(request);
    stream_set_waiting(http_exchange->stream, http_exchange->answer.length);
    return send_answer(request);
}

/* ---- requests that wait for the next turn ---- */

/* The library serves all connections that are ready in one call: without this, many of them would keep
 * everybody else waiting for as long as all their requests take. */
static bool must_wait(const struct http_request *request)
{
    const struct http_server *server = request->owner->server;
    loop_run_urgent(server->service->loop);
    return !request->was_deferred && loop_is_over_budget(server->service->loop);
}

static void defer(struct http_request *request)
{
    request->was_deferred = true;
    MHD_suspend_connection(request->connection);
    list_append(&request->owner->server->deferred, &request->in_deferred);
}

static void resume(struct http_request *request)
{
    list_remove(&request->in_deferred);
    MHD_resume_connection(request->connection);
}

static size_t peer_of(const struct http_request *request)
{
    uint8_t host[ADDRESS_HOST_BYTES];
    size_t length = address_host_bytes(&request->http_exchange.client, host);
    return (size_t)hash_bytes(HASH_SEED, host, length);
}

/* The oldest of another host than the last one, else the oldest. */
static struct http_request *next_deferred(struct http_server *server)
{
    LIST_FOR_EACH (member, &server->deferred) {
        struct http_request *request = CONTAINER_OF(member, struct http_request, in_deferred);
        if (peer_of(request) != server->last_peer)
            return request;
    }
    return CONTAINER_OF(server->deferred.next, struct http_request, in_deferred);
}

void http_request_run_deferred(struct http_server *server)
{
    bool is_first = true;
    while (!list_is_empty(&server->deferred) &&
           (is_first || !loop_is_over_budget(server->service->loop))) {
        struct http_request *request = next_deferred(server);
        server->last_peer = peer_of(request);
        is_first = false;
        enum http_pool pool = request->owner->pool;
        resume(request);
        http_server_run(server, pool);
    }
}

static struct http_request *first_delayed(const struct http_server *server)
{
    if (list_is_empty(&server->delayed))
        return NULL;
    return CONTAINER_OF(server->delayed.next, struct http_request, in_deferred);
}

int64_t http_request_delayed_due(const struct http_server *server)
{
    const struct http_request *request = first_delayed(server);
    return request ? request->due_ns : LOOP_NEVER;
}

void http_request_run_delayed(struct http_server *server)
{
    struct http_request *request;
    while ((request = first_delayed(server)) &&
           request->due_ns <= loop_now_ns(server->service->loop))
        resume(request);
}

void http_request_resume_all(struct http_server *server)
{
    while (!list_is_empty(&server->delayed))
        resume(CONTAINER_OF(server->delayed.next, struct http_request, in_deferred));
    while (!list_is_empty(&server->deferred))
        resume(CONTAINER_OF(server->deferred.next, struct http_request, in_deferred));
}

/* ---- what the library calls ---- */

/* A request whose exchange is all zero but for a buffer of answers that is empty. */
static struct http_request *take_request(struct http_server *server)
{
    if (server->spare_count == 0) {
        struct http_request *request = calloc(1, sizeof *request);
        if (request)
            buffer_init(&request->http_exchange.answer, HTTP_ANSWER_MAX_BYTES);
        return request;
    }
    struct http_request *request = server->spare_requests[--server->spare_count];
    struct buffer answer = request->http_exchange.answer;
    /* The values of fields are as long as all the rest, and each is written before it is read. */
    memset(request, 0, offsetof(struct http_request, http_exchange.headers));
    request->http_exchange.answer = answer;
    buffer_clear(&request->http_exchange.answer);
    return request;
}

static void give_request(struct http_server *server, struct http_request *request)
{
    struct buffer *answer = &request->http_exchange.answer;
    buffer_done(&request->http_exchange.body);
    if (answer->capacity > SPARE_ANSWER_BYTES)
        buffer_done(answer);
    if (server->spare_count < HTTP_SPARE_REQUESTS) {
        server->spare_requests[server->spare_count++] = request;
        return;
    }
    buffer_done(answer);
    free(request);
}

void http_request_free_spare(struct http_server *server)
{
    while (server->spare_count > 0) {
        struct http_request *request = server->spare_requests[--server->spare_count];
        buffer_done(&request->http_exchange.answer);
        free(request);
    }
}

static struct http_request *begin(struct MHD_Connection *mhd, const char *path, const char *method,
                                  const char *version)
{
    struct http_connection *connection = http_connection_of(mhd);
    struct http_request *request = connection ? take_request(connection->server) : NULL;
    if (!request)
        return NULL;
    const struct http_server *server = connection->server;
    struct http_exchange *http_exchange = &request->http_exchange;
    request->connection = mhd;
    request->owner = connection;
    connection->is_in_request = true;
    request->began_ns = loop_now_ns(server->service->loop);
    http_exchange->service = server->service;
    http_exchange->pages = server->pages;
    http_exchange->routes = server->routes;
    http_exchange->method = method;
    http_exchange->path = path;
    http_exchange->stream = connection->stream;
    http_exchange->is_http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    http_exchange->is_local = stream_peer(connection->stream)->kind == ADDRESS_UNIX;
    http_exchange->listener_port = address_port(stream_local(connection->stream));
    http_exchange->is_secure = stream_is_secure(connection->stream);
    http_exchange->is_scheme_known = http_exchange->is_secure;
    http_exchange->header = header;
    http_exchange->headers_all = headers_all;
    http_exchange->query = query;
    http_exchange->library = request;
    /* The circuit's file may be longer than any command. */
    bool is_config = strcmp(path, "/api/v1/config") == 0;
    buffer_init(&http_exchange->body,
                is_config ? CONFIG_STORE_TEXT_MAX_BYTES : server->options.request_bytes);
    http_exchange->caller.source = connection->source;
    http_exchange->caller.socket = stream_id(connection->stream);
    return request;
}

/* The head has arrived. A body that says it is too large is refused before it is sent. */
static enum MHD_Result on_head(struct http_request *request)
{
    const char *length_text = header(&request->http_exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;
    if (length_text && number_parse(length_text, 0, INT64_MAX, &length) == 0 &&
        (size_t)length > request->http_exchange.body.max) {
        request->is_too_large = true;
        if (length > DRAIN_MAX_BYTES)
            return finish(request);
    }
    return MHD_YES;
}

static enum MHD_Result on_body(struct http_request *request, const char *bytes, size_t *size)
{
    int error =
        request->is_too_large ? 0 : buffer_append(&request->http_exchange.body, bytes, *size);
    if (error) {
        request->is_too_large = true;
        request->lacks_memory = error == -ENOMEM;
        buffer_done(&request->http_exchange.body);
    }
    if (request->is_too_large)
        request->drained += *size;
    *size = 0;
    return request->drained > DRAIN_MAX_BYTES ? MHD_NO : MHD_YES;
}

enum MHD_Result http_request_handle(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *upload, size_t *upload_size, void **request_context)
{
    (void)context;
    struct http_request *request = *request_context;
    bool has_bad_target = *request_context == http_head_bad_target;
    if (!request || has_bad_target) {
        request = *request_context = begin(connection, path, method, version);
        if (!request)
            return MHD_NO;
        const char *wrong = has_bad_target ? http_head_target_rule
                                           : http_head_check(connection, path, method, version);
        if (wrong)
            return refuse_head(request, PROBLEM_BAD_REQUEST, wrong);
        if (!forwarded_read(&request->http_exchange,
                            net_proxies(request->owner->server->service->net)))
            return send_answer(request);
        return on_head(request);
    }
    if (request->is_answered) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (*upload_size > 0)
        return on_body(request, upload, upload_size);
    if (request->is_delayed)
        return send_answer(request);
    if (must_wait(request)) {
        defer(request);
        return MHD_YES;
    }
    http_connection_set_deadline(request->owner, ANSWER_DEADLINE_S);
    return finish(request);
}

void http_request_completed(void *context, struct MHD_Connection *connection,
                            void **request_context, enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)code;
    struct http_request *request =
        *request_context == http_head_bad_target ? NULL : *request_context;
    struct http_connection *owner = http_connection_of(connection);
    if (owner && owner->stream) {
        stream_set_waiting(owner->stream, 0);
        http_connection_expect_request(owner);
        http_connection_check_end(owner);
    }
    if (!request)
        return;
    list_remove(&request->in_deferred);
    http_response_release(request->kept);
    give_request(request->owner->server, request);
    *request_context = NULL;
}
