/* Rules: "when this happens, if that is so, do these commands". They notice every change of a value, of
 * inputs and outputs, and run at the end of the entry that caused it. */
#ifndef CIRCUIT_RULE_H
#define CIRCUIT_RULE_H

#include "circuit/state.h"

/* Runs the rules in the queue, and those that they trigger in turn. */
void rule_run_all(struct circuit *circuit, const struct timestamps *now);

/* Before a reload: which rules do not stay as they are in `next`, while commands of theirs wait. */
void rule_find_ended(const struct circuit *circuit, const struct circuit_options *next,
                     bool ret_ended[CIRCUIT_RULES_MAX]);

/* After it: does what waited in those rules of `before` and switches off, on lines and scenes of the same names. */
void rule_switch_off(struct circuit *circuit, const struct circuit_options *before,
                     const bool ended[CIRCUIT_RULES_MAX], const struct timestamps *now);

/* Does RULE_ENABLE, RULE_DISABLE or RULE_RUN. 0, or -1 with `refusal` when a command of the rule was refused. */
int rule_command(struct circuit *circuit, const struct command *command,
                 const struct timestamps *now, struct refusal *refusal);

/* Takes up what the run of the program before left: which rules are disabled, and which commands wait. */
void rule_resume_all(struct circuit *circuit, const struct timestamps *now);

#endif
