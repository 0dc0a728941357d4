#include "circuit/atoms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 64, FIRST_ROOM = 32, FIRST_ATOM = 2 };

static struct atom *place_of(const struct atoms *atoms, uint32_t atom)
{
    return &atoms->places[atom - FIRST_ATOM];
}

int atoms_init(struct atoms *atoms)
{
    *atoms = (struct atoms){.bucket_count = FIRST_BUCKETS};
    atoms->buckets = calloc(FIRST_BUCKETS, sizeof *atoms->buckets);
    return atoms->buckets ? 0 : -ENOMEM;
}

void atoms_done(struct atoms *atoms)
{
    for (uint32_t i = 0; i < atoms->count; i++)
        free(atoms->places[i].text);
    free(atoms->places);
    free(atoms->buckets);
    *atoms = (struct atoms){0};
}

/* FNV-1a, 32 bits. */
static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

static uint32_t *bucket_of(const struct atoms *atoms, uint32_t hash)
{
    return &atoms->buckets[hash & (atoms->bucket_count - 1)];
}

static uint32_t find(const struct atoms *atoms, const char *text, uint32_t hash)
{
    uint32_t atom = *bucket_of(atoms, hash);
    while (atom != ATOM_NONE) {
        const struct atom *place = place_of(atoms, atom);
        if (place->hash == hash && strcmp(place->text, text) == 0)
            break;
        atom = place->next;
    }
    return atom;
}

/* Longer chains are slower, not wrong: no memory for more buckets is no failure. */
static void widen(struct atoms *atoms)
{
    uint32_t bucket_count = atoms->bucket_count * 2;
    if (bucket_count == 0)
        return;
    uint32_t *buckets = calloc(bucket_count, sizeof *buckets);
    if (!buckets)
        return;
    free(atoms->buckets);
    atoms->buckets = buckets;
    atoms->bucket_count = bucket_count;
    for (uint32_t i = 0; i < atoms->count; i++) {
        struct atom *place = &atoms->places[i];
        if (place->references == 0)
            continue;
        place->next = *bucket_of(atoms, place->hash);
        *bucket_of(atoms, place->hash) = i + FIRST_ATOM;
    }
}

/* A place that nobody uses, or ATOM_NONE when there is no memory. */
static uint32_t find_place(struct atoms *atoms)
{
    if (atoms->free != ATOM_NONE) {
        uint32_t atom = atoms->free;
        atoms->free = place_of(atoms, atom)->next;
        return atom;
    }
    if (atoms->count == atoms->room) {
        uint32_t room = atoms->room ? atoms->room * 2 : FIRST_ROOM;
        struct atom *places = realloc(atoms->places, room * sizeof *places);
        if (!places)
            return ATOM_NONE;
        atoms->places = places;
        atoms->room = room;
    }
    return atoms->count++ + FIRST_ATOM;
}

static uint32_t add(struct atoms *atoms, const char *text, uint32_t hash)
{
    char *copy = strdup(text);
    if (!copy)
        return ATOM_UNKNOWN;
    uint32_t atom = find_place(atoms);
    if (atom == ATOM_NONE) {
        free(copy);
        return ATOM_UNKNOWN;
    }
    uint32_t *bucket = bucket_of(atoms, hash);
    *place_of(atoms, atom) =
        (struct atom){.text = copy, .references = 1, .hash = hash, .next = *bucket};
    *bucket = atom;
    if (atoms->count > atoms->bucket_count)
        widen(atoms);
    return atom;
}

uint32_t atoms_take(struct atoms *atoms, const char *text)
{
    if (!text || !*text)
        return ATOM_NONE;
    uint32_t hash = hash_text(text);
    uint32_t atom = find(atoms, text, hash);
    if (atom == ATOM_NONE)
        return add(atoms, text, hash);
    place_of(atoms, atom)->references++;
    return atom;
}

void atoms_drop(struct atoms *atoms, uint32_t atom)
{
    if (atom < FIRST_ATOM)
        return;
    struct atom *place = place_of(atoms, atom);
    if (--place->references > 0)
        return;
    uint32_t *link = bucket_of(atoms, place->hash);
    while (*link != atom)
        link = &place_of(atoms, *link)->next;
    *link = place->next;
    free(place->text);
    *place = (struct atom){.next = atoms->free};
    atoms->free = atom;
}

const char *atoms_text(const struct atoms *atoms, uint32_t atom)
{
    if (atom < FIRST_ATOM)
        return atom == ATOM_UNKNOWN ? "?" : "";
    return place_of(atoms, atom)->text;
}
