/* Atoms: texts kept once and counted, so that an event carries four bytes for its line's name and
 * for who did it. As many live as are in use: the ring of events is the ceiling. */
#ifndef CIRCUIT_ATOMS_H
#define CIRCUIT_ATOMS_H

#include <stddef.h>
#include <stdint.h>

enum {
    ATOM_NONE = 0,    /* the empty text */
    ATOM_UNKNOWN = 1, /* "?", where there was no memory for a text */
};

struct atom {
    char *text;
    uint32_t references; /* 0 for a free place */
    uint32_t hash;
    uint32_t next; /* in its bucket, or the next free place */
};

struct atoms {
    struct atom *places; /* atom 2 stands at places[0] */
    uint32_t count, room;
    uint32_t free; /* first free place's atom, or ATOM_NONE */
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
};

/* Starts empty. 0 or -ENOMEM. */
int atoms_init(struct atoms *atoms);
void atoms_done(struct atoms *atoms);

/* One more reference to `text`, which is copied. NULL and "" are ATOM_NONE. */
uint32_t atoms_take(struct atoms *atoms, const char *text);

/* One reference less; the last frees the text. */
void atoms_drop(struct atoms *atoms, uint32_t atom);

/* Borrowed until the atom is dropped. */
const char *atoms_text(const struct atoms *atoms, uint32_t atom);

#endif
