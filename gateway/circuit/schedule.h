/* When rules by the clock are due: times of day, sunrise and sunset, intervals. Wall-clock moments become
 * monotonic deadlines, so that nothing wakes up in between; a step of the clock is seen as a change of the
 * distance between the two clocks. */
#ifndef CIRCUIT_SCHEDULE_H
#define CIRCUIT_SCHEDULE_H

#include "circuit/state.h"

#define SCHEDULE_NEVER_S INT64_MAX

/* Occurrences that a step of the clock by at most this passed over happen once, at once. */
enum { SCHEDULE_STEP_MAX_S = 90 };

/* The first moment after `after_s` (both in seconds since 1970) at which a rule of this kind is due, by the
 * process's time zone; SCHEDULE_NEVER_S for never. */
int64_t schedule_next_s(const struct circuit_when *when, const struct sun_place *place,
                        int64_t after_s);

/* Enters the next time of one rule, of all of them, into the deadlines; nothing for rules of another kind. While
 * the clock is not set, rules by the clock wait. */
void schedule_rule(struct circuit *circuit, size_t rule, const struct timestamps *now);
void schedule_all(struct circuit *circuit, const struct timestamps *now);

/* The same for the rules by the clock alone: it was set now, or is not to be believed any more. */
void schedule_by_clock_anew(struct circuit *circuit, const struct timestamps *now);

/* Looks whether the clock was stepped since the last time, and enters the times anew if it was. */
void schedule_follow_clock(struct circuit *circuit, const struct timestamps *now);

/* The deadline of a rule by the clock has come. True when the rule is due, false when it was too early, or the
 * moment lies in a step of the clock. The next time is entered. */
bool schedule_step(struct circuit *circuit, size_t rule, const struct timestamps *now);

#endif
