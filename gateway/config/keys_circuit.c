#include "config/keys.h"

#include "config/kind.h"

#include "circuit/circuit.h"
#include "circuit/names.h"

#include "base/json.h"
#include "base/owner.h"

#include <stdio.h>
#include <string.h>

#define AT(member) FIELD_MEMBER(struct config, circuit.member)
#define LIST_AT(member) .offset = offsetof(struct config, circuit.member)
#define IN_LOCK(member) FIELD_MEMBER(struct circuit_interlock_options, member)
#define IN_SCENE(member) FIELD_MEMBER(struct circuit_scene_options, member)

enum { LOOP_TEXT_SIZE = 300 };

enum {
    GAP_MAX_MS = 60 * 1000, /* a longer one is no gap any more but a rule */
    GAP_DEFAULT_MS = 100,   /* longer than any relay of a hobby board takes to let go */
};

static const char *const interlock_modes[] = {"refuse", "break-before-make", NULL};

static const struct field circuit_keys[] = {
    {"name", &kind_name, AT(name), .text_fallback = "circuit",
     .doc = "the circuit's name for programs"},
    {"title", &kind_title, AT(title), .doc = "what people read; missing: the name"},
    {"timezone", &kind_zone, AT(timezone), .max = CIVIL_ZONE_SIZE - 1,
     .doc = "the zone of all times of day; missing: the machine's"},
    {"latitude", &field_real, AT(place.latitude), .low = -90, .high = 90, .unit = "degrees",
     .given = offsetof(struct config, circuit.has_latitude),
     .doc = "where the sun rises; north is positive"},
    {"longitude", &field_real, AT(place.longitude), .low = -180, .high = 180, .unit = "degrees",
     .given = offsetof(struct config, circuit.has_longitude), .doc = "east is positive"},
    {"lines", &field_list, LIST_AT(lines), .required = true, .max = CIRCUIT_LINES_MAX,
     .inside = &keys_line, .count_offset = offsetof(struct config, circuit.line_count),
     .doc = "the parts, each on a GPIO line of its own"},
    {"interlocks", &field_list, LIST_AT(interlocks), .max = CIRCUIT_INTERLOCKS_MAX,
     .inside = &keys_interlock, .count_offset = offsetof(struct config, circuit.interlock_count),
     .doc = "groups of outputs of which at most one is on"},
    {"scenes", &field_list, LIST_AT(scenes), .max = CIRCUIT_SCENES_MAX, .inside = &keys_scene,
     .count_offset = offsetof(struct config, circuit.scene_count),
     .doc = "named sets of values, applied all or none"},
    {"rules", &field_list, LIST_AT(rules), .max = CIRCUIT_RULES_MAX, .inside = &keys_rule,
     .count_offset = offsetof(struct config, circuit.rule_count),
     .doc = "commands that the circuit gives itself: when a line changes, at a time, at the start"},
    {"viewers_may_switch_off", &field_bool, AT(viewers_may_switch_off),
     .doc = "whether a viewer, too, may put every output to its safe value"},
};

/* A name that a line had before is no other line's, and not that of two lines before. */
static void check_renamed(struct field_reader *reader, const struct json *object)
{
    const struct circuit_options *circuit = &config_of(reader)->circuit;
    const struct json *line = json_first(json_get(object, "lines"));
    for (size_t i = 0; i < circuit->line_count && line; i++, line = json_next(line)) {
        char leaf[32];
        const char *was = circuit->lines[i].was;
        size_t same = 0;
        while (same < i && strcmp(circuit->lines[same].was, was) != 0)
            same++;
        int other = was[0] ? circuit_options_find_line(circuit, was) : -1;
        (void)snprintf(leaf, sizeof leaf, "lines[%zu].was", i);
        if (other >= 0)
            field_fail(reader, json_get(line, "was"), leaf,
                       "circuit.lines[%d] is called \"%s\" now", other, was);
        else if (was[0] && same < i)
            field_fail(reader, json_get(line, "was"), leaf, "circuit.lines[%zu] was \"%s\" already",
                       same, was);
    }
}

