#include "circuit/verbs.h"

#include "base/owner.h"
#include "circuit/counter.h"
#include "circuit/names.h"
#include "circuit/options.h"

#include <string.h>

const char *const verb_leases[] = {"connection", NULL};

#define AT(member) FIELD_MEMBER(struct command, member)
#define FIELDS(rows) .fields = {FIELD_TABLE(rows), .item_size = sizeof(struct command)}
#define LINE_PATH(rest_of_path)                                                                    \
    .rest = "POST", .path = "/api/v1/lines/{line}" rest_of_path, MEMBERS, OUTCOME
#define OUTCOME .answers = "outcome"
#define MEMBERS .body = VERB_BODY_MEMBERS
#define DURATION &field_integer, .min = 1, .max = COMMAND_DURATION_MAX_MS, .unit = "ms"

/* ---- fields that several verbs have ---- */

#define LINE                                                                                       \
    {                                                                                              \
        "line", &field_reference, AT(line), .names = &circuit_line_names, .required = true,        \
                                            .plain = true, .doc = "name of the line"               \
    }
#define VALUE(what)                                                                                \
    {                                                                                              \
        "value", &field_switch, AT(value), .required = true, .plain = true, .doc = (what)          \
    }
#define EXPECT VERB_EXPECT("refuse unless this is still the line's seq")
#define UNCHANGED VERB_EXPECT("refuse when one of the lines has changed since this seq")
#define LEASES VERB_LEASE_MS, VERB_LEASE

static const struct field line_fields[] = {LINE};
static const struct field changed_line_fields[] = {LINE, EXPECT};
static const struct field leased_line_fields[] = {LINE, EXPECT, LEASES};

/* ---- fields of one verb ---- */

static const struct field set_fields[] = {
    LINE,
    VALUE("0 or 1"),
    {"for_ms", DURATION, AT(for_ms), .doc = "back to the value before after this time"},
    EXPECT,
    LEASES,
};

static const struct field pulse_fields[] = {
    LINE,
    {"ms", DURATION, AT(for_ms), .required = true, .plain = true, .doc = "length of the pulse"},
    EXPECT,
};

static const struct field blink_fields[] = {
    LINE,
    {"on_ms", DURATION, AT(on_ms), .required = true, .plain = true, .doc = "time on"},
    {"off_ms", DURATION, AT(off_ms), .required = true, .plain = true, .doc = "time off"},
    {"count", &field_integer, AT(count), .min = 1, .max = 1000000, .plain = true,
     .doc = "times on; endless when it is missing"},
    EXPECT,
    LEASES,
};

static const struct field pwm_fields[] = {
    LINE,
    {"duty", &field_real, AT(duty), .low = 0, .high = 1, .required = true, .plain = true,
     .doc = "share of time on"},
    {"hz", &field_real, AT(hz), .low = 0.1, .high = 500, .real_fallback = 200, .unit = "Hz",
     .plain = true, .doc = "frequency"},
    EXPECT,
    LEASES,
};

static const struct field fade_fields[] = {
    LINE,
    {"to", &field_real, AT(duty), .low = 0, .high = 1, .required = true, .plain = true,
     .doc = "share of time on at the end, which is then held"},
    {"ms", DURATION, AT(for_ms), .required = true, .plain = true, .doc = "length of the fade"},
    {"hz", &field_real, AT(hz), .low = 0.1, .high = 500, .real_fallback = 200, .unit = "Hz",
     .plain = true, .doc = "frequency"},
    EXPECT,
    LEASES,
};

static const struct field lock_fields[] = {
    LINE,
    {"reason", &field_text, AT(reason), .min = 1, .max = COMMAND_REASON_SIZE - 1, .required = true,
     .plain = true, .rest = true, .doc = "shown when a command is refused"},
    {"off", &field_bool, AT(off),
     .doc = "also switch the line off; an action ends off in any case"},
    EXPECT,
};

static const struct field count_fields[] = {
    LINE,
    {"count", &field_integer, AT(pulses), .max = COUNTER_MAX, .required = true, .plain = true,
     .unit = "pulses", .doc = "from where the counter goes on"},
    EXPECT,
};

static const struct field scene_fields[] = {
    {"scene", &field_reference, AT(line), .names = &circuit_scene_names, .required = true,
     .plain = true, .doc = "name of the scene"},
    UNCHANGED,
    LEASES,
};

static const struct field stop_scene_fields[] = {
    {"scene", &field_reference, AT(line), .names = &circuit_scene_names, .required = true,
     .plain = true, .doc = "name of the scene"},
};

static const struct field rule_fields[] = {
    {"rule", &field_reference, AT(line), .names = &circuit_rule_names, .required = true,
     .plain = true, .doc = "name of the rule"},
};

static const struct field simulate_fields[] = {
    LINE,
    VALUE("logical value, after active_low"),
};

