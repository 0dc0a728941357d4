#include "config/keys.h"

#include "config/kind.h"

#include "base/json.h"
#include "base/owner.h"
#include "circuit/names.h"

#include <string.h>

#define AT(member) FIELD_MEMBER(struct circuit_rule_options, member)
#define IN_WHEN(member) FIELD_MEMBER(struct circuit_when, member)
#define DURATION .min = 1, .max = COMMAND_DURATION_MAX_MS, .fallback = 0, .unit = "ms"

static const char *const edges[] = {"rising",       "falling", "both", "held",
                                    "double-press", "press",   NULL};
static const char *const suns[] = {"sunrise", "sunset", NULL};

static const struct field when_keys[] = {
    {"line", &kind_watched_lines, .max = CIRCUIT_RULE_LINES_MAX,
     .doc = "the line that is watched, or several: any of them"},
    {"edge", &field_choice, IN_WHEN(trigger), .choices = edges,
     .doc =
         "what is waited for; held: on for held_ms; double-press: on twice within 400 ms; press: "
         "a press that is neither, where the line has rules for those"},
    {"held_ms", &field_integer, IN_WHEN(held_ms), DURATION, .doc = "for edge held: how long"},
    {"time", &kind_times, .max = CIRCUIT_TIMES_MAX, .doc = "in place of line: at this time of day"},
    {"days", &kind_days, .max = 7, .doc = "for time and sun: only on these days"},
    {"sun", &field_choice, IN_WHEN(sun), .choices = suns,
     .doc = "in place of line: at sunrise or sunset; circuit.latitude and longitude say where"},
    {"offset_min", &field_integer, IN_WHEN(offset_min), .min = -CIRCUIT_OFFSET_MAX_MIN,
     .max = CIRCUIT_OFFSET_MAX_MIN, .unit = "min", .doc = "for sun: that much later; -30: earlier"},
    {"every_ms", &field_integer, IN_WHEN(every_ms), .min = CIRCUIT_EVERY_MIN_MS,
     .max = COMMAND_DURATION_MAX_MS, .fallback = 0, .unit = "ms",
     .doc = "in place of line: again and again, counted from the start"},
    {"start", &field_bool, .doc = "in place of line: true, when the gateway starts"},
};

/* The keys that choose what sets the rule off, and what may stand beside each. */
static const struct {
    const char *key;
    enum circuit_trigger trigger;
    const char *beside[3];
} triggers[] = {
    {"line", CIRCUIT_TRIGGER_RISING, {"edge", "held_ms"}},
    {"time", CIRCUIT_TRIGGER_TIME, {"days"}},
    {"sun", CIRCUIT_TRIGGER_SUN, {"offset_min", "days"}},
    {"every_ms", CIRCUIT_TRIGGER_EVERY, {NULL}},
    {"start", CIRCUIT_TRIGGER_START, {NULL}},
};

static void check_edge(struct field_reader *reader, const struct json *object,
                       const struct circuit_when *when)
{
    const struct json *held = json_get(object, "held_ms");
    const char *edge = json_text(json_get(object, "edge"));
    if (!json_get(object, "edge"))
        field_fail(reader, object, "edge", "is required");
    if (!edge || strcmp(edges[when->trigger], edge) != 0)
        return; /* reported already */
    if (when->trigger == CIRCUIT_TRIGGER_HELD && !held)
        field_fail(reader, object, "held_ms", "is required for edge \"held\"");
    if (when->trigger != CIRCUIT_TRIGGER_HELD && held)
        field_fail(reader, held, "held_ms", "only edge \"held\" has it");
}

static bool stands_beside(size_t trigger, const char *key)
{
    if (strcmp(triggers[trigger].key, key) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LENGTH(triggers[0].beside) && triggers[trigger].beside[i]; i++)
        if (strcmp(triggers[trigger].beside[i], key) == 0)
            return true;
    return false;
}

/* The row of the one key that chooses; -1 when a fault was reported. */
static int find_trigger(struct field_reader *reader, const struct json *object)
{
    int found = -1;
    for (size_t i = 0; i < ARRAY_LENGTH(triggers); i++) {
        if (!json_get(object, triggers[i].key))
            continue;
        if (found >= 0) {
            field_fail(reader, object, triggers[i].key, "stands beside %s: one of them sets it off",
                       triggers[found].key);
            return -1;
        }
        found = (int)i;
    }
    if (found < 0)
        field_fail(reader, object, "line", "is required, or one of time, sun, every_ms and start");
    return found;
}