static void circuit_check(struct field_reader *reader, const struct json *object, void *target)
{
    (void)target;
    char message[LOOP_TEXT_SIZE];
    check_renamed(reader, object);
    if (!json_get(object, "rules") || !field_is_sound(reader))
        return; /* what a rule names must be there to be followed */
    if (circuit_check_rules(&config_of(reader)->circuit, message, sizeof message) < 0)
        field_fail(reader, json_get(object, "rules"), "rules", "%s", message);
}

const struct field_table keys_circuit = {FIELD_TABLE(circuit_keys), .check = circuit_check};

static const struct field interlock_keys[] = {
    {"name", &kind_name, IN_LOCK(name), .doc = "missing: interlock-1 and so on"},
    {"mode", &field_choice, IN_LOCK(mode), .choices = interlock_modes,
     .doc = "whether a second line is refused, or switches the first one off and waits gap_ms"},
    {"gap_ms", &field_integer, IN_LOCK(gap_ms), .max = GAP_MAX_MS, .fallback = GAP_DEFAULT_MS,
     .unit = "ms", .doc = "how long all are off before the next one comes on (break-before-make)"},
    {"lines", &kind_lines, .required = true, .min = 2, .doc = "its outputs"},
};

/* Two members that are on from the start, or are to be on at the end. */
static void check_members(struct field_reader *reader, const struct json *object,
                          const struct circuit_interlock_options *interlock)
{
    const struct circuit_line_options *lines = config_of(reader)->circuit.lines;
    const struct circuit_line_options *initial = NULL;
    const struct circuit_line_options *safe = NULL;
    for (size_t i = 0; i < interlock->count; i++) {
        const struct circuit_line_options *line = &lines[interlock->lines[i]];
        if (line->initial == CIRCUIT_INITIAL_1 && initial)
            field_fail(reader, json_get(object, "lines"), "lines",
                       "%s and %s are both on from the start (initial 1)", initial->name,
                       line->name);
        if (line->safe == CIRCUIT_SAFE_1 && safe)
            field_fail(reader, json_get(object, "lines"), "lines",
                       "%s and %s are both on when all is safe (safe 1)", safe->name, line->name);
        if (line->initial == CIRCUIT_INITIAL_1)
            initial = line;
        if (line->safe == CIRCUIT_SAFE_1)
            safe = line;
    }
}

static void interlock_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct circuit_interlock_options *interlock = target;
    const struct circuit_interlock_options *all = config_of(reader)->circuit.interlocks;
    const struct json *gap = json_get(object, "gap_ms");
    const char *mode = json_text(json_get(object, "mode"));
    bool refuses = !mode || strcmp(mode, interlock_modes[CIRCUIT_INTERLOCK_REFUSE]) == 0;
    if (!interlock->name[0])
        (void)snprintf(interlock->name, sizeof interlock->name, "interlock-%zu",
                       field_position(reader) + 1);
    for (size_t i = 0; i < field_position(reader); i++)
        if (strcmp(all[i].name, interlock->name) == 0)
            field_fail(reader, json_get(object, "name"), "name",
                       "\"%s\" is taken by circuit.interlocks[%zu]", interlock->name, i);
    if (gap && refuses)
        field_fail(reader, gap, "gap_ms", "only mode \"break-before-make\" has it");
    if (refuses)
        interlock->gap_ms = 0;
    check_members(reader, object, interlock);
}

const struct field_table keys_interlock = {FIELD_TABLE(interlock_keys),
                                           .item_size = sizeof(struct circuit_interlock_options),
                                           .check = interlock_check};

static const struct field step_keys[] = {
    {"after_ms", &kind_delay, .size = sizeof(uint32_t), .max = COMMAND_DURATION_MAX_MS,
     .unit = "ms", .doc = "since the step before"},
    {"set", &kind_values, .doc = "the outputs that change in this step"},
    {"do", &kind_step_commands, .doc = "in place of set: any command, but for a program"},
};

static void check_step_command(struct field_reader *reader, const struct json *object,
                               const struct circuit_scene_options *scene,
                               const struct command *command)
{
    const struct circuit_scene_options *other =
        &config_of(reader)->circuit.scenes[command->verb == COMMAND_SCENE ? command->line : 0];
    const struct json *at = json_get(object, "do");
    if (command->verb == COMMAND_OFF || command->verb == COMMAND_SCENE_STOP)
        field_fail(reader, at, "do", "a step cannot end programs");
    else if (command->verb == COMMAND_SCENE && (other == scene || other->is_program))
        field_fail(reader, at, "do", "\"%s\" has steps: a step may apply a scene without steps",
                   other->name);
}

