/* The runs of scenes: their waiting, and how they end. circuit/scene.h executes their steps. */
#ifndef CIRCUIT_RUN_H
#define CIRCUIT_RUN_H

#include "circuit/state.h"

/* Enters the time of the next step into the deadlines. */
void run_schedule(struct circuit *circuit, size_t scene);

/* Somebody else changed `line`: scenes that wait to change it end. */
void run_forget(struct circuit *circuit, size_t line);

/* After a reload: a scene that waits goes on where its steps are as they were in `before` and none of
 * its lines is `fresh` (requested anew); any other ends. */
void run_carry_over(struct circuit *circuit, const struct circuit_options *before,
                    const bool *fresh);

/* Ends all scenes, or those whose lease hangs on `connection` when that is not 0. */
void run_end_all(struct circuit *circuit, uint32_t connection);

#endif
