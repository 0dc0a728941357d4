#include "protocol/http/route_table.h"

#include "protocol/http/route.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct route_table {
    size_t count;
    struct route_row rows[];
};

static void fill_row(struct route_row *row, const struct verb *verb)
{
    const char *brace = strchr(verb->path, '{');
    *row = (struct route_row){
        .verb = verb,
        .method = route_method(verb),
        .route = route_of(verb),
        .role = route_role(verb),
        .prefix_length = brace ? (size_t)(brace - verb->path) : strlen(verb->path),
    };
    if (brace) {
        row->suffix = strchr(brace, '}') + 1;
        row->suffix_length = strlen(row->suffix);
    }
}

int route_table_new(struct route_table **ret_table)
{
    size_t count = 0;
    for (size_t at = 0; route_next(&at);)
        count++;
    struct route_table *table = calloc(1, sizeof *table + count * sizeof table->rows[0]);
    if (!table)
        return -ENOMEM;
    const struct verb *verb;
    for (size_t at = 0; (verb = route_next(&at));)
        fill_row(&table->rows[table->count++], verb);
    *ret_table = table;
    return 0;
}

struct route_table *route_table_free(struct route_table *table)
{
    free(table);
    return NULL;
}

/* What stands for the braces; it is empty for a path without. */
static size_t argument_length(const struct route_row *row, size_t path_length)
{
    return path_length - row->prefix_length - row->suffix_length;
}

static bool row_fits(const struct route_row *row, const char *path, size_t length)
{
    if (!row->suffix)
        return length == row->prefix_length && memcmp(path, row->verb->path, length) == 0;
    if (length <= row->prefix_length + row->suffix_length)
        return false;
    size_t argument = argument_length(row, length);
    const char *suffix = path + length - row->suffix_length;
    return argument < HTTP_PATH_ARGUMENT_SIZE &&
           memcmp(suffix, row->suffix, row->suffix_length) == 0 &&
           memcmp(path, row->verb->path, row->prefix_length) == 0 &&
           !memchr(path + row->prefix_length, '/', argument);
}

/* "GET, HEAD, PUT, OPTIONS": the methods of the path that `row` has; "" for NULL. */
static void list_methods(const struct route_table *table, const struct route_row *row,
                         char *ret_allow, size_t allow_size)
{
    size_t used = 0;
    ret_allow[0] = '\0';
    for (size_t i = 0; row && i < table->count; i++) {
        const struct verb *verb = table->rows[i].verb;
        bool is_get = strcmp(verb->rest, "GET") == 0;
        if (strcmp(verb->path, row->verb->path) == 0 && used < allow_size)
            used += (size_t)snprintf(ret_allow + used, allow_size - used, "%s, ",
                                     is_get ? "GET, HEAD" : verb->rest);
    }
    if (row && used < allow_size)
        (void)snprintf(ret_allow + used, allow_size - used, "OPTIONS");
}

/* A path without braces goes before one with them: "calls" is no {id}. */
static bool goes_before(const struct route_row *row, const struct route_row *other)
{
    return !other || (!row->suffix && other->suffix);
}

bool route_find(struct http_exchange *http_exchange, char *ret_allow, size_t allow_size)
{
    const struct route_table *table = http_exchange->routes;
    const char *path = http_exchange->path;
    const char *method = strcmp(http_exchange->method, "HEAD") == 0 ? "GET" : http_exchange->method;
    size_t length = strlen(path);
    const struct route_row *first = NULL; /* that has the path, with any method */
    const struct route_row *found = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct route_row *row = &table->rows[i];
        if (!row_fits(row, path, length))
            continue;
        if (goes_before(row, first)) {
            first = row;
            found = NULL;
        }
        if (!found && !row->suffix == !first->suffix && strcmp(row->verb->rest, method) == 0)
            found = row;
    }
    http_exchange->row = found;
    size_t argument = found ? argument_length(found, length) : 0;
    if (found)
        memcpy(http_exchange->path_argument, path + found->prefix_length, argument);
    http_exchange->path_argument[argument] = '\0';
    list_methods(table, found ? NULL : first, ret_allow, allow_size);
    return found;
}
