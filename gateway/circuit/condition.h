/* Conditions of rules: values of lines, the time of day, programs that run, combined. What is not known (a
 * line whose chip is away, the time while the clock is not set) makes a condition neither true nor false,
 * and its rule does nothing. */
#ifndef CIRCUIT_CONDITION_H
#define CIRCUIT_CONDITION_H

#include "circuit/state.h"

/* Whether the rule's condition is true now; a rule without one has none to meet. */
bool condition_is_met(const struct circuit *circuit, const struct circuit_rule_options *rule,
                      const struct timestamps *now);

#endif
