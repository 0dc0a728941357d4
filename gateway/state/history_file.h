/* The history on disk: lines of text, appended to `history.jsonl` in the state folder. Lines are gathered and
 * written twice a second by a thread, so that a card that stalls keeps no pin waiting: a crash of the program
 * can lose the last half second; what a power cut can lose is up to the kernel. */
#ifndef STATE_HISTORY_FILE_H
#define STATE_HISTORY_FILE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history_file;
struct loop;

/* Opens the file in `folder` (made if missing). A line that a crash cut in half is ended first. At
 * `max_bytes` the file becomes `history.jsonl.1`, which replaces the one before. `loop` is borrowed.
 * What cannot be opened, or is no regular file, is logged and tried again at each write: lines
 * are lost and counted until then. 0; -ENOMEM; or the errno of mkdir(2). */
int history_file_new(struct loop *loop, const char *folder, uint32_t max_bytes,
                     struct history_file **ret_file);

/* Appends whole lines (copied). Lines for which the disk has no room, or no time, are lost; the file says
 * so where they are missing. */
void history_file_append(struct history_file *file, const char *text, size_t length);

/* Lines that were lost since the start. */
uint64_t history_file_lost(const struct history_file *file);

/* Writes what waits, and closes; a disk that does not answer is waited for a second. NULL is legal; returns
 * NULL. */
struct history_file *history_file_free(struct history_file *file);

/* ---- reading ---- */

/* What to look for. */
struct history_query {
    int64_t from_ns, to_ns; /* wall clock: from included, to not */
    const char *line;       /* NULL for every event */
    const char *run_id; /* only what comes after the event `seq` of that run; NULL for everything */
    uint64_t seq;
    size_t limit; /* events */
    /* The run that goes on, whose events from `own_first` on stand elsewhere and are passed over. */
    const char *own_run_id;
    uint64_t own_first;
};

struct history_page {
    struct buffer text; /* the events, a line of JSON each, oldest first; owned */
    size_t count;
    bool is_partial; /* there is more in the file: go on after the event `seq` of `run_id` */
    char run_id[9];
    uint64_t seq;
    bool is_missing; /* some of the events asked for were lost, or are too old to be here */
};

/* Reads the oldest events that match, within a bound of bytes and of time: the loop is not held for more than
 * some 10 ms. `page->text` is done by the caller in any case. 0 or -ENOMEM; what cannot be read is missing. */
int history_file_search(struct history_file *file, const struct history_query *query,
                        struct history_page *ret_page);

#endif
