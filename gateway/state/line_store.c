#include "state/line_store.h"

#include "base/file.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/name.h"
#include "state/line_record.h"
#include "state/rule_store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As far as a double counts, and 285 years of a million edges a second. */
#define EDGES_MAX ((INT64_C(1) << 53) - 1)

enum { STORE_VERSION = 2 };

struct entry {
    char name[NAME_SIZE];
    int value; /* -1 for none */
    uint64_t edges;
    int level; /* of an input with a counter; -1 for none */
    uint64_t count;
    struct line_record record;
};

/* The entries are in the order in which they were set last, so that the first is the oldest. */
struct line_store {
    char folder[PATH_MAX];
    char path[PATH_MAX];
    bool dirty;
    size_t count;
    struct entry entries[LINE_STORE_NAMES_MAX];
    struct rule_store rules;
};

/* Place of a name, or -1. */
static int find(const struct line_store *line_store, const char *name)
{
    for (size_t i = 0; i < line_store->count; i++)
        if (strcmp(line_store->entries[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Takes an entry out: a new one is always put at the end. */
static void forget(struct line_store *line_store, int index)
{
    struct entry *entry = &line_store->entries[index];
    size_t after = line_store->count - (size_t)index - 1;
    memmove(entry, entry + 1, after * sizeof *entry);
    line_store->count--;
}

/* The entry of a name, now the newest: made where there is none. */
static struct entry *renew(struct line_store *line_store, const char *name)
{
    struct entry renewed = {.value = -1, .level = -1};
    int index = find(line_store, name);
    if (index >= 0)
        renewed = line_store->entries[index];
    if (index >= 0 || line_store->count == LINE_STORE_NAMES_MAX)
        forget(line_store, index >= 0 ? index : 0);
    struct entry *entry = &line_store->entries[line_store->count++];
    *entry = renewed;
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    return entry;
}

/* A counter has both: how far it is, and the value of its input. */
static bool take_counter(struct entry *entry, const struct json *count, const struct json *level)
{
    int64_t number;
    if (!count && !level)
        return true;
    if (json_integer(count, 0, EDGES_MAX, &number))
        return false;
    entry->count = (uint64_t)number;
    if (json_integer(level, 0, 1, &number))
        return false;
    entry->level = (int)number;
    return true;
}

static bool take_line(struct line_store *line_store, const struct json *line)
{
    const struct json *value = json_get(line, "value");
    const struct json *edges = json_get(line, "edges");
    int64_t number;
    if (!name_is_valid(json_key(line)) || !json_is(line, JSON_OBJECT))
        return false;
    struct entry *entry = renew(line_store, json_key(line));
    if (value && json_integer(value, 0, 1, &number))
        return false;
    entry->value = value ? (int)number : -1;
    if (edges && json_integer(edges, 0, EDGES_MAX, &number))
        return false;
    entry->edges = edges ? (uint64_t)number : 0;
    if (!take_counter(entry, json_get(line, "count"), json_get(line, "level")))
        return false;
    return record_read(json_get(line, "does"), &entry->record);
}

/* The lines of a document; NULL for another version. The first version had no number and lines alone, so
 * that a member "version" of it is a line. */
static const struct json *find_lines(const struct json *root)
{
    const struct json *version = json_get(root, "version");
    int64_t number;
    if (!version || json_is(version, JSON_OBJECT))
        return root;
    return json_integer(version, STORE_VERSION, STORE_VERSION, &number) == 0
               ? json_get(root, "lines")
               : NULL;
}

/* Takes {"version": 2, "lines": {"NAME": {"value": 0 or 1, "edges": NUMBER, "does": {…}}, …},
 * "rules": {…}}; false when it is anything else, or of another version. */
static bool take(struct line_store *line_store, const struct json *root)
{
    const struct json *lines = json_is(root, JSON_OBJECT) ? find_lines(root) : NULL;
    if (!json_is(lines, JSON_OBJECT))
        return false;
    for (const struct json *line = json_first(lines); line; line = json_next(line))
        if (!take_line(line_store, line))
            return false;
    return lines == root || rule_store_read(&line_store->rules, json_get(root, "rules"));
}

static void empty(struct line_store *line_store)
{
    line_store->count = 0;
    line_store->rules.count = 0;
}

/* What cannot be read as a document is kept beside, and the store is empty. */
static void set_aside(struct line_store *line_store, int error)
{
    char aside[PATH_MAX];
    empty(line_store);
    if (snprintf(aside, sizeof aside, "%s.bad", line_store->path) < (int)sizeof aside)
        (void)rename(line_store->path, aside); /* the next store would replace it */
    log_warning("last values, counters and locks are lost, all start at 0 path=\"%s\" error=\"%s\"",
                line_store->path, strerror(-error));
}

/* 0; -EBADMSG or another error of the content when it is no store of this version; -ENOBUFS when it is
 * too long to be ours; -ENOMEM; -EISDIR, -ELOOP or an errno of open(2) or read(2) with `*ret_is_read`
 * false. */
static int read_document(struct line_store *line_store, const char *path, bool *ret_is_read)
{
    struct buffer text;
    struct json *root = NULL;
    buffer_init(&text, LINE_STORE_MAX_BYTES);
    int error = file_read_private(path, &text, NULL);
    *ret_is_read = !error || error == -ENOBUFS;
    if (!error)
        error = json_parse(buffer_text(&text), text.length, &root, NULL);
    if (!error && !take(line_store, root))
        error = -EBADMSG;
    json_free(root);
    buffer_done(&text);
    return error;
}

/* A writer that is killed while it waits for the disk leaves the next content beside the file, whole but
 * not in its place. It holds what was switched off last; half of it is no document. */
static bool take_left_beside(struct line_store *line_store)
{
    char beside[PATH_MAX];
    bool is_read;
    if (snprintf(beside, sizeof beside, "%s.new", line_store->path) >= (int)sizeof beside)
        return false;
    if (read_document(line_store, beside, &is_read) == 0 && rename(beside, line_store->path) == 0)
        return true;
    empty(line_store);
    return false;
}

/* 0 also when there is no file, and when it holds something else. */
static int read_file(struct line_store *line_store)
{
    bool is_read;
    if (take_left_beside(line_store))
        return 0;
    int error = read_document(line_store, line_store->path, &is_read);
    if (!is_read)
        return error == -ENOENT ? 0 : error;
    if (error && error != -ENOMEM)
        set_aside(line_store, error);
    return error == -ENOMEM ? error : 0;
}

int line_store_new(const char *folder, struct line_store **ret_line_store)
{
    struct line_store *line_store = calloc(1, sizeof *line_store);
    if (!line_store)
        return -ENOMEM;
    int length = snprintf(line_store->path, sizeof line_store->path, "%s/lines.json", folder);
    if (length >= (int)sizeof line_store->path) {
        free(line_store);
        return -ENAMETOOLONG;
    }
    (void)snprintf(line_store->folder, sizeof line_store->folder, "%s", folder);
    int error = read_file(line_store);
    if (error) {
        free(line_store);
        return error;
    }
    *ret_line_store = line_store;
    return 0;
}

struct line_store *line_store_free(struct line_store *line_store)
{
    free(line_store);
    return NULL;
}

int line_store_recall(const struct line_store *line_store, const char *line)
{
    int index = find(line_store, line);
    return index < 0 ? -1 : line_store->entries[index].value;
}

void line_store_remember(struct line_store *line_store, const char *line, int value)
{
    if (line_store_recall(line_store, line) == value)
        return;
    renew(line_store, line)->value = value;
    line_store->dirty = true;
}

uint64_t line_store_recall_edges(const struct line_store *line_store, const char *line)
{
    int index = find(line_store, line);
    return index < 0 ? 0 : line_store->entries[index].edges;
}

void line_store_count(struct line_store *line_store, const char *line, uint64_t edges)
{
    if (line_store_recall_edges(line_store, line) == edges)
        return;
    renew(line_store, line)->edges = edges;
    line_store->dirty = true;
}

bool line_store_recall_counter(const struct line_store *line_store, const char *line,
                               uint64_t *ret_count, uint8_t *ret_value)
{
    int index = find(line_store, line);
    if (index < 0 || line_store->entries[index].level < 0)
        return false;
    *ret_count = line_store->entries[index].count;
    *ret_value = (uint8_t)line_store->entries[index].level;
    return true;
}

void line_store_note_counter(struct line_store *line_store, const char *line, uint64_t count,
                             uint8_t value)
{
    uint64_t stored_count;
    uint8_t stored_value;
    if (line_store_recall_counter(line_store, line, &stored_count, &stored_value) &&
        stored_count == count && stored_value == value)
        return;
    struct entry *entry = renew(line_store, line);
    entry->count = count;
    entry->level = value;
    line_store->dirty = true;
}

void line_store_rename(struct line_store *line_store, const char *from, const char *to)
{
    int index = find(line_store, from);
    if (index < 0)
        return;
    struct entry moved = line_store->entries[index];
    forget(line_store, index);
    memcpy(renew(line_store, to), &moved, sizeof moved);
    struct entry *entry = &line_store->entries[line_store->count - 1];
    (void)snprintf(entry->name, sizeof entry->name, "%s", to);
    line_store->dirty = true;
}

bool line_store_recall_record(const struct line_store *line_store, const char *line,
                              struct line_record *ret_record)
{
    int index = find(line_store, line);
    if (index >= 0)
        *ret_record = line_store->entries[index].record;
    return index >= 0;
}

void line_store_note_record(struct line_store *line_store, const char *line,
                            const struct line_record *record)
{
    static const struct line_record nothing;
    int index = find(line_store, line);
    const struct line_record *stored = index < 0 ? &nothing : &line_store->entries[index].record;
    if (record_is_same(stored, record))
        return;
    renew(line_store, line)->record = *record;
    line_store->dirty = true;
}

bool line_store_recall_rule(const struct line_store *line_store, const char *rule,
                            struct rule_record *ret_record)
{
    return rule_store_recall(&line_store->rules, rule, ret_record);
}

void line_store_note_rule(struct line_store *line_store, const char *rule,
                          const struct rule_record *record)
{
    line_store->dirty |= rule_store_note(&line_store->rules, rule, record);
}

bool line_store_is_dirty(const struct line_store *line_store)
{
    return line_store->dirty;
}

int line_store_print(struct line_store *line_store, struct buffer *text)
{
    struct json_writer writer = json_writer_begin(text);
    json_write_object(&writer, NULL);
    json_write_integer(&writer, "version", STORE_VERSION);
    json_write_object(&writer, "lines");
    for (size_t i = 0; i < line_store->count; i++) {
        const struct entry *entry = &line_store->entries[i];
        json_write_object(&writer, entry->name);
        if (entry->value >= 0)
            json_write_integer(&writer, "value", entry->value);
        json_write_unsigned(&writer, "edges", entry->edges);
        if (entry->level >= 0) {
            json_write_unsigned(&writer, "count", entry->count);
            json_write_integer(&writer, "level", entry->level);
        }
        record_write(&entry->record, "does", &writer);
        json_write_object_end(&writer);
    }
    json_write_object_end(&writer);
    rule_store_write(&line_store->rules, "rules", &writer);
    json_write_object_end(&writer);
    (void)buffer_append_char(text, '\n');
    line_store->dirty = text->error != 0;
    return text->error;
}

int line_store_write(const struct line_store *line_store, const struct buffer *text)
{
    int error = file_make_folder(line_store->folder, 0700);
    return error ? error : file_write(line_store->path, buffer_text(text), text->length, 0600);
}

const char *line_store_path(const struct line_store *line_store)
{
    return line_store->path;
}

void line_store_failed(struct line_store *line_store)
{
    line_store->dirty = true;
}

int line_store_save(struct line_store *line_store)
{
    if (!line_store->dirty)
        return 0;
    struct buffer text;
    buffer_init(&text, LINE_STORE_MAX_BYTES);
    int error = line_store_print(line_store, &text);
    if (!error)
        error = line_store_write(line_store, &text);
    buffer_done(&text);
    line_store->dirty = error != 0;
    return error;
}
