/* Scenes: named sets of values, all or none, in steps. A command on a line that a later step would
 * change ends the scene. */
#ifndef CIRCUIT_SCENE_H
#define CIRCUIT_SCENE_H

#include "circuit/state.h"

/* Begins the scene `command->line`: its first steps happen now. 0, or -1 with `refusal`. */
int scene_begin(struct circuit *circuit, const struct command *command, enum event_cause cause,
                const struct timestamps *now, struct refusal *refusal);

/* The next steps are due. */
void scene_step(struct circuit *circuit, size_t scene, const struct timestamps *now);

/* Somebody else changed `line`: scenes that wait to change it end. */
void scene_forget(struct circuit *circuit, size_t line);

/* After a reload: a scene that waits goes on where its steps are as they were `before` and none of its
 * lines is `fresh` (claimed anew); any other ends. */
void scene_carry_over(struct circuit *circuit, const struct circuit_options *before,
                      const bool *fresh);

/* All scenes end, or those whose lease hangs on `connection` when that is not 0. */
void scene_end_all(struct circuit *circuit, uint32_t connection);

#endif
