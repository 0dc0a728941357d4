/* Connections in the library's hands, and their deadlines. */
#include "protocol/http/http_library.h"

#include "base/clock.h"
#include "net/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static const char source_prefix[] = "http:";

void http_connection_look_for_end(struct http_connection *connection)
{
    if (connection->has_peer_ended && connection->stream && stream_has_ended(connection->stream))
        stream_shut_read(connection->stream);
}

/* The peer ends its side. The library is edge-triggered and stops at a short read: an end that comes
 * together with a request (`printf … | nc -N`), or before the accept, it would not see. */
static void on_peer_ended(void *context, uint32_t events)
{
    struct http_connection *connection = context;
    (void)events;
    connection->peer_end = loop_source_free(connection->peer_end);
    connection->has_peer_ended = true;
    http_connection_look_for_end(connection);
}

static void on_deadline(void *context)
{
    struct http_connection *connection = context;
    int64_t now_ns = loop_now_ns(connection->server->service->loop);
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

static size_t note_end(void *context, const unsigned char *bytes, size_t length)
{
    struct http_connection *connection = context;
    unsigned char *end = connection->received_end;
    size_t size = sizeof connection->received_end;
    size_t fresh = length < size ? length : size;
    memmove(end, end + fresh, size - fresh);
    memcpy(end + size - fresh, bytes + length - fresh, fresh);
    return length;
}

/* A head ends with an empty line, one, and so do the bytes that were read when nothing is behind it. */
bool http_connection_is_ahead(const struct http_connection *connection)
{
    static const unsigned char empty_lines[] = {'\r', '\n', '\r', '\n', '\r', '\n'};
    const unsigned char *end = connection->received_end;
    return memcmp(end + 2, empty_lines, 4) != 0 || memcmp(end, empty_lines, 6) == 0;
}

/* Takes the stream that is being added; NULL without memory. */
static struct http_connection *begin_connection(struct http_server *server)
{
    const char *peer = stream_source(server->adding);
    size_t size = sizeof source_prefix + strlen(peer);
    struct http_connection *connection = calloc(1, sizeof *connection + size);
    if (!connection)
        return NULL;
    connection->server = server;
    (void)snprintf(connection->source, size, "%s%s", source_prefix, peer);
    struct loop *loop = server->service->loop;
    if (loop_watch(loop, stream_fd(server->adding), EPOLLRDHUP, on_peer_ended, connection,
                   &connection->peer_end)) {
        free(connection);
        return NULL;
    }
    connection->fd = stream_fd(server->adding);
    connection->filter = (struct receive_filter){.look = note_end, .context = connection};
    if (receive_filter_set(connection->fd, &connection->filter)) {
        loop_source_free(connection->peer_end);
        free(connection);
        return NULL;
    }
    connection->stream = server->adding;
    server->adding = NULL;
    loop_timer_init(&connection->timer, loop, on_deadline, connection);
    http_connection_expect_request(connection);
    return connection;
}

void http_connection_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    (void)connection;
    struct http_server *server = context;
    struct http_connection *owner = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = begin_connection(server);
        return; /* on_accepted() sees whether the stream was taken */
    }
    if (!owner)
        return;
    (void)receive_filter_set(owner->fd, NULL);
    loop_source_free(owner->peer_end);
    loop_timer_stop(&owner->timer);
    if (owner->stream)
        stream_forget(owner->stream); /* the library closes the descriptor right after this */
    free(owner);
    *socket_context = NULL;
}
