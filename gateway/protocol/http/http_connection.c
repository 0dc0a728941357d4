/* Connections in the library's hands, and their deadlines. */
#include "protocol/http/http_library.h"

#include "base/clock.h"
#include "net/stream.h"

#include <stdlib.h>

enum {
    FIRST_LOOK_MS = 1000, /* after the accept: is the client still there? */
};

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
void http_connection_set_deadline(struct http_connection *connection, unsigned seconds)
{
    connection->deadline_ns =
        loop_now_ns(connection->server->service->loop) + seconds * CLOCK_NS_PER_SECOND;
    if (connection->deadline_ns < connection->timer.due_ns)
        (void)loop_timer_set(&connection->timer, connection->deadline_ns);
}

void http_connection_expect_request(struct http_connection *connection)
{
    const struct http_options *options = &connection->server->options;
    http_connection_set_deadline(connection, options->idle_timeout_s + options->request_deadline_s);
}

struct http_connection *http_connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void http_connection_notify(void *context, struct MHD_Connection *connection, void **socket_context,
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
        http_connection_expect_request(owner);
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
