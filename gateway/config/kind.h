/* The kinds of values that only a config has; beside each the C type of its member. */
#ifndef CONFIG_KIND_H
#define CONFIG_KIND_H

#include "base/field.h"
#include "circuit/command.h"

extern const struct field_kind kind_name;  /* char[CIRCUIT_NAME_SIZE] */
extern const struct field_kind kind_color; /* char[max + 1]: "red" or "#ff8800" */
extern const struct field_kind kind_gpio;  /* char[max + 1]: the kernel's name of a line */
extern const struct field_kind kind_chip;  /* char[max + 1]: a GPIO chip's label, name or path */
extern const struct field_kind kind_pwm;   /* char[max + 1]: a folder below /sys/class/pwm */
extern const struct field_kind kind_mode;  /* mode_t: "0660" */
extern const struct field_kind
    kind_group; /* char[4 * max + 1]: a text of at most `max` characters */
extern const struct field_kind kind_title; /* struct circuit_title: a text, or one a language */

extern const struct field_kind
    kind_commands; /* struct circuit_commands: one or several methods with
                                                * their parameters */
extern const struct field_kind kind_step_commands; /* struct circuit_scene_options: as steps */

extern const struct field_kind kind_watched_lines; /* struct circuit_when */
extern const struct field_kind kind_times;         /* the same: "06:30", or a list */
extern const struct field_kind kind_days;          /* the same */
extern const struct field_kind kind_condition;     /* struct circuit_rule_options */
extern const struct field_kind kind_zone;          /* char[max + 1]: a time zone that is there */

/* Reads "06:30" or "06:30:15" as seconds since midnight; false when a fault was reported. */
bool time_of_day_read(struct field_reader *reader, const struct json *value, const char *leaf,
                      int32_t *ret_time_s);

extern const struct field_kind kind_addresses; /* struct config_addresses; `min` is its listener */
extern const struct field_kind kind_hosts;     /* struct config_auth */
extern const struct field_kind kind_proxies;   /* struct proxy_list */
extern const struct field_kind kind_origins;   /* the same */

extern const struct field_kind kind_lines;  /* struct circuit_interlock_options: lines by name */
extern const struct field_kind kind_delay;  /* struct circuit_scene_options: of the step to come */
extern const struct field_kind kind_values; /* the same: adds steps {"line": 0 or 1} */

/* Reads a command or a list of them once the current field is done, `stride` bytes apart from `first` on.
 * How many, at most `max`; 0 when a fault was reported. */
size_t commands_enter(struct field_reader *reader, const struct field *field,
                      const struct json *value, struct command *first, size_t stride, size_t max);
void commands_write_schema(const struct field *field, struct json_writer *writer);
#define COMMANDS_FORM                                                                              \
    "a command, or a list of them: `method`, and the parameters that it has in every protocol"

/* Visits the fields of all commands that the config may have, each name once. */
void command_walk_keys(const struct field_visitor *visitor);

#endif
