/* What triggers rules: changes of lines, and times on. A triggered rule waits in a queue until the entry
 * that caused it is over: see circuit/rule.h. */
#ifndef CIRCUIT_TRIGGER_H
#define CIRCUIT_TRIGGER_H

#include "circuit/state.h"

/* Forgets every press and every hold. */
void trigger_init_all(struct circuit *circuit);

/* After a reload: a rule that waits (for the end of a hold, or for the second press) goes on waiting
 * where its condition is as it was in `before` and its line is not `fresh` (requested anew). `waiting`
 * and `due` are the circuit's rules and deadlines before the reload. */
void trigger_carry_over(struct circuit *circuit, const struct circuit_options *before,
                        const struct rule_state *waiting, const struct deadlines *due,
                        const bool *fresh);

/* The value of `line` changed at a monotonic time: the rules that this triggers are queued. `run` is the
 * run of a scene that caused the change, from 1; 0 for none. */
void trigger_notice(struct circuit *circuit, const struct line *line, uint16_t run, int64_t at_ns);

/* The line of rule `rule` was on for long enough. */
void trigger_step(struct circuit *circuit, size_t rule);

/* Takes the next rule from the queue; false when it is empty. */
bool trigger_take(struct circuit *circuit, struct triggered_rule *ret_triggered);

/* Empties the queue and counts what it held as dropped. */
void trigger_drop_all(struct circuit *circuit);

#endif
