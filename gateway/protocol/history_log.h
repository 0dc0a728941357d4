/* Writes every event of the circuit into the history file, as one line of JSON each. */
#ifndef PROTOCOL_HISTORY_LOG_H
#define PROTOCOL_HISTORY_LOG_H

struct history_file;
struct history_log;
struct service;

/* Follows the feed of `service` and appends to `file`, from the events of the start on. Borrows both.
 * 0 or -ENOMEM. */
int history_log_new(struct service *service, struct history_file *file,
                    struct history_log **ret_log);

/* Appends the last events. NULL is legal; returns NULL. */
struct history_log *history_log_free(struct history_log *log);

#endif
