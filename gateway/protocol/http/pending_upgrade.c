#include "protocol/http/pending_upgrade.h"

#include "base/owner.h"
#include "circuit/options.h"
#include "net/stream.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/websocket_upgrade.h"
#include "protocol/websocket/websocket_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct pending_upgrade {
    struct list in_pending_upgrades;
    struct stream *stream;
    enum http_exchange_upgrade kind;
    struct auth_grant grant;
    char since[UPGRADE_SINCE_SIZE];
    char origin[WEB_ORIGIN_TEXT_SIZE]; /* an allowed one, "" for none */
    char line[CIRCUIT_NAME_SIZE];      /* that it is about, "" for all */
    uint64_t seen;
    uint32_t wait_s;
    char request[UPGRADE_TEXT_SIZE];
    size_t request_length;
};

void pending_upgrades_init(struct pending_upgrades *pending_upgrades,
                           struct websocket_server *websockets, struct event_streams *streams)
{
    list_init(&pending_upgrades->waiting);
    pending_upgrades->websockets = websockets;
    pending_upgrades->streams = streams;
}

void pending_upgrades_done(struct pending_upgrades *pending_upgrades)
{
    LIST_FOR_EACH (member, &pending_upgrades->waiting) {
        struct pending_upgrade *pending_upgrade =
            CONTAINER_OF(member, struct pending_upgrade, in_pending_upgrades);
        list_remove(member);
        stream_close(pending_upgrade->stream);
        free(pending_upgrade);
    }
}

static const char *since_of(const struct http_exchange *http_exchange)
{
    const char *since = http_exchange->upgrade == UPGRADE_EVENTS
                            ? event_stream_since(http_exchange)
                            : http_exchange->query(http_exchange, "since");
    return since ? since : "";
}

int pending_upgrades_add(struct pending_upgrades *pending_upgrades,
                         const struct http_exchange *http_exchange, struct stream *stream)
{
    struct pending_upgrade *pending_upgrade = calloc(1, sizeof *pending_upgrade);
    if (!pending_upgrade)
        return -ENOMEM;
    int error = stream_duplicate(stream);
    if (error) {
        free(pending_upgrade);
        return error;
    }
    pending_upgrade->stream = stream;
    pending_upgrade->kind = http_exchange->upgrade;
    pending_upgrade->grant =
        (struct auth_grant){.role = http_exchange->caller.role, .key = http_exchange->grant.key};
    (void)snprintf(pending_upgrade->since, sizeof pending_upgrade->since, "%s",
                   since_of(http_exchange));
    (void)snprintf(pending_upgrade->line, sizeof pending_upgrade->line, "%.*s",
                   CIRCUIT_NAME_SIZE - 1, http_exchange->path_argument);
    pending_upgrade->seen = http_exchange->poll_seen;
    pending_upgrade->wait_s = http_exchange->poll_wait_s;
    if (http_exchange->cors_origin)
        (void)snprintf(pending_upgrade->origin, sizeof pending_upgrade->origin, "%s",
                       http_exchange->cors_origin);
    if (pending_upgrade->kind == UPGRADE_WEBSOCKET)
        pending_upgrade->request_length =
            websocket_upgrade_text(http_exchange, pending_upgrade->request);
    list_append(&pending_upgrades->waiting, &pending_upgrade->in_pending_upgrades);
    return 0;
}

static void follow(struct event_streams *streams, const struct pending_upgrade *pending_upgrade)
{
    const struct event_stream_request stream = {.since = pending_upgrade->since,
                                                .line = pending_upgrade->line,
                                                .origin = pending_upgrade->origin};
    const struct value_poll_request poll = {.line = pending_upgrade->line,
                                            .origin = pending_upgrade->origin,
                                            .seen = pending_upgrade->seen,
                                            .wait_s = pending_upgrade->wait_s};
    if (pending_upgrade->kind == UPGRADE_POLL)
        value_polls_add(event_streams_polls(streams), pending_upgrade->stream,
                        &pending_upgrade->grant, &poll);
    else
        event_streams_add(streams, pending_upgrade->stream, &pending_upgrade->grant, &stream);
}

void pending_upgrades_run(struct pending_upgrades *pending_upgrades)
{
    LIST_FOR_EACH (member, &pending_upgrades->waiting) {
        struct pending_upgrade *pending_upgrade =
            CONTAINER_OF(member, struct pending_upgrade, in_pending_upgrades);
        list_remove(&pending_upgrade->in_pending_upgrades);
        if (pending_upgrade->kind == UPGRADE_WEBSOCKET)
            websocket_server_add(pending_upgrades->websockets, pending_upgrade->stream,
                                 &pending_upgrade->grant, pending_upgrade->since,
                                 pending_upgrade->request, pending_upgrade->request_length);
        else
            follow(pending_upgrades->streams, pending_upgrade);
        free(pending_upgrade);
    }
}
