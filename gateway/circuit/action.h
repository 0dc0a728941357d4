/* Timed actions: set with for_ms, pulse, blink, PWM, and the wait for a gap. */
#ifndef CIRCUIT_ACTION_H
#define CIRCUIT_ACTION_H

#include "circuit/state.h"

/* Sets the change's value, pin and action to what a command wants, beginning at `now_ns`. */
void action_plan(struct line_change *change, const struct line *line, const struct command *command,
                 int64_t now_ns);

/* Does the step of the line's action that is due. */
void action_step(struct circuit *circuit, struct line *line, const struct timestamps *now);

#endif
