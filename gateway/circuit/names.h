/* What in a circuit has a name that commands and the config refer to. Each is looked up in a
 * struct circuit_options, whose order gives the index. */
#ifndef CIRCUIT_NAMES_H
#define CIRCUIT_NAMES_H

#include "base/field.h"

extern const struct field_names circuit_line_names;
extern const struct field_names circuit_scene_names;
extern const struct field_names circuit_rule_names;

#endif
