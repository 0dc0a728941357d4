#include "client/client.h"

#include "base/buffer.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "client/link.h"
#include "client/options.h"
#include "client/print.h"
#include "client/watch.h"
#include "net/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DATAGRAM_REQUEST_MAX_BYTES = 4096 };

/* A word of the command line: what it takes, and its method in JSON-RPC. */
struct client_word {
    const char *word, *usage;
    size_t min, max;              /* arguments */
    const char *method, *without; /* the method when no argument is given; NULL for the same */
    const char *params[2];        /* name of each argument; a second one is a number */
};

enum { WATCH_LINES_MAX = 256 };

static const struct client_word words[] = {
    {"get", "get [LINE]", 0, 1, "line.get", "lines.get", {"line", NULL}},
    {"set", "set LINE 0|1", 2, 2, "line.set", NULL, {"line", "value"}},
    {"toggle", "toggle LINE", 1, 1, "line.toggle", NULL, {"line", NULL}},
    {"pulse", "pulse LINE MS", 2, 2, "line.pulse", NULL, {"line", "ms"}},
    {"off", "off", 0, 0, "circuit.off", NULL, {NULL, NULL}},
    {"watch", "watch [LINE]...", 0, WATCH_LINES_MAX, NULL, NULL, {NULL, NULL}},
};

static const struct client_word *find_word(const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return &words[i];
    return NULL;
}

int client_fail_call(const struct address *address, const char *call, int error)
{
    char text[ADDRESS_TEXT_SIZE];
    bool forbidden = error == -EACCES || error == -EPERM;
    (void)fprintf(stderr, "gpio-gateway: %s: %s: %s%s\n", address_format(address, text), call,
                  error == -ECONNRESET ? "the connection ended" : call_errno_name(error),
                  forbidden ? ": this user may not open the socket"
                  : error == -ECONNREFUSED || error == -ENOENT || error == -ETIMEDOUT
                      ? ": no gateway answers there"
                      : "");
    return forbidden ? CLIENT_EXIT_NOT_ALLOWED : CLIENT_EXIT_UNAVAILABLE;
}

/* Over a stream the token is told once; a datagram carries it. A path needs none. */
static int authenticate(struct link *link, const struct address *address, struct buffer *answer)
{
    char question[CLIENT_TOKEN_SIZE + 8];
    if (link->is_datagram || !*link->token)
        return CLIENT_EXIT_DONE;
    (void)snprintf(question, sizeof question, "auth %s", link->token);
    int error = link_ask(link, question, answer);
    explicit_bzero(question, sizeof question);
    if (error)
        return client_fail_call(address, "auth", error);
    return print_refusal(buffer_text(answer));
}

static int compose_words(const struct client_options *options, struct buffer *question)
{
    (void)buffer_append_text(question, options->word);
    for (size_t i = 0; i < options->argument_count; i++)
        (void)buffer_printf(question, " %s", options->arguments[i]);
    return question->error;
}

static int compose_json(const struct client_word *word, const struct client_options *options,
                        uint32_t number, struct buffer *question)
{
    bool without = word->without && options->argument_count == 0;
    struct json_writer writer = json_writer_begin(question);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "jsonrpc", "2.0");
    json_write_unsigned(&writer, "id", number);
    json_write_text(&writer, "method", without ? word->without : word->method);
    json_write_object(&writer, "params");
    for (size_t i = 0; i < options->argument_count; i++) {
        struct json *number_or_text = NULL;
        const char *text = options->arguments[i];
        if (i > 0 && json_parse(text, strlen(text), &number_or_text, NULL) == 0)
            json_write_copy(&writer, word->params[i], number_or_text);
        else
            json_write_text(&writer, word->params[i], text);
        json_free(number_or_text);
    }
    json_write_object_end(&writer);
    json_write_object_end(&writer);
    return question->error;
}

static int ask(struct link *link, const struct address *address, const struct client_word *word,
               const struct client_options *options, struct buffer *answer)
{
    struct buffer question;
    buffer_init(&question, DATAGRAM_REQUEST_MAX_BYTES);
    int error = options->json ? compose_json(word, options, ++link->number, &question)
                              : compose_words(options, &question);
    if (!error)
        error = link_ask(link, buffer_text(&question), answer);
    buffer_done(&question);
    if (error == -ENOBUFS) {
        (void)fprintf(stderr, "gpio-gateway: that is too long\n");
        return CLIENT_EXIT_USAGE;
    }
    if (error)
        return client_fail_call(address, options->word, error);
    return options->json ? print_json_answer(buffer_text(answer))
                         : print_answer(buffer_text(answer));
}

static int talk(struct link *link, const struct address *address, const struct client_word *word,
                const struct client_options *options)
{
    struct buffer answer;
    buffer_init(&answer, LINK_MESSAGE_MAX_BYTES);
    int code = authenticate(link, address, &answer);
    if (!code)
        code = word->method ? ask(link, address, word, options, &answer)
                            : watch_run(link, address, options, &answer);
    buffer_done(&answer);
    return code;
}

/* A line end inside of an argument would be a second message. */
static bool is_one_line(const struct client_options *options)
{
    for (size_t i = 0; i < options->argument_count; i++)
        if (strpbrk(options->arguments[i], "\r\n\t ") || !*options->arguments[i])
            return false;
    return true;
}

int client_run(int argc, char **argv)
{
    const struct client_word *word = find_word(argv[0]);
    struct client_options options;
    struct client_target target;
    const struct address *address;
    struct link link;
    char token[CLIENT_TOKEN_SIZE];
    const char *call;
    if (!word || client_options_read(argc, argv, word->min, word->max, word->usage, &options))
        return CLIENT_EXIT_USAGE;
    if (!is_one_line(&options)) {
        (void)fprintf(stderr, "gpio-gateway: an argument is empty or has blanks in it\n");
        return CLIENT_EXIT_USAGE;
    }
    int code = client_find_target(options.to, options.explain, &target);
    if (code)
        return code;
    client_token(&options, &target, token);
    int error =
        link_open(&link, target.addresses, target.count, token, options.explain, &address, &call);
    code = error ? client_fail_call(address, call, error) : talk(&link, address, word, &options);
    link_close(&link);
    explicit_bzero(token, sizeof token);
    return code;
}
