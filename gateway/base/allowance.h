/* A token bucket: so much at once, so much a second. */
#ifndef BASE_ALLOWANCE_H
#define BASE_ALLOWANCE_H

#include <stdbool.h>
#include <stdint.h>

/* Begin with all zero: then the burst is left. */
struct allowance {
    int64_t counted_ns; /* monotonic; 0: never */
    double left;
};

struct allowance_rate {
    double burst;
    double per_second;
};

/* Whether one more is left at `now_ns`; takes nothing. */
bool allowance_has(struct allowance *allowance, const struct allowance_rate *rate, int64_t now_ns);

/* Takes one if one is left; false if none is. */
bool allowance_take(struct allowance *allowance, const struct allowance_rate *rate, int64_t now_ns);

#endif
