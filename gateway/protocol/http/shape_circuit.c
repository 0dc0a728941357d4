/* What json_encode.c and method/result.c write: lines, events, snapshots, answers of commands. */
#include "base/owner.h"
#include "circuit/journal.h"
#include "protocol/http/shape.h"
#include "protocol/json_encode.h"

#include <string.h>

static const char *role_at(size_t index)
{
    return index + ROLE_VIEWER <= ROLE_ADMIN ? role_name((enum role)(index + ROLE_VIEWER)) : NULL;
}

static const char *part_at(size_t index)
{
    return json_encode_part_name((enum circuit_part)index);
}

static const char *cause_at(size_t index)
{
    const char *name = event_cause_name((enum event_cause)index);
    return strcmp(name, "?") == 0 ? NULL : name;
}

static const char *scene_state_at(size_t index)
{
    const char *name = event_scene_state_name((unsigned)index);
    return strcmp(name, "?") == 0 ? NULL : name;
}

#define CHOICES(function, ...)                                                                     \
    static const char *function(size_t index)                                                      \
    {                                                                                              \
        static const char *const texts[] = {__VA_ARGS__};                                          \
        return index < ARRAY_LENGTH(texts) ? texts[index] : NULL;                                  \
    }

CHOICES(direction_at, "input", "output")
CHOICES(action_at, "set", "pulse", "blink", "gap")
CHOICES(bias_at, "as-is", "disabled", "pull-up", "pull-down")
CHOICES(drive_at, "push-pull", "open-drain", "open-source")
CHOICES(hold_at, "hold")
CHOICES(mqtt_at, "off", "read", "write")
CHOICES(hub_part_at, "light", "switch", "fan", "siren")
CHOICES(backend_at, "gpiod", "simulator") /* gpio_backend.name */

static const struct shape_member action_members[] = {
    {"kind", .kind = SHAPE_TEXT, .choices = action_at},
    {"ends_at", .kind = SHAPE_TIME, .nullable = true},
    {"on_ms", .kind = SHAPE_INTEGER, .optional = true},
    {"off_ms", .kind = SHAPE_INTEGER, .optional = true},
    {"count", .kind = SHAPE_INTEGER, .optional = true, .doc = "how often it blinks in all"},
};

static const struct shape_member pwm_members[] = {
    {"duty", .kind = SHAPE_DUTY},
    {"hz", .kind = SHAPE_REAL},
    {"to", .kind = SHAPE_DUTY, .optional = true, .doc = "while it fades: the duty at the end"},
    {"ends_at", .kind = SHAPE_TIME, .optional = true, .doc = "while it fades"},
};

static const struct shape_member lease_members[] = {
    {"ms", .kind = SHAPE_INTEGER, .doc = "0: until its connection ends"},
    {"ends_at", .kind = SHAPE_TIME, .nullable = true},
};

static const struct shape_member lock_members[] = {
    {"reason", .kind = SHAPE_TEXT},
    {"source", .kind = SHAPE_TEXT},
    {"on", .kind = SHAPE_BOOL, .optional = true, .doc = "the line is locked, and on"},
};

static const struct shape_member gpio_members[] = {
    {"chip", .kind = SHAPE_TEXT},
    {"label", .kind = SHAPE_TEXT},
    {"offset", .kind = SHAPE_INTEGER, .min = -1, .max = INT32_MAX, .doc = "-1: not found"},
    {"name", .kind = SHAPE_TEXT},
    {"bias", .kind = SHAPE_TEXT, .choices = bias_at},
    {"drive", .kind = SHAPE_TEXT, .choices = drive_at},
    {"active_low", .kind = SHAPE_BOOL},
    {"debounce_ms", .kind = SHAPE_REAL, .optional = true},
    {"debounce_on_ms", .kind = SHAPE_REAL, .optional = true, .doc = "where on and off differ"},
    {"debounce_off_ms", .kind = SHAPE_REAL, .optional = true},
};

