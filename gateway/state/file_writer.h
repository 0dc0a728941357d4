/* Has a small file of the state folder replaced by a thread: a card that syncs for half a second must not
 * keep the pins waiting. The newest text is the one that is written. */
#ifndef STATE_FILE_WRITER_H
#define STATE_FILE_WRITER_H

#include "base/buffer.h"

struct file_writer;
struct loop;

/* `path` and `what` (for the log, as "sessions") are copied; the file has mode 0600. 0 or -ENOMEM. */
int file_writer_new(struct loop *loop, const char *path, const char *what,
                    struct file_writer **ret_writer);

/* Takes the bytes of `text`, which is empty afterwards, and writes them soon. */
void file_writer_put(struct file_writer *writer, struct buffer *text);

/* Waits until everything is written. NULL is legal; returns NULL. */
struct file_writer *file_writer_free(struct file_writer *writer);

#endif
