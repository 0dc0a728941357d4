#include "client/client.h"

#include "base/buffer.h"
#include "base/field_words.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "circuit/verbs.h"
#include "client/link.h"
#include "client/options.h"
#include "client/print.h"
#include "client/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    REQUEST_MAX_BYTES = 4096,
    USAGE_MAX_BYTES = 256,
    USAGE_COLUMNS = 36, /* of the usage in a list of words */
};

static const char watch_usage[] = "watch [LINE]...";

const char *client_word_at(size_t index)
{
    const struct verb *verb;
    for (size_t i = 0; (verb = verb_at(i)); i++)
        if (verb->word && index-- == 0)
            return verb->word;
    return index == 0 ? "watch" : NULL;
}

bool client_knows(const char *word)
{
    const char *known;
    for (size_t i = 0; (known = client_word_at(i)); i++)
        if (strcmp(known, word) == 0)
            return true;
    return false;
}

void client_print_words(struct buffer *out)
{
    const struct verb *verb;
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        struct buffer usage;
        if (!verb->word)
            continue;
        buffer_init(&usage, USAGE_MAX_BYTES);
        verb_print_usage(verb, &usage);
        bool is_long = usage.length > USAGE_COLUMNS;
        (void)buffer_printf(out, "  %-*s%s%*s %s\n", USAGE_COLUMNS, buffer_text(&usage),
                            is_long ? "\n" : "", is_long ? USAGE_COLUMNS + 2 : 0, "",
                            verb->summary);
        buffer_done(&usage);
    }
    (void)buffer_printf(out, "  %-*s %s\n", USAGE_COLUMNS, watch_usage,
                        "Every event from now on, until you end it");
}

/* Over a stream the token is sent once; a datagram carries it. A path needs none. */
static int authenticate(struct link *link, const struct address *address, struct buffer *answer)
{
    char request[CLIENT_TOKEN_SIZE + 8];
    if (link->is_datagram || !*link->token)
        return CLIENT_EXIT_DONE;
    (void)snprintf(request, sizeof request, "auth %s", link->token);
    int error = link_ask(link, request, answer);
    explicit_bzero(request, sizeof request);
    if (error)
        return client_fail_call(address, "auth", error);
    return print_refusal(buffer_text(answer));
}

/* What the command line asks for. */
struct request {
    const struct verb *verb; /* NULL for watch */
    struct json *params;     /* owned */
    struct buffer text;      /* "set red 1" */
};

static int compose_json(const struct request *request, uint32_t number, struct buffer *out)
{
    struct json_writer writer = json_writer_begin(out);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "jsonrpc", "2.0");
    json_write_unsigned(&writer, "id", number);
    json_write_text(&writer, "method", request->verb->name);
    json_write_copy(&writer, "params", request->params);
    json_write_object_end(&writer);
    return out->error;
}

static int ask(struct link *link, const struct address *address, const struct request *request,
               const struct client_options *options, struct buffer *answer)
{
    struct buffer json;
    buffer_init(&json, REQUEST_MAX_BYTES);
    int error = options->json ? compose_json(request, ++link->number, &json) : 0;
    if (!error)
        error = link_ask(link, buffer_text(options->json ? &json : &request->text), answer);
    buffer_done(&json);
    if (error == -ENOBUFS) {
        (void)fprintf(stderr, "gpio-gateway: that is too long\n");
        return CLIENT_EXIT_USAGE;
    }
    if (error)
        return client_fail_call(address, options->word, error);
    return options->json ? print_json_answer(buffer_text(answer))
                         : print_answer(buffer_text(answer));
}

static int talk(struct link *link, const struct address *address, const struct request *request,
                const struct client_options *options)
{
    struct buffer answer;
    buffer_init(&answer, LINK_MESSAGE_MAX_BYTES);
    int code = authenticate(link, address, &answer);
    if (!code)
        code = request->verb ? ask(link, address, request, options, &answer)
                             : watch_run(link, address, options, &answer);
    buffer_done(&answer);
    return code;
}

/* ---- the command line ---- */

