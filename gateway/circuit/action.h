/* Executes timed actions along the rows of circuit/actions.h: what a command begins, and the steps that
 * become due. */
#ifndef CIRCUIT_ACTION_H
#define CIRCUIT_ACTION_H

#include "circuit/state.h"

/* Sets the change's value, pin and action to what a command wants, beginning at `now_ns`. */
void action_plan(struct line_change *change, const struct line *line, const struct command *command,
                 int64_t now_ns);

/* Executes the step of the line's action that is due. */
void action_step(struct circuit *circuit, struct line *line, const struct timestamps *now);

#endif
