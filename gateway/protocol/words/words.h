/* The words that a person can type: "toggle red", answered by "ok red 1 43". Shared by the line
 * protocol and the datagram protocol; every word that acts is a row of the one method table. */
#ifndef PROTOCOL_WORDS_H
#define PROTOCOL_WORDS_H

#include "base/buffer.h"
#include "protocol/feed.h"
#include "protocol/problem.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>

struct json;
struct words_row;

enum {
    WORDS_MAX_BYTES = 4096, /* of one message, without its end */
    WORDS_ARGUMENT_SIZE = 129,
};

enum words_kind {
    WORDS_METHOD, /* words_call() does it */
    WORDS_AUTH,   /* the others are about the conversation: its server does them */
    WORDS_WATCH,
    WORDS_UNWATCH,
    WORDS_HELP,
    WORDS_QUIT,
};

/* One message, understood. */
struct words {
    enum words_kind kind;
    const struct words_row *row;
    struct json *params;                /* owned; for METHOD */
    char argument[WORDS_ARGUMENT_SIZE]; /* the first word after the verb; "" for none or too long */
};

/* Understands `length` bytes without their line end. 0, or -1 with `problem`; words_done() is due
 * in both cases. */
int words_parse(const char *text, size_t length, struct words *ret_words, struct problem *problem);
void words_done(struct words *words);

/* True for what must not be done twice by mistake: toggle, pulse, blink. */
bool words_need_number(const struct words *words);

/* The same of a method by its name in JSON-RPC; false for NULL. */
bool words_method_needs_number(const char *method);

/* Calls the method and appends "ok …" or "err …", with its line end.
 * 0, or a negative errno when the answer did not fit into `reply`. */
int words_call(struct service *service, const struct caller *caller, const struct words *words,
               struct buffer *reply);

/* Appends "err CODE …": the line's name, the blocking line, or a sentence. `words` may be NULL. */
int words_fail(const struct words *words, const struct problem *problem, struct buffer *reply);

/* Appends the list of words. */
int words_help(struct buffer *reply);

/* "event 45 button 1 edge", and a snapshot as an answer of several lines. */
extern const struct feed_format words_format;

#endif
