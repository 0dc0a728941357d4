/* Interned strings: each text is stored once and its references are counted, so that an event carries
 * four bytes for the name of its line and for its source. Only texts in use are stored: the ring of
 * events is the ceiling. */
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
    uint32_t references; /* 0: the slot is free */
    uint32_t hash;
    uint32_t next; /* in its bucket, or the next free slot */
};

struct interned {
    struct interned_text *slots; /* slots[0] has id 2 */
    uint32_t count, capacity;
    uint32_t free; /* id of the first free slot, or INTERNED_NONE */
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
};

/* Makes an empty set. 0 or -ENOMEM. */
int interned_init(struct interned *interned);
void interned_done(struct interned *interned);

/* Adds a reference to `text` (copied) and returns its id. NULL and "" are INTERNED_NONE. */
uint32_t interned_take(struct interned *interned, const char *text);

/* Drops a reference; the last one frees the text. */
void interned_drop(struct interned *interned, uint32_t id);

/* Borrowed until the last reference is dropped. */
const char *interned_text(const struct interned *interned, uint32_t id);

#endif
