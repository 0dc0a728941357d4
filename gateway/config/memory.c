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

enum { FILE_MAX_BYTES = 64 * 1024 }; /* MEMORY_NAMES_MAX names of 32 bytes take 20 kB */

struct entry {
    char name[CIRCUIT_NAME_SIZE];
    int value;
};

/* The entries are in the order in which they were set last, so that the first is the oldest. */
struct memory {
    char folder[PATH_MAX];
    char path[PATH_MAX];
    bool dirty;
    size_t count;
    struct entry entries[MEMORY_NAMES_MAX];
};

static struct entry *find(struct memory *memory, const char *name)
{
    for (size_t i = 0; i < memory->count; i++)
        if (strcmp(memory->entries[i].name, name) == 0)
            return &memory->entries[i];
    return NULL;
}

/* Takes an entry out: a new one is always put at the end. */
static void forget(struct memory *memory, struct entry *entry)
{
    size_t after = memory->count - (size_t)(entry - memory->entries) - 1;
    memmove(entry, entry + 1, after * sizeof *entry);
    memory->count--;
}

static void put(struct memory *memory, const char *name, int value)
{
    struct entry *entry = find(memory, name);
    if (entry)
        forget(memory, entry);
    else if (memory->count == MEMORY_NAMES_MAX)
        forget(memory, &memory->entries[0]);
    entry = &memory->entries[memory->count++];
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->value = value;
}

/* Takes {"NAME": 0 or 1, …}; false when it is anything else. */
static bool take(struct memory *memory, const struct json *root)
{
    if (!json_is(root, JSON_OBJECT))
        return false;
    for (const struct json *member = json_first(root); member; member = json_next(member)) {
        int64_t value;
        if (!kind_is_name(json_key(member)) || json_integer(member, 0, 1, &value))
            return false;
        put(memory, json_key(member), (int)value);
    }
    return true;
}

/* 0 also when there is no file. */
static int read_file(struct memory *memory)
{
    struct buffer text;
    struct json *root = NULL;
    buffer_init(&text, FILE_MAX_BYTES);
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
    int length = snprintf(memory->path, sizeof memory->path, "%s/last.json", folder);
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
        memory->count = 0;
        log_warning("last values are lost, outputs start at 0 path=\"%s\" error=\"%s\"",
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

int memory_recall(void *context, const char *line)
{
    const struct entry *entry = find(context, line);
    return entry ? entry->value : -1;
}

void memory_remember(void *context, const char *line, int value)
{
    struct memory *memory = context;
    if (memory_recall(memory, line) == value)
        return;
    put(memory, line, value);
    memory->dirty = true;
}

bool memory_is_dirty(const struct memory *memory)
{
    return memory->dirty;
}

int memory_save(struct memory *memory)
{
    if (!memory->dirty)
        return 0;
    struct buffer text;
    buffer_init(&text, FILE_MAX_BYTES);
    struct json *root = json_new_object();
    for (size_t i = 0; i < memory->count; i++)
        json_add_integer(root, memory->entries[i].name, memory->entries[i].value);
    int error = json_print(root, &text);
    json_free(root);
    if (!error)
        error = buffer_append_char(&text, '\n');
    if (!error)
        error = file_make_folder(memory->folder, 0700);
    if (!error)
        error = file_write(memory->path, buffer_text(&text), text.length, 0600);
    buffer_done(&text);
    memory->dirty = error != 0;
    return error;
}
