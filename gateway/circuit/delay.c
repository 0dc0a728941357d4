#include "circuit/delay.h"

#include "base/clock.h"
#include "circuit/verbs.h"

#include <string.h>

static bool has_off(const struct circuit *circuit, size_t rule)
{
    const struct circuit_commands *commands = &circuit->options.rules[rule].commands;
    for (size_t i = 0; i < commands->count; i++)
        if (verb_is_off(&circuit->options, &commands->list[i]))
            return true;
    return false;
}

/* What will switch off is a promise that must be on the disk as soon as a value that is off. */
static void note_change(const struct circuit *circuit, size_t rule)
{
    if (circuit->store.changed)
        circuit->store.changed(circuit->store.context, has_off(circuit, rule));
}

void delay_schedule(struct circuit *circuit, size_t rule)
{
    const struct rule_state *state = &circuit->rules[rule];
    int64_t first_ns = DEADLINE_NEVER;
    for (size_t i = 0; i < state->delay_count; i++)
        if (state->delays[i].due_ns < first_ns)
            first_ns = state->delays[i].due_ns;
    deadlines_set(&circuit->deadlines, DEADLINE_DELAYS + rule, first_ns);
}

static void add(struct circuit *circuit, size_t rule, const struct rule_delay *delay)
{
    struct rule_state *state = &circuit->rules[rule];
    if (state->delay_count == CIRCUIT_DELAYS_MAX) {
        circuit->rule_report.dropped++;
        return;
    }
    state->delays[state->delay_count++] = *delay;
    delay_schedule(circuit, rule);
}

void delay_begin(struct circuit *circuit, size_t rule, uint16_t run, const struct timestamps *now)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    struct rule_state *state = &circuit->rules[rule];
    const struct rule_delay delay = {
        .due_ns = now->monotonic_ns + options->after_ms * CLOCK_NS_PER_MS, .caused_by_run = run};
    if (options->again == CIRCUIT_DELAY_IGNORE && state->delay_count > 0)
        return;
    if (options->again == CIRCUIT_DELAY_RESTART)
        state->delay_count = 0;
    add(circuit, rule, &delay);
    note_change(circuit, rule);
}

void delay_give_up(struct circuit *circuit, size_t rule)
{
    struct rule_state *state = &circuit->rules[rule];
    if (state->delay_count == 0)
        return;
    state->delay_count = 0;
    delay_schedule(circuit, rule);
    note_change(circuit, rule);
}

void delay_keep_off(struct circuit *circuit, size_t rule)
{
    struct rule_state *state = &circuit->rules[rule];
    if (!has_off(circuit, rule))
        delay_give_up(circuit, rule);
    for (size_t i = 0; i < state->delay_count; i++)
        state->delays[i].only_off = true;
}

bool delay_take(struct circuit *circuit, size_t rule, const struct timestamps *now,
                struct rule_delay *ret_delay)
{
    struct rule_state *state = &circuit->rules[rule];
    for (size_t i = 0; i < state->delay_count; i++) {
        if (state->delays[i].due_ns > now->monotonic_ns)
            continue;
        *ret_delay = state->delays[i];
        state->delays[i] = state->delays[--state->delay_count];
        delay_schedule(circuit, rule);
        note_change(circuit, rule);
        return true;
    }
    return false;
}

/* A clock that was set back behind the moment of storing proves nothing: then it is over. */
static int64_t left_ns(int64_t ends_ms, const struct timestamps *now)
{
    int64_t left = ends_ms * CLOCK_NS_PER_MS - now->wall_ns;
    return left > 0 && left <= COMMAND_DURATION_MAX_MS * CLOCK_NS_PER_MS ? left : 0;
}

void delay_resume(struct circuit *circuit, size_t rule, const struct rule_record *record,
                  const struct timestamps *now)
{
    if (!has_off(circuit, rule))
        return;
    for (size_t i = 0; i < record->delay_count; i++) {
        const struct rule_delay delay = {
            .due_ns = now->monotonic_ns + left_ns(record->delay_ends_ms[i], now), .only_off = true};
        add(circuit, rule, &delay);
    }
}

void delay_record(const struct circuit *circuit, size_t rule, const struct timestamps *now,
                  struct rule_record *record)
{
    const struct rule_state *state = &circuit->rules[rule];
    record->delay_count = state->delay_count;
    for (size_t i = 0; i < state->delay_count; i++)
        record->delay_ends_ms[i] =
            (now->wall_ns + state->delays[i].due_ns - now->monotonic_ns) / CLOCK_NS_PER_MS;
}
