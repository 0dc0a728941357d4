#include "protocol/json_encode.h"

#include "base/clock.h"
#include "base/json.h"
#include "protocol/auth.h"

#include <math.h>

static const char *const part_names[] = {
    [CIRCUIT_PART_GENERIC] = "generic", [CIRCUIT_PART_LED] = "led",
    [CIRCUIT_PART_BUTTON] = "button",   [CIRCUIT_PART_SWITCH] = "switch",
    [CIRCUIT_PART_RELAY] = "relay",     [CIRCUIT_PART_BUZZER] = "buzzer",
    [CIRCUIT_PART_MOTOR] = "motor",     [CIRCUIT_PART_MOTION] = "motion",
    [CIRCUIT_PART_DOOR] = "door",
};
static const char *const bias_names[] = {"as-is", "disabled", "pull-up", "pull-down"};
static const char *const drive_names[] = {"push-pull", "open-drain", "open-source"};

const char *json_encode_part_name(enum circuit_part part)
{
    return part_names[part];
}

static void add_time(struct json *object, const char *key, int64_t wall_ns)
{
    char text[CLOCK_TEXT_SIZE];
    json_add_text(object, key, clock_format(wall_ns, text));
}

static void add_title(struct json *object, const struct circuit_title *title, const char *fallback)
{
    if (title->count == 0) {
        json_add_text(object, "title", fallback);
        return;
    }
    if (title->texts[0].language[0] == '\0') {
        json_add_text(object, "title", title->texts[0].text);
        return;
    }
    struct json *languages = json_new_object_in(object, "title");
    for (size_t i = 0; i < title->count; i++)
        json_add_text(languages, title->texts[i].language, title->texts[i].text);
}

/* A duty or frequency as it was asked for: a float's 0.1 is not 0.10000000149. */
static double rounded(double value)
{
    return round(value * 1e6) / 1e6;
}

static void add_pwm(struct json *object, double duty, double hz)
{
    if (hz <= 0) {
        json_add_null(object, "pwm");
        return;
    }
    struct json *pwm = json_new_object_in(object, "pwm");
    json_add_real(pwm, "duty", rounded(duty));
    json_add_real(pwm, "hz", rounded(hz));
}

static const char *action_name(enum circuit_action_kind kind)
{
    switch (kind) {
    case CIRCUIT_ACTION_FOR:
        return "set";
    case CIRCUIT_ACTION_PULSE:
        return "pulse";
    case CIRCUIT_ACTION_BLINK:
        return "blink";
    case CIRCUIT_ACTION_GAP:
        return "gap";
    case CIRCUIT_ACTION_NONE:
    case CIRCUIT_ACTION_PWM: /* shown as `pwm` */
        break;
    }
    return NULL;
}

static void add_action(struct json *object, const struct line_state *state)
{
    const char *kind = action_name(state->action);
    if (!kind) {
        json_add_null(object, "action");
        return;
    }
    struct json *action = json_new_object_in(object, "action");
    json_add_text(action, "kind", kind);
    if (state->action_ends_ns > 0)
        add_time(action, "ends_at", state->action_ends_ns);
    else
        json_add_null(action, "ends_at");
    if (state->action == CIRCUIT_ACTION_BLINK) {
        json_add_integer(action, "on_ms", state->on_ms);
        json_add_integer(action, "off_ms", state->off_ms);
        if (state->count > 0)
            json_add_integer(action, "count", state->count);
    }
}

static void add_lease(struct json *object, const struct line_state *state)
{
    if (!state->leased) {
        json_add_null(object, "lease");
        return;
    }
    struct json *lease = json_new_object_in(object, "lease");
    json_add_integer(lease, "ms", state->lease_ms);
    if (state->lease_ends_ns > 0)
        add_time(lease, "ends_at", state->lease_ends_ns);
    else
        json_add_null(lease, "ends_at");
}

