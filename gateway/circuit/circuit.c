#include "circuit/circuit.h"

#include "circuit/action.h"
#include "circuit/actions.h"
#include "circuit/delay.h"
#include "circuit/describe.h"
#include "circuit/entry.h"
#include "circuit/execute.h"
#include "circuit/input.h"
#include "circuit/journal_store.h"
#include "circuit/plan.h"
#include "circuit/record.h"
#include "circuit/refusal.h"
#include "circuit/resume.h"
#include "circuit/rule.h"
#include "circuit/safety.h"
#include "circuit/scene.h"
#include "circuit/schedule.h"
#include "circuit/set_many.h"
#include "circuit/start.h"
#include "circuit/state.h"
#include "circuit/trigger.h"
#include "circuit/unwind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The location of a line that could not be requested again after a failed reload. */
static const struct gpio_line_location nowhere = {.offset = -1};

enum { SHUTDOWN_TRIES = 3 };

static const struct origin stop_origin = {.source = "stop"};

static int make(const struct circuit_options *options, const char *run_id,
                struct circuit **ret_circuit)
{
    struct circuit *circuit = calloc(1, sizeof *circuit);
    if (!circuit)
        return -ENOMEM;
    uint32_t events = options->journal_events ? options->journal_events : JOURNAL_EVENTS_DEFAULT;
    circuit->line_count = options->line_count;
    circuit->lines = calloc(options->line_count ? options->line_count : 1, sizeof(struct line));
    if (!circuit->lines || circuit_options_copy(&circuit->options, options) < 0 ||
        journal_new(events, run_id, &circuit->journal) < 0) {
        (void)circuit_free(circuit);
        return -ENOMEM;
    }
    deadlines_init(&circuit->deadlines);
    trigger_init_all(circuit);
    *ret_circuit = circuit;
    return 0;
}

/* Where outputs were handed over the circuit goes on: that is no start for its rules. */
static void start_rules(struct circuit *circuit, const struct timestamps *now)
{
    schedule_all(circuit, now);
    rule_resume_all(circuit, now);
    if (!circuit->store.goes_on)
        trigger_start(circuit);
}

int circuit_new(const struct circuit_options *options, struct gpio *gpio, const char *run_id,
                const struct circuit_store *store, const struct timestamps *now,
                struct circuit **ret_circuit, struct gpio_error *error)
{
    struct circuit *circuit;
    if (make(options, run_id, &circuit) < 0) {
        *error = (struct gpio_error){.code = -ENOMEM, .message = "out of memory"};
        return -ENOMEM;
    }
    circuit->gpio = gpio;
    if (store)
        circuit->store = *store;
    if (store && store->journal)
        (void)journal_restore(circuit->journal, store->journal);
    circuit->starting = now;
    for (size_t i = 0; i < circuit->line_count; i++)
        start_rename(circuit, &circuit->options.lines[i]);
    start_init_lines(circuit, now);
    resume_locks(circuit);
    int code = start_request_lines(circuit, options, error);
    if (code == 0) {
        bool outermost = entry_begin(circuit);
        code = start_values(circuit, now, error);
        if (code == 0)
            start_rules(circuit, now);
        for (size_t i = 0; code < 0 && i < circuit->line_count; i++)
            gpio_release(gpio, circuit->lines[i].handle);
        entry_end(circuit, outermost, now);
    }
    circuit->starting = NULL;
    if (code < 0) {
        (void)circuit_free(circuit);
        return code;
    }
    *ret_circuit = circuit;
    return 0;
}

struct circuit *circuit_free(struct circuit *circuit)
{
    if (!circuit)
        return NULL;
    (void)journal_free(circuit->journal);
    circuit_options_done(&circuit->options);
    free(circuit->lines);
    free(circuit);
    return NULL;
}

void circuit_shutdown(struct circuit *circuit, const struct timestamps *now)
{
    struct plan plan;
    unwind_all(circuit, 0, "stop", &stop_origin, now);
    record_before_end(circuit);
    circuit->is_ending = true;
    plan_init(&plan, circuit, &stop_origin, now);
    safety_off(&plan, EVENT_STOP, true);
    /* Nobody can retry later what the hardware refuses now. */
    for (int tries = 1; tries < SHUTDOWN_TRIES; tries++)
        for (size_t i = 0; i < circuit->line_count; i++)
            if (circuit->lines[i].pending_write.is_waiting)
                safety_retry_write(circuit, &circuit->lines[i], now);
    circuit->ended = true;
    circuit->trigger_count = 0;
    deadlines_init(&circuit->deadlines);
}

void circuit_hand_over(struct circuit *circuit)
{
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        const uint8_t off = 0;
        if (line->action.kind == CIRCUIT_ACTION_PWM && action_pwm_flips(&line->action) &&
            line->pin && gpio_set(circuit->gpio, &line->handle, &off, 1) == 0)
            line->pin = off;
    }
    circuit->ended = true;
    circuit->trigger_count = 0;
    deadlines_init(&circuit->deadlines);
}

