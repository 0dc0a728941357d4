#include "config/config.h"

#include "config/keys.h"
#include "config/kind.h"

#include <assert.h>
#include <stdio.h>

#include "base/owner.h"

#include <stdio.h>

enum { TABLES_MAX = 32, PATH_SIZE = 96 };

/* A table that is yet to be printed, and where it stands in the file. */
struct entry {
    const struct key_table *table;
    char path[PATH_SIZE];
};

static void print_row(FILE *out, const struct key *key)
{
    (void)fprintf(out, "| `%s` | ", key->name);
    key->kind->print(out, key);
    (void)fputs(" | ", out);
    if (key->required)
        (void)fputs("required", out);
    else
        key->kind->print_default(out, key);
    (void)fprintf(out, " | %s |\n", key->doc);
}

static void print_table(FILE *out, const struct entry *entry)
{
    (void)fprintf(out, "### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
                  entry->path[0] ? entry->path : "the file");
    for (size_t i = 0; i < entry->table->count; i++)
        print_row(out, &entry->table->keys[i]);
    (void)fputc('\n', out);
}

static size_t append_inside(struct entry entries[TABLES_MAX], size_t count,
                            const struct entry *entry)
{
    for (size_t i = 0; i < entry->table->count; i++) {
        const struct key *key = &entry->table->keys[i];
        if (!key->inside)
            continue;
        assert(count < TABLES_MAX);
        struct entry *added = &entries[count++];
        added->table = key->inside;
        int length =
            snprintf(added->path, PATH_SIZE, "%s%s%s%s", entry->path, entry->path[0] ? "." : "",
                     key->name, key->kind == &kind_list ? "[]" : "");
        assert(length < PATH_SIZE);
        (void)length;
    }
    return count;
}

void config_print_keys(FILE *out)
{
    struct entry entries[TABLES_MAX] = {{.table = &keys_root}};
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        struct entry entry = entries[i];
        print_table(out, &entry);
        count = append_inside(entries, count, &entry);
    }
}