#define COUNTER                                                                                    \
    {"count", .kind = SHAPE_INTEGER, .optional = true, .doc = "pulses"},                           \
        {"total", .kind = SHAPE_REAL, .optional = true, .doc = "the same in `unit`"},              \
        {"unit", .kind = SHAPE_TEXT, .optional = true},                                            \
    {                                                                                              \
        "rate", .kind = SHAPE_REAL, .optional = true, .doc = "units a minute"                      \
    }

#define AVAILABLE                                                                                  \
    {"available", .kind = SHAPE_BOOL},                                                             \
    {                                                                                              \
        "unavailable_reason", .kind = SHAPE_TEXT, .optional = true                                 \
    }
#define ROLE                                                                                       \
    {                                                                                              \
        "role", .kind = SHAPE_TEXT, .choices = role_at, .optional = true,                          \
                .doc = "of who asked; what acts by itself has none"                                \
    }

static const struct shape_member line_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"title", .kind = SHAPE_TITLE},
    {"part", .kind = SHAPE_TEXT, .choices = part_at},
    {"color", .kind = SHAPE_TEXT, .optional = true},
    {"group", .kind = SHAPE_TEXT, .optional = true, .doc = "the room that it is listed in"},
    {"mqtt", .kind = SHAPE_TEXT, .choices = mqtt_at, .optional = true},
    {"ha", .kind = SHAPE_TEXT, .choices = hub_part_at, .optional = true},
    {"direction", .kind = SHAPE_TEXT, .choices = direction_at},
    {"value", .kind = SHAPE_SWITCH},
    {"seq", .kind = SHAPE_INTEGER, .doc = "of its last event"},
    {"changed_at", .kind = SHAPE_TIME},
    {"edges", .kind = SHAPE_INTEGER, .doc = "since the start"},
    {"lost", .kind = SHAPE_INTEGER, .optional = true, .doc = "edges that are known to be lost"},
    {"source", .kind = SHAPE_TEXT},
    ROLE,
    AVAILABLE,
    {"safe", .kind = SHAPE_SWITCH, .choices = hold_at, .optional = true},
    {"action", .kind = SHAPE_OF, .shape = "action", .nullable = true, .optional = true},
    {"pwm", .kind = SHAPE_OF, .shape = "pwm", .nullable = true, .optional = true},
    {"lease", .kind = SHAPE_OF, .shape = "lease", .nullable = true, .optional = true},
    {"lock", .kind = SHAPE_OF, .shape = "lock", .nullable = true, .optional = true},
    {"interlock", .kind = SHAPE_TEXT, .optional = true, .doc = "the group that it is in"},
    {"max_on_ms", .kind = SHAPE_INTEGER, .optional = true},
    {"min_off_ms", .kind = SHAPE_INTEGER, .optional = true},
    {"held", .kind = SHAPE_BOOL, .optional = true, .doc = "an input that is pressed for long"},
    {"hz", .kind = SHAPE_REAL, .optional = true, .doc = "of an input's signal"},
    {"duty", .kind = SHAPE_DUTY, .optional = true},
    {"last_press_ms", .kind = SHAPE_INTEGER, .optional = true},
    COUNTER,
    {"gpio", .kind = SHAPE_OF, .shape = "gpio"},
};