static void step_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct circuit_scene_options *scene = target;
    scene->is_program = true;
    if (json_get(object, "set") && json_get(object, "do"))
        field_fail(reader, json_get(object, "do"), "do", "a step has either set or do");
    else if (!json_get(object, "set") && !json_get(object, "do"))
        field_fail(reader, object, NULL, "a step needs set, or do");
    for (size_t i = 0; i < scene->count; i++) {
        struct circuit_scene_step *step = &scene->steps[i];
        if (step->number > 0)
            continue;
        step->number = (uint8_t)(field_position(reader) + 1);
        if (step->does && field_is_sound(reader))
            check_step_command(reader, object, scene, &step->command);
    }
}

static const struct field_table step_table = {FIELD_TABLE(step_keys), .check = step_check};

static const char *const agains[] = {"refuse", "restart", "ignore", NULL};

static const struct field scene_keys[] = {
    {"name", &kind_name, IN_SCENE(name), .required = true, .doc = "the scene's name for programs"},
    {"title", &kind_title, IN_SCENE(title), .doc = "what people read; missing: the name"},
    {"set", &kind_values, .doc = "the outputs that change, at once"},
    {"steps", &field_list, .max = CIRCUIT_STEPS_MAX, .inside = &step_table,
     .doc = "in place of set: a program of several, one after another"},
    {"again", &field_choice, IN_SCENE(again), .choices = agains,
     .doc = "what applying the program does while it runs"},
    {"repeat", &field_integer, IN_SCENE(repeat), .max = CIRCUIT_REPEAT_MAX, .fallback = 1,
     .doc = "how often the steps run; 0: until the program is stopped"},
};

/* Steps may apply a scene that stands further down: of each that follows, the name and whether it has steps are
 * known before. */
static bool note_following(struct field_reader *reader, const struct json *object, void *target,
                           struct field_table *table)
{
    struct circuit_scene_options *scene = target;
    size_t left = config_of(reader)->circuit.scene_count - field_position(reader);
    (void)table;
    while (--left > 0 && (object = json_next(object))) {
        const char *name = json_text(json_get(object, "name"));
        scene++;
        (void)snprintf(scene->name, sizeof scene->name, "%s", name ? name : "");
        scene->is_program = json_get(object, "steps") != NULL;
    }
    return true;
}

static int64_t scene_length_ms(const struct circuit_scene_options *scene)
{
    int64_t length_ms = 0;
    for (size_t i = 0; i < scene->count; i++)
        length_ms += scene->steps[i].after_ms;
    return length_ms;
}

static void check_program(struct field_reader *reader, const struct json *object,
                          const struct circuit_scene_options *scene)
{
    static const char *const keys[] = {"again", "repeat"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        if (json_get(object, keys[i]) && !scene->is_program)
            field_fail(reader, json_get(object, keys[i]), keys[i],
                       "only a scene with steps has it");
    if (scene->is_program && scene->repeat != 1 && scene_length_ms(scene) == 0)
        field_fail(reader, json_get(object, "repeat"), "repeat",
                   "a program that repeats needs after_ms in a step");
}

static void scene_check(struct field_reader *reader, const struct json *object, void *target)
{
    const struct circuit_scene_options *scene = target;
    const struct circuit_options *circuit = &config_of(reader)->circuit;
    const struct json *steps = json_get(object, "steps");
    int same = field_index_of(&circuit_scene_names, circuit, scene->name);
    if (same < (int)field_position(reader))
        field_fail(reader, json_get(object, "name"), "name",
                   "\"%s\" is taken by circuit.scenes[%d]", scene->name, same);
    if (json_get(object, "set") && steps)
        field_fail(reader, steps, "steps", "a scene has either set or steps");
    else if (!json_get(object, "set") && json_count(steps) == 0)
        field_fail(reader, object, NULL, "a scene needs set, or steps");
    check_program(reader, object, scene);
    scene_conflicts_check(reader, object, scene);
}

const struct field_table keys_scene = {FIELD_TABLE(scene_keys),
                                       .item_size = sizeof(struct circuit_scene_options),
                                       .choose = note_following, .check = scene_check};
