/* A counter of the pulses of an input: one for each edge of the kind that the config names. */
#ifndef CIRCUIT_COUNTER_H
#define CIRCUIT_COUNTER_H

#include "circuit/options.h"

#include <stdint.h>

/* As far as a double counts, and every JSON reader. */
#define COUNTER_MAX ((UINT64_C(1) << 53) - 1)

enum { COUNTER_SLICES = 120 }; /* of half a second: a minute */

struct counter {
    uint64_t count;
    int8_t level_before; /* of the line when the run before ended; -1 for not known */
    /* Monotonic times of the last pulse and of the one before; 0 for none in this run. */
    int64_t last_ns, before_ns;
    int64_t newest; /* half second since the clock's zero that the newest slice counts */
    uint32_t slices[COUNTER_SLICES];
};

/* How many pulses there were in `edges` edges, one after another, that began at the value `before`. */
uint64_t counter_pulses_of(const struct circuit_counter_options *options, uint8_t before,
                           uint64_t edges);

/* Counts `pulses`, the last of them at `at_ns`, which is monotonic. */
void counter_add(struct counter *counter, uint64_t pulses, int64_t at_ns);

/* The line has `value` at the start: what changed while nobody watched was one edge. */
void counter_resume(struct counter *counter, const struct circuit_counter_options *options,
                    uint8_t value);

/* Pulses a minute: those of the last minute where it has two or more, else as in the last gap between two;
 * 0 once the last pulse is ten such gaps ago. */
double counter_rate(const struct counter *counter, int64_t now_ns);

#endif