const struct circuit_rule_report *circuit_rule_report(const struct circuit *circuit)
{
    return &circuit->rule_report;
}

struct journal *circuit_journal(struct circuit *circuit)
{
    return circuit->journal;
}

struct gpio *circuit_gpio(struct circuit *circuit)
{
    return circuit->gpio;
}

const struct circuit_options *circuit_description(const struct circuit *circuit)
{
    return &circuit->options;
}

size_t circuit_line_count(const struct circuit *circuit)
{
    return circuit->line_count;
}

int circuit_find(const struct circuit *circuit, const char *name)
{
    return circuit_options_find_line(&circuit->options, name);
}

void circuit_line(const struct circuit *circuit, size_t line, const struct timestamps *now,
                  struct line_state *ret_state)
{
    const struct line *described = &circuit->lines[line];
    describe_line(described, now, ret_state);
    ret_state->location =
        described->handle < 0 ? &nowhere : gpio_location(circuit->gpio, described->handle);
    for (size_t i = 0; i < circuit->options.interlock_count && !ret_state->interlock; i++)
        if (described->groups >> i & 1)
            ret_state->interlock = circuit->options.interlocks[i].name;
}

/* Nothing may be switched on after the last values were set. */
static int check_running(const struct circuit *circuit, struct refusal *refusal)
{
    if (!circuit->ended)
        return 0;
    (void)refuse(refusal, REFUSAL_GPIO, "The gateway is ending.");
    refusal->errno_code = ESHUTDOWN;
    refusal->unavailable = true;
    return -1;
}

int circuit_command(struct circuit *circuit, const struct command *command,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal)
{
    if (check_running(circuit, refusal) < 0)
        return -1;
    bool outermost = entry_begin(circuit);
    bool is_of_rule = command->verb >= COMMAND_RULE_ENABLE && command->verb <= COMMAND_RULE_RUN;
    int code = is_of_rule ? rule_command(circuit, command, now, refusal)
                          : execute_command(circuit, command, EVENT_SET, now, ret_outcome, refusal);
    entry_end(circuit, outermost, now);
    return code;
}

int circuit_set_many(struct circuit *circuit, const struct line_value *values, size_t count,
                     const struct command *command, const struct timestamps *now,
                     uint16_t *ret_changed, struct refusal *refusal)
{
    if (check_running(circuit, refusal) < 0)
        return -1;
    bool outermost = entry_begin(circuit);
    int changed = set_many(circuit, values, count, command, EVENT_SET, now, ret_changed, refusal);
    entry_end(circuit, outermost, now);
    return changed;
}

void circuit_scene(const struct circuit *circuit, size_t scene, const struct timestamps *now,
                   struct scene_state *ret_state)
{
    describe_scene(circuit, scene, now, ret_state);
}

void circuit_rule(const struct circuit *circuit, size_t rule, struct rule_description *ret_state)
{
    describe_rule(circuit, rule, ret_state);
}

void circuit_rule_record(const struct circuit *circuit, size_t rule, const struct timestamps *now,
                         struct rule_record *ret_record)
{
    memset(ret_record, 0, sizeof *ret_record);
    ret_record->is_disabled = circuit->rules[rule].is_disabled;
    delay_record(circuit, rule, now, ret_record);
}

bool circuit_clock_is_set(const struct circuit *circuit)
{
    return !circuit->store.clock_is_unset;
}

void circuit_clock_changed(struct circuit *circuit, bool is_set, const struct timestamps *now)
{
    if (circuit->ended)
        return;
    bool was_set = !circuit->store.clock_is_unset;
    circuit->store.clock_is_unset = !is_set;
    if (was_set != is_set)
        schedule_by_clock_anew(circuit, now);
    else
        schedule_follow_clock(circuit, now);
}

void circuit_record(const struct circuit *circuit, size_t line, const struct timestamps *now,
                    struct line_record *ret_record)
{
    record_line(circuit, &circuit->lines[line], now, ret_record);
}

static struct line *find_handle(const struct circuit *circuit, int handle)
{
    if (handle < 0 || handle >= GPIO_LINES_MAX || circuit->by_handle[handle] < 0)
        return NULL;
    return &circuit->lines[circuit->by_handle[handle]];
}

void circuit_edge(struct circuit *circuit, const struct gpio_edge *edge,
                  const struct timestamps *now)
{
    struct line *line = find_handle(circuit, edge->line);
    if (!line || line_is_output(line))
        return;
    bool outermost = entry_begin(circuit);
    input_edge(circuit, line, edge, now);
    entry_end(circuit, outermost, now);
}

