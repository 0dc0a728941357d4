/* The runs of programs: when the next step is due, which lines each run owns, and their events.
 * circuit/scene.h executes the steps, circuit/unwind.h ends a run early. */
#ifndef CIRCUIT_RUN_H
#define CIRCUIT_RUN_H

#include "circuit/state.h"

/* Enters the time of the next step into the deadlines. */
void run_schedule(struct circuit *circuit, size_t scene);

/* Somebody commanded `line`: no run touches it again, except `spared` (from 1; 0 for none). */
void run_take(struct circuit *circuit, size_t line, uint16_t spared);

/* Ends a run: its lines belong to nobody, and nothing of it is due. */
void run_end(struct circuit *circuit, size_t scene);

/* Appends an event of the scene. `reason` of an early end, or NULL. */
void run_append(struct circuit *circuit, size_t scene, enum event_scene_state state,
                const char *reason, const struct origin *by, const struct timestamps *now);

/* Whether scene `scene` of the circuit has the steps that scene `old` had in `before`, and none of its
 * lines is `fresh` (requested anew). */
bool run_has_same_steps(const struct circuit *circuit, size_t scene,
                        const struct circuit_options *before, size_t old, const bool *fresh);

/* The value that unwinding the run which owns `line` would set. */
uint8_t run_unwind_value(const struct circuit *circuit, const struct line *line);

#endif
