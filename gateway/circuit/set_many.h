/* Sets several outputs together. */
#ifndef CIRCUIT_SET_MANY_H
#define CIRCUIT_SET_MANY_H

#include "circuit/state.h"

/* Sets several outputs, all or none. Leases and origin are those of `command`. The number of lines that
 * changed, whose indices are in `ret_changed` (room for `count`); or -1 with `refusal`. */
int set_many(struct circuit *circuit, const struct line_value *values, size_t count,
             const struct command *command, enum event_cause cause, const struct timestamps *now,
             uint16_t *ret_changed, struct refusal *refusal);

#endif