static void check_place(struct field_reader *reader, const struct json *object)
{
    const struct circuit_options *circuit = &config_of(reader)->circuit;
    if (!circuit->has_latitude || !circuit->has_longitude)
        field_fail(reader, json_get(object, "sun"), "sun",
                   "needs circuit.latitude and circuit.longitude");
}

static void when_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct circuit_when *when = target;
    int found = find_trigger(reader, object);
    if (found < 0)
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(when_keys); i++) {
        const struct json *value = json_get(object, when_keys[i].name);
        if (value && !stands_beside((size_t)found, when_keys[i].name))
            field_fail(reader, value, when_keys[i].name, "does not go with %s",
                       triggers[found].key);
    }
    const struct json *start = json_get(object, "start");
    if (triggers[found].trigger == CIRCUIT_TRIGGER_START && json_is(start, JSON_BOOL)) {
        int is_true = 0;
        (void)json_switch(start, &is_true);
        if (!is_true)
            field_fail(reader, start, "start", "must be true");
    }
    if (triggers[found].trigger == CIRCUIT_TRIGGER_SUN)
        check_place(reader, object);
    if (triggers[found].trigger == CIRCUIT_TRIGGER_RISING)
        check_edge(reader, object, when);
    else
        when->trigger = triggers[found].trigger;
}

static const struct field_table when_table = {FIELD_TABLE(when_keys), .check = when_check};

static const char *const agains[] = {"restart", "ignore", "each", NULL};
static const char *const misses[] = {"skip", "run", NULL};

static const struct field rule_keys[] = {
    {"name", &kind_name, AT(name),
     .doc = "shown in the events it makes; missing: rule-1 and so on"},
    {"when", &field_section, AT(when), .required = true, .inside = &when_table,
     .doc = "what sets it off"},
    {"if", &kind_condition, .doc = "what must be true then"},
    {"if_still", &field_bool, AT(if_still), .doc = "check `if` again when after_ms is over"},
    {"after_ms", &field_integer, AT(after_ms), .max = COMMAND_DURATION_MAX_MS, .unit = "ms",
     .doc = "how long it waits before it does that"},
    {"again", &field_choice, AT(again), .choices = agains,
     .doc =
         "set off again while it waits: the time begins anew; nothing; or each waits for itself"},
    {"while", &field_bool, AT(gives_up), .doc = "the opposite edge ends the wait"},
    {"missed", &field_choice, AT(runs_missed), .choices = misses,
     .doc = "for time and sun: what a step of the clock by more than 90 s passed over"},
    {"do", &kind_commands, AT(commands), .required = true, .doc = "what it does then"},
};

/* Keys that have a sense only beside another. */
static void check_delay(struct field_reader *reader, const struct json *object,
                        const struct circuit_rule_options *rule)
{
    static const char *const keys[] = {"if_still", "again", "while"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        if (json_get(object, keys[i]) && !json_get(object, "after_ms"))
            field_fail(reader, json_get(object, keys[i]), keys[i],
                       "only a rule with after_ms has it");
    if (rule->if_still && !json_get(object, "if"))
        field_fail(reader, json_get(object, "if_still"), "if_still", "there is no if");
    if (rule->gives_up && rule->when.trigger != CIRCUIT_TRIGGER_RISING &&
        rule->when.trigger != CIRCUIT_TRIGGER_FALLING && rule->when.trigger != CIRCUIT_TRIGGER_HELD)
        field_fail(reader, json_get(object, "while"), "while",
                   "only the edges rising, falling and held have an opposite");
    if (json_get(object, "missed") && !circuit_rule_is_by_clock(rule))
        field_fail(reader, json_get(object, "missed"), "missed", "only time and sun have it");
}

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
    if (field_is_sound(reader))
        check_delay(reader, object, rule);
}

const struct field_table keys_rule = {
    FIELD_TABLE(rule_keys), .item_size = sizeof(struct circuit_rule_options), .check = rule_check};
