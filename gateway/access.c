#include "access.h"

#include "base/log.h"
#include "loop/loop.h"
#include "protocol/auth.h"
#include "protocol/datagram/datagram_server.h"
#include "protocol/http/event_stream.h"
#include "protocol/text/text_server.h"
#include "protocol/websocket/websocket_server.h"
#include "state/gateway_id.h"
#include "state/sessions.h"
#include "token_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct access {
    struct service *service;
    struct sessions *sessions; /* NULL in mode none */
    struct token_watch *watch; /* the same */
    struct loop_timer check;
    struct websocket_server *websockets;
    struct event_streams *streams;
    struct text_server *lines;
    struct datagram_server *datagrams;
};

/* Deferred to a turn of its own, since the caller may be a callback of one of the servers. */
static void on_check(void *context)
{
    struct access *access = context;
    if (!access->websockets)
        return;
    websocket_server_check_grants(access->websockets);
    event_streams_check_grants(access->streams);
    text_server_check_grants(access->lines);
    datagram_server_check_grants(access->datagrams);
}

static void on_changed(void *context)
{
    struct access *access = context;
    (void)loop_timer_set(&access->check, loop_now_ns(access->service->loop));
}

static int open_auth(struct access *access, const struct config_auth *config,
                     const struct tokens *tokens, const char *state_folder)
{
    char id[GATEWAY_ID_SIZE] = "";
    struct service *service = access->service;
    bool is_open = config->mode == CONFIG_AUTH_NONE;
    int error = is_open ? 0 : gateway_id(state_folder, id);
    if (error)
        log_warning("no id for the cookie's name folder=%s errno=%s", state_folder,
                    strerror(-error));
    error = is_open ? 0 : sessions_new(service->loop, state_folder, &access->sessions);
    if (error)
        return error;
    struct auth_options options = {
        .open = is_open,
        .tokens = tokens,
        .sessions = access->sessions,
        .gateway_id = id[0] ? id : NULL,
        .allowed_hosts = config->allowed_hosts,
        .allowed_host_count = config->allowed_host_count,
        .allowed_origins = config->allowed_origins,
        .allowed_origin_count = config->allowed_origin_count,
    };
    return auth_new(&options, &service->auth);
}

int access_new(struct service *service, const struct config_auth *config,
               const struct tokens *tokens, const char *state_folder, struct access **ret_access)
{
    struct access *access = calloc(1, sizeof *access);
    if (!access)
        return -ENOMEM;
    access->service = service;
    loop_timer_init(&access->check, service->loop, on_check, access);
    int error = open_auth(access, config, tokens, state_folder);
    if (error) {
        access_free(access);
        return error;
    }
    service->grants_changed = on_changed;
    service->grants_context = access;
    if (config->mode == CONFIG_AUTH_TOKEN)
        error = token_watch_new(service->loop, state_folder, service->auth, on_changed, access,
                                &access->watch);
    if (error) {
        access_free(access);
        return error;
    }
    *ret_access = access;
    return 0;
}

void access_serve(struct access *access, struct websocket_server *websockets,
                  struct event_streams *streams, struct text_server *lines,
                  struct datagram_server *datagrams)
{
    access->websockets = websockets;
    access->streams = streams;
    access->lines = lines;
    access->datagrams = datagrams;
}

void access_reload(struct access *access)
{
    if (access)
        token_watch_reload(access->watch);
}

struct access *access_free(struct access *access)
{
    if (!access)
        return NULL;
    loop_timer_stop(&access->check);
    access->watch = token_watch_free(access->watch);
    access->service->auth = auth_free(access->service->auth);
    access->sessions = sessions_free(access->sessions);
    free(access);
    return NULL;
}
