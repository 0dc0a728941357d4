/* After a start: what an output did when the run before ended goes on, or ends off. */
#ifndef CIRCUIT_RESUME_H
#define CIRCUIT_RESUME_H

#include "circuit/state.h"

/* Sets `*ret_wanted` to whether a line with `initial: "last"` is to be on from the start, if its record
 * says more of it than its last value. False: the last value counts. */
bool resume_wants_on(const struct circuit *circuit, const struct line *line, bool *ret_wanted);

/* Locks the lines that were locked. */
void resume_locks(struct circuit *circuit);

/* Once a line has its first value: its action and its lease go on until their time, a lease that hung on
 * a connection or whose time has passed ends, and so does the program that had switched the line on.
 * `goes_on`: the pin kept its level from the run before, so that this also counts for lines without
 * `initial: "last"`. */
void resume_line(struct circuit *circuit, struct line *line, bool goes_on,
                 const struct timestamps *now);

#endif