/* What acts of itself has no role. */
static void add_origin(struct json *object, const char *source, enum role role)
{
    json_add_text(object, "source", source);
    if (role > ROLE_NONE)
        json_add_text(object, "role", role_name(role));
}

static void add_lock(struct json *object, const struct line_state *state)
{
    if (!state->lock_reason) {
        json_add_null(object, "lock");
        return;
    }
    struct json *lock = json_new_object_in(object, "lock");
    json_add_text(lock, "reason", state->lock_reason);
    json_add_text(lock, "source", state->lock_source);
}

static void add_available(struct json *object, const struct line_state *state)
{
    json_add_bool(object, "available", state->available);
    if (!state->available)
        json_add_text(object, "unavailable_reason", state->unavailable_reason);
}

static void add_gpio(struct json *object, const struct line_state *state)
{
    const struct gpio_line_config *config = &state->options->gpio;
    struct json *gpio = json_new_object_in(object, "gpio");
    json_add_text(gpio, "chip", state->location->chip);
    json_add_text(gpio, "label", state->location->label);
    json_add_integer(gpio, "offset", state->location->offset);
    json_add_text(gpio, "name", state->location->name);
    json_add_text(gpio, "bias", bias_names[config->bias]);
    json_add_text(gpio, "drive", drive_names[config->drive]);
    json_add_bool(gpio, "active_low", config->active_low);
    if (config->debounce_us > 0)
        json_add_real(gpio, "debounce_ms", config->debounce_us / 1000.0);
}

static void add_output(struct json *object, const struct line_state *state)
{
    static const char *const safe_names[] = {NULL, NULL, "hold"};
    enum circuit_safe safe = state->options->safe;
    if (safe == CIRCUIT_SAFE_HOLD)
        json_add_text(object, "safe", safe_names[safe]);
    else
        json_add_integer(object, "safe", safe == CIRCUIT_SAFE_1);
    add_action(object, state);
    add_pwm(object, state->action == CIRCUIT_ACTION_PWM ? state->duty : 0,
            state->action == CIRCUIT_ACTION_PWM ? state->hz : 0);
    add_lease(object, state);
    add_lock(object, state);
    if (state->interlock)
        json_add_text(object, "interlock", state->interlock);
    if (state->options->max_on_ms > 0)
        json_add_integer(object, "max_on_ms", state->options->max_on_ms);
    if (state->options->min_off_ms > 0)
        json_add_integer(object, "min_off_ms", state->options->min_off_ms);
}

static void add_input(struct json *object, const struct line_state *state)
{
    json_add_bool(object, "held", state->held);
    json_add_real(object, "hz", rounded(state->input_hz));
    json_add_real(object, "duty", rounded(state->input_duty));
    json_add_integer(object, "last_press_ms", state->last_press_ns / CLOCK_NS_PER_MS);
}

struct json *json_encode_line(const struct circuit *circuit, size_t line,
                              const struct timestamps *now)
{
    struct line_state state;
    circuit_line(circuit, line, now, &state);
    const struct circuit_line_options *options = state.options;
    bool output = options->gpio.direction == GPIO_DIRECTION_OUTPUT;
    struct json *object = json_new_object();
    json_add_text(object, "name", options->name);
    add_title(object, &options->title, options->name);
    json_add_text(object, "part", part_names[options->part]);
    if (options->color[0])
        json_add_text(object, "color", options->color);
    json_add_text(object, "direction", output ? "output" : "input");
    json_add_integer(object, "value", state.value);
    json_add_integer(object, "seq", (int64_t)state.seq);
    add_time(object, "changed_at", state.changed_at_ns);
    json_add_integer(object, "edges", (int64_t)state.edges);
    if (state.lost > 0)
        json_add_integer(object, "lost", (int64_t)state.lost);
    add_origin(object, state.by->source, state.by->role);
    add_available(object, &state);
    if (output)
        add_output(object, &state);
    else
        add_input(object, &state);
    add_gpio(object, &state);
    return object;
}

