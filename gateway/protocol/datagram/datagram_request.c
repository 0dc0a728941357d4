#include "protocol/datagram/datagram_request.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

enum { ID_MAX_BYTES = 60 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void trim(struct datagram_request *request)
{
    while (request->length > 0 && is_blank(request->text[0])) {
        request->text++;
        request->length--;
    }
    while (request->length > 0 && is_blank(request->text[request->length - 1]))
        request->length--;
}

/* Takes a first word that begins with `mark`; its length without the mark, or -1. */
static ssize_t take_marked(struct datagram_request *request, char mark, const char **ret_word)
{
    size_t length = 1;
    if (request->length == 0 || request->text[0] != mark)
        return -1;
    while (length < request->length && !is_blank(request->text[length]))
        length++;
    *ret_word = request->text + 1;
    request->text += length;
    request->length -= length;
    trim(request);
    return (ssize_t)length - 1;
}

static void name_source(struct datagram_request *request)
{
    const struct socket_sender *sender = &request->message->sender;
    char text[ADDRESS_TEXT_SIZE];
    if (sender->has_credentials)
        (void)snprintf(request->source, sizeof request->source, "datagram:unix:pid=%d",
                       sender->pid);
    else
        (void)snprintf(request->source, sizeof request->source, "datagram:%s",
                       address_format(&sender->address, text));
}

/* A token decides where one is given; on AF_UNIX the peer's user does, else. */
static void find_role(struct datagram_request *request, const struct auth *auth)
{
    const struct socket_sender *sender = &request->message->sender;
    request->role = auth_is_open(auth) ? ROLE_ADMIN : ROLE_NONE;
    if (sender->has_credentials)
        request->role = auth_role_of_user(auth, sender->uid);
    request->grant.role = request->role;
    const char *token;
    ssize_t length = take_marked(request, '@', &token);
    if (length < 0)
        return;
    request->has_token = true;
    request->grant = auth_grant_of_token(auth, token, (size_t)length);
    request->role = request->grant.role;
    /* Not a warning: its source may be forged, and a flood of them must not fill the log. */
    if (request->role == ROLE_NONE)
        log_debug("a wrong token source=%s", request->source);
}

static void find_number(struct datagram_request *request, struct problem *problem)
{
    const char *word;
    int64_t number;
    ssize_t length = take_marked(request, '#', &word);
    if (length < 0)
        return;
    if (number_parse_bytes(word, (size_t)length, 0, INT64_MAX, &number) < 0)
        problem_set(problem, PROBLEM_BAD_REQUEST, "A number is written as #17.");
    else if (request->length > 0 && request->text[0] == '{')
        problem_set(problem, PROBLEM_BAD_REQUEST, "The number of JSON-RPC is its id.");
    else
        (void)snprintf(request->number, sizeof request->number, "#%lld", (long long)number);
}

/* What JSON-RPC uses in place of the number; text that is no JSON is left to whoever answers it. */
static void find_id(struct datagram_request *request, struct problem *problem)
{
    struct json *document = NULL;
    struct buffer text;
    if (json_parse(request->text, request->length, &document, NULL) != 0)
        return;
    const char *method = json_text(json_get(document, "method"));
    (void)snprintf(request->method, sizeof request->method, "%s", method ? method : "");
    buffer_init(&text, DATAGRAM_MAX_BYTES);
    const struct json *id = json_get(document, "id");
    request->is_answer = !method && (json_get(document, "result") || json_get(document, "error"));
    struct json_writer writer = json_writer_begin(&text);
    json_write_copy(&writer, NULL, id);
    if (text.error || text.length > ID_MAX_BYTES)
        problem_set(problem, PROBLEM_BAD_REQUEST, "The id is longer than %d bytes.", ID_MAX_BYTES);
    else if (id)
        (void)snprintf(request->number, sizeof request->number, "{%s", buffer_text(&text));
    buffer_done(&text);
    json_free(document);
}

/* Peers of AF_UNIX may have no name: their process distinguishes them. */
static void make_key(struct datagram_request *request)
{
    const struct socket_sender *sender = &request->message->sender;
    if (!request->number[0])
        return;
    if (sender->has_credentials)
        (void)snprintf(request->key, sizeof request->key, "%d%.64s", sender->pid, request->number);
    else
        (void)snprintf(request->key, sizeof request->key, "%s", request->number);
}

void datagram_request_read(const struct auth *auth, const struct datagram_message *message,
                           struct datagram_request *ret_request, struct problem *problem)
{
    struct datagram_request *request = ret_request;
    *request = (struct datagram_request){
        .message = message, .text = message->bytes, .length = message->length};
    problem->code = PROBLEM_NONE;
    name_source(request);
    trim(request);
    find_role(request, auth);
    find_number(request, problem);
    request->is_json = request->length > 0 && request->text[0] == '{';
    if (message->cut)
        problem_set(problem, PROBLEM_TOO_LARGE, "It was cut at %d bytes.", DATAGRAM_MAX_BYTES);
    else if (request->is_json && request->role > ROLE_NONE)
        find_id(request, problem);
    else if (request->is_json) /* not worth parsing */
        request->is_answer = memmem(request->text, request->length, "\"result\"", 8) ||
                             memmem(request->text, request->length, "\"error\"", 7);
    make_key(request);
}
