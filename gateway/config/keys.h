/* The tables of keys. Each file has the checks that belong to its tables. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/config.h"

#include "base/field_reader.h"

struct json;

/* What is being read. */
static inline struct config *config_of(const struct field_reader *reader)
{
    return field_target(reader);
}

/* What a line has in place of a direction that is missing or wrong: it is neither, and that alone is
 * reported then. */
enum { DIRECTION_UNKNOWN = GPIO_DIRECTION_OUTPUT + 1 };

static inline bool line_is_input(const struct circuit_line_options *line)
{
    return line->gpio.direction == GPIO_DIRECTION_INPUT;
}

static inline bool line_is_output(const struct circuit_line_options *line)
{
    return line->gpio.direction == GPIO_DIRECTION_OUTPUT;
}

extern const struct field_table keys_root; /* of struct config; the sections below are in it */

extern const struct field_table keys_mqtt, keys_announce;
extern const struct field_table keys_circuit; /* struct config */
extern const struct field_table keys_line;    /* struct circuit_line_options */
extern const struct field_table keys_interlock;
extern const struct field_table keys_scene;
extern const struct field_table keys_rule;

/* Reports lines that cannot be found by the gpiod backend, and of two at one location. */
void locations_check(struct field_reader *reader, const struct json *root);

/* Reports a scene that would have two lines of an interlock on at one time. */
void scene_conflicts_check(struct field_reader *reader, const struct json *scene,
                           const void *target);

#endif
