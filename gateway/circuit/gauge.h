/* A gauge on an input: how often and how long it is on, over the last ten seconds. */
#ifndef CIRCUIT_GAUGE_H
#define CIRCUIT_GAUGE_H

#include <stdbool.h>
#include <stdint.h>

enum { GAUGE_SLICES = 20 }; /* of half a second: the window is 9.5 to 10 s long */

struct gauge_slice {
    int64_t number; /* half seconds since the clock's zero; -1 for never used */
    int64_t on_ns;
    uint32_t rises;
};

struct gauge {
    int64_t since_ns; /* monotonic: when it began to look */
    int64_t level_ns; /* monotonic: when the level became what it is */
    uint8_t level;
    int64_t press_ns; /* how long it was on last time; 0 for never */
    struct gauge_slice slices[GAUGE_SLICES];
};

void gauge_init(struct gauge *gauge, uint8_t level, int64_t now_ns);

/* The level changed at a monotonic time that is not before the last one. */
void gauge_change(struct gauge *gauge, uint8_t level, int64_t at_ns);

/* Rises a second, and the share of time on. */
void gauge_read(const struct gauge *gauge, int64_t now_ns, double *ret_hz, double *ret_duty);

/* On for longer than a second. */
bool gauge_is_held(const struct gauge *gauge, int64_t now_ns);

#endif
