/* What stands where in a history file: a summary of each block of 64 kB, so that a search looks only into
 * those that may hold what it wants. Events stand in the order in which they happened; their times need not,
 * since the wall clock may be set back. */
#ifndef STATE_HISTORY_INDEX_H
#define STATE_HISTORY_INDEX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    HISTORY_BLOCK_BYTES = 64 * 1024,
    HISTORY_LINE_MAX = 8 * 1024, /* an event has some 300 bytes, its texts have ceilings */
    HISTORY_RUN_ID_LENGTH = 8,   /* hex digits that name a run */
};

/* The members of a stored event that a search reads. Borrowed from its text. */
struct history_head {
    const char *run_id; /* HISTORY_RUN_ID_LENGTH bytes */
    uint64_t seq;
    int64_t time_ns;  /* wall clock since 1970 */
    const char *line; /* "" for an event of a scene */
    size_t line_length;
};

enum history_line {
    HISTORY_LINE_EVENT,
    HISTORY_LINE_LOSS, /* says that events are missing here */
    HISTORY_LINE_JUNK, /* cut by a crash, or not ours */
};

/* Reads one line without its end. `ret_head` is filled for an event. */
enum history_line history_line_read(const char *text, size_t length, struct history_head *ret_head);

/* Events whose text begins in one block. */
struct history_block {
    int64_t min_ns, max_ns;       /* of their times; min is above max where there is none */
    uint64_t first_seq, last_seq; /* of the run `run_id`; of no use when it is mixed */
    uint64_t lines;               /* a bit for each line's name: see history_line_bit() */
    char run_id[HISTORY_RUN_ID_LENGTH];
    bool is_mixed; /* events of several runs */
    bool has_loss;
};

/* The bit of a line's name in `lines`; several names share one. */
uint64_t history_line_bit(const char *name, size_t length);

struct history_index {
    ino_t inode;     /* of the file that it describes; 0 for none */
    uint64_t length; /* of the file, up to the last whole line that was read */
    struct history_block *blocks;
    size_t count, capacity;
    pthread_mutex_t
        *lock; /* borrowed; held by who changes the index, and by who reads it elsewhere */
};

/* Frees the blocks; the index is that of no file then, and keeps its lock. */
void history_index_done(struct history_index *index);

/* The summary of block `number` of the file `inode`, or NULL where it is not known to the end. Borrowed until
 * the index changes. */
const struct history_block *history_index_get(const struct history_index *index, ino_t inode,
                                              uint64_t number);

/* Reads the file from index->length to its end and adds what it finds; of another file than before, from the
 * beginning. Holds the lock for no time that the disk takes. Ends early once `stop` is set. 0; -ENOMEM; an
 * errno of fstat(2) or pread(2). */
int history_index_read(struct history_index *index, int fd, const atomic_bool *stop);

#endif
