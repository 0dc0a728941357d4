/* Commands of rules that wait for their after_ms. They outlive the process as programs do: what would switch
 * off is done at its time, or at once when that has passed; what would switch on is given up. */
#ifndef CIRCUIT_DELAY_H
#define CIRCUIT_DELAY_H

#include "circuit/state.h"

/* The rule was set off: its commands wait from now on, as `again` says for those that wait already. `run`
 * as in trigger_notice(). */
void delay_begin(struct circuit *circuit, size_t rule, uint16_t run, const struct timestamps *now);

/* Gives up what waits. */
void delay_give_up(struct circuit *circuit, size_t rule);

/* Of what waits only the commands that switch off stay. */
void delay_keep_off(struct circuit *circuit, size_t rule);

/* Takes a delay that is over. False when none is. */
bool delay_take(struct circuit *circuit, size_t rule, const struct timestamps *now,
                struct rule_delay *ret_delay);

/* Takes what waits up again as the run of the program before left it. */
void delay_resume(struct circuit *circuit, size_t rule, const struct rule_record *record,
                  const struct timestamps *now);

/* Adds to the record what waits. */
void delay_record(const struct circuit *circuit, size_t rule, const struct timestamps *now,
                  struct rule_record *record);

/* Enters the first end into the deadlines. */
void delay_schedule(struct circuit *circuit, size_t rule);

#endif