static const struct shape_member event_members[] = {
    {"boot", .kind = SHAPE_TEXT, .doc = "names the run of the gateway"},
    {"seq", .kind = SHAPE_INTEGER},
    {"line", .kind = SHAPE_TEXT, .nullable = true, .doc = "null: the event is of a scene"},
    {"value", .kind = SHAPE_SWITCH, .optional = true},
    {"scene", .kind = SHAPE_TEXT, .optional = true},
    {"state", .kind = SHAPE_TEXT, .choices = scene_state_at, .optional = true},
    {"step", .kind = SHAPE_INTEGER, .optional = true},
    {"reason", .kind = SHAPE_TEXT, .optional = true, .doc = "of a program's early end"},
    {"time", .kind = SHAPE_TIME},
    {"time_ns", .kind = SHAPE_NANOSECONDS, .doc = "since 1970"},
    {"cause", .kind = SHAPE_TEXT, .choices = cause_at},
    {"source", .kind = SHAPE_TEXT},
    ROLE,
    {"edge_ns", .kind = SHAPE_NANOSECONDS, .optional = true, .doc = "the kernel's monotonic clock"},
    {"rule", .kind = SHAPE_TEXT, .optional = true},
    {"lost", .kind = SHAPE_INTEGER, .optional = true, .doc = "edges just before this one"},
    {"pwm", .kind = SHAPE_OF, .shape = "pwm", .nullable = true, .optional = true},
    {"action", .kind = SHAPE_OF, .shape = "action", .nullable = true, .optional = true},
    {"lease", .kind = SHAPE_OF, .shape = "lease", .nullable = true, .optional = true},
    {"lock", .kind = SHAPE_OF, .shape = "lock", .nullable = true, .optional = true},
    {"available", .kind = SHAPE_BOOL, .optional = true},
    {"unavailable_reason", .kind = SHAPE_TEXT, .optional = true},
    COUNTER,
};

static const struct shape_member outcome_members[] = {
    {"line", .kind = SHAPE_TEXT},
    {"was", .kind = SHAPE_SWITCH},
    {"value", .kind = SHAPE_SWITCH},
    {"seq", .kind = SHAPE_INTEGER, .doc = "of the line's last event"},
    {"on_at", .kind = SHAPE_TIME, .optional = true, .doc = "while an interlock's gap lasts"},
};

static const struct shape_member changed_members[] = {
    {"seq", .kind = SHAPE_INTEGER, .doc = "of the newest event"},
    {"changed", .kind = SHAPE_TEXT, .list = true, .doc = "names of lines"},
    {"running", .kind = SHAPE_BOOL, .optional = true, .doc = "of a program: it has steps left"},
};

#define LINES                                                                                      \
    {"boot", .kind = SHAPE_TEXT, .doc = "names the run of the gateway"},                           \
        {"seq", .kind = SHAPE_INTEGER, .doc = "of the newest event"},                              \
    {                                                                                              \
        "lines", .kind = SHAPE_OF, .shape = "line", .list = true                                   \
    }

static const struct shape_member lines_members[] = {LINES};

static const struct shape_member scene_name_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"title", .kind = SHAPE_TITLE},
};

static const struct shape_member circuit_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"title", .kind = SHAPE_TITLE},
    {"backend", .kind = SHAPE_TEXT, .choices = backend_at},
    {"simulated", .kind = SHAPE_BOOL, .doc = "inputs can be driven"},
    {"version", .kind = SHAPE_TEXT},
    {"role", .kind = SHAPE_TEXT, .choices = role_at, .doc = "yours"},
    {"time", .kind = SHAPE_TIME},
    LINES,
    {"scenes", .kind = SHAPE_OF, .shape = "scene_name", .list = true},
};

static const struct shape_member scene_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"title", .kind = SHAPE_TITLE},
    {"running", .kind = SHAPE_BOOL},
    {"step", .kind = SHAPE_INTEGER},
    {"steps", .kind = SHAPE_INTEGER},
    {"started_at", .kind = SHAPE_TIME, .nullable = true},
    {"ends_at", .kind = SHAPE_TIME, .nullable = true},
};

static const struct shape_member scenes_members[] = {
    {"scenes", .kind = SHAPE_OF, .shape = "scene", .list = true},
};

