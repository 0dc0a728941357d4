/* The agenda: what the circuit has to do by itself, and when. One slot for each line, scene and
 * rule; one due time for them all, so that one timer serves however many actions run. With so few
 * slots a scan (0.2 µs) is quicker than keeping an order. */
#ifndef CIRCUIT_AGENDA_H
#define CIRCUIT_AGENDA_H

#include "circuit/options.h"

#define AGENDA_NEVER INT64_MAX

enum {
    AGENDA_LINES = 0,
    AGENDA_SCENES = AGENDA_LINES + CIRCUIT_LINES_MAX,
    AGENDA_RULES = AGENDA_SCENES + CIRCUIT_SCENES_MAX,
    AGENDA_SLOTS = AGENDA_RULES + CIRCUIT_RULES_MAX,
};

struct agenda {
    int64_t due_ns[AGENDA_SLOTS]; /* monotonic; AGENDA_NEVER for nothing to do */
    size_t first;                 /* the slot that is due first */
};

/* Nothing is due. */
void agenda_init(struct agenda *agenda);

void agenda_set(struct agenda *agenda, size_t slot, int64_t due_ns);

/* When the first is due: AGENDA_NEVER for never. */
static inline int64_t agenda_due_ns(const struct agenda *agenda)
{
    return agenda->due_ns[agenda->first];
}

#endif
