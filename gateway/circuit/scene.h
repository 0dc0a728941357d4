/* Scenes: named sets of values, all or none, in steps. */
#ifndef CIRCUIT_SCENE_H
#define CIRCUIT_SCENE_H

#include "circuit/state.h"

/* Begins the scene `command->line` and executes its first steps. 0, or -1 with `refusal`. */
int scene_begin(struct circuit *circuit, const struct command *command, enum event_cause cause,
                const struct timestamps *now, struct refusal *refusal);

/* Executes the steps that are due. */
void scene_step(struct circuit *circuit, size_t scene, const struct timestamps *now);

#endif
