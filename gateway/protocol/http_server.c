#include "protocol/http_server.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "protocol/exchange.h"
#include "protocol/http_dispatch.h"
#include "protocol/http_handover.h"
#include "protocol/page_files.h"
#include "protocol/route.h"
#include "protocol/websocket_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

enum {
    /* A connection's memory in the library: about half of it bounds the header block, and larger
     * blocks are answered with 431. */
    CONNECTION_BYTES = 16 * 1024,
    /* A body that is too large is read away up to this, so that its sender sees the 413. */
    DRAIN_MAX_BYTES = 1024 * 1024,
    ANSWER_MAX_BYTES = 32 * 1024 * 1024, /* a history of 65,536 events as JSON, VCD or CSV */
    FIRST_LOOK_MS = 1000,                /* after the accept: is the client still there? */
    ANSWER_DEADLINE_S = 120,             /* a slow reader of an answer has this long */
    CONNECTIONS_SPARE = 16, /* the library counts a connection a little longer than net/ */
};

/* From 0.9.77.7 on the library queues a new connection for a thread of its own unless it is told that there
 * is none; before, it never did without one. */
#if MHD_VERSION >= 0x00097707
#define ONE_THREAD MHD_USE_NO_THREAD_SAFETY
#else
#define ONE_THREAD 0
#endif

struct http_connection {
    struct http_server *server;
    struct stream *stream; /* NULL once it was handed over */
    struct loop_timer timer;
    int64_t deadline_ns; /* the timer may fire earlier and then looks here */
};

struct http_request {
    struct exchange exchange;
    struct MHD_Connection *connection;
    struct http_connection *owner;
    bool is_too_large, is_answered;
    size_t drained;
};

struct http_server {
    struct service *service;
    struct http_options options;
    struct page_files *pages;
    struct websocket_server *websockets;
    struct MHD_Daemon *daemon;
    struct loop_source *source;
    struct loop_hook hook;
    struct handover leaving;
    struct stream *adding; /* while MHD_add_connection() runs */
};

/* ---- what an exchange asks of the library ---- */

