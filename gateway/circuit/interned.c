#include "circuit/interned.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 64, FIRST_ROOM = 32, FIRST_ID = 2 };

static struct interned_text *place_of(const struct interned *interned, uint32_t id)
{
    return &interned->places[id - FIRST_ID];
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
        free(interned->places[i].text);
    free(interned->places);
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
        const struct interned_text *place = place_of(interned, id);
        if (place->hash == hash && strcmp(place->text, text) == 0)
            break;
        id = place->next;
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
        struct interned_text *place = &interned->places[i];
        if (place->references == 0)
            continue;
        place->next = *bucket_of(interned, place->hash);
        *bucket_of(interned, place->hash) = i + FIRST_ID;
    }
}

/* A place that nobody uses, or INTERNED_NONE when there is no memory. */
static uint32_t find_place(struct interned *interned)
{
    if (interned->free != INTERNED_NONE) {
        uint32_t id = interned->free;
        interned->free = place_of(interned, id)->next;
        return id;
    }
    if (interned->count == interned->room) {
        uint32_t room = interned->room ? interned->room * 2 : FIRST_ROOM;
        struct interned_text *places = realloc(interned->places, room * sizeof *places);
        if (!places)
            return INTERNED_NONE;
        interned->places = places;
        interned->room = room;
    }
    return interned->count++ + FIRST_ID;
}

static uint32_t add(struct interned *interned, const char *text, uint32_t hash)
{
    char *copy = strdup(text);
    if (!copy)
        return INTERNED_UNKNOWN;
    uint32_t id = find_place(interned);
    if (id == INTERNED_NONE) {
        free(copy);
        return INTERNED_UNKNOWN;
    }
    uint32_t *bucket = bucket_of(interned, hash);
    *place_of(interned, id) =
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
    place_of(interned, id)->references++;
    return id;
}

void interned_drop(struct interned *interned, uint32_t id)
{
    if (id < FIRST_ID)
        return;
    struct interned_text *place = place_of(interned, id);
    if (--place->references > 0)
        return;
    uint32_t *link = bucket_of(interned, place->hash);
    while (*link != id)
        link = &place_of(interned, *link)->next;
    *link = place->next;
    free(place->text);
    *place = (struct interned_text){.next = interned->free};
    interned->free = id;
}

const char *interned_text(const struct interned *interned, uint32_t id)
{
    if (id < FIRST_ID)
        return id == INTERNED_UNKNOWN ? "?" : "";
    return place_of(interned, id)->text;
}
