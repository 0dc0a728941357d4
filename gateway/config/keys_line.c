#include "config/keys.h"

#include "config/kind.h"

#include "base/json.h"
#include "base/owner.h"
#include "circuit/names.h"

#include <string.h>

#define AT(member) FIELD_MEMBER(struct circuit_line_options, member)

enum {
    DEBOUNCE_MAX_MS = 10 * 1000, /* what is slower than that is no contact that bounces */
    OFFSET_MAX = 65535,          /* no chip comes near it */
};

static const char *const parts[] = {
    [CIRCUIT_PART_GENERIC] = "generic", [CIRCUIT_PART_LED] = "led",
    [CIRCUIT_PART_BUTTON] = "button",   [CIRCUIT_PART_SWITCH] = "switch",
    [CIRCUIT_PART_RELAY] = "relay",     [CIRCUIT_PART_BUZZER] = "buzzer",
    [CIRCUIT_PART_MOTOR] = "motor",     [CIRCUIT_PART_MOTION] = "motion",
    [CIRCUIT_PART_DOOR] = "door",       [CIRCUIT_PART_DOOR + 1] = NULL,
};
static const char *const directions[] = {"input", "output", NULL};
static const char *const biases[] = {"as-is", "disabled", "pull-up", "pull-down", NULL};
static const char *const drives[] = {"push-pull", "open-drain", "open-source", NULL};
static const char *const initials[] = {"0", "1", "keep", "last", NULL};
static const char *const safes[] = {"0", "1", "hold", NULL};
static const char *const mqtts[] = {"auto", "off", "read", "write", NULL};
static const char *const hub_parts[] = {"auto", "light", "switch", "fan", "siren", NULL};

#define COUNTER(member) FIELD_MEMBER(struct circuit_counter_options, member)

static const char *const counter_edges[] = {"rising", "falling", NULL};

static const struct field counter_keys[] = {
    {"edge", &field_choice, COUNTER(edge), .choices = counter_edges, .doc = "the edge that counts"},
    {"per_pulse", &field_real, COUNTER(per_pulse), .low = 1e-6, .high = 1e6, .real_fallback = 1,
     .doc = "what one pulse stands for, in `unit`"},
    {"unit", &field_text, COUNTER(unit), .max = CIRCUIT_UNIT_SIZE - 1, .text_fallback = "",
     .doc = "as \"L\" or \"kWh\""},
};
static const struct field_table counter_table = {FIELD_TABLE(counter_keys)};

