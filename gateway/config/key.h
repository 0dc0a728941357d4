/* The table of keys: everything that the config may hold, once, with type, range, unit, default and
 * a line of documentation. The reader, the messages and the printed tables all come from it. */
#ifndef CONFIG_KEY_H
#define CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json;
struct key;
struct key_table;
struct reader;

/* What a key's value may be. A kind knows the C type of the field at the key's offset. */
struct kind {
    /* For a missing key. NULL where all zero is the default. */
    void (*set_default)(const struct key *key, void *field);
    /* Checks `value` and fills the field, or tells the reader what is wrong. */
    void (*read)(struct reader *reader, const struct key *key, const struct json *value,
                 void *field);
    /* Prints the type with its range and unit; and the default ("" for none). */
    void (*print)(FILE *out, const struct key *key);
    void (*print_default)(FILE *out, const struct key *key);
};

struct key {
    const char *name;
    const struct kind *kind;
    size_t offset;                  /* of the field in the table's structure */
    int64_t min, max, fallback;     /* numbers: in the file's unit; texts: bytes; lists: items */
    double low, high;               /* kind_real */
    const char *unit;               /* "ms", "bytes"; NULL for none */
    const char *const *choices;     /* names or default texts, NULL at the end */
    const struct key_table *inside; /* of a section or list */
    size_t count_offset;            /* lists: of their size_t count */
    const char *doc;                /* one sentence, without a full stop */
    uint32_t scale;                 /* numbers: the field holds value × scale; 0 is 1 */
    bool required;
};

struct key_table {
    const struct key *keys;
    size_t count;
    size_t item_size; /* of the structure, in a list; 0: every item is read into the list's owner */
    /* Looks at what only the whole tells, after all keys were read; NULL for nothing. */
    void (*check)(struct reader *reader, const struct json *object, void *target);
};

/* Keys that begin with "//" are comments, and may stand as often as one likes. */
bool key_is_comment(const char *name);

#endif
