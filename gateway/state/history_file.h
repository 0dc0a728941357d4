/* The history on disk: lines of text, appended to `history.jsonl` in the state folder. Lines are gathered
 * and written twice a second, without waiting for the disk: a crash of the program can lose the last half
 * second; what a power cut can lose is up to the kernel. */
#ifndef STATE_HISTORY_FILE_H
#define STATE_HISTORY_FILE_H

#include <stddef.h>
#include <stdint.h>

struct history_file;
struct loop;

/* Opens the file in `folder` (made if missing). A line that a crash cut in half is ended first. At
 * `max_bytes` the file becomes `history.jsonl.1`, which replaces the one before. `loop` is borrowed.
 * 0; -ENOMEM; -EBADMSG where something else than a file stands there; or the errno of open(2), mkdir(2). */
int history_file_new(struct loop *loop, const char *folder, uint32_t max_bytes,
                     struct history_file **ret_file);

/* Appends whole lines (copied). Lines for which the disk has no room are lost; the file says so where
 * they are missing. */
void history_file_append(struct history_file *file, const char *text, size_t length);

/* Writes what waits, and closes. NULL is legal; returns NULL. */
struct history_file *history_file_free(struct history_file *file);

#endif
