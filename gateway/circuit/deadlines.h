/* What the circuit has to do by itself, and when. One slot for each line and scene, two for each
 * rule: what sets it off, and its delays; one due time for them all, so that one timer serves however many actions run. With so few
 * slots a scan (0.2 µs) is quicker than keeping an order. */
#ifndef CIRCUIT_DEADLINES_H
#define CIRCUIT_DEADLINES_H

#include "circuit/options.h"

#define DEADLINE_NEVER INT64_MAX

enum {
    DEADLINE_LINES = 0,
    DEADLINE_SCENES = DEADLINE_LINES + CIRCUIT_LINES_MAX,
    DEADLINE_RULES = DEADLINE_SCENES + CIRCUIT_SCENES_MAX,
    DEADLINE_DELAYS = DEADLINE_RULES + CIRCUIT_RULES_MAX,
    DEADLINE_SLOTS = DEADLINE_DELAYS + CIRCUIT_RULES_MAX,
};

struct deadlines {
    int64_t due_ns[DEADLINE_SLOTS]; /* monotonic; DEADLINE_NEVER for nothing to do */
    size_t first;                   /* the slot that is due first */
};

/* Nothing is due. */
void deadlines_init(struct deadlines *deadlines);

void deadlines_set(struct deadlines *deadlines, size_t slot, int64_t due_ns);

/* When the first is due: DEADLINE_NEVER for never. */
static inline int64_t deadlines_due_ns(const struct deadlines *deadlines)
{
    return deadlines->due_ns[deadlines->first];
}

#endif
