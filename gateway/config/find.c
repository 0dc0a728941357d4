#include "config/find.h"

#include "config/config.h"
#include "config/diagnostic.h"
#include "config/reader.h"

#include "base/json.h"
#include "base/nearest.h"

#include <string.h>

int find_line(const struct circuit_options *circuit, const char *name)
{
    for (size_t i = 0; i < circuit->line_count; i++)
        if (strcmp(circuit->lines[i].name, name) == 0)
            return (int)i;
    return -1;
}

int find_scene(const struct circuit_options *circuit, const char *name)
{
    for (size_t i = 0; i < circuit->scene_count; i++)
        if (strcmp(circuit->scenes[i].name, name) == 0)
            return (int)i;
    return -1;
}

bool line_is_input(const struct circuit_line_options *line)
{
    return line->gpio.direction == GPIO_DIRECTION_INPUT;
}

bool line_is_output(const struct circuit_line_options *line)
{
    return line->gpio.direction == GPIO_DIRECTION_OUTPUT;
}

static void fail_name(struct reader *reader, const struct json *value, const char *leaf,
                      const char *what, const char *name, const char *const *names, size_t count)
{
    char shown[PROBLEM_SHOWN_SIZE];
    const char *nearest = nearest_name(name, names, count);
    if (nearest)
        reader_fail(reader, value, leaf, "no %s is called \"%s\"; did you mean \"%s\"?", what,
                    diagnostic_show_text(name, shown), nearest);
    else
        reader_fail(reader, value, leaf, "no %s is called \"%s\"", what,
                    diagnostic_show_text(name, shown));
}

int find_line_named(struct reader *reader, const struct json *value, const char *leaf,
                    const char *name)
{
    const struct circuit_options *circuit = &reader_config(reader)->circuit;
    const char *names[CIRCUIT_LINES_MAX];
    int line = find_line(circuit, name);
    if (line >= 0)
        return line;
    for (size_t i = 0; i < circuit->line_count; i++)
        names[i] = circuit->lines[i].name;
    fail_name(reader, value, leaf, "line", name, names, circuit->line_count);
    return -1;
}

int find_line_for(struct reader *reader, const struct json *value, const char *leaf)
{
    if (json_text(value))
        return find_line_named(reader, value, leaf, json_text(value));
    reader_fail_type(reader, value, leaf, "a line's name");
    return -1;
}

int find_scene_for(struct reader *reader, const struct json *value, const char *leaf)
{
    const struct circuit_options *circuit = &reader_config(reader)->circuit;
    const char *names[CIRCUIT_SCENES_MAX];
    if (!json_text(value)) {
        reader_fail_type(reader, value, leaf, "a scene's name");
        return -1;
    }
    int scene = find_scene(circuit, json_text(value));
    if (scene >= 0)
        return scene;
    for (size_t i = 0; i < circuit->scene_count; i++)
        names[i] = circuit->scenes[i].name;
    fail_name(reader, value, leaf, "scene", json_text(value), names, circuit->scene_count);
    return -1;
}