/* The level that a returned chip reports counts, whatever the line was before. */
static void take_back(struct circuit *circuit, struct line *line, uint8_t value,
                      const struct timestamps *now)
{
    bool output = line_is_output(line);
    line->pin = line->level = value;
    line->state_unknown = false;
    line->settles_ns = DEADLINE_NEVER;
    line->pending_write.due_ns = now->monotonic_ns;
    if (line->action.kind == CIRCUIT_ACTION_PWM || value == line->value)
        return;
    if (!output && line->options->counter.counts)
        counter_add(&line->counter, counter_pulses_of(&line->options->counter, line->value, 1),
                    now->monotonic_ns);
    line_set_value(line, value, now->monotonic_ns);
    line->edges++;
    if (!output)
        signal_stats_change(&line->signal_stats, value, now->monotonic_ns);
    else if (!value)
        line->off_since_ns = now->monotonic_ns;
    trigger_notice(circuit, line, 0, now->monotonic_ns);
}

void circuit_available(struct circuit *circuit, int gpio_line, bool available, int value,
                       const char *reason, const struct timestamps *now)
{
    struct line *line = find_handle(circuit, gpio_line);
    if (!line || line->available == available)
        return;
    bool outermost = entry_begin(circuit);
    struct event event = {
        .time_ns = now->wall_ns, .cause = EVENT_AVAILABILITY, .details = EVENT_HAS_AVAILABLE};
    line->available = available;
    (void)snprintf(line->unavailable_reason, sizeof line->unavailable_reason, "%s",
                   reason ? reason : "");
    if (available)
        take_back(circuit, line, value != 0, now);
    circuit_schedule(circuit, line);
    circuit_append(circuit, line, &event, &gpio_origin);
    if (available)
        safety_settle(circuit, &gpio_origin, now);
    entry_end(circuit, outermost, now);
}

int circuit_simulate(struct circuit *circuit, size_t line, int value, const struct origin *by,
                     const struct timestamps *now, struct refusal *refusal)
{
    if (line >= circuit->line_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such line.");
    struct line *driven = &circuit->lines[line];
    const char *name = driven->options->name;
    if (driven->handle < 0)
        return refuse_gpio(refusal, name, -ENODEV);
    if (!(gpio_capabilities(circuit->gpio) & GPIO_CAN_SIMULATE))
        return refuse(refusal, REFUSAL_NOT_SIMULATED,
                      "Line %s is not simulated: only its wire drives it.", name);
    if (line_is_output(driven))
        return refuse(refusal, REFUSAL_NOT_SIMULATED, "Line %s is an output: set it.", name);
    if (value != 0 && value != 1)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "The value must be 0 or 1, not %d.", value);
    driven->driver = *by;
    int code = gpio_simulate(circuit->gpio, driven->handle, value, now->monotonic_ns);
    return code < 0 ? refuse_gpio(refusal, name, code) : 0;
}

void circuit_disconnected(struct circuit *circuit, uint32_t connection,
                          const struct timestamps *now)
{
    if (connection == 0 || circuit->ended)
        return;
    bool outermost = entry_begin(circuit);
    unwind_all(circuit, connection, "lease", &gpio_origin, now);
    for (size_t i = 0; i < circuit->line_count; i++)
        if (circuit->lines[i].lease.connection == connection)
            safety_lease_end(circuit, &circuit->lines[i], now);
    entry_end(circuit, outermost, now);
}

int64_t circuit_due_ns(const struct circuit *circuit)
{
    return deadlines_due_ns(&circuit->deadlines);
}

/* When both are due, an action's own step comes before the limit: it may switch off by itself. */
static void step_line(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    int64_t due_ns = line_due_ns(line);
    if (!line_is_output(line))
        input_settle(circuit, line, now);
    else if (line->pending_write.is_waiting)
        safety_retry_write(circuit, line, now);
    else if (line->action.due_ns <= due_ns)
        action_step(circuit, line, now);
    else if (line->lease.due_ns <= due_ns)
        safety_lease_end(circuit, line, now);
    else
        safety_limit(circuit, line, now);
}

void circuit_tick(struct circuit *circuit, const struct timestamps *now)
{
    bool outermost = entry_begin(circuit);
    schedule_follow_clock(circuit, now);
    while (circuit_due_ns(circuit) <= now->monotonic_ns) {
        size_t slot = circuit->deadlines.first;
        if (slot >= DEADLINE_DELAYS)
            trigger_step_delay(circuit, slot - DEADLINE_DELAYS, now);
        else if (slot >= DEADLINE_RULES)
            trigger_step(circuit, slot - DEADLINE_RULES, now);
        else if (slot >= DEADLINE_SCENES)
            scene_step(circuit, slot - DEADLINE_SCENES, now);
        else
            step_line(circuit, &circuit->lines[slot - DEADLINE_LINES], now);
    }
    entry_end(circuit, outermost, now);
}
