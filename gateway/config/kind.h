/* The kinds of values that only a config has; beside each the C type of its member. */
#ifndef CONFIG_KIND_H
#define CONFIG_KIND_H

#include "base/field.h"

extern const struct field_kind kind_name;  /* char[CIRCUIT_NAME_SIZE] */
extern const struct field_kind kind_color; /* char[max + 1]: "red" or "#ff8800" */
extern const struct field_kind kind_chip;  /* char[max + 1]: a GPIO chip's label, name or path */
extern const struct field_kind kind_pwm;   /* char[max + 1]: a folder below /sys/class/pwm */
extern const struct field_kind kind_mode;  /* mode_t: "0660" */
extern const struct field_kind kind_title; /* struct circuit_title: a text, or one a language */

extern const struct field_kind kind_command; /* struct command: a method with its parameters */

extern const struct field_kind kind_addresses; /* struct config_addresses; `min` is its listener */
extern const struct field_kind kind_hosts;     /* struct config_auth */
extern const struct field_kind kind_origins;   /* the same */

extern const struct field_kind kind_lines;  /* struct circuit_interlock_options: lines by name */
extern const struct field_kind kind_delay;  /* struct circuit_scene_options: of the step to come */
extern const struct field_kind kind_values; /* the same: adds steps {"line": 0 or 1} */

/* Visits the fields of all commands that the config may have, each name once. */
void command_walk_keys(const struct field_visitor *visitor);

#endif
