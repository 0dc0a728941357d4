/* The one table of what may be asked of the circuit, by name, word or path: a row a verb. REST routes,
 * text commands, JSON-RPC methods, the commands of rules, the command-line client, OpenAPI,
 * system.methods, the manual and the page's forms are derived from it. A new command is a row here, its
 * enum command_verb, and what it does. */
#ifndef CIRCUIT_VERBS_H
#define CIRCUIT_VERBS_H

#include "base/field.h"
#include "circuit/command.h"
#include "circuit/journal.h"

#include <stdbool.h>
#include <stddef.h>

struct circuit_options;

/* What the body of a REST request holds. */
enum verb_body {
    VERB_BODY_NONE,    /* nothing: fields come from the query */
    VERB_BODY_MEMBERS, /* an object of fields; may be missing */
    VERB_BODY_VALUE,   /* the field `value` alone, or an object of fields */
    VERB_BODY_LINES,   /* the field `lines` alone; others come from the query */
};

struct verb {
    const char *name; /* of the method in JSON-RPC, "line.blink" */
    bool acts;        /* circuit_command() does `command`; otherwise whoever answers it knows how */
    enum command_verb command;
    enum role role;
    const char *summary; /* a sentence without its full stop */
    const char *answers; /* the shape of its result: a name of protocol/http/shape.h */

    const char *word;       /* of text commands and of the command line, "blink"; NULL for none */
    const char *without;    /* the verb that is meant where the word stands alone; NULL: the same */
    const char *suffix;     /* stands behind the arguments, "scene NAME stop"; NULL for none */
    bool once;              /* over datagrams it needs a number, so that it is not done twice */
    bool named;             /* usage shows the fields that need their name, too */
    bool in_rules;          /* a rule may do it */
    enum event_cause cause; /* of its events */
    /* The shortest time off between two times on that the command brings about; negative for none. NULL:
     * there is none. */
    double (*off_ms)(const struct command *command);
    /* Whether such a command does nothing but switch off or lock: a rule may do it in any case, however late.
     * NULL: never. */
    bool (*is_off)(const struct circuit_options *options, const struct command *command);

    const char *rest; /* "POST", and "/api/v1/lines/{line}/blink": one segment stands for {…} */
    const char *path;
    enum verb_body body;

    struct field_table
        fields; /* of struct command; of another structure where whoever answers says so */
};

/* Every verb of the circuit in order, NULL after the last; and how many there are. */
const struct verb *verb_at(size_t index);
size_t verb_count(void);

/* The verb of that name, or the one that does the command; NULL where there is none. */
const struct verb *verb_find(const char *name);
const struct verb *verb_of(enum command_verb command);

/* The verb of a text command: `is_alone` when no argument stands behind the word. NULL for none. */
const struct verb *verb_of_word(const char *word, bool is_alone);

/* The first verb of the word whose suffix is missing, to print its usage; NULL for none. */
const struct verb *verb_without_suffix(const char *word);

/* The verb of that word and suffix, or NULL. */
const struct verb *verb_with_suffix(const char *word, const char *suffix);

/* Whether a field has a sense in the config's commands: nobody waits there for a sequence number, and
 * there is no connection. */
bool verb_takes_in_config(const struct field *field);

/* Whether a command does nothing but switch off or lock. */
bool verb_is_off(const struct circuit_options *options, const struct command *command);

/* Whether it acts on a rule. */
bool verb_is_of_rule(const struct verb *verb);

/* Appends "blink LINE ON_MS OFF_MS [COUNT]"; a verb without a word has its method's name there. */
void verb_print_usage(const struct verb *verb, struct buffer *out);

/* Fields that several verbs share, also those of protocols: members of a struct command, which stands first
 * in the structure. */
#define VERB_EXPECT(what)                                                                          \
    {                                                                                              \
        "expect", &field_integer, FIELD_MEMBER(struct command, expect),                            \
            .max = FIELD_INTEGER_MAX, .fallback = -1,                                              \
            .given = offsetof(struct command, has_expect), .word = "SEQ", .doc = (what)            \
    }
#define VERB_LEASE_MS                                                                              \
    {                                                                                              \
        "lease_ms", &field_integer, FIELD_MEMBER(struct command, lease_ms),                        \
            .min = 1, .max = COMMAND_DURATION_MAX_MS, .unit = "ms",                                \
            .doc = "back to the safe value unless the command comes again within this time"        \
    }
#define VERB_LEASE                                                                                 \
    {                                                                                              \
        "lease", &field_choice,                                                                    \
            .offset = offsetof(struct command, with_connection),                                   \
            .given = offsetof(struct command, with_connection), .choices = verb_leases,            \
            .instead = true,                                                                       \
            .doc = "\"connection\": back to the safe value when this connection ends"              \
    }
extern const char *const verb_leases[];

/* Whether a field has a sense only where the connection lasts longer than the answer: HTTP refuses it. */
bool verb_needs_connection(const struct field *field);

#endif
