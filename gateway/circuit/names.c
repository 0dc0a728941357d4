#include "circuit/names.h"

#include "circuit/options.h"

static size_t line_count(const void *owner)
{
    return ((const struct circuit_options *)owner)->line_count;
}

static const char *line_name(const void *owner, size_t index)
{
    return ((const struct circuit_options *)owner)->lines[index].name;
}

const struct field_names circuit_line_names = {"line", line_count, line_name};

static size_t scene_count(const void *owner)
{
    return ((const struct circuit_options *)owner)->scene_count;
}

static const char *scene_name(const void *owner, size_t index)
{
    return ((const struct circuit_options *)owner)->scenes[index].name;
}

const struct field_names circuit_scene_names = {"scene", scene_count, scene_name};

static size_t rule_count(const void *owner)
{
    return ((const struct circuit_options *)owner)->rule_count;
}

static const char *rule_name(const void *owner, size_t index)
{
    return ((const struct circuit_options *)owner)->rules[index].name;
}

const struct field_names circuit_rule_names = {"rule", rule_count, rule_name};
