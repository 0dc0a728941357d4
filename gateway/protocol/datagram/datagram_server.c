#include "protocol/datagram/datagram_server.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "protocol/datagram/datagram_quota.h"
#include "protocol/datagram/datagram_replay.h"
#include "protocol/datagram/datagram_request.h"
#include "protocol/datagram/datagram_watch.h"
#include "protocol/method/rpc.h"
#include "protocol/text/text_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_KEPT_BYTES = 64 * 1024 }; /* memory kept for the next answer */

struct datagram_server {
    struct service *service;
    struct datagram_replay *replay;
    struct datagram_watch *watch;
    struct buffer reply; /* of one message */
    struct datagram_quota quota;
};

static void write_number(struct datagram_server *server, const struct datagram_request *request)
{
    buffer_clear(&server->reply);
    if (request->number[0] == '#')
        (void)buffer_printf(&server->reply, "%s ", request->number);
}

static void fail(struct datagram_server *server, const struct datagram_request *request,
                 const struct text_command *text_command, const struct problem *problem)
{
    write_number(server, request);
    (void)text_command_fail(text_command, problem, &server->reply);
}

static void send_reply(const struct datagram_request *request, const char *bytes, size_t length)
{
    const struct datagram_message *message = request->message;
    /* A peer without a name (unix(7)) cannot be answered; a full queue loses the answer, and the
     * question comes again. */
    if (length > 0 && message->sender.address.length > sizeof(sa_family_t))
        (void)datagram_send(message->datagram, bytes, length, &message->sender.address);
}

/* ---- words ---- */

static void watch(struct datagram_server *server, const struct datagram_request *request,
                  const struct text_command *text_command)
{
    const struct datagram_message *message = request->message;
    int64_t seconds = WATCH_SECONDS_DEFAULT;
    struct problem problem;
    if (*text_command->argument &&
        number_parse(text_command->argument, 1, WATCH_SECONDS_MAX, &seconds) < 0) {
        problem_set(&problem, PROBLEM_BAD_REQUEST, "watch SECONDS: 1 to %d", WATCH_SECONDS_MAX);
        fail(server, request, text_command, &problem);
    } else if (datagram_watch_add(server->watch, message->datagram, &message->sender.address,
                                  &request->grant, (unsigned)seconds)) {
        problem_set(&problem, PROBLEM_BUSY, "%d peers watch already.", WATCH_PEERS_MAX);
        fail(server, request, text_command, &problem);
    } else {
        (void)buffer_append_text(&server->reply, "ok\n");
    }
}

static void run_text_command(struct datagram_server *server, const struct datagram_request *request,
                             const struct text_command *text_command)
{
    const struct datagram_message *message = request->message;
    const struct caller caller = {.role = request->role, .source = request->source};
    struct problem problem;
    switch (text_command->kind) {
    case TEXT_METHOD:
        (void)text_command_call(server->service, &caller, text_command, &server->reply);
        return;
    case TEXT_WATCH:
        watch(server, request, text_command);
        return;
    case TEXT_HELP:
        (void)text_command_help(&server->reply);
        return;
    case TEXT_UNWATCH:
    case TEXT_QUIT:
        datagram_watch_remove(server->watch, message->datagram, &message->sender.address);
        (void)buffer_append_text(&server->reply, "ok\n");
        return;
    case TEXT_AUTH:
        problem_set(&problem, PROBLEM_BAD_REQUEST,
                    "A datagram carries its token itself: @TOKEN #17 toggle red");
        fail(server, request, text_command, &problem);
        return;
    }
}

static void answer_text_command(struct datagram_server *server,
                                const struct datagram_request *request)
{
    struct text_command text_command;
    struct problem problem;
    if (text_command_parse(request->text, request->length, &text_command, &problem)) {
        fail(server, request, &text_command, &problem);
    } else if (text_command_need_number(&text_command) && !request->number[0]) {
        problem_set(&problem, PROBLEM_BAD_REQUEST,
                    "A datagram may come twice: give it a number, as #17 toggle red");
        fail(server, request, NULL, &problem);
    } else {
        write_number(server, request);
        run_text_command(server, request, &text_command);
    }
    text_command_done(&text_command);
}

/* ---- JSON-RPC ---- */

static void refuse_unnumbered(struct datagram_server *server)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_BAD_CALL, "A datagram may come twice: give it an id.");
    struct json_writer writer = json_writer_begin(&server->reply);
    rpc_fail(&writer, NULL, &problem);
}

static void answer_json(struct datagram_server *server, const struct datagram_request *request)
{
    const struct caller caller = {.role = request->role, .source = request->source};
    buffer_clear(&server->reply);
    if (!request->number[0] && text_command_method_needs_number(request->method))
        refuse_unnumbered(server);
    else
        (void)rpc_answer(server->service, &caller, request->text, request->length, &server->reply);
    if (server->reply.length > 0)
        (void)buffer_append_char(&server->reply, '\n');
}

/* ---- one message ---- */

