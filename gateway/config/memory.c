#include "config/memory.h"

#include "config/kind.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#include "circuit/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As far as a double counts, and 285 years of a million edges a second. */
#define EDGES_MAX ((INT64_C(1) << 53) - 1)

struct entry {
    char name[CIRCUIT_NAME_SIZE];
    int value; /* -1 for none */
    uint64_t edges;
};

/* The entries are in the order in which they were set last, so that the first is the oldest. */
struct memory {
    char folder[PATH_MAX];
    char path[PATH_MAX];
    bool dirty;
    size_t count;
    struct entry entries[MEMORY_NAMES_MAX];
};

/* Place of a name, or -1. */
static int find(const struct memory *memory, const char *name)
{
    for (size_t i = 0; i < memory->count; i++)
        if (strcmp(memory->entries[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Takes an entry out: a new one is always put at the end. */
static void forget(struct memory *memory, int place)
{
    struct entry *entry = &memory->entries[place];
    size_t after = memory->count - (size_t)place - 1;
    memmove(entry, entry + 1, after * sizeof *entry);
    memory->count--;
}

/* The entry of a name, now the newest: made where there is none. */
static struct entry *renew(struct memory *memory, const char *name)
{
    struct entry renewed = {.value = -1};
    int place = find(memory, name);
    if (place >= 0)
        renewed = memory->entries[place];
    if (place >= 0 || memory->count == MEMORY_NAMES_MAX)
        forget(memory, place >= 0 ? place : 0);
    struct entry *entry = &memory->entries[memory->count++];
    *entry = renewed;
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    return entry;
}

static bool take_line(struct memory *memory, const struct json *line)
{
    const struct json *value = json_get(line, "value");
    const struct json *edges = json_get(line, "edges");
    int64_t number;
    if (!kind_is_name(json_key(line)) || !json_is(line, JSON_OBJECT))
        return false;
    struct entry *entry = renew(memory, json_key(line));
    if (value && json_integer(value, 0, 1, &number))
        return false;
    entry->value = value ? (int)number : -1;
    if (edges && json_integer(edges, 0, EDGES_MAX, &number))
        return false;
    entry->edges = edges ? (uint64_t)number : 0;
    return true;
}

/* Takes {"NAME": {"value": 0 or 1, "edges": NUMBER}, …}; false when it is anything else. */
static bool take(struct memory *memory, const struct json *root)
{
    if (!json_is(root, JSON_OBJECT))
        return false;
    for (const struct json *member = json_first(root); member; member = json_next(member))
        if (!take_line(memory, member))
            return false;
    return true;
}

/* 0 also when there is no file. */
static int read_file(struct memory *memory)
{
    struct buffer text;
    struct json *root = NULL;
    buffer_init(&text, MEMORY_FILE_MAX_BYTES);
    int error = file_read(memory->path, &text);
    if (!error)
        error = json_parse(buffer_text(&text), text.length, &root, NULL);
    if (!error && !take(memory, root))
        error = -EBADMSG;
    json_free(root);
    buffer_done(&text);
    return error == -ENOENT ? 0 : error;
}

int memory_new(const char *folder, struct memory **ret_memory)
{
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        return -ENOMEM;
    int length = snprintf(memory->path, sizeof memory->path, "%s/lines.json", folder);
    if (length >= (int)sizeof memory->path) {
        free(memory);
        return -ENAMETOOLONG;
    }
    (void)snprintf(memory->folder, sizeof memory->folder, "%s", folder);
    int error = read_file(memory);
    if (error == -ENOMEM) {
        free(memory);
        return error;
    }
    if (error) {
        char aside[PATH_MAX];
        memory->count = 0;
        if (snprintf(aside, sizeof aside, "%s.bad", memory->path) < (int)sizeof aside)
            (void)rename(memory->path, aside); /* the next store would replace it */
        log_warning("last values and counters are lost, all start at 0 path=\"%s\" error=\"%s\"",
                    memory->path, strerror(-error));
    }
    *ret_memory = memory;
    return 0;
}

struct memory *memory_free(struct memory *memory)
{
    free(memory);
    return NULL;
}

int memory_recall(const struct memory *memory, const char *line)
{
    int place = find(memory, line);
    return place < 0 ? -1 : memory->entries[place].value;
}

void memory_remember(struct memory *memory, const char *line, int value)
{
    if (memory_recall(memory, line) == value)
        return;
    renew(memory, line)->value = value;
    memory->dirty = true;
}

uint64_t memory_recall_edges(const struct memory *memory, const char *line)
{
    int place = find(memory, line);
    return place < 0 ? 0 : memory->entries[place].edges;
}

void memory_count(struct memory *memory, const char *line, uint64_t edges)
{
    if (memory_recall_edges(memory, line) == edges)
        return;
    renew(memory, line)->edges = edges;
    memory->dirty = true;
}

bool memory_is_dirty(const struct memory *memory)
{
    return memory->dirty;
}

int memory_print(struct memory *memory, struct buffer *text)
{
    struct json *root = json_new_object();
    for (size_t i = 0; i < memory->count; i++) {
        const struct entry *entry = &memory->entries[i];
        struct json *line = json_new_object_in(root, entry->name);
        if (entry->value >= 0)
            json_add_integer(line, "value", entry->value);
        json_add_integer(line, "edges", (int64_t)entry->edges);
    }
    int error = json_print(root, text);
    json_free(root);
    if (!error)
        error = buffer_append_char(text, '\n');
    memory->dirty = error != 0;
    return error;
}

int memory_write(const struct memory *memory, const struct buffer *text)
{
    int error = file_make_folder(memory->folder, 0700);
    return error ? error : file_write(memory->path, buffer_text(text), text->length, 0600);
}

void memory_failed(struct memory *memory)
{
    memory->dirty = true;
}

int memory_save(struct memory *memory)
{
    if (!memory->dirty)
        return 0;
    struct buffer text;
    buffer_init(&text, MEMORY_FILE_MAX_BYTES);
    int error = memory_print(memory, &text);
    if (!error)
        error = memory_write(memory, &text);
    buffer_done(&text);
    memory->dirty = error != 0;
    return error;
}
