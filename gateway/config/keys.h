/* The tables themselves. Each stands with the checks that belong to it. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/key.h"

struct circuit_options;
struct json;
struct reader;

extern const struct key_table keys_root; /* of struct config; the sections below are in it */

extern const struct key_table keys_circuit; /* struct config */
extern const struct key_table keys_line;    /* struct circuit_line_options */
extern const struct key_table keys_interlock;
extern const struct key_table keys_scene;
extern const struct key_table keys_rule;

/* Tells of lines that cannot be found by the gpiod backend, and of two at one place. */
void places_check(struct reader *reader, const struct json *root);

/* The `line` of a rule with which something is wrong. */
enum { RULE_LINE_UNKNOWN = UINT16_MAX };

/* Tells of a scene that would have two lines of an interlock on at one time. */
void scene_conflicts_check(struct reader *reader, const struct json *scene, const void *target);

#endif
