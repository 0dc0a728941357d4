#include "protocol/websocket/websocket_server.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/register.h"
#include "net/stream.h"
#include "protocol/classroom.h"
#include "protocol/feed.h"
#include "protocol/method/rpc.h"
#include "protocol/pin_notices.h"
#include "protocol/websocket/websocket_client.h"
#include "protocol/websocket/websocket_log.h"

#include <assert.h>
#include <errno.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <uv.h>

const char websocket_subprotocol[] = "gpio-gateway.v1";

enum {
    READ_CHUNK_BYTES =
        256, /* each connection has a buffer of this; longer messages come in parts */
    HANDSHAKE_BYTES = 2048,
    LOGOUT_S = 2,             /* a client that was logged out has this long to close */
    REFUSED_S = 1,            /* one that broke the protocol, to read why */
    DESCRIPTORS_BESIDES = 64, /* descriptors above the clients' that the library may see */
};

struct websocket_server {
    struct service *service;
    struct websocket_options options;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws_retry_bo retry;
    uv_loop_t uv;
    struct loop_source *uv_source;
    struct loop_hook hook;
    bool
        has_news; /* socket calls were made that a client follows, pins moved, or the class's step changed */
    bool has_refused; /* a client sent a frame that ends its connection */
    bool is_dirty;    /* libuv has queued epoll_ctl(2) calls that its next turn makes */
    struct feed_subscriber subscriber;
    struct register_listener calls;
    struct pin_notice_subscriber pins;
    struct classroom_subscriber lesson;
    unsigned followers; /* clients that follow the socket calls */
    struct list clients;
    unsigned count;
    struct websocket_client *adopting; /* while the library has not met its client yet */
};

/* Told inside another's socket call: only noted here, and handed out in the loop's next turn. */
static void on_call(void *context, const struct socket_call *call)
{
    struct websocket_server *server = context;
    (void)call;
    server->has_news = true;
}

static void on_pin(void *context)
{
    struct websocket_server *server = context;
    server->has_news = true;
}

static void on_lesson(void *context)
{
    struct websocket_server *server = context;
    server->has_news = true;
}

/* The register is listened to only while somebody follows it. */
static void count_follower(struct websocket_server *server, bool followed, bool follows)
{
    if (followed == follows)
        return;
    if (follows && server->followers++ == 0) {
        server->calls = (struct register_listener){.added = on_call, .context = server};
        register_listen(net_register(server->service->net), &server->calls);
    } else if (!follows && --server->followers == 0) {
        register_unlisten(&server->calls);
    }
}

static void client_free(struct websocket_client *client)
{
    struct websocket_server *server = client->server;
    uint32_t id = stream_id(client->stream);
    if (server->adopting == client)
        server->adopting = NULL;
    list_remove(&client->in_server);
    server->count--;
    count_follower(server, client->calls_next > 0, false);
    websocket_client_done(client);
    (void)receive_filter_set(stream_fd(client->stream), NULL);
    stream_forget(client->stream);
    free(client);
    struct timestamps now = clock_now();
    circuit_disconnected(server->service->circuit, id, &now);
    if (server->service->classroom)
        classroom_leave(server->service->classroom, id);
    if (server->service->circuit_touched)
        server->service->circuit_touched(server->service->circuit_context);
}

static struct websocket_client *client_of(struct lws *wsi)
{
    struct lws_context *context = lws_get_context(wsi);
    struct websocket_server *server = lws_context_user(context);
    struct websocket_client *client = lws_get_opaque_user_data(wsi);
    /* libwebsockets may call back before the adopting call has returned the wsi. */
    if (!client && server->adopting) {
        client = server->adopting;
        lws_set_opaque_user_data(wsi, client);
        server->adopting = NULL;
    }
    return client;
}

/* libuv sees in its next turn only that the library asked for one. */
static int pump(struct websocket_client *client)
{
    int result = websocket_client_pump(client);
    if (client->wants_turn)
        client->server->is_dirty = true;
    client->wants_turn = false;
    return result;
}

static int client_opened(struct websocket_client *client, struct lws *wsi)
{
    client->wsi = wsi;
    client->is_open = true;
    client->server->service->counters.websockets++;
    client->server->is_dirty = true;
    return pump(client);
}

