/* What triggers rules: changes of lines, times on, the clock, the start. A triggered rule waits in a queue
 * until the entry that caused it is over: see circuit/rule.h. */
#ifndef CIRCUIT_TRIGGER_H
#define CIRCUIT_TRIGGER_H

#include "circuit/state.h"

/* Forgets every press, hold, delay and result. */
void trigger_init_all(struct circuit *circuit);

/* After a reload: a rule that is as it was in `before` and whose lines are not `fresh` (requested anew) goes on
 * with what it waits for. A rule of the same name stays disabled, and keeps its last result. `states` and
 * `due` are the circuit's rules and deadlines before the reload. */
void trigger_carry_over(struct circuit *circuit, const struct circuit_options *before,
                        const struct rule_state *states, const struct deadlines *due,
                        const bool *fresh, const struct timestamps *now);

/* Whether rule `rule` of `is` does what rule `old` of `was` did, on lines of the same names. */
bool trigger_is_same_rule(const struct circuit_options *is, size_t rule,
                          const struct circuit_options *was, size_t old);

/* The value of `line` changed at a monotonic time: the rules that this triggers are queued. `run` is the
 * run of a scene that caused the change, from 1; 0 for none. */
void trigger_notice(struct circuit *circuit, const struct line *line, uint16_t run, int64_t at_ns);

/* The gateway starts: queues the rules that wait for that. */
void trigger_start(struct circuit *circuit);

/* The deadline of rule `rule` has come: a line was on for long enough, a press is over, a time of day. */
void trigger_step(struct circuit *circuit, size_t rule, const struct timestamps *now);

/* The deadline of its delays has come. */
void trigger_step_delay(struct circuit *circuit, size_t rule, const struct timestamps *now);

/* Takes the next rule from the queue; false when it is empty. */
bool trigger_take(struct circuit *circuit, struct triggered_rule *ret_triggered);

/* Empties the queue and counts what it held as dropped. */
void trigger_drop_all(struct circuit *circuit);

#endif
