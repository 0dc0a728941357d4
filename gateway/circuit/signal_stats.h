/* Statistics of an input: how often and how long it is on, over the last ten seconds. */
#ifndef CIRCUIT_SIGNAL_STATS_H
#define CIRCUIT_SIGNAL_STATS_H

#include <stdbool.h>
#include <stdint.h>

enum { SIGNAL_STATS_SLICES = 20 }; /* of half a second: the window is 9.5 to 10 s long */

struct signal_stats_slice {
    int64_t number; /* half seconds since the clock's zero; -1 for never used */
    int64_t on_ns;
    uint32_t rises;
};

struct signal_stats {
    int64_t since_ns; /* monotonic: when it began to count */
    int64_t level_ns; /* monotonic: when the level became what it is */
    uint8_t level;
    int64_t press_ns; /* how long it was on last time; 0 for never */
    struct signal_stats_slice slices[SIGNAL_STATS_SLICES];
};

void signal_stats_init(struct signal_stats *signal_stats, uint8_t level, int64_t now_ns);

/* The level changed at a monotonic time that is not before the last one. */
void signal_stats_change(struct signal_stats *signal_stats, uint8_t level, int64_t at_ns);

/* Rises a second, and the share of time on. */
void signal_stats_read(const struct signal_stats *signal_stats, int64_t now_ns, double *ret_hz,
                       double *ret_duty);

/* On for longer than a second. */
bool signal_stats_is_held(const struct signal_stats *signal_stats, int64_t now_ns);

#endif