/* ---- times off, which a line's minimum off time limits ---- */

static double blink_off_ms(const struct command *command)
{
    return command->count == 1 ? -1.0 : (double)command->off_ms;
}

static double pwm_off_ms(const struct command *command)
{
    bool flips = command->duty > 0 && command->duty < 1;
    return flips ? (1 - command->duty) / command->hz * 1000 : -1;
}

/* Near full power the times off become as short as can be. */
static double fade_off_ms(const struct command *command)
{
    (void)command;
    return 0;
}

/* ---- commands that do nothing but switch off or lock ---- */

static bool always_is_off(const struct circuit_options *options, const struct command *command)
{
    (void)options;
    (void)command;
    return true;
}

static bool set_is_off(const struct circuit_options *options, const struct command *command)
{
    (void)options;
    return !command->value && command->for_ms == 0;
}

static bool duty_is_off(const struct circuit_options *options, const struct command *command)
{
    (void)options;
    return !(command->duty > 0);
}

static bool scene_is_off(const struct circuit_options *options, const struct command *command)
{
    const struct circuit_scene_options *scene = &options->scenes[command->line];
    for (size_t i = 0; i < scene->count; i++)
        if (scene->steps[i].does || scene->steps[i].value)
            return false;
    return !scene->is_program;
}

/* ---- the table ---- */

static const struct verb verbs[] = {
    {"line.get", .role = ROLE_VIEWER, .word = "get", .without = "lines.get",
     .summary = "Value and description of one line, or of all", FIELDS(line_fields), .rest = "GET",
     .path = "/api/v1/lines/{line}", .answers = "line"},
    {"lines.get", .role = ROLE_VIEWER, .word = "list",
     .summary = "Every line: direction, part, value, seq, title", .rest = "GET",
     .path = "/api/v1/lines", .answers = "lines"},
    {"line.set", true, COMMAND_SET, ROLE_OPERATOR, "Set an output", .is_off = set_is_off,
     .word = "set", .named = true, .in_rules = true, FIELDS(set_fields), .rest = "PUT",
     .path = "/api/v1/lines/{line}/value", .body = VERB_BODY_VALUE, .answers = "outcome"},
    {"line.toggle", true, COMMAND_TOGGLE, ROLE_OPERATOR, "Toggle an output", .cause = EVENT_TOGGLE,
     .word = "toggle", .once = true, .in_rules = true, FIELDS(leased_line_fields),
     LINE_PATH("/toggle")},
    {"line.pulse", true, COMMAND_PULSE, ROLE_OPERATOR, "On for a time, then what it was",
     .cause = EVENT_PULSE, .word = "pulse", .once = true, .in_rules = true, FIELDS(pulse_fields),
     LINE_PATH("/pulse")},
    {"line.blink", true, COMMAND_BLINK, ROLE_OPERATOR,
     "Blink an output, count times or until stopped", .cause = EVENT_BLINK, .off_ms = blink_off_ms,
     .word = "blink", .once = true, .in_rules = true, FIELDS(blink_fields), LINE_PATH("/blink")},
    {"line.pwm", true, COMMAND_PWM, ROLE_OPERATOR, "Dim an output by pulse-width modulation",
     .cause = EVENT_PWM, .off_ms = pwm_off_ms, .is_off = duty_is_off, .word = "pwm",
     .in_rules = true, FIELDS(pwm_fields), LINE_PATH("/pwm")},
    {"line.fade", true, COMMAND_FADE, ROLE_OPERATOR, "Fade an output to another brightness",
     .word = "fade", .in_rules = true, .cause = EVENT_PWM, .off_ms = fade_off_ms,
     .is_off = duty_is_off, FIELDS(fade_fields), LINE_PATH("/fade")},
    {"line.stop", true, COMMAND_STOP, ROLE_OPERATOR,
     "End what runs on a line: a blink as it is, PWM off", .cause = EVENT_STOP,
     .is_off = always_is_off, .word = "stop", .in_rules = true, FIELDS(changed_line_fields),
     LINE_PATH("/stop")},
    {"line.lock", true, COMMAND_LOCK, ROLE_OPERATOR,
     "Refuse every command on a line until it is unlocked", .cause = EVENT_LOCK,
     .is_off = always_is_off, .word = "lock", .in_rules = true, FIELDS(lock_fields),
     LINE_PATH("/lock")},
    {"line.unlock", true, COMMAND_UNLOCK, ROLE_OPERATOR, "Allow commands on a line again",
     .cause = EVENT_LOCK, .word = "unlock", .in_rules = true, FIELDS(changed_line_fields),
     LINE_PATH("/unlock")},
    {"line.count", true, COMMAND_COUNT, ROLE_OPERATOR, "Set the counter of an input",
     .cause = EVENT_COUNT, .word = "count", .in_rules = true, FIELDS(count_fields),
     LINE_PATH("/count")},
    {"scene.apply", true, COMMAND_SCENE, ROLE_OPERATOR, "Apply a scene of the config, all or none",
     .is_off = scene_is_off, .word = "scene", .in_rules = true, FIELDS(scene_fields),
     .rest = "POST", .path = "/api/v1/scenes/{scene}", MEMBERS, .answers = "changed"},
    {"scene.stop", true, COMMAND_SCENE_STOP, ROLE_OPERATOR,
     "End a program early: what it switched on goes off", .cause = EVENT_STOP,
     .is_off = always_is_off, .word = "scene", .suffix = "stop", .in_rules = true,
     FIELDS(stop_scene_fields), .rest = "POST", .path = "/api/v1/scenes/{scene}/stop", MEMBERS,
     .answers = "changed"},
    {"rule.run", true, COMMAND_RULE_RUN, ROLE_OPERATOR,
     "Do what a rule does, now and whatever its condition", .word = "rule", .suffix = "run",
     .once = true, FIELDS(rule_fields), .rest = "POST", .path = "/api/v1/rules/{rule}/run", MEMBERS,
     .answers = "rule"},
    {"rule.enable", true, COMMAND_RULE_ENABLE, ROLE_OPERATOR, "Let a rule act again",
     .word = "rule", .suffix = "enable", FIELDS(rule_fields), .rest = "POST",
     .path = "/api/v1/rules/{rule}/enable", MEMBERS, .answers = "rule"},
    {"rule.disable", true, COMMAND_RULE_DISABLE, ROLE_OPERATOR,
     "Keep a rule from acting, also after a restart", .word = "rule", .suffix = "disable",
     FIELDS(rule_fields), .rest = "POST", .path = "/api/v1/rules/{rule}/disable", MEMBERS,
     .answers = "rule"},
    {"circuit.off", true, COMMAND_OFF, ROLE_VIEWER, "Every output to its safe value",
     .is_off = always_is_off, .word = "off", .in_rules = true, .rest = "POST",
     .path = "/api/v1/off", MEMBERS, .answers = "changed"},
    {"simulator.set", .role = ROLE_OPERATOR, .word = "simulate",
     .summary = "Drive a simulated input", FIELDS(simulate_fields), .rest = "POST",
     .path = "/api/v1/simulator/lines/{line}", .body = VERB_BODY_VALUE, .answers = "outcome"},
    {"system.ping", .role = ROLE_VIEWER, .word = "ping",
     .summary = "Whether the gateway answers, and its clock", .answers = "ping"},
};

