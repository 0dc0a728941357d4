/* Shapes of what is answered: one row for each member of a JSON object. The writers are plain code; a row
 * beside them says what they write, and /api/v1/openapi.json is printed from the rows. A test holds every
 * answer of the running program against them, so that neither side can be changed alone. */
#ifndef PROTOCOL_SHAPE_H
#define PROTOCOL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer;

enum shape_kind {
    SHAPE_TEXT,    /* one of `choices`, where there are any */
    SHAPE_TIME,    /* RFC 3339, UTC */
    SHAPE_INTEGER, /* min to max; both 0: 0 to 2⁵³ - 1 */
    SHAPE_NANOSECONDS,
    SHAPE_REAL,   /* 0 or more */
    SHAPE_DUTY,   /* 0 to 1 */
    SHAPE_SWITCH, /* 0, 1, or one of `choices` */
    SHAPE_BOOL,
    SHAPE_TITLE, /* a text, or an object of texts by language */
    SHAPE_OBJECT,
    SHAPE_ANY,
    SHAPE_OF,     /* what `shape` names */
    SHAPE_RESULT, /* what any method answers */
};

/* Of choices: the text at `index`, NULL after the last. */
typedef const char *shape_choices(size_t index);

struct shape_member {
    const char *name;
    enum shape_kind kind;
    const char *shape;      /* SHAPE_OF */
    shape_choices *choices; /* NULL for none */
    int64_t min, max;
    bool optional; /* may be missing */
    bool nullable; /* may be null */
    bool list;     /* a list of these */
    const char *doc;
};

/* An object of members; or where there are none, `value`, which may be more than one thing. */
struct shape {
    const char *name; /* "line", as #/components/schemas/line */
    const char *doc;  /* a sentence without its full stop */
    const struct shape_member *members;
    size_t count;
    struct shape_member value;
    bool or_list; /* one `value`, or a list of them */
};

#define SHAPE_MEMBERS(rows) .members = (rows), .count = sizeof(rows) / sizeof((rows)[0])

/* The shape at `index`, NULL after the last; the one of that name, or NULL. */
const struct shape *shape_at(size_t index);
const struct shape *shape_find(const char *name);

/* Writes its JSON Schema as the value of `key`. */
void shape_write_schema(const struct shape *shape, const char *key, struct json_writer *writer);

/* Writes {"$ref":"#/components/schemas/NAME"}. */
void shape_write_reference(const char *name, const char *key, struct json_writer *writer);

/* The tables. */
struct shape_table {
    const struct shape *shapes;
    size_t count;
};
extern const struct shape_table shape_circuit, shape_gateway, shape_sockets;

#define SHAPE_TABLE(rows)                                                                          \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof((rows)[0])                                                   \
    }

#endif
