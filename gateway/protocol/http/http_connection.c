/* Connections in the library's hands, and their deadlines. */
#include "protocol/http/http_head.h"

#include "base/clock.h"
#include "net/stream.h"
#include "protocol/http/request_count.h"
#include "protocol/http/small_head.h"
#include "protocol/problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static const char source_prefix[] = "http:";

enum {
    REFUSAL_BYTES = 512,    /* of an answer's fields, and what JSON adds to its text */
    REFUSED_DEADLINE_S = 2, /* in which a peer takes a refusal that comes while it still sends */
};

void http_connection_check_end(struct http_connection *connection)
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
    if (connection->is_refused && connection->stream)
        stream_shut(connection->stream);
    else
        http_connection_check_end(connection);
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
    connection->is_in_request = false;
    http_connection_set_deadline(connection, options->idle_timeout_s + options->request_deadline_s);
}

struct http_connection *http_connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void note_end(struct http_connection *connection, const unsigned char *bytes, size_t length)
{
    unsigned char *end = connection->received_end;
    size_t size = sizeof connection->received_end;
    size_t fresh = length < size ? length : size;
    memmove(end, end + fresh, size - fresh);
    memcpy(end + size - fresh, bytes + length - fresh, fresh);
}

/* The library would answer with a page of its own, and of a large head needs twice the memory to come so far. */
static void refuse_connection(struct http_connection *connection, enum problem_code code,
                              const char *status, const char *detail)
{
    struct problem problem = {.code = code};
    struct buffer answer;
    connection->is_refused = true;
    (void)snprintf(problem.detail, sizeof problem.detail, "%s", detail);
    buffer_init(&answer, sizeof problem + REFUSAL_BYTES);
    (void)buffer_printf(&answer,
                        "HTTP/1.1 %s\r\n"
                        "Content-Type: application/problem+json\r\n"
                        "X-Content-Type-Options: nosniff\r\n"
                        "Cache-Control: no-store\r\n"
                        "Connection: close\r\n\r\n",
                        status);
    if (problem_print(&problem, &answer) == 0)
        (void)stream_write(connection->stream, answer.data, answer.length);
    buffer_done(&answer);
    stream_shut_write(connection->stream);
    http_connection_set_deadline(connection, REFUSED_DEADLINE_S);
    request_count(&connection->server->service->counters, "",
                  code == PROBLEM_BAD_REQUEST ? 400 : 431, 0);
}

static void refuse(struct http_connection *connection, const char *wrong)
{
    if (wrong == framing_head_size_rule)
        refuse_connection(connection, PROBLEM_HEADER_TOO_LARGE,
                          "431 Request Header Fields Too Large", wrong);
    else
        refuse_connection(connection, PROBLEM_BAD_REQUEST, "400 Bad Request", wrong);
}

/* Whether a connection in the small pool, of whose next request the library has nothing yet, must leave it. `framing`
 * has read the bytes. */
static bool must_move(const struct framing *framing, const unsigned char *bytes, size_t length)
{
    bool has_whole_heads = framing_is_between(framing) || framing->state == FRAMING_BODY;
    return !has_whole_heads || !small_head_is(bytes, length);
}

/* Into the large pool: by another descriptor, since the library closes the one that it has. */
static void move(struct http_connection *connection, const unsigned char *bytes, size_t length)
{
    struct stream *stream = connection->stream;
    unsigned char *earlier = malloc(length);
    if (!earlier || stream_duplicate(stream)) {
        free(earlier);
        stream_shut(stream);
        return;
    }
    memcpy(earlier, bytes, length);
    connection->stream = NULL;
    http_connection_add(connection->server, stream, HTTP_POOL_LARGE, earlier, length);
}

/* What is wrong, once all requests before it have their answers: the library has no more than its memory of it. */
static const char *read_framing(struct http_connection *connection, const unsigned char *bytes,
                                size_t length)
{
    if (connection->is_over)
        return framing_head_size_rule;
    size_t heads = connection->framing.heads;
    const char *wrong = framing_read(&connection->framing, bytes, length);
    connection->is_over = wrong == framing_head_size_rule && connection->framing.heads > heads;
    return connection->is_over ? NULL : wrong;
}

