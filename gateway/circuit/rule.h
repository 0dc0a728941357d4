/* Rules: "when this edge is seen, execute that command". They notice every change of a value, of inputs
 * and outputs, and run at the end of the entry that caused it. */
#ifndef CIRCUIT_RULE_H
#define CIRCUIT_RULE_H

#include "circuit/state.h"

/* Runs the rules in the queue, and those that they trigger in turn. */
void rule_run_all(struct circuit *circuit, const struct timestamps *now);

#endif
