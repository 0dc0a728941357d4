#include "state/rule_store.h"

#include "base/json_writer.h"

#include <stdio.h>
#include <string.h>

enum { SAME_END_MS = 1000 };

static int find(const struct rule_store *store, const char *rule)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->rules[i].name, rule) == 0)
            return (int)i;
    return -1;
}

static void forget(struct rule_store *store, size_t index)
{
    struct stored_rule *rule = &store->rules[index];
    store->count--;
    memmove(rule, rule + 1, (store->count - index) * sizeof *rule);
}

static bool is_default(const struct rule_record *record)
{
    return !record->is_disabled && record->delay_count == 0;
}

static bool is_near(int64_t a, int64_t b)
{
    return a - b < SAME_END_MS && b - a < SAME_END_MS;
}

static bool is_same(const struct rule_record *a, const struct rule_record *b)
{
    bool same = a->is_disabled == b->is_disabled && a->delay_count == b->delay_count;
    for (size_t i = 0; same && i < a->delay_count; i++)
        same = is_near(a->delay_ends_ms[i], b->delay_ends_ms[i]);
    return same;
}

bool rule_store_recall(const struct rule_store *store, const char *rule,
                       struct rule_record *ret_record)
{
    int index = find(store, rule);
    if (index >= 0)
        *ret_record = store->rules[index].record;
    return index >= 0;
}

static void add(struct rule_store *store, const char *rule, const struct rule_record *record)
{
    if (store->count == LINE_STORE_RULES_MAX)
        forget(store, 0);
    struct stored_rule *stored = &store->rules[store->count++];
    (void)snprintf(stored->name, sizeof stored->name, "%s", rule);
    stored->record = *record;
}

bool rule_store_note(struct rule_store *store, const char *rule, const struct rule_record *record)
{
    int index = find(store, rule);
    if (index < 0 && is_default(record))
        return false;
    if (index >= 0 && is_same(&store->rules[index].record, record))
        return false;
    if (index >= 0)
        forget(store, (size_t)index);
    if (!is_default(record))
        add(store, rule, record);
    return true;
}

static bool read_record(const struct json *rule, struct rule_record *ret_record)
{
    const struct json *disabled = json_get(rule, "disabled");
    const struct json *due = json_get(rule, "due_ms");
    int is_disabled = 0;
    if (!json_is(rule, JSON_OBJECT) || (disabled && json_switch(disabled, &is_disabled)) ||
        (due && !json_is(due, JSON_ARRAY)) || json_count(due) > CIRCUIT_DELAYS_MAX)
        return false;
    memset(ret_record, 0, sizeof *ret_record);
    ret_record->is_disabled = is_disabled;
    for (const struct json *end = json_first(due); end; end = json_next(end))
        if (json_integer(end, 0, INT64_MAX / 1000000,
                         &ret_record->delay_ends_ms[ret_record->delay_count++]))
            return false;
    return true;
}

bool rule_store_read(struct rule_store *store, const struct json *rules)
{
    if (rules && !json_is(rules, JSON_OBJECT))
        return false;
    for (const struct json *rule = json_first(rules); rule; rule = json_next(rule)) {
        struct rule_record record;
        if (!name_is_valid(json_key(rule)) || !read_record(rule, &record))
            return false;
        (void)rule_store_note(store, json_key(rule), &record);
    }
    return true;
}

void rule_store_write(const struct rule_store *store, const char *key, struct json_writer *writer)
{
    if (store->count == 0)
        return;
    json_write_object(writer, key);
    for (size_t i = 0; i < store->count; i++) {
        const struct rule_record *record = &store->rules[i].record;
        json_write_object(writer, store->rules[i].name);
        if (record->is_disabled)
            json_write_bool(writer, "disabled", true);
        if (record->delay_count > 0) {
            json_write_list(writer, "due_ms");
            for (size_t j = 0; j < record->delay_count; j++)
                json_write_integer(writer, NULL, record->delay_ends_ms[j]);
            json_write_list_end(writer);
        }
        json_write_object_end(writer);
    }
    json_write_object_end(writer);
}
