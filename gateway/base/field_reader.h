/* Reads a JSON document along a table of fields into a structure, strictly: unknown and repeated names,
 * wrong types and values out of range are faults. Every fault has its path, and reading goes on after it
 * for as long as the caller wants. */
#ifndef BASE_FIELD_READER_H
#define BASE_FIELD_READER_H

#include "base/field.h"

enum field_fault_kind {
    FIELD_FAULT_VALUE,
    FIELD_FAULT_NAME, /* a reference to a name that is not there */
};

/* Borrowed for the time of the call. */
struct field_fault {
    enum field_fault_kind kind;
    const struct field_names *names; /* of NAME */
    const char *nearest;             /* the known name that is nearest to a misspelt one, or NULL */
    const struct json *at;           /* where in the document; NULL for the whole */
    const char *path;                /* "circuit.lines[2].gpio"; "" for the document itself */
    const char *text;                /* "-1 is below the minimum 0 (ms)" */
};

struct field_reading {
    const struct field_table *table;
    void *target;      /* the structure that `table` describes */
    const void *owner; /* what references look their names up in */
    const char *noun;  /* what a field is called in messages: "key", "parameter" */
    bool by_position;  /* a list is taken, too: its items are the fields in their order */
    bool comments;     /* names that begin with "//" are comments, in any number */
    void *context;
    /* Takes a fault; false when no more are wanted: reading ends. */
    bool (*fault)(void *context, const struct field_fault *fault);
};

/* Reads `root`, an object; NULL counts as an empty one.
 * Where there was a fault the structure is filled as far as it could be. 0 or -ENOMEM. */
int field_read(const struct json *root, const struct field_reading *reading);

/* Adds one word of text to an object of values that field_read() will read. */
void field_add_word(struct json *values, const struct field *field, const char *word);

/* ---- for kinds and checks ---- */

/* Reports a fault at `at`. The path is that of the object being read, and `leaf` in it: a field's name,
 * "lines[2]", or NULL for the object itself. */
void field_fail(struct field_reader *reader, const struct json *at, const char *leaf,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "expected a text, found a list" */
void field_fail_type(struct field_reader *reader, const struct json *at, const char *leaf,
                     const char *expected);

/* Index of `name` among `names` of the reading's owner; -1 when it is not there: then a fault with the
 * nearest one was reported. */
int field_look_up(struct field_reader *reader, const struct field_names *names,
                  const struct json *at, const char *leaf, const char *name);

/* Index of the name, or -1. */
int field_index_of(const struct field_names *names, const void *owner, const char *name);

/* True for a member of an object whose names are free (a title's languages) that is to be skipped: a
 * comment, or one that stands twice, which is a fault. */
bool field_skips(struct field_reader *reader, const struct json *object, const struct json *member,
                 const char *leaf);

/* True when `value` is a text of min to max bytes on one line; else a fault was reported. */
bool field_check_text(struct field_reader *reader, const struct json *value, const char *leaf,
                      int64_t min, int64_t max);

/* Has `take` read each item of a list into `member`; `leaf` is the item's place, "hosts[2]". Anything but a list is
 * a fault that says what was `expected`. */
void field_each_item(struct field_reader *reader, const struct field *field,
                     const struct json *value, const char *expected,
                     void (*take)(struct field_reader *reader, const struct json *item,
                                  const char *leaf, void *member),
                     void *member);

/* Reads `value` along `table` (copied) once the current field is done: an object, a list of objects, or
 * NULL for defaults alone. `target` is the object's structure, or the first of the list's. */
void field_enter(struct field_reader *reader, const struct field *field,
                 const struct field_table *table, const struct json *value, void *target);

/* True once reading ends; a loop over what a document brings ends, too. */
bool field_is_over(const struct field_reader *reader);

/* True while there was no fault in the object being read. */
bool field_is_sound(const struct field_reader *reader);

/* Which item of its list the object being read is. */
size_t field_position(const struct field_reader *reader);

/* The reading's target: what was read so far. */
void *field_target(const struct field_reader *reader);

void field_no_memory(struct field_reader *reader);

/* Writes a value as JSON, or a text as it is, cut to fit; returns `text`. */
char *field_show(const struct json *value, char text[FIELD_SHOWN_SIZE]);
char *field_show_text(const char *value, char text[FIELD_SHOWN_SIZE]);

#endif