static const struct field line_keys[] = {
    {"name", &kind_name, AT(name), .required = true, .doc = "the line's name for programs"},
    {"was", &kind_name, AT(was), .text_fallback = NULL,
     .doc = "what it was called before: value, counters, lock and what runs move along"},
    {"title", &kind_title, AT(title), .doc = "what people read; missing: the name"},
    {"part", &field_choice, AT(part), .choices = parts, .doc = "what is wired to it"},
    {"color", &kind_color, AT(color), .max = CIRCUIT_COLOR_SIZE - 1,
     .doc = "how the page draws it"},
    {"group", &kind_group, AT(group), .max = CIRCUIT_GROUP_CHARACTERS,
     .doc = "the room or the machine that it belongs to: the page lists the lines of a group "
            "together"},
    {"gpio", &kind_gpio, AT(gpio.gpio), .min = 1, .max = GPIO_NAME_SIZE - 1,
     .doc = "the kernel's name of the line, as GPIO17"},
    {"chip", &kind_chip, AT(gpio.chip), .min = 1, .max = GPIO_PATH_SIZE - 1,
     .doc = "the chip of gpio or offset; missing: gpio.chip"},
    {"offset", &field_integer, AT(gpio.offset), .max = OFFSET_MAX, .fallback = -1,
     .doc = "in place of gpio: the line's number on the chip"},
    {"direction", &field_choice, AT(gpio.direction), .required = true, .choices = directions,
     .fallback = DIRECTION_UNKNOWN, .doc = "whether the gateway reads it or drives it"},
    {"bias", &field_choice, AT(gpio.bias), .choices = biases, .doc = "the pin's own resistor"},
    {"active_low", &field_bool, AT(gpio.active_low),
     .doc = "whether 1 is the low level, as for a button to ground"},
    {"debounce_ms", &field_integer, AT(gpio.debounce_us), .max = DEBOUNCE_MAX_MS, .scale = 1000,
     .unit = "ms", .doc = "inputs: a change counts once it has lasted so long"},
    {"debounce_on_ms", &field_integer, AT(debounce_on_us), .max = DEBOUNCE_MAX_MS, .scale = 1000,
     .unit = "ms",
     .doc = "inputs, in place of debounce_ms: a change to 1 counts once it has lasted so long"},
    {"debounce_off_ms", &field_integer, AT(debounce_off_us), .max = DEBOUNCE_MAX_MS, .scale = 1000,
     .unit = "ms", .doc = "the same for a change to 0"},
    {"counter", &field_section, AT(counter),
     .given = offsetof(struct circuit_line_options, counter.counts), .inside = &counter_table,
     .doc = "inputs: counts pulses"},
    {"drive", &field_choice, AT(gpio.drive), .choices = drives,
     .doc = "outputs: how the pin is driven"},
    {"initial", &field_choice, AT(initial), .choices = initials,
     .doc = "outputs: the first value; keep: what the pin carries; last: what was commanded last"},
    {"safe", &field_choice, AT(safe), .choices = safes,
     .doc = "outputs: the value when the gateway ends, a lease ends, or all is switched off"},
    {"max_on_ms", &field_integer, AT(max_on_ms), .max = COMMAND_DURATION_MAX_MS, .unit = "ms",
     .doc = "outputs: the longest time on; 0 is no limit"},
    {"min_off_ms", &field_integer, AT(min_off_ms), .max = COMMAND_DURATION_MAX_MS, .unit = "ms",
     .doc = "outputs: the minimum off time between two times on; 0 is none"},
    {"lease_ms", &field_integer, AT(lease_ms), .max = COMMAND_DURATION_MAX_MS, .unit = "ms",
     .doc = "outputs: whoever switches it on must renew that within this, else it goes to safe; 0 "
            "is no lease. A command may ask for less, not for more"},
    {"pwm", &kind_pwm, AT(pwm_channel), .max = 63,
     .doc =
         "outputs: the kernel's PWM channel on the same pin; missing: PWM by the gateway itself"},
    {"mqtt", &field_choice, AT(mqtt), .choices = mqtts,
     .doc = "what an MQTT broker may do with it; auto: write an output, read an input"},
    {"ha", &field_choice, AT(hub_part), .choices = hub_parts,
     .doc = "outputs: what Home Assistant shows it as; auto: what the part usually is"},
};

/* What gpiozero, RPi.GPIO, ESPHome, Tasmota, pigpio and Home Assistant call it. */
static const struct field_alias line_aliases[] = {
    {"pin", "gpio", NULL},
    {"pins", "gpio", NULL},
    {"gpio_pin", "gpio", NULL},
    {"pin_number", "gpio", NULL},
    {"bcm", "gpio", NULL},
    {"port", "gpio", NULL},
    {"mode", "direction", NULL},
    {"dir", "direction", NULL},
    {"io", "direction", NULL},
    {"type", "direction", NULL},
    {"input", "direction", "\"input\""},
    {"output", "direction", "\"output\""},
    {"pull", "bias", NULL},
    {"pud", "bias", NULL},
    {"pull_mode", "bias", NULL},
    {"pull_up_down", "bias", NULL},
    {"pull_up", "bias", "\"pull-up\""},
    {"input_pullup", "bias", "\"pull-up\""},
    {"pull_down", "bias", "\"pull-down\""},
    {"input_pulldown", "bias", "\"pull-down\""},
    {"inverted", "active_low", "true"},
    {"invert", "active_low", "true"},
    {"inverse", "active_low", "true"},
    {"invert_logic", "active_low", "true"},
    {"active_high", "active_low", NULL},
    {"debounce", "debounce_ms", NULL},
    {"debounce_time", "debounce_ms", NULL},
    {"bounce_time", "debounce_ms", NULL},
    {"bounce", "debounce_ms", NULL},
    {"delayed_on", "debounce_on_ms", NULL},
    {"delayed_off", "debounce_off_ms", NULL},
    {"delayed_on_off", "debounce_ms", NULL},
    {"initial_value", "initial", NULL},
    {"initial_state", "initial", NULL},
    {"default", "initial", NULL},
    {"default_state", "initial", NULL},
    {"restore_mode", "initial", NULL},
    {"state", "initial", NULL},
    {"value", "initial", NULL},
    {"off_state", "safe", NULL},
    {"timeout", "max_on_ms", NULL},
    {"pulse_time", "max_on_ms", NULL},
    {"auto_off", "max_on_ms", NULL},
    {"open_drain", "drive", "\"open-drain\""},
    {"open_source", "drive", "\"open-source\""},
    {"id", "name", NULL},
    {"label", "title", NULL},
    {"friendly_name", "title", NULL},
    {"description", "title", NULL},
    {"device_class", "part", NULL},
    {NULL, NULL, NULL},
};

