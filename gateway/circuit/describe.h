/* Describes a line for readers. */
#ifndef CIRCUIT_DESCRIBE_H
#define CIRCUIT_DESCRIBE_H

#include "circuit/line.h"

/* As circuit_line() promises, without the interlock's name and the location. */
void describe_line(const struct line *line, const struct timestamps *now,
                   struct line_state *ret_state);

#endif