static size_t check(void *context, const unsigned char *bytes, size_t length)
{
    struct http_connection *connection = context;
    bool may_move = connection->pool == HTTP_POOL_SMALL && !connection->is_in_request &&
                    framing_is_between(&connection->framing);
    if (!connection->is_refused && connection->stream) {
        const char *wrong = read_framing(connection, bytes, length);
        if (!wrong && may_move && must_move(&connection->framing, bytes, length)) {
            move(connection, bytes, length);
            return RECEIVE_END;
        }
        if (wrong)
            refuse(connection, wrong);
    }
    if (connection->is_refused) {
        receive_drop(
            connection->fd); /* closing sends no reset then, which could overtake the answer */
        return 0;
    }
    note_end(connection, bytes, length);
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
    struct http_adding *adding = server->adding;
    const char *peer = stream_source(adding->stream);
    size_t size = sizeof source_prefix + strlen(peer);
    struct http_connection *connection = calloc(1, sizeof *connection + size);
    if (!connection)
        return NULL;
    connection->server = server;
    (void)snprintf(connection->source, size, "%s%s", source_prefix, peer);
    struct loop *loop = server->service->loop;
    if (loop_watch(loop, stream_fd(adding->stream), EPOLLRDHUP, on_peer_ended, connection,
                   &connection->peer_end)) {
        free(connection);
        return NULL;
    }
    connection->pool = adding->pool;
    connection->fd = stream_fd(adding->stream);
    connection->filter = (struct receive_filter){.check = check,
                                                 .context = connection,
                                                 .earlier = adding->earlier,
                                                 .earlier_length = adding->earlier_length};
    if (receive_filter_set(connection->fd, &connection->filter)) {
        loop_source_free(connection->peer_end);
        free(connection);
        return NULL;
    }
    server->daemons[adding->pool].connections++;
    connection->stream = adding->stream;
    connection->earlier = adding->earlier;
    adding->stream = NULL;
    adding->earlier = NULL;
    loop_timer_init(&connection->timer, loop, on_deadline, connection);
    http_connection_expect_request(connection);
    return connection;
}

void http_connection_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    struct http_connection *owner = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        server->adding->connection = connection;
        *socket_context = begin_connection(server);
        return; /* http_connection_add() sees whether the stream was taken */
    }
    if (!owner)
        return;
    server->daemons[owner->pool].connections--;
    (void)receive_filter_set(owner->fd, NULL);
    loop_source_free(owner->peer_end);
    loop_timer_stop(&owner->timer);
    if (owner->stream)
        stream_forget(owner->stream); /* the library closes the descriptor right after this */
    free(owner->earlier);
    free(owner);
    *socket_context = NULL;
}

void http_connection_add(struct http_server *server, struct stream *stream, enum http_pool pool,
                         unsigned char *earlier, size_t earlier_length)
{
    const struct address *peer = stream_peer(stream);
    struct http_adding adding = {
        .stream = stream, .pool = pool, .earlier = earlier, .earlier_length = earlier_length};
    server->adding = &adding;
    server->daemons[pool].is_idle = false;
    enum MHD_Result added = MHD_add_connection(server->daemons[pool].library, stream_fd(stream),
                                               &peer->any, peer->length);
    server->adding = NULL;
    free(adding.earlier);
    if (adding.stream) {
        /* The library closes a descriptor that it does not take; one that it took without memory
         * for our part is ended. */
        if (added == MHD_YES)
            stream_shut(stream);
        stream_forget(stream);
    } else if (earlier_length > 0) {
        /* The kernel may have nothing more to report: the library reads one that it resumes. */
        MHD_suspend_connection(adding.connection);
        MHD_resume_connection(adding.connection);
        server->has_moved = true;
    }
}