void json_encode_add_lines(struct json *object, struct circuit *circuit,
                           const struct timestamps *now)
{
    struct journal *journal = circuit_journal(circuit);
    json_add_text(object, "boot", journal_run_id(journal));
    json_add_integer(object, "seq", (int64_t)journal_last(journal));
    struct json *lines = json_new_array_in(object, "lines");
    for (size_t i = 0; i < circuit_line_count(circuit); i++)
        json_add(lines, NULL, json_encode_line(circuit, i, now));
}

struct json *json_encode_circuit(struct circuit *circuit, enum role role,
                                 const struct timestamps *now)
{
    const struct circuit_options *options = circuit_description(circuit);
    const struct gpio *gpio = circuit_gpio(circuit);
    struct json *object = json_new_object();
    json_add_text(object, "name", options->name);
    add_title(object, &options->title, options->name);
    json_add_text(object, "backend", gpio_backend_name(gpio));
    json_add_bool(object, "simulated", (gpio_capabilities(gpio) & GPIO_CAN_SIMULATE) != 0);
    json_add_text(object, "version", GATEWAY_VERSION);
    json_add_text(object, "role", role_name(role));
    add_time(object, "time", now->wall_ns);
    json_encode_add_lines(object, circuit, now);
    struct json *scenes = json_new_array_in(object, "scenes");
    for (size_t i = 0; i < options->scene_count; i++) {
        struct json *scene = json_new_object_in(scenes, NULL);
        json_add_text(scene, "name", options->scenes[i].name);
        add_title(scene, &options->scenes[i].title, options->scenes[i].name);
    }
    return object;
}

static void add_details(struct json *object, struct circuit *circuit, const struct event *event)
{
    const char *name = journal_text(circuit_journal(circuit), event->line_name);
    int line = circuit_find(circuit, name);
    if (line < 0)
        return;
    struct timestamps now = service_now();
    struct line_state state;
    circuit_line(circuit, (size_t)line, &now, &state);
    if (event->details & EVENT_HAS_ACTION)
        add_action(object, &state);
    if (event->details & EVENT_HAS_LEASE)
        add_lease(object, &state);
    if (event->details & EVENT_HAS_LOCK)
        add_lock(object, &state);
    if (event->details & EVENT_HAS_AVAILABLE)
        add_available(object, &state);
}

struct json *json_encode_event(struct circuit *circuit, const struct event *event, bool live)
{
    const struct journal *journal = circuit_journal(circuit);
    struct json *object = json_new_object();
    json_add_text(object, "boot", journal_run_id(journal));
    json_add_integer(object, "seq", (int64_t)event->seq);
    json_add_text(object, "line", journal_text(journal, event->line_name));
    json_add_integer(object, "value", event->value);
    add_time(object, "time", event->time_ns);
    json_add_integer(object, "time_ns", event->time_ns);
    json_add_text(object, "cause", event_cause_name(event->cause));
    add_origin(object, journal_text(journal, event->source), event->role);
    if (event->edge_ns > 0)
        json_add_integer(object, "edge_ns", event->edge_ns);
    if (event->rule > 0)
        json_add_text(object, "rule", journal_text(journal, event->rule));
    if (event->lost > 0)
        json_add_integer(object, "lost", event->lost);
    if (event->details & EVENT_HAS_PWM)
        add_pwm(object, (double)event->duty, (double)event->hz);
    if (live && event->details)
        add_details(object, circuit, event);
    return object;
}

struct json *json_encode_outcome(const struct circuit *circuit, const struct outcome *outcome)
{
    struct json *object = json_new_object();
    json_add_text(object, "line", circuit_description(circuit)->lines[outcome->line].name);
    json_add_integer(object, "was", outcome->was);
    json_add_integer(object, "value", outcome->value);
    json_add_integer(object, "seq", (int64_t)outcome->seq);
    return object;
}
