#include "base/nearest.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

enum { NAME_MAX_BYTES = 63 };

static int fold(char byte)
{
    return tolower((unsigned char)byte);
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance, three rows at a time. */
unsigned nearest_distance(const char *a, const char *b)
{
    size_t rows = strlen(a);
    size_t columns = strlen(b);
    if (rows > NAME_MAX_BYTES || columns > NAME_MAX_BYTES)
        return UINT_MAX;
    unsigned table[3][NAME_MAX_BYTES + 1] = {{0}};
    for (size_t j = 0; j <= columns; j++)
        table[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        unsigned *row = table[i % 3];
        const unsigned *above = table[(i - 1) % 3];
        const unsigned *above2 = table[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= columns; j++) {
            unsigned replaced = above[j - 1] + (fold(a[i - 1]) != fold(b[j - 1]));
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]))
                row[j] = smaller(row[j], above2[j - 2] + 1);
        }
    }
    return table[rows % 3][columns];
}

const char *nearest_name(const char *name, const char *const *names, size_t count)
{
    unsigned limit = (unsigned)strlen(name) / 3;
    unsigned best = (limit > 0 ? limit : 1) + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = nearest_distance(name, names[i]);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
