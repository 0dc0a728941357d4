#include "config/keys.h"

#include "config/kind.h"

#include "base/json.h"
#include "base/owner.h"
#include "circuit/names.h"

#include <string.h>

#define AT(member) FIELD_MEMBER(struct circuit_rule_options, member)
#define DURATION .min = 1, .max = COMMAND_DURATION_MAX_MS, .fallback = 0, .unit = "ms"

static const char *const edges[] = {"rising", "falling", "both", "held", "double-press", NULL};

static const struct field when_keys[] = {
    {"line", &field_reference, .names = &circuit_line_names, AT(line), .required = true,
     .doc = "the line that is watched"},
    {"edge", &field_choice, AT(trigger), .required = true, .choices = edges,
     .doc = "what is waited for; held: on for held_ms; double-press: on twice within 400 ms"},
    {"held_ms", &field_integer, AT(held_ms), DURATION, .doc = "for edge held: how long"},
};

static void when_check(struct field_reader *reader, const struct json *object, void *target)
{
    const struct circuit_rule_options *rule = target;
    const struct json *held = json_get(object, "held_ms");
    const char *edge = json_text(json_get(object, "edge"));
    if (!edge || strcmp(edges[rule->trigger], edge) != 0)
        return; /* told already */
    if (rule->trigger == CIRCUIT_TRIGGER_HELD && !held)
        field_fail(reader, object, "held_ms", "is required for edge \"held\"");
    if (rule->trigger != CIRCUIT_TRIGGER_HELD && held)
        field_fail(reader, held, "held_ms", "only edge \"held\" has it");
}

static const struct field_table when_table = {FIELD_TABLE(when_keys), .check = when_check};

/* In the order of `methods`. */
static const char *const method_names[] = {
    "line.set",  "line.toggle", "line.pulse",  "line.blink",  "line.pwm", "line.stop",
    "line.lock", "line.unlock", "scene.apply", "circuit.off", NULL,
};

/* What each method does, which keys it needs and which it may have besides. */
static const struct method {
    enum command_verb verb;
    const char *needs[4];
    const char *takes[4];
} methods[] = {
    {COMMAND_SET, {"line", "value"}, {"for_ms", "lease_ms"}},
    {COMMAND_TOGGLE, {"line"}, {"lease_ms"}},
    {COMMAND_PULSE, {"line", "ms"}, {NULL}},
    {COMMAND_BLINK, {"line", "on_ms", "off_ms"}, {"count", "lease_ms"}},
    {COMMAND_PWM, {"line", "duty", "hz"}, {"lease_ms"}},
    {COMMAND_STOP, {"line"}, {NULL}},
    {COMMAND_LOCK, {"line"}, {"reason"}},
    {COMMAND_UNLOCK, {"line"}, {NULL}},
    {COMMAND_SCENE, {"scene"}, {NULL}},
    {COMMAND_OFF, {NULL}, {NULL}},
};
_Static_assert(ARRAY_LENGTH(methods) + 1 == ARRAY_LENGTH(method_names), "a method has no name");

/* `command.verb` holds the place in `methods` until do_check() has looked. */
static const struct field do_keys[] = {
    {"method", &field_choice, AT(command.verb), .required = true, .choices = method_names,
     .doc = "the command, with the keys that it has in every protocol"},
    {"line", &field_reference, .names = &circuit_line_names, AT(command.line),
     .doc = "the output that it acts on"},
    {"scene", &field_reference, .names = &circuit_scene_names, AT(command.line),
     .doc = "scene.apply: which"},
    {"value", &field_switch, AT(command.value), .doc = "line.set: the value"},
    {"for_ms", &field_integer, AT(command.for_ms), DURATION,
     .doc = "line.set: back to the value before after this; missing: for good"},
    {"ms", &field_integer, AT(command.for_ms), DURATION, .doc = "line.pulse: how long"},
    {"on_ms", &field_integer, AT(command.on_ms), DURATION, .doc = "line.blink: time on"},
    {"off_ms", &field_integer, AT(command.off_ms), DURATION, .doc = "line.blink: time off"},
    {"count", &field_integer, AT(command.count), .min = 1, .max = 1000000, .fallback = 0,
     .doc = "line.blink: times on; missing: until it is stopped"},
    {"duty", &field_real, AT(command.duty), .low = 0, .high = 1, .real_fallback = -1,
     .doc = "line.pwm: share of the time on"},
    {"hz", &field_real, AT(command.hz), .low = 0.1, .high = 500, .real_fallback = -1, .unit = "Hz",
     .doc = "line.pwm: how often"},
    {"lease_ms", &field_integer, AT(command.lease_ms), DURATION,
     .doc = "the output goes to its safe value after this"},
    {"reason", &field_text, AT(command.reason), .min = 1, .max = COMMAND_REASON_SIZE - 1,
     .doc = "line.lock: what others are told"},
};

static bool stands_in(const char *const names[4], const char *name)
{
    for (size_t i = 0; i < 4 && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Every key that was given fits the method, and none that it needs is missing. */
static void check_parameters(struct field_reader *reader, const struct json *object,
                             const struct method *method, const char *name)
{
    for (size_t i = 1; i < ARRAY_LENGTH(do_keys); i++) {
        const char *key = do_keys[i].name;
        const struct json *value = json_get(object, key);
        bool needed = stands_in(method->needs, key);
        if (!value && needed)
            field_fail(reader, object, key, "is required for %s", name);
        else if (value && !needed && !stands_in(method->takes, key))
            field_fail(reader, value, key, "%s does not have it", name);
    }
}

static void do_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct circuit_rule_options *rule = target;
    const struct circuit_options *circuit = &config_of(reader)->circuit;
    const char *name = json_text(json_get(object, "method"));
    size_t which = (size_t)rule->command.verb;
    if (!name || strcmp(method_names[which], name) != 0)
        return; /* told already */
    rule->command.verb = methods[which].verb;
    check_parameters(reader, object, &methods[which], name);
    const struct json *line = json_get(object, "line");
    int index =
        json_text(line) ? field_index_of(&circuit_line_names, circuit, json_text(line)) : -1;
    if (index >= 0 && line_is_input(&circuit->lines[index]))
        field_fail(reader, line, "line", "\"%s\" is an input; commands act on outputs",
                   json_text(line));
}

static const struct field_table do_table = {FIELD_TABLE(do_keys), .check = do_check};

static const struct field rule_keys[] = {
    {"name", &kind_name, AT(name),
     .doc = "shown in the events it makes; missing: rule-1 and so on"},
    {"when", &field_section, .required = true, .inside = &when_table, .doc = "what sets it off"},
    {"do", &field_section, .required = true, .inside = &do_table, .doc = "what it does then"},
};

static void rule_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct circuit_rule_options *rule = target;
    const struct circuit_rule_options *all = config_of(reader)->circuit.rules;
    if (!rule->name[0])
        (void)snprintf(rule->name, sizeof rule->name, "rule-%zu", field_position(reader) + 1);
    for (size_t i = 0; i < field_position(reader); i++)
        if (strcmp(all[i].name, rule->name) == 0)
            field_fail(reader, json_get(object, "name"), "name",
                       "\"%s\" is taken by circuit.rules[%zu]", rule->name, i);
    if (!field_is_sound(reader))
        rule->line = RULE_LINE_UNKNOWN;
}

const struct field_table keys_rule = {
    FIELD_TABLE(rule_keys), .item_size = sizeof(struct circuit_rule_options), .check = rule_check};