static void answer(struct datagram_server *server, const struct datagram_request *request)
{
    if (request->is_json)
        answer_json(server, request);
    else
        answer_text_command(server, request);
    if (!server->reply.error && server->reply.length <= DATAGRAM_MAX_BYTES)
        return;
    struct problem problem;
    problem_set(&problem, PROBLEM_TOO_LARGE, "The answer does not fit into a datagram.");
    fail(server, request, NULL, &problem);
}

static void answer_once(struct datagram_server *server, const struct datagram_request *request)
{
    const struct address *peer = &request->message->sender.address;
    int64_t now_ns = clock_monotonic_ns();
    size_t length = 0;
    const char *known = replay_find(server->replay, peer, request->key, now_ns, &length);
    if (known) {
        send_reply(request, known, length);
        return;
    }
    if (replay_has_capacity(server->replay, now_ns)) {
        answer(server, request);
        (void)replay_keep(server->replay, peer, request->key, buffer_text(&server->reply),
                          server->reply.length, now_ns);
    } else {
        struct problem problem;
        problem_set(&problem, PROBLEM_BUSY, "Too many numbered requests within %d s.",
                    REPLAY_MS / 1000);
        fail(server, request, NULL, &problem);
    }
    send_reply(request, server->reply.data, server->reply.length);
}

/* What begins like an answer is none of a client's requests. It is never answered: two gateways, of which one was
 * sent something in the other's name, would answer each other for ever. */
static bool looks_like_an_answer(const struct datagram_request *request)
{
    static const char *const answers[] = {"ok", "err", "event", "snapshot"};
    size_t length = 0;
    while (length < request->length && request->text[length] > ' ')
        length++;
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++)
        if (strlen(answers[i]) == length && memcmp(request->text, answers[i], length) == 0)
            return true;
    /* The id of an answer is the peer's text, which may be "method". */
    return request->is_json &&
           (request->is_answer || !memmem(request->text, request->length, "\"method\"", 8));
}

/* An unauthenticated peer gets no more bytes than it sent: else others could be flooded in its name. Of JSON it gets less,
 * so that what goes to and fro between two gateways ends whatever they take it for. */
static void answer_unauthenticated(struct datagram_server *server,
                                   const struct datagram_request *request)
{
    static const char brief[] = "err unauthorized\n";
    size_t max = request->message->length - (request->is_json ? 1 : 0);
    struct problem problem;
    /* As long as each other, so that both fit into the same questions. */
    problem_set(&problem, PROBLEM_UNAUTHORIZED, "%s",
                request->has_token ? "This token is wrong." : "Put @TOKEN in front.");
    if (request->is_json)
        answer_json(server, request);
    else
        fail(server, request, NULL, &problem);
    if (server->reply.length <= max)
        send_reply(request, server->reply.data, server->reply.length);
    else if (!request->is_json && !request->number[0] && sizeof brief - 1 <= max)
        send_reply(request, brief, sizeof brief - 1);
}

static void on_received(void *context, const struct datagram_message *message)
{
    struct datagram_server *server = context;
    struct datagram_request request;
    struct problem problem;
    datagram_request_read(server->service->auth, message, &request, &problem);
    if (looks_like_an_answer(&request))
        return;
    if (request.role == ROLE_NONE) {
        if (message->length <= DATAGRAM_QUOTA_MAX_BYTES &&
            datagram_quota_take(&server->quota, &message->sender.address,
                                loop_now_ns(server->service->loop)))
            answer_unauthenticated(server, &request);
    } else if (problem.code != PROBLEM_NONE) {
        fail(server, &request, NULL, &problem);
        send_reply(&request, server->reply.data, server->reply.length);
    } else if (request.key[0] && request.role >= ROLE_OPERATOR) {
        /* Who only reads may be answered anew, and must not fill the memory of those who write. */
        answer_once(server, &request);
    } else if (request.length > 0) {
        answer(server, &request);
        send_reply(&request, server->reply.data, server->reply.length);
    }
    if (server->reply.capacity > REPLY_KEPT_BYTES)
        buffer_done(&server->reply);
}

int datagram_server_new(struct service *service, struct datagram_server **ret_server)
{
    struct datagram_server *server = calloc(1, sizeof *server);
    if (!server)
        return -ENOMEM;
    server->service = service;
    buffer_init(&server->reply, RPC_REPLY_MAX_BYTES);
    int error = replay_new(&server->replay);
    if (!error)
        error = datagram_watch_new(service, &server->watch);
    if (error) {
        datagram_server_free(server);
        return error;
    }
    *ret_server = server;
    return 0;
}

struct datagram_server *datagram_server_free(struct datagram_server *server)
{
    if (!server)
        return NULL;
    server->watch = datagram_watch_free(server->watch);
    server->replay = replay_free(server->replay);
    buffer_done(&server->reply);
    free(server);
    return NULL;
}

struct datagram_events datagram_server_socket(struct datagram_server *server)
{
    return (struct datagram_events){.context = server, .received = on_received};
}

int datagram_server_add_group(struct datagram_server *server, struct datagram *group)
{
    return datagram_watch_add_group(server->watch, group);
}

void datagram_server_check_grants(struct datagram_server *server)
{
    datagram_watch_check_grants(server->watch);
}

void datagram_server_close(struct datagram_server *server)
{
    datagram_watch_flush(server->watch);
}
