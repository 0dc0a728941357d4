/* One description of a named value: its name, kind, range, unit, default, and the member of a structure
 * that holds it. Config keys, parameters of methods, text commands and every description of them (JSON
 * Schema, tables in Markdown, usage) are made from it. Rows are constant data; base/field_reader.h reads
 * JSON along them. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field;
struct field_reader;
struct field_table;
struct json;
struct json_writer;

enum {
    FIELD_SHOWN_SIZE = 68, /* a value inside of a sentence: longer ones end in "…" */
    FIELD_NAMES_MAX = 512, /* fields of one table; names that a reference may have */
};

/* The largest whole number that every JSON reader keeps (RFC 8259 §6). */
#define FIELD_INTEGER_MAX INT64_C(9007199254740991)

/* How one word of text becomes JSON. A word that does not look like it stays a text, and the kind says
 * what it expected. */
enum field_word {
    FIELD_WORD_TEXT,
    FIELD_WORD_INTEGER, /* decimal digits */
    FIELD_WORD_REAL,    /* a number as JSON has it */
    FIELD_WORD_SWITCH,  /* 0, 1, true, false; on and off in any case */
};

/* What a field's value may be. A kind knows the C type of the member. */
struct field_kind {
    enum field_word word;
    /* For a missing value. NULL where all zero is the default. */
    void (*set_default)(const struct field *field, void *member);
    /* Checks `value` and fills the member, or reports a fault to the reader. */
    void (*read)(struct field_reader *reader, const struct field *field, const struct json *value,
                 void *member);
    /* Whether the member's value may stand there. NULL: always. */
    bool (*is_in_range)(const struct field *field, const void *member);
    /* What may stand there, as "true or false"; where that depends on the field, `print` appends it. */
    const char *form;
    void (*print)(const struct field *field, struct buffer *out);
    /* Appends the default as JSON. NULL: there is none. */
    void (*print_default)(const struct field *field, struct buffer *out);
    /* Writes "type", "minimum" and whatever else JSON Schema says, members of an object that is open. */
    void (*write_schema)(const struct field *field, struct json_writer *writer);
};

/* Names that a reference is looked up among, as the lines of a circuit. */
struct field_names {
    const char *noun; /* "line" */
    size_t (*count)(const void *owner);
    const char *(*at)(const void *owner, size_t index);
};

struct field {
    const char *name;
    const struct field_kind *kind;
    size_t offset, size;              /* of the member; size 0: nothing is stored */
    size_t given;                     /* of a bool: the value was there; 0 for none */
    int64_t min, max, fallback;       /* numbers: in `unit`; texts: bytes; lists: items */
    double low, high, real_fallback;  /* field_real */
    const char *unit;                 /* "ms", "bytes"; NULL for none */
    const char *const *choices;       /* names, NULL at the end */
    const char *text_fallback;        /* texts; NULL for none */
    const struct field_names *names;  /* of a reference */
    const struct field_table *inside; /* of a section or list */
    size_t count_offset;              /* lists: of their size_t count */
    const char *doc;                  /* one sentence, without a full stop */
    uint32_t scale;                   /* integers: the member holds value × scale; 0 is 1 */
    bool required;
    /* Of text commands: */
    bool plain;       /* may stand without its name, in the order of the table */
    bool rest;        /* takes all words that are left */
    bool instead;     /* stands in place of the field before it */
    const char *word; /* what usage calls its value; NULL: its unit or its name in capitals */
};

#define FIELD_MEMBER(type, member)                                                                 \
    .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* A name that other programs have for something: "pull_up". */
struct field_alias {
    const char *name;  /* in small letters, with '_' between words; NULL at the end of a list */
    const char *field; /* our name of it */
    const char *value; /* of which this value, as JSON: "\"pull-up\""; NULL for no certain one */
};