static const char *header(const struct exchange *exchange, const char *name)
{
    const struct http_request *request = exchange->library;
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static const char *query(const struct exchange *exchange, const char *name)
{
    const struct http_request *request = exchange->library;
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* ---- deadlines ---- */

static void on_deadline(void *context)
{
    struct http_connection *connection = context;
    int64_t now_ns = loop_now_ns(connection->server->service->loop);
    /* A client that left with its first bytes, before the accept: the library is edge-triggered, stops
     * at a short read and does not see the end. */
    if (connection->stream && stream_has_ended(connection->stream))
        stream_shut_read(connection->stream);
    if (now_ns < connection->deadline_ns) {
        (void)loop_timer_set(&connection->timer, connection->deadline_ns);
        return;
    }
    if (connection->stream)
        stream_shut(connection->stream);
}

/* Moves the deadline. The timer is only touched when it must fire sooner: requests come by the
 * hundred thousand, deadlines hardly ever. */
static void set_deadline(struct http_connection *connection, unsigned seconds)
{
    connection->deadline_ns =
        loop_now_ns(connection->server->service->loop) + seconds * CLOCK_NS_PER_SECOND;
    if (connection->deadline_ns < connection->timer.due_ns)
        (void)loop_timer_set(&connection->timer, connection->deadline_ns);
}

static void expect_request(struct http_connection *connection)
{
    const struct http_options *options = &connection->server->options;
    set_deadline(connection, options->idle_timeout_s + options->request_deadline_s);
}

/* ---- answering ---- */

static void add_field(void *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static void add_fields(struct MHD_Response *response, const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->header_count; i++)
        add_field(response, exchange->headers[i].name, exchange->headers[i].value);
    if (exchange->media_type)
        add_field(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->media_type);
    http_dispatch_fields(exchange, add_field, response);
}

static struct MHD_Response *make_response(struct exchange *exchange)
{
    struct page_file *page = exchange->page;
    if (page) {
        char *bytes = exchange->gzip ? page->gzip : page_file_plain(page);
        size_t length = exchange->gzip ? page->gzip_length : page->length;
        /* The library only reads, but its signature wants a writable pointer. */
        return bytes ? MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_PERSISTENT)
                     : NULL;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        exchange->answer.length, exchange->answer.data, MHD_RESPMEM_MUST_FREE);
    if (response) /* the library frees the bytes */
        buffer_init(&exchange->answer, ANSWER_MAX_BYTES);
    return response;
}

static enum MHD_Result send_answer(struct http_request *request)
{
    struct exchange *exchange = &request->exchange;
    struct service_counters *counters = &exchange->service->counters;
    struct MHD_Response *response = make_response(exchange);
    if (!response)
        return MHD_NO;
    add_fields(response, exchange);
    enum MHD_Result result =
        MHD_queue_response(request->connection, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    counters->requests++;
    counters->request_errors += exchange->status >= 400;
    request->is_answered = true;
    return result;
}

/* ---- leaving the library ---- */

static struct http_connection *connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* Takes a second descriptor and tells the library to drop its own: with MHD_USE_TURBO it does so
 * without shutdown(2) and without a byte sent. */
static enum MHD_Result detach(struct http_request *request)
{
    struct exchange *exchange = &request->exchange;
    struct http_connection *connection = request->owner;
    struct http_server *server = connection->server;
    if (handover_add(&server->leaving, exchange, connection->stream)) {
        exchange_refuse(exchange, PROBLEM_BUSY, "No descriptor is free; try again.");
        return send_answer(request);
    }
    connection->stream = NULL;
    return MHD_NO;
}

static enum MHD_Result finish(struct http_request *request)
{
    struct exchange *exchange = &request->exchange;
    const struct http_server *server = request->owner->server;
    if (request->is_too_large)
        exchange_refuse(exchange, PROBLEM_TOO_LARGE, "A body has at most %zu bytes.",
                        server->options.request_bytes);
    else
        http_dispatch(exchange);
    if (exchange->handover == HANDOVER_WEBSOCKET &&
        !websocket_server_has_room(server->websockets)) {
        exchange->handover = HANDOVER_NONE;
        exchange_refuse(exchange, PROBLEM_BUSY,
                        "Too many WebSockets are open (limits.connections).");
    }
    if (exchange->handover != HANDOVER_NONE)
        return detach(request);
    return send_answer(request);
}

/* ---- what the library calls ---- */

static struct http_request *begin(struct MHD_Connection *mhd, const char *path, const char *method,
                                  const char *version)
{
    struct http_connection *connection = connection_of(mhd);
    struct http_request *request = connection ? calloc(1, sizeof *request) : NULL;
    if (!request)
        return NULL;
    const struct http_server *server = connection->server;
    struct exchange *exchange = &request->exchange;
    request->connection = mhd;
    request->owner = connection;
    exchange->service = server->service;
    exchange->pages = server->pages;
    exchange->method = method;
    exchange->path = path;
    exchange->stream = connection->stream;
    exchange->is_http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    exchange->is_local = stream_peer(connection->stream)->kind == ADDRESS_UNIX;
    exchange->header = header;
    exchange->query = query;
    exchange->library = request;
    buffer_init(&exchange->body, server->options.request_bytes);
    buffer_init(&exchange->answer, ANSWER_MAX_BYTES);
    (void)snprintf(exchange->source, sizeof exchange->source, "http:%s",
                   stream_source(connection->stream));
    exchange->caller.source = exchange->source;
    exchange->caller.socket = stream_id(connection->stream);
    return request;
}

struct framing {
    unsigned lengths, encodings, hosts;
    bool is_odd;
};

static enum MHD_Result look_at_field(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    (void)kind;
    struct framing *framing = context;
    bool is_encoding = strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    framing->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    framing->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
    framing->encodings += is_encoding;
    /* A blank before the colon hides a field from us that another may obey (RFC 9112 §5.1), and
     * a coding other than chunked has an end that we do not know (§6.1). */
    if (strpbrk(name, " \t") || (is_encoding && (!value || strcasecmp(value, "chunked") != 0)))
        framing->is_odd = true;
    return MHD_YES;
}

/* Two opinions on where a body ends, or on whom a request is for, let a request hide in another's body
 * behind a proxy that holds the other opinion (RFC 9112 §6.3). The library believes one of them. */
static bool is_ambiguous(const struct http_request *request)
{
    struct framing framing = {0};
    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, look_at_field, &framing);
    return framing.is_odd || framing.hosts > 1 || framing.lengths + framing.encodings > 1;
}

/* The head has arrived. A body that says it is too large is refused before it is sent. */
static enum MHD_Result on_head(struct http_request *request)
{
    if (is_ambiguous(request)) {
        exchange_refuse(
            &request->exchange, PROBLEM_BAD_REQUEST,
            "One Host, and one Content-Length or \"Transfer-Encoding: chunked\", with no "
            "blank before the colon.");
        exchange_add_header(&request->exchange, "Connection", "close");
        return send_answer(request);
    }
    const char *length_text = header(&request->exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
    int64_t length;
    if (length_text && number_parse(length_text, 0, INT64_MAX, &length) == 0 &&
        (size_t)length > request->exchange.body.max) {
        request->is_too_large = true;
        if (length > DRAIN_MAX_BYTES)
            return finish(request);
    }
    return MHD_YES;
}

static enum MHD_Result on_body(struct http_request *request, const char *bytes, size_t *size)
{
    if (!request->is_too_large && buffer_append(&request->exchange.body, bytes, *size)) {
        request->is_too_large = true;
        buffer_done(&request->exchange.body);
    }
    if (request->is_too_large)
        request->drained += *size;
    *size = 0;
    return request->drained > DRAIN_MAX_BYTES ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **request_context)
{
    (void)context;
    struct http_request *request = *request_context;
    if (!request) {
        request = *request_context = begin(connection, path, method, version);
        return request ? on_head(request) : MHD_NO;
    }
    if (request->is_answered) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (*upload_size > 0)
        return on_body(request, upload, upload_size);
    set_deadline(request->owner, ANSWER_DEADLINE_S);
    return finish(request);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)code;
    struct http_request *request = *request_context;
    struct http_connection *owner = connection_of(connection);
    if (owner && owner->stream) {
        expect_request(owner);
        /* The library is edge-triggered and stops at a short read: an end that arrived together with
         * the request (`printf … | nc -N`) would wait for the idle timeout. */
        if (stream_has_ended(owner->stream))
            stream_shut_read(owner->stream);
    }
    if (!request)
        return;
    buffer_done(&request->exchange.body);
    buffer_done(&request->exchange.answer);
    free(request);
    *request_context = NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)connection;
    struct http_server *server = context;
    struct http_connection *owner = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        owner = calloc(1, sizeof *owner);
        *socket_context = owner;
        if (!owner)
            return; /* on_accepted() sees that the stream was not taken */
        owner->server = server;
        owner->stream = server->adding;
        server->adding = NULL;
        loop_timer_init(&owner->timer, server->service->loop, on_deadline, owner);
        expect_request(owner);
        (void)loop_timer_set(&owner->timer,
                             loop_now_ns(server->service->loop) + FIRST_LOOK_MS * CLOCK_NS_PER_MS);
        return;
    }
    if (!owner)
        return;
    loop_timer_stop(&owner->timer);
    if (owner->stream)
        stream_forget(owner->stream); /* the library closes the descriptor right after this */
    free(owner);
    *socket_context = NULL;
}

