#include "protocol/http/http_handover.h"

#include "base/owner.h"
#include "net/stream.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/exchange.h"
#include "protocol/http/websocket_upgrade.h"
#include "protocol/websocket/websocket_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct leaving {
    struct list in_handover;
    struct stream *stream;
    enum exchange_handover kind;
    enum role role;
    char since[UPGRADE_SINCE_SIZE];
    char request[UPGRADE_TEXT_SIZE];
    size_t request_length;
};

void handover_init(struct handover *handover, struct websocket_server *websockets,
                   struct event_streams *streams)
{
    list_init(&handover->waiting);
    handover->websockets = websockets;
    handover->streams = streams;
}

void handover_done(struct handover *handover)
{
    LIST_FOR_EACH (member, &handover->waiting) {
        struct leaving *leaving = CONTAINER_OF(member, struct leaving, in_handover);
        list_remove(member);
        stream_close(leaving->stream);
        free(leaving);
    }
}

/* Where the client wants to resume: an EventSource says it in a field of its own. */
static const char *since_of(const struct exchange *exchange)
{
    const char *since = NULL;
    if (exchange->handover == HANDOVER_EVENTS)
        since = exchange->header(exchange, "Last-Event-ID");
    if (!since)
        since = exchange->query(exchange, "since");
    return since ? since : "";
}

int handover_add(struct handover *handover, const struct exchange *exchange, struct stream *stream)
{
    struct leaving *leaving = calloc(1, sizeof *leaving);
    if (!leaving)
        return -ENOMEM;
    int error = stream_duplicate(stream);
    if (error) {
        free(leaving);
        return error;
    }
    leaving->stream = stream;
    leaving->kind = exchange->handover;
    leaving->role = exchange->caller.role;
    (void)snprintf(leaving->since, sizeof leaving->since, "%s", since_of(exchange));
    if (leaving->kind == HANDOVER_WEBSOCKET)
        leaving->request_length = websocket_upgrade_text(exchange, leaving->request);
    list_append(&handover->waiting, &leaving->in_handover);
    return 0;
}

void handover_run(struct handover *handover)
{
    LIST_FOR_EACH (member, &handover->waiting) {
        struct leaving *leaving = CONTAINER_OF(member, struct leaving, in_handover);
        list_remove(&leaving->in_handover);
        if (leaving->kind == HANDOVER_WEBSOCKET)
            websocket_server_add(handover->websockets, leaving->stream, leaving->role,
                                 leaving->since, leaving->request, leaving->request_length);
        else
            event_streams_add(handover->streams, leaving->stream, leaving->role, leaving->since);
        free(leaving);
    }
}
