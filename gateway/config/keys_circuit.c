#include "config/keys.h"

#include "config/config.h"
#include "config/find.h"
#include "config/kind.h"
#include "config/reader.h"

#include "circuit/circuit.h"

#include "base/json.h"
#include "base/owner.h"

#include <string.h>

#define TABLE(rows) .keys = (rows), .count = ARRAY_LENGTH(rows)
#define AT(member) .offset = offsetof(struct config, circuit.member)
#define IN_LOCK(member) .offset = offsetof(struct circuit_interlock_options, member)
#define IN_SCENE(member) .offset = offsetof(struct circuit_scene_options, member)

enum { LOOP_TEXT_SIZE = 300 };

enum {
    GAP_MAX_MS = 60 * 1000, /* a longer one is no gap any more but a rule */
    GAP_DEFAULT_MS = 100,   /* longer than any relay of a hobby board takes to let go */
};

static const char *const default_name[] = {"circuit", NULL};
static const char *const interlock_modes[] = {"refuse", "break-before-make", NULL};

static const struct key circuit_keys[] = {
    {"name", &kind_name, AT(name), .choices = default_name,
     .doc = "the circuit's name for programs"},
    {"title", &kind_title, AT(title), .doc = "what people read; missing: the name"},
    {"lines", &kind_list, AT(lines), .required = true, .max = CIRCUIT_LINES_MAX,
     .inside = &keys_line, .count_offset = offsetof(struct config, circuit.line_count),
     .doc = "the parts, each on a GPIO line of its own"},
    {"interlocks", &kind_list, AT(interlocks), .max = CIRCUIT_INTERLOCKS_MAX,
     .inside = &keys_interlock, .count_offset = offsetof(struct config, circuit.interlock_count),
     .doc = "groups of outputs of which at most one is on"},
    {"scenes", &kind_list, AT(scenes), .max = CIRCUIT_SCENES_MAX, .inside = &keys_scene,
     .count_offset = offsetof(struct config, circuit.scene_count),
     .doc = "named sets of values, applied all or none"},
    {"rules", &kind_list, AT(rules), .max = CIRCUIT_RULES_MAX, .inside = &keys_rule,
     .count_offset = offsetof(struct config, circuit.rule_count),
     .doc = "commands that the circuit gives itself when a line changes"},
    {"viewers_may_switch_off", &kind_yes_no, AT(viewers_may_switch_off),
     .doc = "whether a viewer, too, may put every output to its safe value"},
};

static void circuit_check(struct reader *reader, const struct json *object, void *target)
{
    (void)target;
    char message[LOOP_TEXT_SIZE];
    if (!json_get(object, "rules") || !reader_is_sound(reader))
        return; /* what a rule names must be there to be followed */
    if (circuit_check_rules(&reader_config(reader)->circuit, message, sizeof message))
        reader_fail(reader, json_get(object, "rules"), "rules", "%s", message);
}

const struct key_table keys_circuit = {TABLE(circuit_keys), .check = circuit_check};

static const struct key interlock_keys[] = {
    {"name", &kind_name, IN_LOCK(name), .doc = "missing: interlock-1 and so on"},
    {"mode", &kind_choice, IN_LOCK(mode), .choices = interlock_modes,
     .doc = "whether a second line is refused, or switches the first one off and waits gap_ms"},
    {"gap_ms", &kind_integer, IN_LOCK(gap_ms), .max = GAP_MAX_MS, .fallback = GAP_DEFAULT_MS,
     .unit = "ms", .doc = "how long all are off before the next one comes on (break-before-make)"},
    {"lines", &kind_lines, .required = true, .min = 2, .doc = "its outputs"},
};