CHOICES(edge_at, "rising", "falling", "both", "held", "double-press", "press")
CHOICES(day_at, "mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHOICES(sun_at, "sunrise", "sunset")

static const struct shape_member when_members[] = {
    {"line", .kind = SHAPE_TEXT, .list = true, .optional = true},
    {"edge", .kind = SHAPE_TEXT, .choices = edge_at, .optional = true},
    {"held_ms", .kind = SHAPE_INTEGER, .optional = true},
    {"time", .kind = SHAPE_TEXT, .list = true, .optional = true, .doc = "as 06:30"},
    {"days", .kind = SHAPE_TEXT, .choices = day_at, .list = true, .optional = true},
    {"sun", .kind = SHAPE_TEXT, .choices = sun_at, .optional = true},
    {"offset_min", .kind = SHAPE_INTEGER, .min = INT32_MIN, .max = INT32_MAX, .optional = true},
    {"every_ms", .kind = SHAPE_INTEGER, .optional = true},
    {"start", .kind = SHAPE_BOOL, .optional = true},
};

static const struct shape_member rule_members[] = {
    {"name", .kind = SHAPE_TEXT},
    {"enabled", .kind = SHAPE_BOOL},
    {"when", .kind = SHAPE_OF, .shape = "when"},
    {"if", .kind = SHAPE_OBJECT, .nullable = true, .doc = "the condition, as the config has it"},
    {"after_ms", .kind = SHAPE_INTEGER, .doc = "the commands come so much later"},
    {"do", .kind = SHAPE_OBJECT, .list = true, .doc = "commands, as the config has them"},
    {"waiting", .kind = SHAPE_INTEGER, .doc = "commands that wait for their time"},
    {"due_at", .kind = SHAPE_TIME, .nullable = true, .doc = "of the first that waits"},
    {"next_at", .kind = SHAPE_TIME, .nullable = true, .doc = "when it is set off next"},
    {"last_at", .kind = SHAPE_TIME, .nullable = true},
    {"last_result", .kind = SHAPE_TEXT, .nullable = true, .doc = "done, or a problem's code"},
    {"last_detail", .kind = SHAPE_TEXT, .nullable = true},
};

static const struct shape_member rules_members[] = {
    {"rules", .kind = SHAPE_OF, .shape = "rule", .list = true},
    {"clock_is_set", .kind = SHAPE_BOOL, .doc = "else rules of times wait"},
};

static const struct shape_member history_members[] = {
    {"boot", .kind = SHAPE_TEXT, .doc = "names the run of the gateway"},
    {"events", .kind = SHAPE_OF, .shape = "event", .list = true},
    {"seq", .kind = SHAPE_INTEGER, .doc = "of the newest event of the run"},
    {"complete", .kind = SHAPE_BOOL, .doc = "nothing is missing at either end"},
    {"next", .kind = SHAPE_TEXT, .optional = true, .doc = "the `since` of the next page"},
};

static const struct shape shapes[] = {
    {"value", "0 or 1, after active_low", .value = {.kind = SHAPE_SWITCH}},
    {"action", "What a line does by itself", SHAPE_MEMBERS(action_members)},
    {"pwm", "Pulse-width modulation", SHAPE_MEMBERS(pwm_members)},
    {"lease", "A time limit that is to be renewed", SHAPE_MEMBERS(lease_members)},
    {"lock", "Why commands are refused", SHAPE_MEMBERS(lock_members)},
    {"gpio", "Where a line is", SHAPE_MEMBERS(gpio_members)},
    {"line", "State and description of a line", SHAPE_MEMBERS(line_members)},
    {"event", "A change, or something of a scene", SHAPE_MEMBERS(event_members)},
    {"outcome", "What a command did to a line", SHAPE_MEMBERS(outcome_members)},
    {"changed", "What a command did to several lines", SHAPE_MEMBERS(changed_members)},
    {"lines", "Every line", SHAPE_MEMBERS(lines_members)},
    {"scene_name", "A scene", SHAPE_MEMBERS(scene_name_members)},
    {"circuit", "Everything: the snapshot", SHAPE_MEMBERS(circuit_members)},
    {"scene", "A scene and its program", SHAPE_MEMBERS(scene_members)},
    {"scenes", "Every scene", SHAPE_MEMBERS(scenes_members)},
    {"when", "What sets a rule off", SHAPE_MEMBERS(when_members)},
    {"rule", "A rule and its state", SHAPE_MEMBERS(rule_members)},
    {"rules", "Every rule", SHAPE_MEMBERS(rules_members)},
    {"history", "Past events", SHAPE_MEMBERS(history_members)},
};

const struct shape_table shape_circuit = SHAPE_TABLE(shapes);
