/* Walks a document along the tables of keys. It keeps the path for messages, and goes on after every
 * error, so that one run tells them all. */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "config/key.h"

struct config;
struct diagnostics;
struct reader;

/* Reads `root` by `table` into `config`; what is wrong goes to `problems`. 0 or -ENOMEM. */
int reader_run(const struct json *root, const struct key_table *table, struct config *config,
               struct diagnostics *diagnostics);

/* ---- for kinds and checks ---- */

/* Notes that something is wrong at `at`. The path is that of the object being read, and `leaf` in it:
 * a key, "lines[2]", or NULL for the object itself. */
void reader_fail(struct reader *reader, const struct json *at, const char *leaf, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* "expected a text, found a list" */
void reader_fail_type(struct reader *reader, const struct json *at, const char *leaf,
                      const char *expected);

/* Tells of a member of an object whose keys are free (a title's languages) that it stands twice; true
 * when it is to be skipped: that, or a comment. */
bool reader_skips(struct reader *reader, const struct json *object, const struct json *member,
                  const char *leaf);

/* Reads `value` by the key's table once the current key is done: an object, a list of objects, or NULL
 * for defaults alone. `target` is the object's structure, or the first of the list's. */
void reader_enter(struct reader *reader, const struct key *key, const struct json *value,
                  void *target);

/* True once so much was wrong that reading ends; a loop over what a file brings ends, too. */
bool reader_is_full(const struct reader *reader);

/* True while nothing was wrong with the object being read. */
bool reader_is_sound(const struct reader *reader);

/* Which item of its list the object being read is. */
size_t reader_index(const struct reader *reader);

/* What was read so far. */
struct config *reader_config(struct reader *reader);

void reader_no_memory(struct reader *reader);

#endif
