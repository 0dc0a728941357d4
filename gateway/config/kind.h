/* The kinds of values that keys have; beside each the C type of its field. */
#ifndef CONFIG_KIND_H
#define CONFIG_KIND_H

#include "config/key.h"

extern const struct kind kind_integer; /* uint32_t: min to max, times scale */
extern const struct kind kind_real;    /* double: low to high */
extern const struct kind kind_choice; /* an enum: one of `choices`; "0" and "1" are numbers there */
extern const struct kind kind_yes_no; /* bool: true or false */
extern const struct kind kind_value;  /* uint8_t: a line's value, 0, 1, true or false */

extern const struct kind kind_text;  /* char[max + 1]: min to max bytes, no control bytes */
extern const struct kind kind_name;  /* char[CIRCUIT_NAME_SIZE] */
extern const struct kind kind_color; /* char[max + 1]: "red" or "#ff8800" */
extern const struct kind kind_chip;  /* char[max + 1]: a GPIO chip's label, name or path */
extern const struct kind kind_pwm;   /* char[max + 1]: a folder below /sys/class/pwm */
extern const struct kind kind_mode;  /* mode_t: "0660" */
extern const struct kind kind_title; /* struct circuit_title: a text, or a text for each language */

extern const struct kind kind_addresses; /* struct config_addresses; `min` is the config_listener */
extern const struct kind kind_hosts;     /* struct config_auth */

extern const struct kind kind_line;  /* uint16_t: a line by name */
extern const struct kind kind_lines; /* struct circuit_interlock_options: lines by name */
extern const struct kind kind_scene; /* uint16_t: a scene by name */
extern const struct kind
    kind_delay; /* struct circuit_scene_options: after_ms of the step to come */
extern const struct kind
    kind_values; /* struct circuit_scene_options: adds steps {"line": 0 or 1} */

extern const struct kind kind_section; /* the structure that `inside` describes */
extern const struct kind
    kind_list; /* a pointer to new structures; or with item_size 0 their owner */

/* True when `text` is a name of the interface: [a-z0-9][a-z0-9_-]{0,31}. */
bool kind_is_name(const char *text);

#endif
