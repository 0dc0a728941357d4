#include "circuit/interned.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 64, FIRST_CAPACITY = 32, FIRST_ID = 2 };

static struct interned_text *slot_of(const struct interned *interned, uint32_t id)
{
    return &interned->slots[id - FIRST_ID];
}

int interned_init(struct interned *interned)
{
    *interned = (struct interned){.bucket_count = FIRST_BUCKETS};
    interned->buckets = calloc(FIRST_BUCKETS, sizeof *interned->buckets);
    return interned->buckets ? 0 : -ENOMEM;
}

void interned_done(struct interned *interned)
{
    for (uint32_t i = 0; i < interned->count; i++)
        free(interned->slots[i].text);
    free(interned->slots);
    free(interned->buckets);
    *interned = (struct interned){0};
}

static uint32_t hash_text(const char *text)
{
    return (uint32_t)hash_bytes(HASH_SEED, text, strlen(text));
}

static uint32_t *bucket_of(const struct interned *interned, uint32_t hash)
{
    return &interned->buckets[hash & (interned->bucket_count - 1)];
}

static uint32_t find(const struct interned *interned, const char *text, uint32_t hash)
{
    uint32_t id = *bucket_of(interned, hash);
    while (id != INTERNED_NONE) {
        const struct interned_text *slot = slot_of(interned, id);
        if (slot->hash == hash && strcmp(slot->text, text) == 0)
            break;
        id = slot->next;
    }
    return id;
}

/* Longer chains are slower, not wrong: no memory for more buckets is no failure. */
static void widen(struct interned *interned)
{
    uint32_t bucket_count = interned->bucket_count * 2;
    if (bucket_count == 0)
        return;
    uint32_t *buckets = calloc(bucket_count, sizeof *buckets);
    if (!buckets)
        return;
    free(interned->buckets);
    interned->buckets = buckets;
    interned->bucket_count = bucket_count;
    for (uint32_t i = 0; i < interned->count; i++) {
        struct interned_text *slot = &interned->slots[i];
        if (slot->references == 0)
            continue;
        slot->next = *bucket_of(interned, slot->hash);
        *bucket_of(interned, slot->hash) = i + FIRST_ID;
    }
}

/* A slot that nobody uses, or INTERNED_NONE when there is no memory. */
static uint32_t find_slot(struct interned *interned)
{
    if (interned->free != INTERNED_NONE) {
        uint32_t id = interned->free;
        interned->free = slot_of(interned, id)->next;
        return id;
    }
    if (interned->count == interned->capacity) {
        uint32_t capacity = interned->capacity ? interned->capacity * 2 : FIRST_CAPACITY;
        struct interned_text *slots = realloc(interned->slots, capacity * sizeof *slots);
        if (!slots)
            return INTERNED_NONE;
        interned->slots = slots;
        interned->capacity = capacity;
    }
    return interned->count++ + FIRST_ID;
}

static uint32_t add(struct interned *interned, const char *text, uint32_t hash)
{
    char *copy = strdup(text);
    if (!copy)
        return INTERNED_UNKNOWN;
    uint32_t id = find_slot(interned);
    if (id == INTERNED_NONE) {
        free(copy);
        return INTERNED_UNKNOWN;
    }
    uint32_t *bucket = bucket_of(interned, hash);
    *slot_of(interned, id) =
        (struct interned_text){.text = copy, .references = 1, .hash = hash, .next = *bucket};
    *bucket = id;
    if (interned->count > interned->bucket_count)
        widen(interned);
    return id;
}

uint32_t interned_take(struct interned *interned, const char *text)
{
    if (!text || !*text)
        return INTERNED_NONE;
    uint32_t hash = hash_text(text);
    uint32_t id = find(interned, text, hash);
    if (id == INTERNED_NONE)
        return add(interned, text, hash);
    slot_of(interned, id)->references++;
    return id;
}

void interned_drop(struct interned *interned, uint32_t id)
{
    if (id < FIRST_ID)
        return;
    struct interned_text *slot = slot_of(interned, id);
    if (--slot->references > 0)
        return;
    uint32_t *link = bucket_of(interned, slot->hash);
    while (*link != id)
        link = &slot_of(interned, *link)->next;
    *link = slot->next;
    free(slot->text);
    *slot = (struct interned_text){.next = interned->free};
    interned->free = id;
}

const char *interned_text(const struct interned *interned, uint32_t id)
{
    if (id < FIRST_ID)
        return id == INTERNED_UNKNOWN ? "?" : "";
    return slot_of(interned, id)->text;
}
