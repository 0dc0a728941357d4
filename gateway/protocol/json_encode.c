#include "protocol/json_encode.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/owner.h"
#include "protocol/auth.h"
#include "protocol/line_texts.h"

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
    return part < ARRAY_LENGTH(part_names) ? part_names[part] : NULL;
}

static void write_title(struct json_writer *writer, const struct circuit_title *title,
                        const char *fallback)
{
    if (title->count == 0) {
        json_write_text(writer, "title", fallback);
        return;
    }
    if (title->texts[0].language[0] == '\0') {
        json_write_text(writer, "title", title->texts[0].text);
        return;
    }
    json_write_object(writer, "title");
    for (size_t i = 0; i < title->count; i++)
        json_write_text(writer, title->texts[i].language, title->texts[i].text);
    json_write_object_end(writer);
}

/* A duty or frequency is rounded to what was asked for: a float's 0.1 is not 0.10000000149. `now` is the line
 * as it is at the moment, or NULL: what is past is no longer on its way. */
static void write_pwm(struct json_writer *writer, double duty, double hz,
                      const struct line_state *now)
{
    if (hz <= 0) {
        json_write_null(writer, "pwm");
        return;
    }
    json_write_object(writer, "pwm");
    json_write_real(writer, "duty", number_round(duty));
    json_write_real(writer, "hz", number_round(hz));
    if (now && now->fades) {
        json_write_real(writer, "to", number_round(now->fade_to));
        json_write_time(writer, "ends_at", now->fade_ends_ns);
    }
    json_write_object_end(writer);
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

static void write_action(struct json_writer *writer, const struct line_state *state)
{
    const char *kind = action_name(state->action);
    if (!kind) {
        json_write_null(writer, "action");
        return;
    }
    json_write_object(writer, "action");
    json_write_text(writer, "kind", kind);
    if (state->action_ends_ns > 0)
        json_write_time(writer, "ends_at", state->action_ends_ns);
    else
        json_write_null(writer, "ends_at");
    if (state->action == CIRCUIT_ACTION_BLINK) {
        json_write_integer(writer, "on_ms", state->on_ms);
        json_write_integer(writer, "off_ms", state->off_ms);
        if (state->count > 0)
            json_write_integer(writer, "count", state->count);
    }
    json_write_object_end(writer);
}

static void write_lease(struct json_writer *writer, const struct line_state *state)
{
    if (!state->leased) {
        json_write_null(writer, "lease");
        return;
    }
    json_write_object(writer, "lease");
    json_write_integer(writer, "ms", state->lease_ms);
    if (state->lease_ends_ns > 0)
        json_write_time(writer, "ends_at", state->lease_ends_ns);
    else
        json_write_null(writer, "ends_at");
    json_write_object_end(writer);
}

/* What acts of itself has no role. */
static void write_origin(struct json_writer *writer, const char *source, enum role role)
{
    json_write_text(writer, "source", source);
    if (role > ROLE_NONE)
        json_write_text(writer, "role", role_name(role));
}

static void write_lock(struct json_writer *writer, const struct line_state *state)
{
    if (!state->lock_reason) {
        json_write_null(writer, "lock");
        return;
    }
    json_write_object(writer, "lock");
    json_write_text(writer, "reason", state->lock_reason);
    json_write_text(writer, "source", state->lock_source);
    if (state->value) /* a line that is locked may be taken for dead */
        json_write_bool(writer, "on", true);
    json_write_object_end(writer);
}

static void write_available(struct json_writer *writer, const struct line_state *state)
{
    json_write_bool(writer, "available", state->available);
    if (!state->available)
        json_write_text(writer, "unavailable_reason", state->unavailable_reason);
}

static void write_gpio(struct json_writer *writer, const struct line_state *state)
{
    const struct gpio_line_config *config = &state->options->gpio;
    json_write_object(writer, "gpio");
    json_write_text(writer, "chip", state->location->chip);
    json_write_text(writer, "label", state->location->label);
    json_write_integer(writer, "offset", state->location->offset);
    json_write_text(writer, "name", state->location->name);
    json_write_text(writer, "bias", bias_names[config->bias]);
    json_write_text(writer, "drive", drive_names[config->drive]);
    json_write_bool(writer, "active_low", config->active_low);
    if (config->debounce_us > 0)
        json_write_real(writer, "debounce_ms", config->debounce_us / 1000.0);
    if (state->options->debounce_on_us != state->options->debounce_off_us) {
        json_write_real(writer, "debounce_on_ms", state->options->debounce_on_us / 1000.0);
        json_write_real(writer, "debounce_off_ms", state->options->debounce_off_us / 1000.0);
    }
    json_write_object_end(writer);
}

static void write_output(struct json_writer *writer, const struct line_state *state)
{
    static const char *const safe_names[] = {NULL, NULL, "hold"};
    enum circuit_safe safe = state->options->safe;
    if (safe == CIRCUIT_SAFE_HOLD)
        json_write_text(writer, "safe", safe_names[safe]);
    else
        json_write_integer(writer, "safe", safe == CIRCUIT_SAFE_1);
    write_action(writer, state);
    bool modulated = state->action == CIRCUIT_ACTION_PWM;
    write_pwm(writer, modulated ? state->duty : 0, modulated ? state->hz : 0, state);
    write_lease(writer, state);
    write_lock(writer, state);
    if (state->interlock)
        json_write_text(writer, "interlock", state->interlock);
    if (state->options->max_on_ms > 0)
        json_write_integer(writer, "max_on_ms", state->options->max_on_ms);
    if (state->options->min_off_ms > 0)
        json_write_integer(writer, "min_off_ms", state->options->min_off_ms);
}

static void write_input(struct json_writer *writer, const struct line_state *state)
{
    json_write_bool(writer, "held", state->held);
    json_write_real(writer, "hz", number_round(state->input_hz));
    json_write_real(writer, "duty", number_round(state->input_duty));
    json_write_integer(writer, "last_press_ms", state->last_press_ns / CLOCK_NS_PER_MS);
}

/* What a counter's number means. `rate` is in pulses a minute. */
static void write_meaning(struct json_writer *writer, const struct circuit_counter_options *options,
                          uint64_t count, double rate)
{
    json_write_real(writer, "total", number_round((double)count * options->per_pulse));
    json_write_text(writer, "unit", options->unit);
    json_write_real(writer, "rate", number_round(rate * options->per_pulse));
}

static void write_counter(struct json_writer *writer, const struct line_state *state)
{
    if (!state->options->counter.counts)
        return;
    json_write_unsigned(writer, "count", state->pulses);
    write_meaning(writer, &state->options->counter, state->pulses, state->pulse_rate);
}

static const char *const mqtt_names[] = {"auto", "off", "read", "write"};
static const char *const hub_part_names[] = {"auto", "light", "switch", "fan", "siren"};

/* The members of a line, but for the braces. */
static void write_line_members(struct json_writer *writer, const struct line_state *state)
{
    const struct circuit_line_options *options = state->options;
    bool output = options->gpio.direction == GPIO_DIRECTION_OUTPUT;
    json_write_text(writer, "name", options->name);
    write_title(writer, &options->title, options->name);
    json_write_text(writer, "part", part_names[options->part]);
    if (options->color[0])
        json_write_text(writer, "color", options->color);
    if (options->group[0])
        json_write_text(writer, "group", options->group);
    if (options->mqtt != CIRCUIT_MQTT_DEFAULT)
        json_write_text(writer, "mqtt", mqtt_names[options->mqtt]);
    if (options->hub_part != CIRCUIT_HUB_DEFAULT)
        json_write_text(writer, "ha", hub_part_names[options->hub_part]);
    json_write_text(writer, "direction", output ? "output" : "input");
    json_write_unsigned(writer, "value", state->value);
    json_write_unsigned(writer, "seq", state->seq);
    json_write_time(writer, "changed_at", state->changed_at_ns);
    json_write_unsigned(writer, "edges", state->edges);
    if (state->lost > 0)
        json_write_unsigned(writer, "lost", state->lost);
    write_origin(writer, state->by->source, state->by->role);
    write_available(writer, state);
    if (output)
        write_output(writer, state);
    else
        write_input(writer, state);
    write_counter(writer, state);
    write_gpio(writer, state);
}

void json_encode_line(struct json_writer *writer, const struct line_state *state)
{
    json_write_object(writer, NULL);
    write_line_members(writer, state);
    json_write_object_end(writer);
}

static void write_lines_members(struct json_writer *writer, struct line_texts *texts,
                                const struct timestamps *now)
{
    struct circuit *circuit = line_texts_circuit(texts);
    const struct journal *journal = circuit_journal(circuit);
    json_write_text(writer, "boot", journal_run_id(journal));
    json_write_unsigned(writer, "seq", journal_last(journal));
    json_write_list(writer, "lines");
    for (size_t i = 0; i < circuit_line_count(circuit); i++)
        line_texts_write(texts, writer, i, now);
    json_write_list_end(writer);
}

void json_encode_lines(struct json_writer *writer, struct line_texts *texts,
                       const struct timestamps *now)
{
    json_write_object(writer, NULL);
    write_lines_members(writer, texts, now);
    json_write_object_end(writer);
}

void json_encode_circuit(struct json_writer *writer, struct line_texts *texts, enum role role,
                         const struct timestamps *now)
{
    struct circuit *circuit = line_texts_circuit(texts);
    const struct circuit_options *options = circuit_description(circuit);
    const struct gpio *gpio = circuit_gpio(circuit);
    json_write_object(writer, NULL);
    json_write_text(writer, "name", options->name);
    write_title(writer, &options->title, options->name);
    json_write_text(writer, "backend", gpio_backend_name(gpio));
    json_write_bool(writer, "simulated", (gpio_capabilities(gpio) & GPIO_CAN_SIMULATE) != 0);
    json_write_text(writer, "version", GATEWAY_VERSION);
    json_write_text(writer, "role", role_name(role));
    json_write_time(writer, "time", now->wall_ns);
    write_lines_members(writer, texts, now);
    json_write_list(writer, "scenes");
    for (size_t i = 0; i < options->scene_count; i++) {
        json_write_object(writer, NULL);
        json_write_text(writer, "name", options->scenes[i].name);
        write_title(writer, &options->scenes[i].title, options->scenes[i].name);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static void write_details(struct json_writer *writer, struct circuit *circuit,
                          const struct event *event)
{
    const char *name = journal_text(circuit_journal(circuit), event->line_name);
    int line = circuit_find(circuit, name);
    if (line < 0) {
        if (event->details & EVENT_HAS_PWM)
            write_pwm(writer, (double)event->duty, (double)event->hz, NULL);
        return;
    }
    struct timestamps now = clock_now();
    struct line_state state;
    circuit_line(circuit, (size_t)line, &now, &state);
    if (event->details & EVENT_HAS_PWM)
        write_pwm(writer, (double)event->duty, (double)event->hz, &state);
    if (event->details & EVENT_HAS_ACTION)
        write_action(writer, &state);
    if (event->details & EVENT_HAS_LEASE)
        write_lease(writer, &state);
    if (event->details & EVENT_HAS_LOCK)
        write_lock(writer, &state);
    if (event->details & EVENT_HAS_AVAILABLE)
        write_available(writer, &state);
    if (event->details & EVENT_HAS_COUNT)
        write_meaning(writer, &state.options->counter, event->count, state.pulse_rate);
}

/* `line` is null: readers that follow lines alone pass over it. */
static void write_scene_event(struct json_writer *writer, const struct journal *journal,
                              const struct event *event)
{
    json_write_null(writer, "line");
    json_write_text(writer, "scene", journal_text(journal, event->line_name));
    json_write_text(writer, "state", event_scene_state_name(event->value));
    json_write_unsigned(writer, "step", event->step);
    if (event->rule > 0)
        json_write_text(writer, "reason", journal_text(journal, event->rule));
}

static void write_line_event(struct json_writer *writer, const struct journal *journal,
                             const struct event *event)
{
    json_write_text(writer, "line", journal_text(journal, event->line_name));
    json_write_unsigned(writer, "value", event->value);
    if (event->details & EVENT_HAS_COUNT)
        json_write_unsigned(writer, "count", event->count);
}

void json_encode_event(struct json_writer *writer, struct circuit *circuit,
                       const struct event *event, bool live)
{
    const struct journal *journal = circuit_journal(circuit);
    json_write_object(writer, NULL);
    json_write_text(writer, "boot", journal_run_id(journal));
    json_write_unsigned(writer, "seq", event->seq);
    if (event->cause == EVENT_SCENE)
        write_scene_event(writer, journal, event);
    else
        write_line_event(writer, journal, event);
    json_write_time(writer, "time", event->time_ns);
    json_write_integer(writer, "time_ns", event->time_ns);
    json_write_text(writer, "cause", event_cause_name(event->cause));
    write_origin(writer, journal_text(journal, event->source), event->role);
    if (event->edge_ns > 0)
        json_write_integer(writer, "edge_ns", event->edge_ns);
    if (event->rule > 0 && event->cause != EVENT_SCENE)
        json_write_text(writer, "rule", journal_text(journal, event->rule));
    if (event->lost > 0)
        json_write_unsigned(writer, "lost", event->lost);
    if (live && event->details)
        write_details(writer, circuit, event);
    else if (event->details & EVENT_HAS_PWM)
        write_pwm(writer, (double)event->duty, (double)event->hz, NULL);
    json_write_object_end(writer);
}

void json_encode_outcome(struct json_writer *writer, const struct circuit *circuit,
                         const struct outcome *outcome)
{
    json_write_object(writer, NULL);
    json_write_text(writer, "line", circuit_description(circuit)->lines[outcome->line].name);
    json_write_unsigned(writer, "was", outcome->was);
    json_write_unsigned(writer, "value", outcome->value);
    json_write_unsigned(writer, "seq", outcome->seq);
    if (outcome->on_at_ns)
        json_write_time(writer, "on_at", outcome->on_at_ns);
    json_write_object_end(writer);
}

void json_encode_changed(struct json_writer *writer, const struct circuit *circuit, uint64_t seq,
                         const uint16_t *lines, size_t count, const bool *running)
{
    const struct circuit_options *options = circuit_description(circuit);
    json_write_object(writer, NULL);
    json_write_unsigned(writer, "seq", seq);
    json_write_list(writer, "changed");
    for (size_t i = 0; i < count; i++)
        json_write_text(writer, NULL, options->lines[lines[i]].name);
    json_write_list_end(writer);
    if (running)
        json_write_bool(writer, "running", *running);
    json_write_object_end(writer);
}

void json_encode_scene(struct json_writer *writer, const struct circuit *circuit, size_t scene,
                       const struct timestamps *now)
{
    struct scene_state state;
    circuit_scene(circuit, scene, now, &state);
    json_write_object(writer, NULL);
    json_write_text(writer, "name", state.options->name);
    write_title(writer, &state.options->title, state.options->name);
    json_write_bool(writer, "running", state.running);
    json_write_unsigned(writer, "step", state.step);
    json_write_unsigned(writer, "steps", state.steps);
    json_write_time_or_null(writer, "started_at", state.started_at_ns);
    json_write_time_or_null(writer, "ends_at", state.ends_at_ns);
    json_write_object_end(writer);
}

struct json_writer json_encode_notification(struct buffer *buffer, const char *method)
{
    struct json_writer writer = json_writer_begin(buffer);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "jsonrpc", "2.0");
    json_write_text(&writer, "method", method);
    json_write_key(&writer, "params");
    return writer;
}

int json_encode_event_notification(struct buffer *buffer, struct circuit *circuit,
                                   const struct event *event)
{
    struct json_writer writer = json_encode_notification(buffer, "event");
    json_encode_event(&writer, circuit, event, true);
    json_write_object_end(&writer);
    return buffer->error;
}

int json_encode_snapshot_notification(struct buffer *buffer, struct line_texts *texts,
                                      enum role role)
{
    struct timestamps now = clock_now();
    struct json_writer writer = json_encode_notification(buffer, "snapshot");
    json_encode_circuit(&writer, texts, role, &now);
    json_write_object_end(&writer);
    return buffer->error;
}
