#include "protocol/text/text_server.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "protocol/feed.h"
#include "protocol/method/rpc.h"
#include "protocol/send_queue.h"
#include "protocol/text/text_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Read at once: so little that the answers to all lines in it fit into the send queue, though each
     * may list every line of the circuit. */
    READ_BYTES = 256,
    READS_PER_WAKE = 4, /* some twenty calls, that others have their turn */
    READS_AFTER_END = 64,
    AUTH_MAX_S =
        60, /* an unauthenticated client has this long to send a token, and this many tries */
    AUTH_TRIES_MAX = 5,
    REPLY_KEPT_BYTES = 64 * 1024, /* memory kept for the next answer */
    SOURCE_SIZE = 80,
};

struct line_client {
    struct list in_server;
    struct text_server *server;
    struct stream *stream;
    struct send_queue send_queue;
    struct buffer partial; /* the line that has not ended yet */
    bool skipping;         /* the rest of a line that was too long */
    bool is_closing;       /* sent quit, or is over a limit */
    enum role role;
    uint64_t grant_key; /* of the token that was sent: auth_grant_stands() */
    unsigned wrong_tokens;
    struct loop_timer auth_timer; /* runs until a token is sent */
    char source[SOURCE_SIZE];
};

struct text_server {
    struct service *service;
    struct text_server_options options;
    struct feed_subscriber subscriber;
    struct list clients;
    unsigned count;
    struct buffer reply; /* of one message */
    struct log_limit wrong_tokens, refusals;
};

/* What waits is still sent; the connection's leases end now. */
static void client_end(struct line_client *client)
{
    struct service *service = client->server->service;
    uint32_t id = stream_id(client->stream);
    list_remove(&client->in_server);
    loop_timer_stop(&client->auth_timer);
    client->server->count--;
    send_queue_finish(&client->send_queue);
    buffer_done(&client->partial);
    free(client);
    struct timestamps now = clock_now();
    circuit_disconnected(service->circuit, id, &now);
    if (service->circuit_touched)
        service->circuit_touched(service->circuit_context);
}

static void write_text(struct line_client *client, const char *text)
{
    if (send_queue_append(&client->send_queue, text, strlen(text)))
        client->is_closing = true;
}

/* Unauthenticated clients must not fill the log: a line a minute for each reason, with how many there were. */
static void log_unauthenticated(struct text_server *server, struct log_limit *limit,
                                const char *what, const char *source)
{
    uint64_t left_out;
    if (log_limit_take(limit, loop_now_ns(server->service->loop), &left_out))
        log_warning("%s source=%s more_since_the_last_line=%llu", what, source,
                    (unsigned long long)left_out);
}

static void authenticate(struct line_client *client, const struct text_command *text_command)
{
    const struct auth *auth = client->server->service->auth;
    struct auth_grant grant =
        auth_grant_of_token(auth, text_command->argument, strlen(text_command->argument));
    if (grant.role == ROLE_NONE) {
        log_unauthenticated(client->server, &client->server->wrong_tokens, "a wrong token",
                            client->source);
        client->wrong_tokens++;
        bool is_slowed =
            guess_limit_count(&client->server->service->guesses, stream_peer(client->stream),
                              loop_now_ns(client->server->service->loop));
        write_text(client, is_slowed
                               ? "err unauthorized This token is not known; too many were tried.\n"
                               : "err unauthorized This token is not known.\n");
        client->is_closing =
            client->is_closing || is_slowed || client->wrong_tokens >= AUTH_TRIES_MAX;
        return;
    }
    client->role = grant.role;
    client->grant_key = grant.key;
    loop_timer_stop(&client->auth_timer);
    stream_set_authenticated(client->stream);
    (void)buffer_printf(&client->server->reply, "ok %s\n", role_name(grant.role));
}

/* "watch [CURSOR]", or "watch json": a snapshot and events as a WebSocket has them. */
static void watch(struct line_client *client, const struct text_command *text_command)
{
    struct feed *feed = client->server->service->feed;
    const char *since = *text_command->argument ? text_command->argument : NULL;
    bool as_json = since && strcmp(since, "json") == 0;
    if (client->role < ROLE_VIEWER) {
        write_text(client, "err unauthorized Send auth TOKEN first.\n");
    } else if (as_json) {
        write_text(client, "ok\n");
        send_queue_follow(&client->send_queue, &text_json_format, feed_begin(feed, NULL, true),
                          client->role);
    } else if (since && !journal_cursor_is_valid(since)) {
        write_text(client, "err bad-request watch goes on after a cursor as 9f3c61d2-42\n");
    } else {
        write_text(client, "ok\n");
        send_queue_follow(&client->send_queue, &text_format, feed_begin(feed, since, false),
                          client->role);
    }
}

