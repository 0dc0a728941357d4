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
        return; /* reported already */
    if (rule->trigger == CIRCUIT_TRIGGER_HELD && !held)
        field_fail(reader, object, "held_ms", "is required for edge \"held\"");
    if (rule->trigger != CIRCUIT_TRIGGER_HELD && held)
        field_fail(reader, held, "held_ms", "only edge \"held\" has it");
}

static const struct field_table when_table = {FIELD_TABLE(when_keys), .check = when_check};

static const struct field rule_keys[] = {
    {"name", &kind_name, AT(name),
     .doc = "shown in the events it makes; missing: rule-1 and so on"},
    {"when", &field_section, .required = true, .inside = &when_table, .doc = "what sets it off"},
    {"do", &kind_commands, AT(commands), .required = true, .doc = "what it does then"},
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
