/* Performing commands, for clients and rules alike: what is asked is checked, planned and done. */
#ifndef CIRCUIT_EXECUTE_H
#define CIRCUIT_EXECUTE_H

#include "circuit/state.h"

/* Does one command of any verb, inside an entry. `cause` is that of its events, EVENT_SET for "what
 * the verb says". 0 with `ret_outcome` (not for OFF and SCENE), or -1 with `refusal`. */
int execute_command(struct circuit *circuit, const struct command *command, enum event_cause cause,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal);

/* For commands on several lines: 0, or -1 with `refusal` when the line has changed since what the command
 * expects. */
int execute_check_unchanged(const struct circuit *circuit, size_t line,
                            const struct command *command, struct refusal *refusal);

/* Sets several outputs, all or none. Leases and source are those of `command`. The number of lines
 * that changed, whose indices stand in `ret_changed` (room for `count`); or -1 with `refusal`. */
int execute_set_many(struct circuit *circuit, const struct line_value *values, size_t count,
                     const struct command *command, enum event_cause cause,
                     const struct timestamps *now, uint16_t *ret_changed, struct refusal *refusal);

/* -1 with `refusal` when the line is not there or not an output. */
int execute_check_line(const struct circuit *circuit, size_t line, struct refusal *refusal);

#endif