struct field_table {
    const struct field *fields;
    size_t count;
    const char *title; /* in messages: whose fields these are, as "line.set"; NULL for none */
    const char
        *tag; /* a member that chose this table among others and is no field; NULL for none */
    const struct field_alias *aliases; /* suggested to whoever writes one of them; NULL for none */
    bool (*takes)(const struct field *field); /* which of the fields count; NULL: all */
    /* Sets the other members for one object, which may differ from its neighbours in a list. False: a fault
     * was reported, and the object is passed over. NULL: all objects have these fields. */
    bool (*choose)(struct field_reader *reader, const struct json *object, void *target,
                   struct field_table *table);
    size_t item_size; /* of the structure, in a list; 0: every item is read into the list's owner */
    /* Checks what needs the whole object, after all fields were read; NULL for nothing. */
    void (*check)(struct field_reader *reader, const struct json *object, void *target);
};

#define FIELD_TABLE(rows) .fields = (rows), .count = sizeof(rows) / sizeof((rows)[0])

/* ---- kinds; beside each the C type of its member ---- */

extern const struct field_kind field_integer; /* any integer type: min to max, times scale */
extern const struct field_kind field_real;    /* double: low to high */
extern const struct field_kind field_switch;  /* integer: 0, 1, true or false */
extern const struct field_kind field_bool;    /* bool: true or false */
extern const struct field_kind field_choice;  /* enum: one of `choices`; "0" and "1" are numbers */
extern const struct field_kind field_text;    /* char[max + 1]: one line of min to max bytes */
extern const struct field_kind field_reference; /* integer: index of a name among `names` */
extern const struct field_kind field_section;   /* the structure that `inside` describes */
/* A pointer to new structures and their count, owned by whoever owns the structure; or with item_size 0
 * the structure that has the list. */
extern const struct field_kind field_list;

/* ---- for kinds that stand elsewhere ---- */

/* Stores an integer in a member of field->size bytes, and loads it. */
void field_store(const struct field *field, void *member, int64_t value);
int64_t field_load(const struct field *field, const void *member);

/* What kinds of texts have in common: the default text_fallback or "", and their schema. */
void field_text_default(const struct field *field, void *member);
void field_text_print_default(const struct field *field, struct buffer *out);
void field_text_write_schema(const struct field *field, struct json_writer *writer);

/* What lists of texts have in common: the default [], and their schema. */
void field_texts_print_default(const struct field *field, struct buffer *out);
void field_texts_write_schema(const struct field *field, struct json_writer *writer);

/* ---- describing ---- */

/* Whether the table has the field: its `takes` may leave some out. */
bool field_counts(const struct field_table *table, const struct field *field);

/* The first field whose member is out of its range, though not its default; NULL where all are good. Looks
 * at numbers and switches: what came from elsewhere than field_read(). */
const struct field *field_out_of_range(const struct field_table *table, const void *target);

/* The field of that name, or NULL. */
const struct field *field_find(const struct field_table *table, const char *name);

/* JSON Schema (2020-12) of the value: its type and range, "default", "description", and its unit as
 * "x-unit"; one value, `key` as for the writer. */
void field_write_schema(const struct field *field, const char *key, struct json_writer *writer);

/* The members of an object's schema: "type", "properties", "required"; keys that begin with // are
 * comments and may be anything. Tables inside of it are written, too; a table is never inside itself. */
void field_table_write_schema(const struct field_table *table, struct json_writer *writer);

/* Appends what may stand there. */
void field_print_form(const struct field *field, struct buffer *out);

/* Appends a row "| `name` | what it may be | default | doc |" of a table in Markdown. */
void field_print_row(const struct field *field, struct buffer *out);

/* Is called for every table and of its fields, for whoever prints them all. */
struct field_visitor {
    void *context;
    void (*table)(void *context, const char *path); /* "circuit.lines[]"; "" for the document */
    void (*field)(void *context, const struct field *field);
};

/* Visits `root`, and every table inside of it. */
void field_walk(const struct field_table *root, const struct field_visitor *visitor);

/* Appends the usage of a text command, "LINE ON_MS OFF_MS [COUNT]": the plain fields; with `named` the
 * others, too, as "[expect=SEQ] [lease_ms=MS | lease=connection]". */
void field_print_usage(const struct field_table *table, bool named, struct buffer *out);

#endif
