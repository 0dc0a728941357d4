#include "protocol/datagram/datagram_question.h"

#include "base/json.h"
#include "base/log.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

enum { ID_MAX_BYTES = 60 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void trim(struct question *question)
{
    while (question->length > 0 && is_blank(question->text[0])) {
        question->text++;
        question->length--;
    }
    while (question->length > 0 && is_blank(question->text[question->length - 1]))
        question->length--;
}

/* Takes a first word that begins with `mark`; its length without the mark, or -1. */
static ssize_t take_marked(struct question *question, char mark, const char **ret_word)
{
    size_t length = 1;
    if (question->length == 0 || question->text[0] != mark)
        return -1;
    while (length < question->length && !is_blank(question->text[length]))
        length++;
    *ret_word = question->text + 1;
    question->text += length;
    question->length -= length;
    trim(question);
    return (ssize_t)length - 1;
}

static void name_source(struct question *question)
{
    const struct socket_sender *sender = &question->message->sender;
    char text[ADDRESS_TEXT_SIZE];
    if (sender->has_credentials)
        (void)snprintf(question->source, sizeof question->source, "datagram:unix:pid=%d",
                       sender->pid);
    else
        (void)snprintf(question->source, sizeof question->source, "datagram:%s",
                       address_format(&sender->address, text));
}

/* A token decides where one is given; on AF_UNIX the peer's user does, else. */
static void find_role(struct question *question, const struct access *access)
{
    const struct socket_sender *sender = &question->message->sender;
    question->role = access_is_open(access) ? ROLE_OPERATOR : ROLE_NONE;
    if (sender->has_credentials)
        question->role = access_role_of_user(access, sender->uid);
    const char *token;
    ssize_t length = take_marked(question, '@', &token);
    if (length < 0)
        return;
    question->has_token = true;
    question->role = access_role(access, token, (size_t)length);
    /* Not a warning: its source may be forged, and a flood of them must not fill the log. */
    if (question->role == ROLE_NONE)
        log_debug("a wrong token source=%s", question->source);
}

static void find_number(struct question *question, struct problem *problem)
{
    const char *word;
    int64_t number;
    ssize_t length = take_marked(question, '#', &word);
    if (length < 0)
        return;
    if (number_parse_bytes(word, (size_t)length, 0, INT64_MAX, &number) < 0)
        problem_set(problem, PROBLEM_BAD_REQUEST, "A number is written as #17.");
    else if (question->length > 0 && question->text[0] == '{')
        problem_set(problem, PROBLEM_BAD_REQUEST, "The number of JSON-RPC is its id.");
    else
        (void)snprintf(question->number, sizeof question->number, "#%lld", (long long)number);
}

/* What JSON-RPC uses in place of the number; text that is no JSON is left to whoever answers it. */
static void find_id(struct question *question, struct problem *problem)
{
    struct json *request = NULL;
    struct buffer text;
    if (json_parse(question->text, question->length, &request, NULL) != 0)
        return;
    const char *method = json_text(json_get(request, "method"));
    (void)snprintf(question->method, sizeof question->method, "%s", method ? method : "");
    buffer_init(&text, ID_MAX_BYTES);
    const struct json *id = json_get(request, "id");
    if (id && json_print(id, &text) != 0)
        problem_set(problem, PROBLEM_BAD_REQUEST, "The id is longer than %d bytes.", ID_MAX_BYTES);
    else if (id)
        (void)snprintf(question->number, sizeof question->number, "{%s", buffer_text(&text));
    buffer_done(&text);
    json_free(request);
}

/* Peers of AF_UNIX may have no name: their process tells them apart. */
static void make_key(struct question *question)
{
    const struct socket_sender *sender = &question->message->sender;
    if (!question->number[0])
        return;
    if (sender->has_credentials)
        (void)snprintf(question->key, sizeof question->key, "%d%.64s", sender->pid,
                       question->number);
    else
        (void)snprintf(question->key, sizeof question->key, "%s", question->number);
}

void question_read(const struct access *access, const struct datagram_message *message,
                   struct question *ret_question, struct problem *problem)
{
    struct question *question = ret_question;
    *question =
        (struct question){.message = message, .text = message->bytes, .length = message->length};
    problem->code = PROBLEM_NONE;
    name_source(question);
    trim(question);
    find_role(question, access);
    find_number(question, problem);
    question->is_json = question->length > 0 && question->text[0] == '{';
    if (message->cut)
        problem_set(problem, PROBLEM_TOO_LARGE, "It was cut at %d bytes.", DATAGRAM_MAX_BYTES);
    else if (question->is_json && question->role > ROLE_NONE)
        find_id(question, problem);
    make_key(question);
}
