/* The early end of a run: what it switched on and nobody has taken since does not stay on. */
#ifndef CIRCUIT_UNWIND_H
#define CIRCUIT_UNWIND_H

#include "circuit/state.h"

/* Ends the run of `scene`, if there is one. Each of its lines goes to the last value that the program
 * sets for it, if it ever switches the line off, and else to its safe value; in one plan. Tells `state`
 * with `reason` unless `reason` is NULL. */
void unwind_run(struct circuit *circuit, size_t scene, enum event_scene_state state,
                const char *reason, const struct origin *by, const struct timestamps *now);

/* The same for every run, or for those whose lease hangs on `connection` when that is not 0. */
void unwind_all(struct circuit *circuit, uint32_t connection, const char *reason,
                const struct origin *by, const struct timestamps *now);

#endif
