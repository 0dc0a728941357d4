/* Commands on one line: they are checked, planned and committed. */
#ifndef CIRCUIT_LINE_COMMAND_H
#define CIRCUIT_LINE_COMMAND_H

#include "circuit/state.h"

/* Executes a command of a verb that acts on one line. 0 with `ret_outcome`, or -1 with `refusal`. */
int line_command(struct circuit *circuit, const struct command *command, enum event_cause cause,
                 const struct timestamps *now, struct outcome *ret_outcome,
                 struct refusal *refusal);

#endif