/* Decodes %xx in paths and arguments. A %00 would end the text for us and not for others, so it becomes
 * a byte that no name of ours has. */
static size_t on_unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    size_t length = MHD_http_unescape(text);
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0')
            text[i] = '\1';
    return length;
}

static void on_library_log(void *context, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void on_library_log(void *context, const char *format, va_list arguments)
{
    (void)context;
    /* Its words for a connection that we detached on purpose. */
    if (strstr(format, "reported internal error"))
        return;
    char line[256];
    (void)vsnprintf(line, sizeof line, format, arguments);
    log_debug("libmicrohttpd: %.*s", (int)strcspn(line, "\n"), line);
}

/* ---- the loop ---- */

static void run(struct http_server *server)
{
    (void)MHD_run(server->daemon);
    handover_run(&server->leaving);
}

static void on_ready(void *context, uint32_t events)
{
    (void)events;
    run(context);
}

static int64_t hook_due(void *context)
{
    const struct http_server *server = context;
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES)
        return LOOP_NEVER;
    if (timeout_ms == 0)
        return 0;
    return clock_monotonic_ns() + (int64_t)timeout_ms * CLOCK_NS_PER_MS;
}

static void hook_run(void *context)
{
    run(context);
}

/* ---- connections from net/ ---- */