/* A line end inside of an argument would be a second message, a blank a second word; but a sentence may
 * have blanks. */
static bool is_one_line(const struct client_options *options, const struct verb *verb)
{
    bool may_have_blanks = false;
    for (size_t i = 0; verb && i < verb->fields.count; i++)
        may_have_blanks = may_have_blanks || verb->fields.fields[i].rest;
    for (size_t i = 0; i < options->argument_count; i++)
        if (strpbrk(options->arguments[i], may_have_blanks ? "\r\n\t" : "\r\n\t ") ||
            !*options->arguments[i])
            return false;
    return true;
}

/* Reads the words as the gateway will, up to their values. */
static int read_words(struct request *request)
{
    const struct field_table *fields = &request->verb->fields;
    char fault[FIELD_WORDS_FAULT_SIZE];
    char text[REQUEST_MAX_BYTES];
    char *rest = text;
    (void)snprintf(text, sizeof text, "%s", buffer_text(&request->text));
    (void)field_next_word(&rest);
    request->params = json_new_object();
    if (field_read_words(fields, rest, request->params, fault) ||
        json_is_incomplete(request->params))
        return -1;
    for (size_t i = 0; i < fields->count; i++)
        if (fields->fields[i].required && !json_get(request->params, fields->fields[i].name))
            return -1;
    return 0;
}

static int fail_usage(const struct verb *verb)
{
    struct buffer usage;
    buffer_init(&usage, USAGE_MAX_BYTES);
    if (verb)
        verb_print_usage(verb, &usage);
    else
        (void)buffer_append_text(&usage, watch_usage);
    client_options_fail(buffer_text(&usage));
    buffer_done(&usage);
    return CLIENT_EXIT_USAGE;
}

/* An exit code; what was wrong is reported. */
static int compose(const struct client_options *options, struct request *request)
{
    size_t count = options->argument_count;
    const struct verb *named = verb_of_word(options->word, false);
    request->verb =
        count > 0 ? verb_with_suffix(options->word, options->arguments[count - 1]) : NULL;
    if (request->verb)
        count--;
    else
        request->verb = verb_of_word(options->word, count == 0);
    if (!request->verb && verb_without_suffix(options->word))
        return fail_usage(verb_without_suffix(options->word));
    if (!is_one_line(options, request->verb)) {
        (void)fprintf(stderr, "gpio-gateway: an argument is empty or has blanks in it\n");
        return CLIENT_EXIT_USAGE;
    }
    (void)buffer_append_text(&request->text, options->word);
    for (size_t i = 0; i < count; i++)
        (void)buffer_printf(&request->text, " %s", options->arguments[i]);
    if (request->verb && read_words(request))
        return fail_usage(named ? named : request->verb);
    if (count < options->argument_count)
        (void)buffer_printf(&request->text, " %s", options->arguments[count]);
    if (request->text.error) {
        (void)fprintf(stderr, "gpio-gateway: that is too long\n");
        return CLIENT_EXIT_USAGE;
    }
    return CLIENT_EXIT_DONE;
}

static int reach(const struct client_options *options, const struct request *request)
{
    struct client_target target;
    const struct address *address;
    struct link link;
    char token[CLIENT_TOKEN_SIZE];
    const char *call;
    int code = client_find_target(options->to, options->explain, &target);
    if (code)
        return code;
    code = client_token(options, &target, token);
    if (code)
        return code;
    int error =
        link_open(&link, target.addresses, target.count, token, options->explain, &address, &call);
    code = error ? client_fail_call(address, call, error) : talk(&link, address, request, options);
    link_close(&link);
    explicit_bzero(token, sizeof token);
    return code;
}

int client_run(int argc, char **argv)
{
    struct client_options options;
    struct request request = {0};
    if (client_options_read(argc, argv, &options))
        return fail_usage(verb_of_word(argv[0], false));
    buffer_init(&request.text, REQUEST_MAX_BYTES);
    int code = compose(&options, &request);
    if (!code)
        code = reach(&options, &request);
    request.params = json_free(request.params);
    buffer_done(&request.text);
    return code;
}
