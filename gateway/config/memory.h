/* The store behind `initial: "last"`: the last commanded value of each line, by name, as `last.json`
 * in the state folder. It keeps values in memory and writes when it is told to. */
#ifndef CONFIG_MEMORY_H
#define CONFIG_MEMORY_H

#include <stdbool.h>

/* Names kept at most: the lines of a config, and as many of earlier ones, which are forgotten first. */
enum { MEMORY_NAMES_MAX = 512 };

struct memory;

/* Makes a store for `folder` (copied) and reads what is there. A missing file is an empty store; a
 * damaged one, too, and is logged. 0, -ENAMETOOLONG or -ENOMEM. */
int memory_new(const char *folder, struct memory **ret_memory);

/* Frees without writing. NULL is legal; returns NULL. */
struct memory *memory_free(struct memory *memory);

/* The value stored for a line: 0, 1, or -1 for none. `context` is the struct memory: this and the
 * next one fit struct circuit_memory. */
int memory_recall(void *context, const char *line);

/* Notes a value; when it is another than before, the store is dirty until it is saved. When there is
 * no room, the name that was set longest ago is forgotten. */
void memory_remember(void *context, const char *line, int value);

bool memory_is_dirty(const struct memory *memory);

/* Writes the file (mode 0600) in one step and makes the folder (0700) if need be; nothing is done for
 * a store that is not dirty. 0 or a negative errno, the store is then still dirty. */
int memory_save(struct memory *memory);

#endif