static void on_accepted(void *context, struct stream *stream)
{
    struct http_server *server = context;
    const struct address *peer = stream_peer(stream);
    server->adding = stream;
    enum MHD_Result added =
        MHD_add_connection(server->daemon, stream_fd(stream), &peer->any, peer->length);
    if (server->adding) {
        /* The library closes a descriptor that it does not take; one that it took without memory
         * for our part is ended. */
        server->adding = NULL;
        if (added == MHD_YES)
            stream_shut(stream);
        stream_forget(stream);
    }
}

static void on_refused(void *context, struct stream *stream, const char *reason)
{
    (void)context;
    char answer[512];
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 503 Service Unavailable\r\n"
                          "Content-Type: application/problem+json\r\n"
                          "Retry-After: 1\r\n"
                          "Connection: close\r\n"
                          "\r\n"
                          "{\"type\":\"about:blank\",\"title\":\"Limit reached\",\"status\":503,"
                          "\"detail\":\"%s\",\"code\":\"limit\",\"retry_after\":1}",
                          reason);
    (void)stream_write(stream, answer, (size_t)length);
}

struct listener_events http_server_listener(struct http_server *server)
{
    return (struct listener_events){
        .context = server, .accepted = on_accepted, .refused = on_refused};
}

/* ---- life ---- */

static int start(struct http_server *server)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_TURBO | MHD_USE_ERROR_LOG | ONE_THREAD,
        0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, server,
        MHD_OPTION_CONNECTION_TIMEOUT, server->options.idle_timeout_s, MHD_OPTION_CONNECTION_LIMIT,
        server->options.connections + CONNECTIONS_SPARE, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_END);
    if (!server->daemon)
        return -EINVAL;
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return loop_watch(server->service->loop, info->epoll_fd, EPOLLIN, on_ready, server,
                      &server->source);
}

int http_server_new(struct service *service, const struct http_options *options,
                    struct page_files *pages, struct websocket_server *websockets,
                    struct event_streams *streams, struct http_server **ret_server)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server)
        return -ENOMEM;
    *server = (struct http_server){
        .service = service, .options = *options, .pages = pages, .websockets = websockets};
    handover_init(&server->leaving, websockets, streams);
    server->hook = (struct loop_hook){.due = hook_due, .run = hook_run, .context = server};
    int error = start(server);
    if (error) {
        if (server->daemon)
            MHD_stop_daemon(server->daemon);
        free(server);
        return error;
    }
    loop_hook_add(service->loop, &server->hook);
    *ret_server = server;
    return 0;
}

struct http_server *http_server_free(struct http_server *server)
{
    if (!server)
        return NULL;
    loop_hook_remove(&server->hook);
    server->source = loop_source_free(server->source);
    handover_done(&server->leaving);
    MHD_stop_daemon(server->daemon);
    free(server);
    return NULL;
}
