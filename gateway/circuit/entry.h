/* An entry surrounds everything that may change a line: the outermost of nested entries runs the rules
 * that were triggered, at its end. */
#ifndef CIRCUIT_ENTRY_H
#define CIRCUIT_ENTRY_H

#include "circuit/state.h"

/* True for the outermost entry. */
bool entry_begin(struct circuit *circuit);
void entry_end(struct circuit *circuit, bool outermost, const struct timestamps *now);

#endif
