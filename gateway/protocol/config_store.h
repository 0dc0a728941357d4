/* The circuit's file as clients read and change it. The composition root fills these functions, since
 * only it knows the file, the reader of configs, and how a circuit is reloaded. */
#ifndef PROTOCOL_CONFIG_STORE_H
#define PROTOCOL_CONFIG_STORE_H

#include "base/buffer.h"
#include "protocol/problem.h"

#include <stddef.h>

struct caller;
struct json_writer;

enum {
    CONFIG_STORE_TEXT_MAX_BYTES = 1024 * 1024,
    CONFIG_STORE_ETAG_SIZE = 20, /* with quotes, and a NUL */
    CONFIG_STORE_FINDINGS_MAX_BYTES = 1024 * 1024,
};

/* What a text would do, or did. Each buffer holds the items of a JSON list, with commas between. */
struct config_findings {
    struct buffer errors;              /* {"path","message"}; a text with any is no config */
    struct buffer changes;             /* {"line","is"} */
    struct buffer waits;               /* keys that the next start takes */
    struct buffer warnings;            /* texts */
    char etag[CONFIG_STORE_ETAG_SIZE]; /* of the file after a change; else "" */
};

void config_findings_init(struct config_findings *findings);
void config_findings_done(struct config_findings *findings);

struct config_store {
    void *context;
    /* Appends the file as it stands. 0, or -1 with `problem`. */
    int (*read)(void *context, struct buffer *text, char ret_etag[CONFIG_STORE_ETAG_SIZE],
                struct problem *problem);
    /* Looks only. 0; -EBADMSG with errors in `findings`; -ENOMEM. */
    int (*check)(void *context, const struct buffer *text, struct config_findings *findings);
    /* Writes a checked text and reloads; the file before is kept. All or nothing. 0, or -1 with `problem`. */
    int (*apply)(void *context, const struct buffer *text, const struct caller *caller,
                 struct config_findings *findings, struct problem *problem);
    /* Goes back to the version kept last; undoing that comes back. 0, or -1 with `problem`. */
    int (*undo)(void *context, const struct caller *caller, struct config_findings *findings,
                struct problem *problem);
    /* Writes the items of the list of versions, newest first. */
    void (*versions)(void *context, struct json_writer *writer);
    /* Writes the JSON Schema of the file: one value. */
    void (*schema)(void *context, struct json_writer *writer);
};

#endif
