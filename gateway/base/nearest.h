/* "Did you mean": the known name that is nearest to a misspelt one. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) from `a` to `b`, ignoring ASCII case;
 * names over 63 bytes count as far away. */
unsigned nearest_distance(const char *a, const char *b);

/* The nearest of `names[count]` to `name`, when at most a third of it (and at least one edit) is
 * wrong; else NULL. Borrowed from `names`. */
const char *nearest_name(const char *name, const char *const *names, size_t count);

#endif
