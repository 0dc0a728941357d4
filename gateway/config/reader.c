#include "config/reader.h"

#include "config/diagnostic.h"
#include "config/kind.h"

#include "base/json.h"
#include "base/nearest.h"
#include "base/owner.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    FRAMES_MAX = 8, /* root, section, list item, section in it, list item: 5 */
    NAMES_MAX = 64, /* keys of one table */
    LEAF_SIZE = 2 * PROBLEM_SHOWN_SIZE,
};

/* An object that is being read; in a list, its items one after another. */
struct frame {
    const struct key *key; /* by which it was entered; NULL for the root */
    const struct key_table *table;
    const struct json *object; /* NULL: nothing there, defaults only */
    char *target;
    size_t next;        /* key to be read next */
    size_t diagnostics; /* how many there were before this object */
    bool in_list;
    size_t index;
};

struct reader {
    struct config *config;
    struct diagnostics *diagnostics;
    int error;
    size_t depth;
    struct frame frames[FRAMES_MAX];
};

bool key_is_comment(const char *name)
{
    return strncmp(name, "//", 2) == 0;
}

static struct frame *top(struct reader *reader)
{
    return &reader->frames[reader->depth - 1];
}

struct config *reader_config(struct reader *reader)
{
    return reader->config;
}

size_t reader_index(const struct reader *reader)
{
    return reader->frames[reader->depth - 1].index;
}

bool reader_is_full(const struct reader *reader)
{
    return diagnostics_are_full(reader->diagnostics);
}

bool reader_is_sound(const struct reader *reader)
{
    return reader->diagnostics->count == reader->frames[reader->depth - 1].diagnostics;
}

void reader_no_memory(struct reader *reader)
{
    reader->error = -ENOMEM;
}

static void write_path(const struct reader *reader, const char *leaf, struct buffer *path)
{
    for (size_t i = 1; i < reader->depth; i++) {
        const struct frame *frame = &reader->frames[i];
        (void)buffer_printf(path, "%s%s", i > 1 ? "." : "", frame->key->name);
        if (frame->in_list)
            (void)buffer_printf(path, "[%zu]", frame->index);
    }
    if (leaf)
        (void)buffer_printf(path, "%s%s", path->length > 0 && leaf[0] != '[' ? "." : "", leaf);
}

void reader_fail(struct reader *reader, const struct json *at, const char *leaf, const char *format,
                 ...)
{
    struct buffer path;
    buffer_init(&path, PROBLEM_TEXT_SIZE);
    write_path(reader, leaf, &path);
    va_list arguments;
    va_start(arguments, format);
    diagnostics_add(reader->diagnostics, at, buffer_text(&path), format, arguments);
    va_end(arguments);
    buffer_done(&path);
}

void reader_fail_type(struct reader *reader, const struct json *at, const char *leaf,
                      const char *expected)
{
    reader_fail(reader, at, leaf, "expected %s, found %s", expected,
                json_type_name(json_type_of(at)));
}

void reader_enter(struct reader *reader, const struct key *key, const struct json *value,
                  void *target)
{
    assert(reader->depth < FRAMES_MAX);
    bool in_list = json_is(value, JSON_ARRAY);
    const struct json *first = in_list ? json_first(value) : value;
    if (in_list && !first)
        return;
    reader->frames[reader->depth++] = (struct frame){
        .key = key, .table = key->inside, .object = first, .target = target, .in_list = in_list};
}

bool reader_skips(struct reader *reader, const struct json *object, const struct json *member,
                  const char *leaf)
{
    const char *name = json_key(member);
    if (key_is_comment(name))
        return true;
    if (json_get(object, name) == member)
        return false;
    reader_fail(reader, member, leaf, "this key stands twice");
    return true;
}

/* A name that lacks its unit, as "debounce" for "debounce_ms". */
static const char *name_with_unit(const char *name, const char *const *names, size_t count)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < count; i++)
        if (length > 0 && strncmp(names[i], name, length) == 0 && names[i][length] == '_')
            return names[i];
    return NULL;
}

