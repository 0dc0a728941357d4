/* Rules: "when this edge is seen, do that command". They hear of every change of a value, of inputs
 * and outputs, and run when the entry that caused it has done its own work. */
#ifndef CIRCUIT_RULE_H
#define CIRCUIT_RULE_H

#include "circuit/state.h"

#define RULE_SOURCE_PREFIX "rule:"

/* Forgets what was pressed and held. */
void rule_init_all(struct circuit *circuit);

/* After a reload: a rule that waits (until its line was held long enough, or for the second press) waits
 * on where its condition is as it was `before` and its line is not `fresh` (claimed anew). `waiting` and
 * `due` are what the circuit's rules and agenda were. */
void rule_carry_over(struct circuit *circuit, const struct circuit_options *before,
                     const struct rule_state *waiting, const struct deadlines *due,
                     const bool *fresh);

/* The value of `line` changed at a monotonic time: the rules that it triggers wait to be run. */
void rule_notice(struct circuit *circuit, const struct line *line, int64_t at_ns);

/* The line of rule `rule` was on for long enough. */
void rule_step(struct circuit *circuit, size_t rule);

/* Runs what waits, and what that triggers in turn. */
void rule_run_all(struct circuit *circuit, const struct timestamps *now);

/* The rule's name in a source "rule:<name>", or NULL for another source. */
const char *rule_of_source(const char *source);

#endif