static void run_text_command(struct line_client *client, const struct text_command *text_command)
{
    struct text_server *server = client->server;
    const struct caller caller = {
        .role = client->role, .source = client->source, .connection = stream_id(client->stream)};
    switch (text_command->kind) {
    case TEXT_METHOD:
        (void)text_command_call(server->service, &caller, text_command, &server->reply);
        return;
    case TEXT_AUTH:
        authenticate(client, text_command);
        return;
    case TEXT_WATCH:
        watch(client, text_command);
        return;
    case TEXT_UNWATCH:
        send_queue_follow(&client->send_queue, NULL, (struct feed_cursor){0}, client->role);
        write_text(client, "ok\n");
        return;
    case TEXT_HELP:
        (void)text_command_help(&server->reply);
        return;
    case TEXT_QUIT:
        write_text(client, "ok\n");
        client->is_closing = true;
        return;
    }
}

static void answer_text_command(struct line_client *client, const char *text, size_t length)
{
    struct text_command text_command;
    struct problem problem;
    if (text_command_parse(text, length, &text_command, &problem))
        (void)text_command_fail(&text_command, &problem, &client->server->reply);
    else
        run_text_command(client, &text_command);
    text_command_done(&text_command);
}

static void answer_json(struct line_client *client, const char *text, size_t length)
{
    struct buffer *reply = &client->server->reply;
    const struct caller caller = {
        .role = client->role, .source = client->source, .connection = stream_id(client->stream)};
    if (rpc_answer(client->server->service, &caller, text, length, reply) == 0 && reply->length > 0)
        (void)buffer_append_char(reply, '\n');
}

static void answer_line(struct line_client *client, const char *text, size_t length)
{
    struct buffer *reply = &client->server->reply;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    if (length == 0) /* an empty line is no message */
        return;
    if (length > TEXT_MAX_BYTES) {
        write_text(client, "err too-large\n");
        return;
    }
    buffer_clear(reply);
    if (*text == '{')
        answer_json(client, text, length);
    else
        answer_text_command(client, text, length);
    if (reply->error || send_queue_append(&client->send_queue, reply->data, reply->length)) {
        write_text(client, "err limit\n");
        client->is_closing = true;
    }
    if (reply->capacity > REPLY_KEPT_BYTES)
        buffer_done(reply);
}

/* The end of a line came, or bytes in the middle of it. */
static void take_bytes(struct line_client *client, const char *bytes, size_t length, bool ends)
{
    struct buffer *partial = &client->partial;
    if (!client->skipping && (!ends || partial->length > 0) &&
        buffer_append(partial, bytes, length)) {
        write_text(client, "err too-large\n");
        client->skipping = true;
        buffer_done(partial);
    }
    if (!ends)
        return;
    if (client->skipping)
        client->skipping = false;
    else if (partial->length > 0)
        answer_line(client, partial->data, partial->length);
    else
        answer_line(client, bytes, length);
    buffer_done(partial); /* idle clients keep no memory for it */
}

static void take_chunk(struct line_client *client, const char *bytes, size_t length)
{
    while (length > 0 && !client->is_closing) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        take_bytes(client, bytes, part, end != NULL);
        loop_run_urgent(client->server->service->loop);
        part += end ? 1 : 0;
        bytes += part;
        length -= part;
    }
}

/* Work is bounded by how much output it causes. */
static bool can_take_more(const struct line_client *client)
{
    return !client->is_closing && client->send_queue.out.length < SEND_QUEUE_READ_PAUSE_BYTES &&
           (client->send_queue.out.length == 0 || stream_may_answer(client->stream));
}

static void on_readable(void *context)
{
    struct line_client *client = context;
    char bytes[READ_BYTES];
    ssize_t received = READ_BYTES;
    /* Less than was asked for is all that there was: what comes later wakes us again. */
    for (int i = 0; i < READS_PER_WAKE && received == READ_BYTES && can_take_more(client); i++) {
        received = stream_read(client->stream, bytes, sizeof bytes);
        if (received > 0)
            take_chunk(client, bytes, (size_t)received);
    }
    /* The end of the stream: a line without its end may be half a command and is not obeyed. */
    if (client->is_closing || received == 0 || (received < 0 && received != -EAGAIN))
        client_end(client);
    else
        send_queue_pump(&client->send_queue);
}

/* The peer is gone, but what it sent before is still there to be read: with AF_UNIX the end is known
 * before the last bytes are. */
static void on_ended(void *context)
{
    struct line_client *client = context;
    char bytes[READ_BYTES];
    for (int i = 0; i < READS_AFTER_END && can_take_more(client); i++) {
        ssize_t received = stream_read(client->stream, bytes, sizeof bytes);
        if (received <= 0)
            break;
        take_chunk(client, bytes, (size_t)received);
    }
    client_end(client);
}

/* A connection that never authenticates would keep its place for ever. */
static void on_unauthenticated(void *context)
{
    struct line_client *client = context;
    write_text(client, "err limit Send auth TOKEN within a minute.\n");
    client_end(client);
}

