/* What of each line outlives a run, by name, as `lines.json` in the state folder: the value that was
 * commanded last, for `initial: "last"`, the counters of edges and of pulses, and what an output did: its action, lease
 * and lock. Kept in memory, and written when somebody says so. */
#ifndef STATE_LINE_STORE_H
#define STATE_LINE_STORE_H

#include "base/buffer.h"
#include "circuit/circuit_store.h"

#include <stdbool.h>
#include <stdint.h>

/* Names kept at most: the lines of a config, and as many of earlier ones, which are forgotten first. */
enum { LINE_STORE_NAMES_MAX = 512, LINE_STORE_RULES_MAX = 2 * CIRCUIT_RULES_MAX };

struct line_store;

/* Makes a store for `folder` (copied) and reads what is there. A missing file is an empty store; a
 * damaged one, too: it is logged, and kept beside as lines.json.bad.
 * 0; -ENAMETOOLONG; -ENOMEM; -ELOOP or -EBADMSG where lines.json is a link or no regular file; an errno of
 * open(2) or read(2). */
int line_store_new(const char *folder, struct line_store **ret_line_store);

/* Frees without writing. NULL is legal; returns NULL. */
struct line_store *line_store_free(struct line_store *line_store);

/* The value stored for a line: 0, 1, or -1 for none. */
int line_store_recall(const struct line_store *line_store, const char *line);

/* Notes a value; when it is another than before, the store is dirty until it is saved. When there is
 * no room, the name that was set longest ago is forgotten. */
void line_store_remember(struct line_store *line_store, const char *line, int value);

/* The same for the counter of edges: 0 when none is stored; 0 to 2^53-1. */
uint64_t line_store_recall_edges(const struct line_store *line_store, const char *line);
void line_store_count(struct line_store *line_store, const char *line, uint64_t edges);

/* The same for the counter of an input, and the value that the input had. False when none is stored. A value
 * alone makes the store dirty no more than an edge does. */
bool line_store_recall_counter(const struct line_store *line_store, const char *line,
                               uint64_t *ret_count, uint8_t *ret_value);
void line_store_note_counter(struct line_store *line_store, const char *line, uint64_t count,
                             uint8_t value);

/* What is stored of `from` is from now on that of `to`, and nothing is stored of `from`. Where nothing is
 * stored of `from`, nothing changes. */
void line_store_rename(struct line_store *line_store, const char *from, const char *to);

/* What an output did besides having a value. False when nothing is stored. An end that moves by less than
 * a second makes the store dirty no more than a value that stays. */
bool line_store_recall_record(const struct line_store *line_store, const char *line,
                              struct line_record *ret_record);
void line_store_note_record(struct line_store *line_store, const char *line,
                            const struct line_record *record);

/* The same of a rule: whether it is disabled, and when the commands that wait in it are due. */
bool line_store_recall_rule(const struct line_store *line_store, const char *rule,
                            struct rule_record *ret_record);
void line_store_note_rule(struct line_store *line_store, const char *rule,
                          const struct rule_record *record);

bool line_store_is_dirty(const struct line_store *line_store);

/* Where it is stored. Borrowed. */
const char *line_store_path(const struct line_store *line_store);

/* In two parts, for whoever has the disk waited for elsewhere. line_store_print() appends what is to be
 * stored, and from then on the store is not dirty: 0 or -ENOMEM. line_store_write() writes that, touches
 * nothing else of the store, and may run in another thread; line_store_failed() makes the store dirty again. */
int line_store_print(struct line_store *line_store, struct buffer *text);
int line_store_write(const struct line_store *line_store, const struct buffer *text);
void line_store_failed(struct line_store *line_store);

enum {
    LINE_STORE_MAX_BYTES = 512 * 1024
}; /* LINE_STORE_NAMES_MAX lines that do all at once: 350 kB */

/* Writes the file (mode 0600) in one step and makes the folder (0700) if need be; nothing is done for
 * a store that is not dirty. 0 or a negative errno, the store is then still dirty. */
int line_store_save(struct line_store *line_store);

#endif
