/* What a good config may not be meant to do: printed by `check` and shown by the page, and no reason to refuse it. */
#ifndef CONFIG_WARNING_H
#define CONFIG_WARNING_H

#include "config/config.h"

/* Tells each warning: where in the file, "circuit.scenes[0]", and a sentence. Both are borrowed for the call.
 *
 * - A program switches on a line that must wait for an interlock's gap, and its next step comes sooner.
 * - A rule or a program pulses an output without max_on_ms whose initial is "last".
 * - A scene sets a line by which a rule changes another line of the same scene.
 * - Rules set each other off for as long as their conditions are true. */
void config_warn(const struct config *config,
                 void (*warn)(void *context, const char *path, const char *text), void *context);

#endif