static void on_events(void *context)
{
    struct text_server *server = context;
    LIST_FOR_EACH (member, &server->clients) {
        struct line_client *client = CONTAINER_OF(member, struct line_client, in_server);
        if (client->send_queue.format)
            send_queue_pump(&client->send_queue);
    }
}

static enum role role_of(const struct service *service, const struct stream *stream)
{
    struct stream_credentials peer;
    if (stream_get_credentials(stream, &peer) == 0)
        return auth_role_of_user(service->auth, peer.uid);
    return auth_is_open(service->auth) ? ROLE_ADMIN : ROLE_NONE;
}

/* `stream` is taken. NULL without memory. */
static struct line_client *add_client(struct text_server *server, struct stream *stream,
                                      enum role role)
{
    struct service *service = server->service;
    struct line_client *client = calloc(1, sizeof *client);
    if (!client) {
        stream_close(stream);
        return NULL;
    }
    client->server = server;
    client->stream = stream;
    client->role = role;
    buffer_init(&client->partial, TEXT_MAX_BYTES + 1); /* and the CR of a CRLF */
    (void)snprintf(client->source, sizeof client->source, "line:%s", stream_source(stream));
    const struct send_queue_events events = {
        .context = client, .readable = on_readable, .ended = on_ended};
    if (send_queue_init(&client->send_queue, service->loop, service->feed, stream, &events)) {
        send_queue_done(&client->send_queue);
        stream_close(stream);
        free(client);
        return NULL;
    }
    loop_timer_init(&client->auth_timer, service->loop, on_unauthenticated, client);
    list_append(&server->clients, &client->in_server);
    server->count++;
    return client;
}

static void on_accepted(void *context, struct stream *stream)
{
    struct text_server *server = context;
    struct line_client *client = add_client(server, stream, role_of(server->service, stream));
    if (!client)
        return;
    if (client->role > ROLE_NONE)
        stream_set_authenticated(stream);
    else
        (void)loop_timer_set(&client->auth_timer,
                             loop_now_ns(server->service->loop) + AUTH_MAX_S * CLOCK_NS_PER_SECOND);
    unsigned ping_s = server->options.ping_s;
    unsigned hangup_s = server->options.hangup_s;
    (void)stream_keep_alive(stream, ping_s, hangup_s > ping_s ? hangup_s - ping_s : 1);
}

void text_server_adopt(struct text_server *server, struct stream *stream, enum role role,
                       const char *source)
{
    struct line_client *client = add_client(server, stream, role);
    if (client)
        (void)snprintf(client->source, sizeof client->source, "%s", source);
}

static void on_refused(void *context, struct stream *stream, const char *reason)
{
    static const char text[] = "err limit\n";
    struct text_server *server = context;
    char what[128];
    char source[COMMAND_SOURCE_SIZE + 16];
    (void)snprintf(what, sizeof what, "connection refused reason=\"%s\"", reason);
    (void)snprintf(source, sizeof source, "line:%s", stream_source(stream));
    log_unauthenticated(server, &server->refusals, what, source);
    (void)stream_write(stream, text, sizeof text - 1);
}

int text_server_new(struct service *service, const struct text_server_options *options,
                    struct text_server **ret_server)
{
    struct text_server *server = calloc(1, sizeof *server);
    if (!server)
        return -ENOMEM;
    server->service = service;
    server->options = *options;
    list_init(&server->clients);
    buffer_init(&server->reply, SEND_QUEUE_MAX_BYTES);
    server->subscriber = (struct feed_subscriber){.ready = on_events, .context = server};
    feed_subscribe(service->feed, &server->subscriber);
    *ret_server = server;
    return 0;
}

struct listener_events text_server_listener(struct text_server *server)
{
    return (struct listener_events){
        .context = server, .accepted = on_accepted, .refused = on_refused};
}

void text_server_close(struct text_server *server)
{
    LIST_FOR_EACH (member, &server->clients) {
        /* Draws the last events; a client that it finds gone is freed by it. */
        send_queue_pump(&CONTAINER_OF(member, struct line_client, in_server)->send_queue);
    }
    LIST_FOR_EACH (member, &server->clients)
        client_end(CONTAINER_OF(member, struct line_client, in_server));
}

void text_server_check_grants(struct text_server *server)
{
    LIST_FOR_EACH (member, &server->clients) {
        struct line_client *client = CONTAINER_OF(member, struct line_client, in_server);
        if (auth_grant_stands(server->service->auth, client->grant_key))
            continue;
        write_text(client, "err unauthorized This token was revoked.\n");
        client_end(client);
    }
}

struct text_server *text_server_free(struct text_server *server)
{
    if (!server)
        return NULL;
    text_server_close(server);
    feed_unsubscribe(&server->subscriber);
    buffer_done(&server->reply);
    free(server);
    return NULL;
}
