/* What of an output outlives the process, and how it is stored. */
#ifndef CIRCUIT_RECORD_H
#define CIRCUIT_RECORD_H

#include "circuit/state.h"

/* As circuit_record(). */
void record_line(const struct circuit *circuit, const struct line *line,
                 const struct timestamps *now, struct line_record *ret_record);

/* Tells the memory what a change made of a line: a value that lasts, for `initial: "last"`, and that its
 * record is another one. `was` is the value before. */
void record_change(struct circuit *circuit, struct line *line, const struct line_change *change,
                   uint8_t was);

/* A value that is commanded, although the line does not have it yet. */
void record_value(struct circuit *circuit, struct line *line, uint8_t value);

/* Before the end of the program sets safe values: actions and leases end, and the values that are left are
 * those that last. */
void record_before_end(struct circuit *circuit);

#endif
