#include "config/kind.h"

#include "config/keys.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "circuit/names.h"

#include <stdio.h>
#include <string.h>

/* Index of an output, or -1 when a fault was reported. */
static int output_for(struct field_reader *reader, const struct json *at, const char *leaf,
                      const char *name)
{
    int line = field_look_up(reader, &circuit_line_names, at, leaf, name);
    if (line < 0)
        return -1;
    if (!line_is_input(&config_of(reader)->circuit.lines[line]))
        return line;
    field_fail(reader, at, leaf, "\"%s\" is an input; only outputs stand here", name);
    return -1;
}

static bool holds(const uint16_t *lines, size_t count, int line)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i] == line)
            return true;
    return false;
}

static void lines_add(struct field_reader *reader, struct circuit_interlock_options *interlock,
                      const struct json *item, const char *leaf)
{
    const char *name = json_text(item);
    if (!name) {
        field_fail_type(reader, item, leaf, "a line's name");
        return;
    }
    int line = field_look_up(reader, &circuit_line_names, item, leaf, name);
    if (line < 0)
        return;
    if (holds(interlock->lines, interlock->count, line))
        field_fail(reader, item, leaf, "\"%s\" stands twice in this list", name);
    else
        interlock->lines[interlock->count++] = (uint16_t)line;
}

/* An input keeps the outputs beside it off; inputs alone keep nothing. */
static void check_any_output(struct field_reader *reader, const struct json *value,
                             const struct circuit_interlock_options *interlock)
{
    const struct circuit_line_options *lines = config_of(reader)->circuit.lines;
    for (size_t i = 0; i < interlock->count; i++)
        if (!line_is_input(&lines[interlock->lines[i]]))
            return;
    if (interlock->count > 0)
        field_fail(reader, value, "lines", "at least one output is needed beside the inputs");
}

static void lines_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, "a list of line names");
        return;
    }
    if (json_count(value) < (size_t)field->min)
        field_fail(reader, value, field->name, "%zu is below the minimum %lld (lines)",
                   json_count(value), (long long)field->min);
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item), index++) {
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", field->name, index);
        lines_add(reader, member, item, leaf);
    }
    check_any_output(reader, value, member);
}

static void lines_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "list of line names, at least %lld", (long long)field->min);
}

static void lines_write_schema(const struct field *field, struct json_writer *writer)
{
    json_write_text(writer, "type", "array");
    json_write_integer(writer, "minItems", field->min);
    json_write_object(writer, "items");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
}

const struct field_kind kind_lines = {
    .read = lines_read,
    .print = lines_print,
    .write_schema = lines_write_schema,
};

/* The next step to be added is the first of this item: it waits, those after it do not. */
static void delay_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    struct circuit_scene_options *scene = member;
    uint32_t unused;
    bool left = scene->count < CIRCUIT_STEPS_MAX;
    field_integer.read(reader, field, value, left ? &scene->steps[scene->count].after_ms : &unused);
}

static void delay_print(const struct field *field, struct buffer *out)
{
    field_integer.print(field, out);
}

static void delay_print_default(const struct field *field, struct buffer *out)
{
    field_integer.print_default(field, out);
}

static void delay_write_schema(const struct field *field, struct json_writer *writer)
{
    field_integer.write_schema(field, writer);
}

const struct field_kind kind_delay = {
    .word = FIELD_WORD_INTEGER,
    .read = delay_read,
    .print = delay_print,
    .print_default = delay_print_default,
    .write_schema = delay_write_schema,
};

static void step_commands_read(struct field_reader *reader, const struct field *field,
                               const struct json *value, void *member)
{
    struct circuit_scene_options *scene = member;
    struct circuit_scene_step *first = &scene->steps[scene->count];
    size_t left = CIRCUIT_STEPS_MAX - scene->count;
    if (left == 0) {
        field_fail(reader, value, field->name, "a scene has at most %d values and commands",
                   CIRCUIT_STEPS_MAX);
        return;
    }
    size_t count =
        commands_enter(reader, field, value, &first->command, sizeof(struct circuit_scene_step),
                       left < CIRCUIT_DO_MAX ? left : CIRCUIT_DO_MAX);
    for (size_t i = 0; i < count; i++)
        first[i].does = true;
    scene->count += count;
}

const struct field_kind kind_step_commands = {
    .read = step_commands_read,
    .form = COMMANDS_FORM,
    .write_schema = commands_write_schema,
};

static void values_add(struct field_reader *reader, struct circuit_scene_options *scene,
                       const struct json *member, const char *leaf)
{
    char shown[FIELD_SHOWN_SIZE];
    int on = -1;
    int line = output_for(reader, member, leaf, json_key(member));
    if (json_switch(member, &on))
        field_fail(reader, member, leaf, "%s is not a value: 0 or 1", field_show(member, shown));
    if (line < 0 || on < 0)
        return;
    if (scene->count == CIRCUIT_STEPS_MAX) {
        field_fail(reader, member, leaf, "a scene has at most %d values and commands",
                   CIRCUIT_STEPS_MAX);
        return;
    }
    struct circuit_scene_step *step = &scene->steps[scene->count++];
    step->line = (uint16_t)line;
    step->value = (uint8_t)on;
}

static void values_read(struct field_reader *reader, const struct field *field,
                        const struct json *value, void *member)
{
    struct circuit_scene_options *scene = member;
    if (!json_is(value, JSON_OBJECT)) {
        field_fail_type(reader, value, field->name, "an object of lines and values");
        return;
    }
    size_t seen = 0;
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item)) {
        char shown[FIELD_SHOWN_SIZE];
        char leaf[2 * FIELD_SHOWN_SIZE];
        (void)snprintf(leaf, sizeof leaf, "%s.%s", field->name,
                       field_show_text(json_key(item), shown));
        if (field_skips(reader, value, item, leaf))
            continue;
        values_add(reader, scene, item, leaf);
        seen++;
    }
    if (seen == 0)
        field_fail(reader, value, field->name, "sets no line");
}

static void values_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out, "object {\"LINE\": 0 or 1, …}, at most %d in a scene",
                        CIRCUIT_STEPS_MAX);
}

static void values_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "object");
}

const struct field_kind kind_values = {
    .read = values_read,
    .print = values_print,
    .write_schema = values_write_schema,
};