static int on_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t length)
{
    (void)user;
    struct websocket_client *client;
    /* Others concern listeners, vhosts and protocols, and come when there is no client. */
    if (reason != LWS_CALLBACK_ESTABLISHED && reason != LWS_CALLBACK_RECEIVE &&
        reason != LWS_CALLBACK_SERVER_WRITEABLE && reason != LWS_CALLBACK_WSI_DESTROY)
        return reason == LWS_CALLBACK_HTTP ? -1 : 0;
    client = client_of(wsi);
    if (!client)
        return 0;
    if (reason == LWS_CALLBACK_ESTABLISHED)
        return client_opened(client, wsi);
    if (reason == LWS_CALLBACK_WSI_DESTROY) {
        lws_set_opaque_user_data(wsi, NULL);
        client_free(client);
        return 0;
    }
    if (client->is_closing)
        return 0;
    if (reason == LWS_CALLBACK_RECEIVE) {
        bool followed = client->calls_next > 0;
        int result = websocket_client_receive(client, in, length);
        count_follower(client->server, followed, client->calls_next > 0);
        client->server->is_dirty = client->server->is_dirty || client->wants_turn;
        client->wants_turn = false;
        return result;
    }
    return pump(client);
}

/* ---- the server ---- */

static const struct lws_protocols protocols[] = {
    /* Without a size of its own, what is sent would be cut to that of the read buffer. */
    {.name = websocket_subprotocol,
     .callback = on_callback,
     .rx_buffer_size = READ_CHUNK_BYTES,
     .tx_packet_size = RPC_REPLY_MAX_BYTES},
    {0},
};

/* ---- frames that end a connection ---- */

/* Inside the library's recv(2): only noted here. */
static size_t check_frames(void *context, const unsigned char *bytes, size_t length)
{
    struct websocket_client *client = context;
    size_t seen = frame_check_read(&client->frames, bytes, length);
    client->server->has_refused = client->server->has_refused || client->frames.code;
    return seen;
}

static void close_refused(struct websocket_server *server)
{
    server->has_refused = false;
    LIST_FOR_EACH (member, &server->clients) {
        struct websocket_client *client = CONTAINER_OF(member, struct websocket_client, in_server);
        if (!client->frames.code || !client->is_open || client->is_closing)
            continue;
        websocket_client_begin_close(client, (enum lws_close_status)client->frames.code,
                                     client->frames.reason);
        lws_set_timeout(client->wsi, PENDING_TIMEOUT_CLOSE_ACK, REFUSED_S);
        server->is_dirty = true;
    }
}

static void run_uv(struct websocket_server *server)
{
    server->is_dirty = false;
    uv_run(&server->uv, UV_RUN_NOWAIT);
    if (server->has_refused)
        close_refused(server);
}

static void on_uv_ready(void *context, uint32_t events)
{
    (void)events;
    run_uv(context);
}

static int64_t hook_due(void *context)
{
    const struct websocket_server *server = context;
    if (server->has_news)
        return 0;
    int timeout_ms = server->is_dirty ? 0 : uv_backend_timeout(&server->uv);
    if (timeout_ms < 0)
        return LOOP_NEVER;
    return timeout_ms == 0 ? 0 : (int64_t)(uv_now(&server->uv) + (uint64_t)timeout_ms) * 1000000;
}

static void pump_all(struct websocket_server *server)
{
    server->has_news = false;
    LIST_FOR_EACH (member, &server->clients) {
        struct websocket_client *client = CONTAINER_OF(member, struct websocket_client, in_server);
        if (client->is_open && !client->is_closing && pump(client)) {
            client->is_closing = true;
            lws_set_timeout(client->wsi, 1, LWS_TO_KILL_ASYNC);
            server->is_dirty = true;
        }
    }
}

static void on_events(void *context)
{
    pump_all(context);
}

static void hook_run(void *context)
{
    struct websocket_server *server = context;
    if (server->has_news)
        pump_all(server);
    run_uv(server);
}

static int make_context(struct websocket_server *server)
{
    void *loops[1] = {&server->uv};
    server->retry = (struct lws_retry_bo){
        .secs_since_valid_ping = (uint16_t)server->options.ping_s,
        .secs_since_valid_hangup = (uint16_t)server->options.hangup_s,
    };
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .foreign_loops = loops,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8,
        .fd_limit_per_thread = server->options.clients + DESCRIPTORS_BESIDES,
        .max_http_header_data = HANDSHAKE_BYTES,
        .protocols = protocols,
        .vhost_name = "gateway",
        .user = server,
        .retry_and_idle_policy = &server->retry,
        .timeout_secs = 5,
    };
    websocket_log_begin();
    server->context = lws_create_context(&info);
    if (!server->context)
        return -ENOTSUP;
    server->vhost = lws_create_vhost(server->context, &info);
    if (server->vhost && !websocket_log_has_failed())
        return 0;
    server->vhost = NULL; /* half of one cannot be destroyed: the start is refused */
    return -ENOMEM;
}

