/* Looks for events in the files of a history: see history_file_search(). */
#ifndef STATE_HISTORY_SEARCH_H
#define STATE_HISTORY_SEARCH_H

#include "state/history_file.h"
#include "state/history_index.h"

/* A file and what is known of it; both borrowed. */
struct history_source {
    const char *path;
    const struct history_index *index;
};

/* Opens a regular file with `flags` of open(2), mode 0600, without waiting for a FIFO or a device.
 * Its descriptor; -ELOOP for a symbolic link, -EBADMSG for what is no regular file; an errno of open(2). */
int history_open(const char *path, int flags);

/* Searches `sources`, oldest first; `lock` is that of their indexes. 0 or -ENOMEM. */
int history_search(const struct history_source *sources, size_t count, pthread_mutex_t *lock,
                   const struct history_query *query, struct history_page *ret_page);

#endif
