#include "protocol/datagram/datagram_server.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "protocol/datagram/datagram_question.h"
#include "protocol/datagram/datagram_replay.h"
#include "protocol/datagram/datagram_watch.h"
#include "protocol/method/rpc.h"
#include "protocol/words/words.h"

#include <errno.h>
#include <stdlib.h>

enum { REPLY_KEPT_BYTES = 64 * 1024 }; /* memory kept for the next answer */

struct datagram_server {
    struct service *service;
    struct datagram_replay *replay;
    struct datagram_watch *watch;
    struct buffer reply; /* of one message */
};

static void say_number(struct datagram_server *server, const struct question *question)
{
    buffer_clear(&server->reply);
    if (question->number[0] == '#')
        (void)buffer_printf(&server->reply, "%s ", question->number);
}

static void fail(struct datagram_server *server, const struct question *question,
                 const struct words *words, const struct problem *problem)
{
    say_number(server, question);
    (void)words_fail(words, problem, &server->reply);
}

static void send_reply(const struct question *question, const char *bytes, size_t length)
{
    const struct datagram_message *message = question->message;
    /* A peer without a name (unix(7)) cannot be answered; a full queue loses the answer, and the
     * question comes again. */
    if (length > 0 && message->sender.address.length > sizeof(sa_family_t))
        (void)datagram_send(message->datagram, bytes, length, &message->sender.address);
}

/* ---- words ---- */

static void watch(struct datagram_server *server, const struct question *question,
                  const struct words *words)
{
    const struct datagram_message *message = question->message;
    int64_t seconds = WATCH_SECONDS_DEFAULT;
    struct problem problem;
    if (*words->argument && number_parse(words->argument, 1, WATCH_SECONDS_MAX, &seconds) < 0) {
        problem_set(&problem, PROBLEM_BAD_REQUEST, "watch SECONDS: 1 to %d", WATCH_SECONDS_MAX);
        fail(server, question, words, &problem);
    } else if (datagram_watch_add(server->watch, message->datagram, &message->sender.address,
                                  question->role, (unsigned)seconds)) {
        problem_set(&problem, PROBLEM_BUSY, "%d peers watch already.", WATCH_PEERS_MAX);
        fail(server, question, words, &problem);
    } else {
        (void)buffer_append_text(&server->reply, "ok\n");
    }
}

static void do_words(struct datagram_server *server, const struct question *question,
                     const struct words *words)
{
    const struct datagram_message *message = question->message;
    const struct caller caller = {.role = question->role, .source = question->source};
    struct problem problem;
    switch (words->kind) {
    case WORDS_METHOD:
        (void)words_call(server->service, &caller, words, &server->reply);
        return;
    case WORDS_WATCH:
        watch(server, question, words);
        return;
    case WORDS_HELP:
        (void)words_help(&server->reply);
        return;
    case WORDS_UNWATCH:
    case WORDS_QUIT:
        datagram_watch_remove(server->watch, message->datagram, &message->sender.address);
        (void)buffer_append_text(&server->reply, "ok\n");
        return;
    case WORDS_AUTH:
        problem_set(&problem, PROBLEM_BAD_REQUEST,
                    "A datagram carries its token itself: @TOKEN #17 toggle red");
        fail(server, question, words, &problem);
        return;
    }
}

static void answer_words(struct datagram_server *server, const struct question *question)
{
    struct words words;
    struct problem problem;
    if (words_parse(question->text, question->length, &words, &problem)) {
        fail(server, question, &words, &problem);
    } else if (words_need_number(&words) && !question->number[0]) {
        problem_set(&problem, PROBLEM_BAD_REQUEST,
                    "A datagram may come twice: give it a number, as #17 toggle red");
        fail(server, question, NULL, &problem);
    } else {
        say_number(server, question);
        do_words(server, question, &words);
    }
    words_done(&words);
}

/* ---- JSON-RPC ---- */

