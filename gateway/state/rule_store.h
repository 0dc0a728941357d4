/* What of each rule outlives a run, by name: a part of the line store's file. */
#ifndef STATE_RULE_STORE_H
#define STATE_RULE_STORE_H

#include "base/json.h"
#include "base/name.h"
#include "circuit/circuit_store.h"
#include "state/line_store.h"

#include <stdbool.h>
#include <stddef.h>

/* Rules of which there is something to store; all zero is an empty one. */
struct rule_store {
    size_t count;
    struct stored_rule {
        char name[NAME_SIZE];
        struct rule_record record;
    } rules[LINE_STORE_RULES_MAX];
};

/* False when nothing is stored for the rule. */
bool rule_store_recall(const struct rule_store *store, const char *rule,
                       struct rule_record *ret_record);

/* Notes a record; true when it is another than before. One that says nothing is not kept. An end that moves
 * by less than a second is the same. When there is no room, the oldest is forgotten. */
bool rule_store_note(struct rule_store *store, const char *rule, const struct rule_record *record);

/* Reads {"NAME": {"disabled": true, "due_ms": [NUMBER, …]}, …}; NULL is none. False when it is anything else. */
bool rule_store_read(struct rule_store *store, const struct json *rules);

/* Writes that as the member `key` of an object that is open; nothing for an empty store. */
void rule_store_write(const struct rule_store *store, const char *key, struct json_writer *writer);

#endif
