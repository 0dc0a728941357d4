/* Reports to the circuit's memory what a plan made lasting, for `initial: "last"`. */
#ifndef CIRCUIT_REMEMBER_H
#define CIRCUIT_REMEMBER_H

#include "circuit/plan.h"

/* After `plan` was committed: its first `asked` changes were commands, which last when `lasting`; the
 * others were switched off by an interlock, which lasts. */
void remember_plan(const struct plan *plan, size_t asked, bool lasting);

#endif