static void refuse_unnumbered(struct datagram_server *server)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_BAD_CALL, "A datagram may come twice: give it an id.");
    struct json *answer = json_new_object();
    json_add_text(answer, "jsonrpc", "2.0");
    json_add_null(answer, "id");
    json_add(answer, "error", problem_rpc_error(&problem));
    (void)json_print(answer, &server->reply);
    json_free(answer);
}

static void answer_json(struct datagram_server *server, const struct question *question)
{
    const struct caller caller = {.role = question->role, .source = question->source};
    buffer_clear(&server->reply);
    if (!question->number[0] && words_method_needs_number(question->method))
        refuse_unnumbered(server);
    else
        (void)rpc_answer(server->service, &caller, question->text, question->length,
                         &server->reply);
    if (server->reply.length > 0)
        (void)buffer_append_char(&server->reply, '\n');
}

/* ---- one message ---- */

static void answer(struct datagram_server *server, const struct question *question)
{
    if (question->is_json)
        answer_json(server, question);
    else
        answer_words(server, question);
    if (!server->reply.error && server->reply.length <= DATAGRAM_MAX_BYTES)
        return;
    struct problem problem;
    problem_set(&problem, PROBLEM_TOO_LARGE, "The answer does not fit into a datagram.");
    fail(server, question, NULL, &problem);
}

static void answer_once(struct datagram_server *server, const struct question *question)
{
    const struct address *peer = &question->message->sender.address;
    int64_t now_ns = clock_monotonic_ns();
    size_t length = 0;
    const char *known = replay_find(server->replay, peer, question->key, now_ns, &length);
    if (known) {
        send_reply(question, known, length);
        return;
    }
    if (replay_has_room(server->replay, now_ns)) {
        answer(server, question);
        (void)replay_keep(server->replay, peer, question->key, buffer_text(&server->reply),
                          server->reply.length, now_ns);
    } else {
        struct problem problem;
        problem_set(&problem, PROBLEM_BUSY, "Too many numbered requests within %d s.",
                    REPLAY_MS / 1000);
        fail(server, question, NULL, &problem);
    }
    send_reply(question, server->reply.data, server->reply.length);
}

/* A stranger gets no more than he sent: else others could be flooded in his name. */
static void answer_stranger(struct datagram_server *server, const struct question *question)
{
    static const char brief[] = "err unauthorized\n";
    size_t max = question->message->length;
    struct problem problem;
    /* As long as each other, so that both fit into the same questions. */
    problem_set(&problem, PROBLEM_UNAUTHORIZED, "%s",
                question->has_token ? "This token is wrong." : "Put @TOKEN in front.");
    if (question->is_json)
        answer_json(server, question);
    else
        fail(server, question, NULL, &problem);
    if (server->reply.length <= max)
        send_reply(question, server->reply.data, server->reply.length);
    else if (!question->is_json && !question->number[0] && sizeof brief - 1 <= max)
        send_reply(question, brief, sizeof brief - 1);
}

static void on_received(void *context, const struct datagram_message *message)
{
    struct datagram_server *server = context;
    struct question question;
    struct problem problem;
    question_read(server->service->access, message, &question, &problem);
    if (question.role == ROLE_NONE) {
        answer_stranger(server, &question);
    } else if (problem.code != PROBLEM_NONE) {
        fail(server, &question, NULL, &problem);
        send_reply(&question, server->reply.data, server->reply.length);
    } else if (question.key[0] && question.role >= ROLE_OPERATOR) {
        /* Who only looks may be answered anew, and must not fill the memory of those who act. */
        answer_once(server, &question);
    } else if (question.length > 0) {
        answer(server, &question);
        send_reply(&question, server->reply.data, server->reply.length);
    }
    if (server->reply.room > REPLY_KEPT_BYTES)
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

void datagram_server_close(struct datagram_server *server)
{
    datagram_watch_flush(server->watch);
}

unsigned datagram_server_watchers(const struct datagram_server *server)
{
    return datagram_watch_count(server->watch);
}
