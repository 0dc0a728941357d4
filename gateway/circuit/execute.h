/* Executes commands, of clients and rules alike: they are checked, planned and committed. */
#ifndef CIRCUIT_EXECUTE_H
#define CIRCUIT_EXECUTE_H

#include "circuit/state.h"

/* Executes one command of any verb, inside an entry. `cause` is that of its events, EVENT_SET for "as
 * the verb says". 0 with `ret_outcome` (not for OFF and SCENE), or -1 with `refusal`. */
int execute_command(struct circuit *circuit, const struct command *command, enum event_cause cause,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal);

#endif
