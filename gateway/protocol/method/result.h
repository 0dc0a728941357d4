/* What a method answers, as plain data: each protocol writes it in its own form, JSON here, words in the
 * text protocol, CSV and VCD for a history. */
#ifndef PROTOCOL_RESULT_H
#define PROTOCOL_RESULT_H

#include "base/buffer.h"
#include "circuit/command.h"
#include "circuit/journal.h"
#include "circuit/options.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct json_writer;
struct result;

/* Past events: what the history file has, and a part of the journal after it. */
struct history {
    struct buffer stored;           /* events of the file, a line of JSON each; owned */
    uint64_t first, end;            /* of the journal: from `first` up to and without `end` */
    const char *line;               /* name, borrowed from the circuit; NULL for every line */
    int64_t from_ns, to_ns;         /* wall clock: from included, to not */
    bool complete;                  /* nothing is missing at either end */
    char next[JOURNAL_CURSOR_SIZE]; /* where more is to be had, "" for nowhere: the next `since` */
};

enum result_kind {
    RESULT_OUTCOME, /* of a command on one line */
    RESULT_CHANGED, /* of a command on several */
    RESULT_LINE,    /* its state and description */
    RESULT_LINES,   /* those of every line */
    RESULT_CIRCUIT, /* everything */
    RESULT_HISTORY,
    RESULT_RULE,    /* its state */
    RESULT_WRITTEN, /* what only its writer knows */
};

struct result {
    enum result_kind kind;
    union {
        struct outcome outcome;
        uint16_t line;
        uint16_t rule;
        struct {
            uint64_t seq; /* of the newest event */
            uint16_t count;
            uint16_t lines[CIRCUIT_LINES_MAX];
            bool is_program; /* of a scene: it has steps, and then whether they still run */
            bool running;
        } changed;
        struct history history;
        struct {
            /* Writes one JSON value. */
            void (*write)(const struct result *result, struct json_writer *writer);
            uint64_t arguments[2]; /* what the method was asked for, as its writer wants it */
            void *context;         /* owned: freed with free(3) by result_done() */
        } written;
    };
    /* What the state of lines depends on besides. */
    struct service *service;     /* borrowed */
    const struct caller *caller; /* borrowed */
    struct timestamps now;
};

/* For method_call(): sets what a result needs; the handler sets its kind and what belongs to that. */
void result_begin(struct result *result, struct service *service, const struct caller *caller,
                  const struct timestamps *now);

/* Makes it the changes of several lines: none so far, and no program. The list of lines, which is long, is
 * not cleared. */
void result_begin_changed(struct result *result);

/* Frees what a result owns. Legal for one that is all zero. */
void result_done(struct result *result);

/* Writes it as one JSON value, in the shapes of the interface. */
void result_write(const struct result *result, struct json_writer *writer);

/* The next event of a history's part of the journal from `*seq` on, which then is the one after it; NULL after the last. Begin
 * with `history->first`. */
const struct event *history_next(const struct history *history, const struct service *service,
                                 uint64_t *seq);

#endif