static void fail_unknown(struct reader *reader, const struct key_table *table,
                         const struct json *member, const char *leaf)
{
    const char *names[NAMES_MAX];
    assert(table->count <= NAMES_MAX);
    for (size_t i = 0; i < table->count; i++)
        names[i] = table->keys[i].name;
    const char *nearest = name_with_unit(json_key(member), names, table->count);
    if (!nearest)
        nearest = nearest_name(json_key(member), names, table->count);
    if (nearest)
        reader_fail(reader, member, leaf, "unknown key; did you mean \"%s\"?", nearest);
    else
        reader_fail(reader, member, leaf, "unknown key");
}

static bool table_knows(const struct key_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->keys[i].name, name) == 0)
            return true;
    return false;
}

/* Keys that stand twice, and keys that nobody knows. */
static void check_members(struct reader *reader, const struct frame *frame)
{
    const struct json *object = json_is(frame->object, JSON_OBJECT) ? frame->object : NULL;
    const struct json *member = json_first(object);
    for (; member && !reader_is_full(reader); member = json_next(member)) {
        char leaf[PROBLEM_SHOWN_SIZE];
        diagnostic_show_text(json_key(member), leaf);
        if (reader_skips(reader, frame->object, member, leaf))
            continue;
        if (!table_knows(frame->table, json_key(member)))
            fail_unknown(reader, frame->table, member, leaf);
    }
}

static void read_key(struct reader *reader, const struct frame *frame, const struct key *key)
{
    const struct json *value = json_get(frame->object, key->name);
    void *field = frame->target + key->offset;
    if (value)
        key->kind->read(reader, key, value, field);
    else if (key->required && frame->object)
        reader_fail(reader, frame->object, key->name, "is required");
    else if (key->kind == &kind_section)
        reader_enter(reader, key, NULL, field); /* a section that is not there has its defaults */
}

/* All of them before any key is read, since two keys may fill one field. */
static void set_defaults(const struct frame *frame)
{
    for (size_t i = 0; i < frame->table->count; i++) {
        const struct key *key = &frame->table->keys[i];
        if (key->kind->set_default)
            key->kind->set_default(key, frame->target + key->offset);
    }
}

/* After the last key of an object: what only the whole tells; then the next item, or one floor up. */
static void leave(struct reader *reader, struct frame *frame)
{
    if (frame->object && frame->table->check && json_is(frame->object, JSON_OBJECT))
        frame->table->check(reader, frame->object, frame->target);
    const struct json *next = frame->in_list ? json_next(frame->object) : NULL;
    if (!next) {
        reader->depth--;
        return;
    }
    frame->object = next;
    frame->target += frame->table->item_size;
    frame->next = 0;
    frame->index++;
    if (frame->key->max > 0 && frame->index == (size_t)frame->key->max)
        reader->depth--; /* there is no room for more, and that was told */
}

static void step(struct reader *reader)
{
    struct frame *frame = top(reader);
    if (frame->next == 0) {
        frame->diagnostics = reader->diagnostics->count;
        set_defaults(frame);
        check_members(reader, frame);
    }
    if (frame->next == 0 && frame->object && !json_is(frame->object, JSON_OBJECT)) {
        reader_fail_type(reader, frame->object, NULL, "an object");
        frame->next = frame->table->count;
    }
    if (frame->next < frame->table->count)
        read_key(reader, frame, &frame->table->keys[frame->next++]);
    else
        leave(reader, frame);
}

int reader_run(const struct json *root, const struct key_table *table, struct config *config,
               struct diagnostics *diagnostics)
{
    struct reader reader = {.config = config, .diagnostics = diagnostics, .depth = 1};
    reader.frames[0] = (struct frame){.table = table, .object = root, .target = (char *)config};
    while (reader.depth > 0 && !reader.error && !reader_is_full(&reader))
        step(&reader);
    return reader.error;
}