int websocket_server_new(struct service *service, const struct websocket_options *options,
                         struct websocket_server **ret_server)
{
    struct websocket_server *server = calloc(1, sizeof *server);
    if (!server)
        return -ENOMEM;
    server->service = service;
    server->options = *options;
    list_init(&server->clients);
    if (uv_loop_init(&server->uv) != 0) {
        free(server);
        return -ENOMEM;
    }
    int error = make_context(server);
    if (!error)
        error = loop_watch(service->loop, uv_backend_fd(&server->uv), EPOLLIN, on_uv_ready, server,
                           &server->uv_source);
    server->hook = (struct loop_hook){.due = hook_due, .run = hook_run, .context = server};
    loop_hook_add(service->loop, &server->hook);
    server->subscriber = (struct feed_subscriber){.ready = on_events, .context = server};
    feed_subscribe(service->feed, &server->subscriber);
    server->lesson = (struct classroom_subscriber){.changed = on_lesson, .context = server};
    if (service->classroom)
        classroom_listen(service->classroom, &server->lesson);
    server->pins = (struct pin_notice_subscriber){.added = on_pin, .context = server};
    if (service->pins)
        pin_notices_listen(service->pins->notices, &server->pins);
    server->is_dirty = true;
    if (error) {
        websocket_server_free(server);
        return error;
    }
    *ret_server = server;
    return 0;
}

#ifdef __SANITIZE_ADDRESS__
/* On a foreign loop libwebsockets (4.1.6 and 4.3.5) never frees the context's own block, and a second
 * lws_context_destroy() crashes: known at the end of the program, and nowhere else. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libwebsockets.so\nleak:libuv.so\n";
}
#endif

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

struct websocket_server *websocket_server_free(struct websocket_server *server)
{
    if (!server)
        return NULL;
    feed_unsubscribe(&server->subscriber);
    list_remove(&server->lesson.in_classroom);
    list_remove(&server->pins.in_notices);
    loop_hook_remove(&server->hook);
    server->uv_source = loop_source_free(server->uv_source);
    if (!server->vhost) { /* the library may have left handles of what it has freed in the loop */
        free(server);
        return NULL;
    }
    lws_context_destroy(server->context);
    /* A foreign loop's handles close in its own turns; what the library leaves is closed here. */
    for (int turn = 0; turn < 100 && uv_run(&server->uv, UV_RUN_NOWAIT) > 0; turn++)
        if (turn == 50)
            uv_walk(&server->uv, close_handle, NULL);
    if (uv_loop_close(&server->uv) != 0)
        log_debug("libuv loop still has handles");
    free(server);
    return NULL;
}

bool websocket_server_has_capacity(const struct websocket_server *server)
{
    return server->count < server->options.clients;
}

unsigned websocket_server_count(const struct websocket_server *server)
{
    return server->count;
}

void websocket_server_add(struct websocket_server *server, struct stream *stream,
                          const struct auth_grant *grant, const char *since, const char *request,
                          size_t length)
{
    struct websocket_client *client = calloc(1, websocket_client_size(stream));
    if (!client) {
        stream_close(stream);
        return;
    }
    websocket_client_init(client, server->service, stream, grant->role, since);
    client->grant_key = grant->key;
    client->server = server;
    frame_check_init(&client->frames, WEBSOCKET_FRAME_MAX_BYTES);
    client->filter = (struct receive_filter){.check = check_frames, .context = client};
    if (receive_filter_set(stream_fd(stream), &client->filter)) {
        websocket_client_done(client);
        free(client);
        stream_close(stream);
        return;
    }
    list_append(&server->clients, &client->in_server);
    server->count++;
    stream_hand_over(stream, "websocket");
    server->adopting = client;
    struct lws *wsi =
        lws_adopt_socket_vhost_readbuf(server->vhost, stream_fd(stream), request, length);
    server->is_dirty = true;
    if (!wsi && server->adopting == client) {
        /* The library has closed the descriptor and never met the client. */
        client_free(client);
        return;
    }
    if (wsi && server->adopting == client)
        lws_set_opaque_user_data(wsi, client);
    server->adopting = NULL;
}

void websocket_server_close(struct websocket_server *server)
{
    LIST_FOR_EACH (member, &server->clients) {
        struct websocket_client *client = CONTAINER_OF(member, struct websocket_client, in_server);
        if (client->is_open && !client->is_closing)
            websocket_client_begin_close(client, LWS_CLOSE_STATUS_GOINGAWAY, "the gateway ends");
    }
    server->is_dirty = true;
}

void websocket_server_check_grants(struct websocket_server *server)
{
    const struct auth *auth = server->service->auth;
    LIST_FOR_EACH (member, &server->clients) {
        struct websocket_client *client = CONTAINER_OF(member, struct websocket_client, in_server);
        if (client->is_closing || auth_grant_stands(auth, client->grant_key))
            continue;
        client->role = ROLE_NONE;
        if (client->is_open)
            websocket_client_begin_close(client, LWS_CLOSE_STATUS_POLICY_VIOLATION, "logged out");
        /* Whoever does not answer the close frame is not waited for. */
        if (client->wsi)
            lws_set_timeout(client->wsi, PENDING_TIMEOUT_CLOSE_ACK, LOGOUT_S);
    }
    server->is_dirty = true;
}
