/* The history on disk: every event as one line of JSON, appended to `history.jsonl` in the state
 * folder. Events are gathered and written twice a second, without waiting for the disk: what a crash of
 * the program can lose is the last half second; what a power cut can lose is up to the kernel. */
#ifndef PROTOCOL_HISTORY_FILE_H
#define PROTOCOL_HISTORY_FILE_H

#include <stdint.h>

struct history_file;
struct service;

/* Opens the file in `folder` (made if missing) and follows the feed of `service` (borrowed). A line
 * that a crash cut in half is ended first. At `max_bytes` the file becomes `history.jsonl.1`, which
 * replaces the one before. 0; -ENOMEM; or the errno of open(2), mkdir(2). */
int history_file_new(struct service *service, const char *folder, uint32_t max_bytes,
                     struct history_file **ret_file);

/* Writes what waits, and closes. NULL is legal; returns NULL. */
struct history_file *history_file_free(struct history_file *file);

#endif
