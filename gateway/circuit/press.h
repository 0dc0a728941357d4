/* Short presses: distinguished from a hold and from a double press, where the same line has rules for those. */
#ifndef CIRCUIT_PRESS_H
#define CIRCUIT_PRESS_H

#include "circuit/state.h"

#define PRESS_NEVER_NS INT64_MIN
#define PRESS_DOUBLE_NS (400 * CLOCK_NS_PER_MS)

/* A watched line of a rule for presses changed. True when that was a short press. */
bool press_notice(struct circuit *circuit, size_t rule, const struct line *line, int64_t at_ns);

/* The time in which a second press could have come is over. True when there was a short press. */
bool press_step(struct circuit *circuit, size_t rule);

/* Whether a rising edge is the second of two; notes it. */
bool press_is_second(struct rule_state *state, uint16_t line, int64_t at_ns);

#endif
