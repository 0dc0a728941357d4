/* Describes a line for readers. */
#ifndef CIRCUIT_DESCRIBE_H
#define CIRCUIT_DESCRIBE_H

#include "circuit/rule_description.h"
#include "circuit/state.h"

/* As circuit_line() promises, without the interlock's name and the location. */
void describe_line(const struct line *line, const struct timestamps *now,
                   struct line_state *ret_state);

/* As circuit_scene(). */
void describe_scene(const struct circuit *circuit, size_t scene, const struct timestamps *now,
                    struct scene_state *ret_state);

/* As circuit_rule(). */
void describe_rule(const struct circuit *circuit, size_t rule, struct rule_description *ret_state);

#endif