static const char *const keys_of_inputs[] = {"debounce_ms", "debounce_on_ms", "debounce_off_ms",
                                             "counter"};
static const char *const keys_of_outputs[] = {"drive",      "initial",  "safe", "max_on_ms",
                                              "min_off_ms", "lease_ms", "pwm",  "ha"};

static void check_direction(struct field_reader *reader, const struct json *object,
                            const struct circuit_line_options *line)
{
    for (size_t i = 0; line_is_output(line) && i < ARRAY_LENGTH(keys_of_inputs); i++) {
        const struct json *value = json_get(object, keys_of_inputs[i]);
        if (value)
            field_fail(reader, value, keys_of_inputs[i], "an output has none; only an input does");
    }
    for (size_t i = 0; line_is_input(line) && i < ARRAY_LENGTH(keys_of_outputs); i++) {
        const struct json *value = json_get(object, keys_of_outputs[i]);
        if (value)
            field_fail(reader, value, keys_of_outputs[i], "an input has none; only an output does");
    }
}

/* Two that are equal are one, which the kernel knows. */
static void check_debounce(struct field_reader *reader, const struct json *object,
                           struct circuit_line_options *line)
{
    const struct json *on = json_get(object, "debounce_on_ms");
    const struct json *off = json_get(object, "debounce_off_ms");
    if (!on && !off)
        return;
    if (json_get(object, "debounce_ms"))
        field_fail(reader, on ? on : off, on ? "debounce_on_ms" : "debounce_off_ms",
                   "stands in place of debounce_ms, not beside it");
    else if (line->debounce_on_us == line->debounce_off_us)
        line->gpio.debounce_us = line->debounce_on_us;
    if (line->debounce_on_us == line->debounce_off_us)
        line->debounce_on_us = line->debounce_off_us = 0;
}

/* A channel is no GPIO line: the kernel has neither of these for it. */
static void check_pwm(struct field_reader *reader, const struct json *object,
                      const struct circuit_line_options *line)
{
    if (line->pwm_channel[0] && line->gpio.bias != GPIO_BIAS_AS_IS)
        field_fail(reader, json_get(object, "bias"), "bias", "a line with \"pwm\" has none");
    if (line->pwm_channel[0] && line->gpio.drive != GPIO_DRIVE_PUSH_PULL)
        field_fail(reader, json_get(object, "drive"), "drive", "a line with \"pwm\" has none");
}

static void check_safety(struct field_reader *reader, const struct json *object,
                         const struct circuit_line_options *line)
{
    if (line->max_on_ms > 0 && line->safe == CIRCUIT_SAFE_1)
        field_fail(reader, json_get(object, "max_on_ms"), "max_on_ms",
                   "safe is 1: at the end it would be left on for longer than this");
    if (line->lease_ms > 0 && line->safe == CIRCUIT_SAFE_HOLD)
        field_fail(reader, json_get(object, "lease_ms"), "lease_ms",
                   "safe is \"hold\": nothing would happen when the lease ends");
}

static void check_where(struct field_reader *reader, const struct json *object)
{
    const struct json *offset = json_get(object, "offset");
    if (offset && json_get(object, "gpio"))
        field_fail(reader, offset, "offset", "a line is found by either gpio or offset");
    if (json_get(object, "chip") && !offset && !json_get(object, "gpio"))
        field_fail(reader, json_get(object, "chip"), "chip", "needs a gpio or an offset beside it");
}

static void line_check(struct field_reader *reader, const struct json *object, void *target)
{
    struct circuit_line_options *line = target;
    int same = field_index_of(&circuit_line_names, &config_of(reader)->circuit, line->name);
    if (line->name[0] && same < (int)field_position(reader))
        field_fail(reader, json_get(object, "name"), "name", "\"%s\" is taken by circuit.lines[%d]",
                   line->name, same);
    check_direction(reader, object, line);
    check_debounce(reader, object, line);
    check_pwm(reader, object, line);
    check_safety(reader, object, line);
    check_where(reader, object);
}

const struct field_table keys_line = {.fields = line_keys,
                                      .count = ARRAY_LENGTH(line_keys),
                                      .aliases = line_aliases,
                                      .item_size = sizeof(struct circuit_line_options),
                                      .check = line_check};
