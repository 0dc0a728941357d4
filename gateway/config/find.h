/* Names that refer to what was read before. */
#ifndef CONFIG_FIND_H
#define CONFIG_FIND_H

#include "circuit/options.h"

struct json;
struct reader;

/* Index of the first line or scene of that name, or -1. */
int find_line(const struct circuit_options *circuit, const char *name);
int find_scene(const struct circuit_options *circuit, const char *name);

/* A line whose direction is missing or wrong is neither: that alone is told then. */
bool line_is_input(const struct circuit_line_options *line);
bool line_is_output(const struct circuit_line_options *line);

/* What such a line has in place of a direction. */
enum { DIRECTION_UNKNOWN = GPIO_DIRECTION_OUTPUT + 1 };

/* Index of the line that `value` names, or -1 when the reader was told what is wrong. */
int find_line_for(struct reader *reader, const struct json *value, const char *leaf);

/* The same for the line `name`, told at `value`. */
int find_line_named(struct reader *reader, const struct json *value, const char *leaf,
                    const char *name);

/* The same for a scene. */
int find_scene_for(struct reader *reader, const struct json *value, const char *leaf);

#endif