size_t verb_count(void)
{
    return ARRAY_LENGTH(verbs);
}

const struct verb *verb_at(size_t index)
{
    return index < ARRAY_LENGTH(verbs) ? &verbs[index] : NULL;
}

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

const struct verb *verb_of(enum command_verb command)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (verbs[i].acts && verbs[i].command == command)
            return &verbs[i];
    return NULL;
}

const struct verb *verb_of_word(const char *word, bool is_alone)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (verbs[i].word && !verbs[i].suffix && strcmp(verbs[i].word, word) == 0)
            return is_alone && verbs[i].without ? verb_find(verbs[i].without) : &verbs[i];
    return NULL;
}

const struct verb *verb_without_suffix(const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (verbs[i].suffix && strcmp(verbs[i].word, word) == 0)
            return &verbs[i];
    return NULL;
}

const struct verb *verb_with_suffix(const char *word, const char *suffix)
{
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (verbs[i].suffix && strcmp(verbs[i].word, word) == 0 &&
            strcmp(verbs[i].suffix, suffix) == 0)
            return &verbs[i];
    return NULL;
}

bool verb_takes_in_config(const struct field *field)
{
    return field->offset != offsetof(struct command, expect) &&
           field->offset != offsetof(struct command, with_connection);
}

bool verb_is_off(const struct circuit_options *options, const struct command *command)
{
    const struct verb *verb = verb_of(command->verb);
    return verb->is_off && verb->is_off(options, command);
}

bool verb_needs_connection(const struct field *field)
{
    return field->choices == verb_leases;
}

bool verb_is_of_rule(const struct verb *verb)
{
    return verb->acts && verb->command >= COMMAND_RULE_ENABLE && verb->command <= COMMAND_RULE_RUN;
}

void verb_print_usage(const struct verb *verb, struct buffer *out)
{
    (void)buffer_append_text(out, verb->word ? verb->word : verb->name);
    if (verb->fields.count == 0)
        return;
    (void)buffer_append_text(out, verb->without ? " [" : " ");
    field_print_usage(&verb->fields, verb->named, out);
    if (verb->suffix)
        (void)buffer_printf(out, " %s", verb->suffix);
    if (verb->without)
        (void)buffer_append_char(out, ']');
}
