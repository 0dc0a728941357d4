/* JSON that comes in, read strictly; base/json_writer writes what goes out. This header and its .c are
 * the program's only border to cJSON, whose parser is lenient: here duplicate keys, `01`, `1e400`, lone
 * surrogates, trailing bytes and bad UTF-8 are refused, and keys are compared by case. RFC 8259. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_DEPTH_MAX = 32,  /* deeper input is refused: no message of ours nests beyond 8 */
    JSON_DIGITS_MAX = 63, /* bytes of one number: the parser below reads no more */
    JSON_KEYS_MAX = 512,  /* members of one object: 256 lines at most, twice */
    JSON_PROBLEM_SIZE = 160,
};

/* A JSON value. A tree is owned by its root; everything reached from it is borrowed. */
struct json;
struct json_writer;

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Where and why a text is not JSON; line and column count from 1, the column in bytes. */
struct json_error {
    size_t line, column;
    char text[JSON_PROBLEM_SIZE];
};

/* Parses exactly one value. 0; -EBADMSG with `problem` filled (may be NULL); -ENOMEM. */
int json_parse(const char *text, size_t length, struct json **ret_json, struct json_error *problem);

/* The same, but a key that stands twice in an object passes, for a caller that can say where it does:
 * json_get() finds the first. The number of keys has no limit but the text's. */
int json_parse_keeping_duplicates(const char *text, size_t length, struct json **ret_json,
                                  struct json_error *problem);
struct json *json_free(struct json *json);

/* ---- reading: every function takes NULL and answers "not there" ---- */

enum json_type json_type_of(const struct json *json);
const char *json_type_name(enum json_type type);
bool json_is(const struct json *json, enum json_type type);

/* Member of an object, compared by case; NULL when missing or no object. */
const struct json *json_get(const struct json *object, const char *key);

/* First child of an array or object, then the next one, then NULL. */
const struct json *json_first(const struct json *container);
const struct json *json_next(const struct json *child);
size_t json_count(const struct json *container);
const char *json_key(const struct json *member);

/* Text of a string; NULL for anything else. */
const char *json_text(const struct json *json);

/* A whole number between min and max. 0; -EINVAL when it is none; -ERANGE. */
int json_integer(const struct json *json, int64_t min, int64_t max, int64_t *ret_value);

/* A finite number between min and max. 0; -EINVAL; -ERANGE. */
int json_real(const struct json *json, double min, double max, double *ret_value);

/* `true`, `false`, `1` or `0`. 0 or -EINVAL. */
int json_switch(const struct json *json, int *ret_value);

/* Writes a copy of any value, integers of up to 2^53 exactly; NULL becomes null. */
void json_write_copy(struct json_writer *writer, const char *key, const struct json *value);

/* ---- the parameters of a method, from words or a path: an object that is read like one that came in.
 * A failed allocation gives NULL, and every function takes NULL and passes it on ---- */

struct json *json_new_object(void);

/* Whether memory was lacking for a member or for the object itself: it must not be read as if it were whole, and
 * json_is() finds no object there. */
bool json_is_incomplete(const struct json *object);

/* The same as a json_add_…() that fails. */
void json_spoil(struct json *object);

/* Adds a member. Texts are copied. */
void json_add_text(struct json *object, const char *key, const char *text);
void json_add_bool(struct json *object, const char *key, bool value);

/* Adds a copy of any value, wherever it stands. */
void json_add_copy(struct json *object, const char *key, const struct json *value);

#endif
