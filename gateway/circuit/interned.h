/* Atoms: texts kept once and counted, so that an event carries four bytes for its line's name and
 * for who did it. As many live as are in use: the ring of events is the ceiling. */
#ifndef CIRCUIT_INTERNED_H
#define CIRCUIT_INTERNED_H

#include <stddef.h>
#include <stdint.h>

enum {
    INTERNED_NONE = 0,    /* the empty text */
    INTERNED_UNKNOWN = 1, /* "?", where there was no memory for a text */
};

struct interned_text {
    char *text;
    uint32_t references; /* 0 for a free place */
    uint32_t hash;
    uint32_t next; /* in its bucket, or the next free place */
};

struct interned {
    struct interned_text *places; /* atom 2 stands at places[0] */
    uint32_t count, room;
    uint32_t free; /* first free place's atom, or INTERNED_NONE */
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
};

/* Starts empty. 0 or -ENOMEM. */
int interned_init(struct interned *interned);
void interned_done(struct interned *interned);

/* One more reference to `text`, which is copied. NULL and "" are INTERNED_NONE. */
uint32_t interned_take(struct interned *interned, const char *text);

/* One reference less; the last frees the text. */
void interned_drop(struct interned *interned, uint32_t interned_text);

/* Borrowed until the atom is dropped. */
const char *interned_text(const struct interned *interned, uint32_t interned_text);

#endif
