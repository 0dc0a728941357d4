/* The words that a person can type: "toggle red", answered by "ok red 1 43". Shared by the line
 * protocol and the datagram protocol; every word that acts or asks is a verb of the circuit. */
#ifndef PROTOCOL_TEXT_COMMAND_H
#define PROTOCOL_TEXT_COMMAND_H

#include "base/buffer.h"
#include "protocol/feed.h"
#include "protocol/problem.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>

struct json;
struct verb;

enum {
    TEXT_MAX_BYTES = 4096, /* of one message, without its end */
    TEXT_ARGUMENT_SIZE = 129,
};

enum text_command_kind {
    TEXT_METHOD, /* text_command_call() does it */
    TEXT_AUTH,   /* the others are about the conversation: its server does them */
    TEXT_WATCH,
    TEXT_UNWATCH,
    TEXT_HELP,
    TEXT_QUIT,
};

/* One message, understood. */
struct text_command {
    enum text_command_kind kind;
    const struct verb *verb;           /* of METHOD */
    bool described;                    /* a list describes each line */
    struct json *params;               /* owned; of METHOD */
    char argument[TEXT_ARGUMENT_SIZE]; /* the first word behind the verb; "" for none or too long */
};

/* Understands `length` bytes without their line end. 0, or -1 with `problem`; text_command_done() is due
 * in both cases. */
int text_command_parse(const char *text, size_t length, struct text_command *ret_command,
                       struct problem *problem);
void text_command_done(struct text_command *text_command);

/* True for what must not be done twice by mistake: toggle, pulse, blink. */
bool text_command_need_number(const struct text_command *text_command);

/* The same of a method by its name in JSON-RPC; false for NULL. */
bool text_command_method_needs_number(const char *method);

/* Calls the method and appends "ok …" or "err …", with its line end.
 * 0, or a negative errno when the answer did not fit into `reply`. */
int text_command_call(struct service *service, const struct caller *caller,
                      const struct text_command *text_command, struct buffer *reply);

/* Appends "err CODE …": the line's name, the blocking line, or a sentence. `text_command` may be NULL. */
int text_command_fail(const struct text_command *text_command, const struct problem *problem,
                      struct buffer *reply);

/* Appends the list of words. */
int text_command_help(struct buffer *reply);

/* A word that is no verb: its usage and its meaning. NULL behind the last. For manuals. */
struct text_word {
    const char *word;
    enum text_command_kind kind;
    const char *usage, *meaning;
};
const struct text_word *text_word_at(size_t index);

/* "event 45 button 1 edge", and a snapshot as an answer of several lines. */
extern const struct feed_format text_format;

/* The same as JSON-RPC notifications, a line each: what a WebSocket is sent. */
extern const struct feed_format text_json_format;

#endif
