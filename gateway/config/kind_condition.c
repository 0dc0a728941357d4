/* The condition of a rule: a tree in the document, postfix order in the options. */
#include "config/kind.h"

#include "config/keys.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "circuit/names.h"

#include <stdio.h>
#include <string.h>

enum { CONDITION_LEAF_SIZE = 128 };

/* A condition whose parts are being read. */
struct frame {
    const struct json *next; /* part */
    enum circuit_condition_kind kind;
    size_t index, count; /* of the next part; of those that were read */
    char path[CONDITION_LEAF_SIZE];
};

struct walk {
    struct field_reader *reader;
    struct circuit_rule_options *rule;
    struct frame frames[CIRCUIT_CONDITION_DEPTH_MAX];
    size_t depth;
};

static void fail(struct walk *walk, const struct json *at, const char *path, const char *key,
                 const char *what)
{
    char leaf[CONDITION_LEAF_SIZE + FIELD_SHOWN_SIZE];
    char shown[FIELD_SHOWN_SIZE];
    (void)snprintf(leaf, sizeof leaf, "%s%s%s", path, key ? "." : "",
                   key ? field_show_text(key, shown) : "");
    field_fail(walk->reader, at, leaf, "%s", what);
}

/* Adds one; false when there is no room. */
static bool add(struct walk *walk, const struct json *at, const char *path,
                const struct circuit_condition *condition)
{
    struct circuit_rule_options *rule = walk->rule;
    if (rule->condition_count == CIRCUIT_CONDITIONS_MAX) {
        fail(walk, at, path, NULL, "the condition has more than 32 parts");
        return false;
    }
    rule->conditions[rule->condition_count++] = *condition;
    return true;
}

/* Whether the object has these keys and no others, comments apart; `a` and `b` may be missing where a test of
 * their values says so. */
static bool has_only(struct walk *walk, const struct json *object, const char *path,
                     const char *const keys[2])
{
    for (const struct json *member = json_first(object); member; member = json_next(member)) {
        const char *key = json_key(member);
        if (strncmp(key, "//", 2) == 0 || strcmp(key, keys[0]) == 0 ||
            (keys[1] && strcmp(key, keys[1]) == 0))
            continue;
        fail(walk, member, path, key, "is not known in this condition");
        return false;
    }
    return true;
}

static bool read_switch(struct walk *walk, const struct json *object, const char *path,
                        const char *key, uint8_t *ret_value)
{
    const struct json *value = json_get(object, key);
    int number;
    if (!value || json_switch(value, &number)) {
        fail(walk, value ? value : object, path, key,
             value ? "expected 0, 1, true or false" : "is required");
        return false;
    }
    *ret_value = (uint8_t)number;
    return true;
}

static void read_named(struct walk *walk, const struct json *object, const char *path,
                       struct circuit_condition *condition, const struct field_names *names,
                       const char *const keys[2])
{
    char leaf[CONDITION_LEAF_SIZE + 8];
    const struct json *name = json_get(object, keys[0]);
    (void)snprintf(leaf, sizeof leaf, "%s.%s", path, keys[0]);
    if (!has_only(walk, object, path, keys))
        return;
    if (!json_text(name)) {
        field_fail_type(walk->reader, name, leaf, "a name");
        return;
    }
    int index = field_look_up(walk->reader, names, name, leaf, json_text(name));
    if (index < 0 || !read_switch(walk, object, path, keys[1], &condition->value))
        return;
    condition->index = (uint16_t)index;
    (void)add(walk, object, path, condition);
}

static void read_clock(struct walk *walk, const struct json *object, const char *path)
{
    static const char *const keys[2] = {"from", "to"};
    struct circuit_condition condition = {.kind = CIRCUIT_CONDITION_CLOCK};
    int32_t *const times[2] = {&condition.from_s, &condition.to_s};
    if (!has_only(walk, object, path, keys))
        return;
    for (size_t i = 0; i < 2; i++) {
        char leaf[CONDITION_LEAF_SIZE + 8];
        const struct json *value = json_get(object, keys[i]);
        (void)snprintf(leaf, sizeof leaf, "%s.%s", path, keys[i]);
        if (!value) {
            fail(walk, object, path, keys[i], "is required");
            return;
        }
        if (!time_of_day_read(walk->reader, value, leaf, times[i]))
            return;
    }
    if (condition.from_s == condition.to_s)
        fail(walk, object, path, "to", "is the same time as from: leave the condition out");
    else
        (void)add(walk, object, path, &condition);
}

