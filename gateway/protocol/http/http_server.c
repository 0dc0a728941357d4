#include "protocol/http/http_server.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/stream.h"
#include "protocol/http/http_head.h"
#include "protocol/http/http_library.h"
#include "protocol/http/route_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    /* A connection's memory in the library, which fills it with zeros after each request. It holds a head in its
     * first half, then a copy of its cookies, and what the library keeps of each field; where that does not fit the
     * library answers with its own 431. */
    SMALL_BYTES = 14 * 1024 + 512,
    LARGE_BYTES = 56 * 1024, /* HTTP_HEAD_MAX_BYTES */
    CONNECTIONS_SPARE = 16,  /* the library counts a connection a little longer than net/ */
};

/* From 0.9.77.7 on the library queues a new connection for a thread of its own unless it is set that there
 * is none; before, it never did without one. */
#if MHD_VERSION >= 0x00097707
#define ONE_THREAD MHD_USE_NO_THREAD_SAFETY
#else
#define ONE_THREAD 0
#endif

/* Strict in what it takes; the option has had two names. */
#if MHD_VERSION >= 0x00097701
#define STRICT_OPTION MHD_OPTION_CLIENT_DISCIPLINE_LVL
#else
#define STRICT_OPTION MHD_OPTION_STRICT_FOR_CLIENT
#endif

/* ---- what the library asks ---- */

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

void http_server_run(struct http_server *server, enum http_pool pool)
{
    (void)MHD_run(server->daemons[pool].library);
    if (server->has_moved) {
        server->has_moved = false;
        (void)MHD_run(server->daemons[HTTP_POOL_LARGE].library);
    }
}

static void on_small_ready(void *context, uint32_t events)
{
    (void)events;
    struct http_server *server = context;
    http_server_run(server, HTTP_POOL_SMALL);
    pending_upgrades_run(&server->pending_upgrades);
}

static void on_large_ready(void *context, uint32_t events)
{
    (void)events;
    struct http_server *server = context;
    http_server_run(server, HTTP_POOL_LARGE);
    pending_upgrades_run(&server->pending_upgrades);
}

static int64_t library_due(struct http_daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (daemon->is_idle)
        return LOOP_NEVER;
    if (MHD_get_timeout(daemon->library, &timeout_ms) != MHD_YES) {
        daemon->is_idle = daemon->connections == 0;
        return LOOP_NEVER;
    }
    return timeout_ms ? clock_monotonic_ns() + (int64_t)timeout_ms * CLOCK_NS_PER_MS : 0;
}

static int64_t hook_due(void *context)
{
    struct http_server *server = context;
    if (!list_is_empty(&server->deferred))
        return 0;
    int64_t due_ns = http_request_delayed_due(server);
    for (size_t i = 0; i < HTTP_POOLS && due_ns > 0; i++) {
        int64_t library_ns = library_due(&server->daemons[i]);
        due_ns = library_ns < due_ns ? library_ns : due_ns;
    }
    return due_ns;
}

static void hook_run(void *context)
{
    struct http_server *server = context;
    http_request_run_delayed(server);
    http_request_run_deferred(server);
    http_server_run(server, HTTP_POOL_SMALL);
    http_server_run(server, HTTP_POOL_LARGE);
    pending_upgrades_run(&server->pending_upgrades);
}

/* ---- connections from net/ ---- */

static void on_accepted(void *context, struct stream *stream)
{
    http_connection_add(context, stream, HTTP_POOL_SMALL, NULL, 0);
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

static int start(struct http_server *server, enum http_pool pool)
{
    static const size_t bytes[] = {SMALL_BYTES, LARGE_BYTES};
    static void (*const on_ready[])(void *context, uint32_t events) = {on_small_ready,
                                                                       on_large_ready};
    struct http_daemon *daemon = &server->daemons[pool];
    daemon->library = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_TURBO | MHD_USE_ERROR_LOG |
            MHD_ALLOW_SUSPEND_RESUME | ONE_THREAD,
        0, NULL, NULL, http_request_handle, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log,
        server, STRICT_OPTION, 1, MHD_OPTION_URI_LOG_CALLBACK, http_head_on_target, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, server->options.idle_timeout_s, MHD_OPTION_CONNECTION_LIMIT,
        server->options.connections + CONNECTIONS_SPARE, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        bytes[pool], MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, server, MHD_OPTION_NOTIFY_COMPLETED,
        http_request_completed, server, MHD_OPTION_NOTIFY_CONNECTION, http_connection_notify,
        server, MHD_OPTION_END);
    if (!daemon->library)
        return -EINVAL;
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(daemon->library, MHD_DAEMON_INFO_EPOLL_FD);
    return loop_watch(server->service->loop, info->epoll_fd, EPOLLIN, on_ready[pool], server,
                      &daemon->source);
}

static void stop(struct http_server *server)
{
    for (size_t i = 0; i < HTTP_POOLS; i++) {
        server->daemons[i].source = loop_source_free(server->daemons[i].source);
        if (server->daemons[i].library)
            MHD_stop_daemon(server->daemons[i].library);
    }
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
    list_init(&server->deferred);
    list_init(&server->delayed);
    pending_upgrades_init(&server->pending_upgrades, websockets, streams);
    server->hook = (struct loop_hook){.due = hook_due, .run = hook_run, .context = server};
    int error = route_table_new(&server->routes);
    for (enum http_pool pool = 0; !error && pool < HTTP_POOLS; pool++)
        error = start(server, pool);
    if (error) {
        stop(server);
        route_table_free(server->routes);
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
    pending_upgrades_done(&server->pending_upgrades);
    http_request_resume_all(server); /* the library stops no connection that is suspended */
    stop(server);
    http_response_cache_done(&server->responses);
    http_request_free_spare(server);
    route_table_free(server->routes);
    free(server);
    return NULL;
}