/* Two members that are on from the start, or are to be on at the end. */
static void check_members(struct reader *reader, const struct json *object,
                          const struct circuit_interlock_options *interlock)
{
    const struct circuit_line_options *lines = reader_config(reader)->circuit.lines;
    const struct circuit_line_options *initial = NULL;
    const struct circuit_line_options *safe = NULL;
    for (size_t i = 0; i < interlock->count; i++) {
        const struct circuit_line_options *line = &lines[interlock->lines[i]];
        if (line->initial == CIRCUIT_INITIAL_1 && initial)
            reader_fail(reader, json_get(object, "lines"), "lines",
                        "%s and %s are both on from the start (initial 1)", initial->name,
                        line->name);
        if (line->safe == CIRCUIT_SAFE_1 && safe)
            reader_fail(reader, json_get(object, "lines"), "lines",
                        "%s and %s are both on when all is safe (safe 1)", safe->name, line->name);
        if (line->initial == CIRCUIT_INITIAL_1)
            initial = line;
        if (line->safe == CIRCUIT_SAFE_1)
            safe = line;
    }
}

static void interlock_check(struct reader *reader, const struct json *object, void *target)
{
    struct circuit_interlock_options *interlock = target;
    const struct circuit_interlock_options *all = reader_config(reader)->circuit.interlocks;
    const struct json *gap = json_get(object, "gap_ms");
    const char *mode = json_text(json_get(object, "mode"));
    bool refuses = !mode || strcmp(mode, interlock_modes[CIRCUIT_INTERLOCK_REFUSE]) == 0;
    if (!interlock->name[0])
        (void)snprintf(interlock->name, sizeof interlock->name, "interlock-%zu",
                       reader_index(reader) + 1);
    for (size_t i = 0; i < reader_index(reader); i++)
        if (strcmp(all[i].name, interlock->name) == 0)
            reader_fail(reader, json_get(object, "name"), "name",
                        "\"%s\" is taken by circuit.interlocks[%zu]", interlock->name, i);
    if (gap && refuses)
        reader_fail(reader, gap, "gap_ms", "only mode \"break-before-make\" has it");
    if (refuses)
        interlock->gap_ms = 0;
    check_members(reader, object, interlock);
}

const struct key_table keys_interlock = {TABLE(interlock_keys),
                                         .item_size = sizeof(struct circuit_interlock_options),
                                         .check = interlock_check};

static const struct key step_keys[] = {
    {"after_ms", &kind_delay, .max = COMMAND_DURATION_MAX_MS, .unit = "ms",
     .doc = "since the step before"},
    {"set", &kind_values, .required = true, .doc = "the outputs that change in this step"},
};
static const struct key_table step_table = {TABLE(step_keys)};

static const struct key scene_keys[] = {
    {"name", &kind_name, IN_SCENE(name), .required = true, .doc = "the scene's name for programs"},
    {"title", &kind_title, IN_SCENE(title), .doc = "what people read; missing: the name"},
    {"set", &kind_values, .doc = "the outputs that change, at once"},
    {"steps", &kind_list, .max = CIRCUIT_STEPS_MAX, .inside = &step_table,
     .doc = "in place of set: several, one after another"},
};

static void scene_check(struct reader *reader, const struct json *object, void *target)
{
    const struct circuit_scene_options *scene = target;
    const struct circuit_options *circuit = &reader_config(reader)->circuit;
    const struct json *steps = json_get(object, "steps");
    if (find_scene(circuit, scene->name) < (int)reader_index(reader))
        reader_fail(reader, json_get(object, "name"), "name",
                    "\"%s\" is taken by circuit.scenes[%d]", scene->name,
                    find_scene(circuit, scene->name));
    if (json_get(object, "set") && steps)
        reader_fail(reader, steps, "steps", "a scene has either set or steps");
    else if (!json_get(object, "set") && json_count(steps) == 0)
        reader_fail(reader, object, NULL, "a scene needs set, or steps");
    scene_conflicts_check(reader, object, scene);
}

const struct key_table keys_scene = {
    TABLE(scene_keys), .item_size = sizeof(struct circuit_scene_options), .check = scene_check};
