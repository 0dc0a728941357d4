#include "config/kind.h"

#include "config/config.h"
#include "config/diagnostic.h"
#include "config/find.h"
#include "config/reader.h"

#include "base/json.h"

#include <string.h>

static void print_nothing(FILE *out, const struct key *key)
{
    (void)out;
    (void)key;
}

static void line_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    int line = find_line_for(reader, value, key->name);
    if (line >= 0)
        memcpy(field, &(uint16_t){(uint16_t)line}, sizeof(uint16_t));
}

static void line_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("a line's name", out);
}

const struct kind kind_line = {NULL, line_read, line_print, print_nothing};

static void scene_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    int scene = find_scene_for(reader, value, key->name);
    if (scene >= 0)
        memcpy(field, &(uint16_t){(uint16_t)scene}, sizeof(uint16_t));
}

static void scene_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("a scene's name", out);
}

const struct kind kind_scene = {NULL, scene_read, scene_print, print_nothing};

/* Index of an output, or -1 when the reader was told. */
static int output_for(struct reader *reader, const struct json *at, const char *leaf,
                      const char *name)
{
    int line = find_line_named(reader, at, leaf, name);
    if (line < 0)
        return -1;
    if (!line_is_input(&reader_config(reader)->circuit.lines[line]))
        return line;
    reader_fail(reader, at, leaf, "\"%s\" is an input; only outputs stand here", name);
    return -1;
}

static bool holds(const uint16_t *lines, size_t count, int line)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i] == line)
            return true;
    return false;
}

static void lines_add(struct reader *reader, struct circuit_interlock_options *interlock,
                      const struct json *item, const char *leaf)
{
    const char *name = json_text(item);
    if (!name) {
        reader_fail_type(reader, item, leaf, "a line's name");
        return;
    }
    int line = find_line_named(reader, item, leaf, name);
    if (line < 0)
        return;
    if (holds(interlock->lines, interlock->count, line))
        reader_fail(reader, item, leaf, "\"%s\" stands twice in this list", name);
    else
        interlock->lines[interlock->count++] = (uint16_t)line;
}

/* An input keeps the outputs beside it off; inputs alone keep nothing. */
static void check_any_output(struct reader *reader, const struct json *value,
                             const struct circuit_interlock_options *interlock)
{
    const struct circuit_line_options *lines = reader_config(reader)->circuit.lines;
    for (size_t i = 0; i < interlock->count; i++)
        if (!line_is_input(&lines[interlock->lines[i]]))
            return;
    if (interlock->count > 0)
        reader_fail(reader, value, "lines", "at least one output is needed beside the inputs");
}

static void lines_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    if (!json_is(value, JSON_ARRAY)) {
        reader_fail_type(reader, value, key->name, "a list of line names");
        return;
    }
    if (json_count(value) < (size_t)key->min)
        reader_fail(reader, value, key->name, "%zu is below the minimum %lld (lines)",
                    json_count(value), (long long)key->min);
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !reader_is_full(reader); item = json_next(item), index++) {
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", key->name, index);
        lines_add(reader, field, item, leaf);
    }
    check_any_output(reader, value, field);
}

static void lines_print(FILE *out, const struct key *key)
{
    (void)fprintf(out, "list of line names, at least %lld", (long long)key->min);
}

const struct kind kind_lines = {NULL, lines_read, lines_print, print_nothing};

/* The next step to be added is the first of this item: it waits, those after it do not. */
static void delay_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    struct circuit_scene_options *scene = field;
    uint32_t unused;
    bool room = scene->count < CIRCUIT_STEPS_MAX;
    kind_integer.read(reader, key, value, room ? &scene->steps[scene->count].after_ms : &unused);
}

static void delay_print(FILE *out, const struct key *key)
{
    kind_integer.print(out, key);
}

static void delay_print_default(FILE *out, const struct key *key)
{
    kind_integer.print_default(out, key);
}

const struct kind kind_delay = {NULL, delay_read, delay_print, delay_print_default};

static void values_add(struct reader *reader, struct circuit_scene_options *scene,
                       const struct json *member, const char *leaf)
{
    char shown[PROBLEM_SHOWN_SIZE];
    int on = -1;
    int line = output_for(reader, member, leaf, json_key(member));
    if (json_switch(member, &on))
        reader_fail(reader, member, leaf, "%s is not a value: 0 or 1",
                    diagnostic_show(member, shown));
    if (line < 0 || on < 0)
        return;
    if (scene->count == CIRCUIT_STEPS_MAX) {
        reader_fail(reader, member, leaf, "a scene sets at most %d values", CIRCUIT_STEPS_MAX);
        return;
    }
    struct circuit_scene_step *step = &scene->steps[scene->count++];
    step->line = (uint16_t)line;
    step->value = (uint8_t)on;
}

static void values_read(struct reader *reader, const struct key *key, const struct json *value,
                        void *field)
{
    struct circuit_scene_options *scene = field;
    if (!json_is(value, JSON_OBJECT)) {
        reader_fail_type(reader, value, key->name, "an object of lines and values");
        return;
    }
    size_t seen = 0;
    const struct json *member = json_first(value);
    for (; member && !reader_is_full(reader); member = json_next(member)) {
        char shown[PROBLEM_SHOWN_SIZE];
        char leaf[2 * PROBLEM_SHOWN_SIZE];
        (void)snprintf(leaf, sizeof leaf, "%s.%s", key->name,
                       diagnostic_show_text(json_key(member), shown));
        if (reader_skips(reader, value, member, leaf))
            continue;
        values_add(reader, scene, member, leaf);
        seen++;
    }
    if (seen == 0)
        reader_fail(reader, value, key->name, "sets no line");
}

static void values_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fprintf(out, "object {\"LINE\": 0 or 1, …}, at most %d in a scene", CIRCUIT_STEPS_MAX);
}

const struct kind kind_values = {NULL, values_read, values_print, print_nothing};
