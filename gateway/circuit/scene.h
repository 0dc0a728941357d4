/* Scenes: named sets of values, all or none; and programs, which run step after step. */
#ifndef CIRCUIT_SCENE_H
#define CIRCUIT_SCENE_H

#include "circuit/state.h"

/* Applies the scene `command->line`; a program begins, and its first step is executed unless it waits.
 * 0, or -1 with `refusal`: then nothing has changed. */
int scene_apply(struct circuit *circuit, const struct command *command, enum event_cause cause,
                const struct timestamps *now, struct refusal *refusal);

/* Ends the program `command->line` early; nothing happens when it does not run. 0, or -1 with
 * `refusal`. */
int scene_stop(struct circuit *circuit, const struct command *command, const struct timestamps *now,
               struct refusal *refusal);

/* Executes the steps of a program that are due. */
void scene_step(struct circuit *circuit, size_t scene, const struct timestamps *now);

/* During a reload: whether the run of `scene` can go on in the circuit `next`: its steps are the same and
 * none of its lines is `fresh` (requested anew). */
bool scene_survives(const struct circuit *circuit, const struct circuit *next, size_t scene,
                    const bool *fresh);

/* After a reload: the runs that are left go on. `before` are the options before it. */
void scene_carry_over(struct circuit *circuit, const struct circuit_options *before);

#endif