/* Opens a condition of parts, whose parts are read next. */
static void open_parts(struct walk *walk, const struct json *value, const char *path,
                       enum circuit_condition_kind kind, const char *key)
{
    bool is_not = kind == CIRCUIT_CONDITION_NOT;
    if (!is_not && (!json_is(value, JSON_ARRAY) || json_count(value) == 0)) {
        fail(walk, value, path, key, "expected a list of conditions");
        return;
    }
    struct frame *frame = &walk->frames[walk->depth++];
    *frame = (struct frame){.next = is_not ? value : json_first(value), .kind = kind};
    (void)snprintf(frame->path, sizeof frame->path, "%s.%s", path, key);
}

/* Reads one condition; one with parts is left open. */
static void read_one(struct walk *walk, const struct json *object, const char *path)
{
    static const struct {
        const char *key;
        enum circuit_condition_kind kind;
    } parts[] = {{"all", CIRCUIT_CONDITION_ALL},
                 {"any", CIRCUIT_CONDITION_ANY},
                 {"not", CIRCUIT_CONDITION_NOT}};
    static const char *const line_keys[2] = {"line", "value"};
    static const char *const scene_keys[2] = {"scene", "running"};
    if (!json_is(object, JSON_OBJECT)) {
        fail(walk, object, path, NULL,
             "expected a condition, as {\"line\": \"rain\", \"value\": 1}");
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        const char *const keys[2] = {parts[i].key, NULL};
        const struct json *value = json_get(object, parts[i].key);
        if (!value)
            continue;
        if (walk->depth + 1 >= CIRCUIT_CONDITION_DEPTH_MAX)
            fail(walk, object, path, NULL, "conditions are nested deeper than 4");
        else if (has_only(walk, object, path, keys))
            open_parts(walk, value, path, parts[i].kind, parts[i].key);
        return;
    }
    if (json_get(object, "line"))
        read_named(walk, object, path, &(struct circuit_condition){.kind = CIRCUIT_CONDITION_LINE},
                   &circuit_line_names, line_keys);
    else if (json_get(object, "scene"))
        read_named(walk, object, path, &(struct circuit_condition){.kind = CIRCUIT_CONDITION_SCENE},
                   &circuit_scene_names, scene_keys);
    else if (json_get(object, "from") || json_get(object, "to"))
        read_clock(walk, object, path);
    else
        fail(walk, object, path, NULL,
             "a condition has line and value, from and to, scene and running, all, any, or not");
}

/* Reads the next part of the innermost open condition, or closes it. */
static void step(struct walk *walk)
{
    char path[CONDITION_LEAF_SIZE];
    struct frame *frame = &walk->frames[walk->depth - 1];
    const struct json *part = frame->next;
    if (!part) {
        const struct circuit_condition whole = {.kind = frame->kind,
                                                .count = (uint8_t)frame->count};
        walk->depth--;
        (void)add(walk, NULL, frame->path, &whole);
        return;
    }
    bool is_not = frame->kind == CIRCUIT_CONDITION_NOT;
    frame->next = is_not ? NULL : json_next(part);
    frame->count++;
    if (is_not)
        (void)snprintf(path, sizeof path, "%s", frame->path);
    else
        (void)snprintf(path, sizeof path, "%.*s[%zu]", CONDITION_LEAF_SIZE - 24, frame->path,
                       frame->index++);
    read_one(walk, part, path);
}

static void condition_read(struct field_reader *reader, const struct field *field,
                           const struct json *value, void *member)
{
    struct walk walk = {.reader = reader, .rule = member};
    walk.rule->condition_count = 0;
    read_one(&walk, value, field->name);
    while (walk.depth > 0 && !field_is_over(reader))
        step(&walk);
}

static void condition_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "object");
}

const struct field_kind kind_condition = {
    .read = condition_read,
    .form = "`{line, value}`, `{from, to}`, `{scene, running}`, `{all: […]}`, `{any: […]}` or "
            "`{not: …}`, nested at most 4 deep",
    .write_schema = condition_write_schema,
};
