/* What of each line outlives a run, by name, as `lines.json` in the state folder: the value that was
 * commanded last, for `initial: "last"`, and the counter of edges. Kept in memory, and written when
 * somebody says so. */
#ifndef CONFIG_MEMORY_H
#define CONFIG_MEMORY_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* Names kept at most: the lines of a config, and as many of earlier ones, which are forgotten first. */
enum { MEMORY_NAMES_MAX = 512 };

struct memory;

/* Makes a store for `folder` (copied) and reads what is there. A missing file is an empty store; a
 * damaged one, too: it is logged, and kept beside as lines.json.bad. 0, -ENAMETOOLONG or -ENOMEM. */
int memory_new(const char *folder, struct memory **ret_memory);

/* Frees without writing. NULL is legal; returns NULL. */
struct memory *memory_free(struct memory *memory);

/* The value stored for a line: 0, 1, or -1 for none. */
int memory_recall(const struct memory *memory, const char *line);

/* Notes a value; when it is another than before, the store is dirty until it is saved. When there is
 * no room, the name that was set longest ago is forgotten. */
void memory_remember(struct memory *memory, const char *line, int value);

/* The same for the counter of edges: 0 when none is stored; 0 to 2^53-1. */
uint64_t memory_recall_edges(const struct memory *memory, const char *line);
void memory_count(struct memory *memory, const char *line, uint64_t edges);

bool memory_is_dirty(const struct memory *memory);

/* In two parts, for whoever has the disk waited for elsewhere. memory_print() appends what is to be
 * stored, and from then on the store is not dirty: 0 or -ENOMEM. memory_write() writes that, touches
 * nothing else of the store, and may run in another thread; memory_failed() makes the store dirty again. */
int memory_print(struct memory *memory, struct buffer *text);
int memory_write(const struct memory *memory, const struct buffer *text);
void memory_failed(struct memory *memory);

enum { MEMORY_FILE_MAX_BYTES = 64 * 1024 }; /* MEMORY_NAMES_MAX names of 32 bytes take 42 kB */

/* Writes the file (mode 0600) in one step and makes the folder (0700) if need be; nothing is done for
 * a store that is not dirty. 0 or a negative errno, the store is then still dirty. */
int memory_save(struct memory *memory);

#endif
