/* What the tests of config/ share. Texts are JSON with ' in place of ", so that C can hold them. */
#ifndef TEST_CONFIG_RIG_H
#define TEST_CONFIG_RIG_H

#include "config/config.h"

/* Reads a text that must be a config. Done by config_done(). */
struct config config_rig_accept(const char *text);

/* Reads a text that must be refused with exactly these lines; each begins with "f: " or "f:LINE". */
void config_rig_refuse(const char *text, const char *lines);

/* The same for a circuit: `{'circuit':{'lines':[LINES]REST}}`, LINES with an output "red" and "green"
 * and an input "button" in front. REST begins with a comma. */
struct config config_rig_accept_circuit(const char *rest);
void config_rig_refuse_circuit(const char *rest, const char *lines);

#endif
