#include "circuit/describe.h"

#include "base/clock.h"
#include "circuit/actions.h"

/* Monotonic time at which the action is over, cut short by max_on_ms; 0 for never. */
static int64_t true_end_ns(const struct line *line)
{
    const struct action *action = &line->action;
    int64_t end_ns = action_ends_at_ns(line);
    int64_t limit_ns = line_limit_ns(line);
    /* A blink is on for no longer than a phase. */
    if (action->kind == CIRCUIT_ACTION_BLINK && line->options->max_on_ms > 0)
        limit_ns = line->options->max_on_ms > action->on_ms ? DEADLINE_NEVER
                   : line->value                            ? limit_ns
                                 : action->due_ns + CLOCK_NS_PER_MS * line->options->max_on_ms;
    if (action->kind == CIRCUIT_ACTION_NONE || limit_ns == DEADLINE_NEVER)
        return end_ns;
    return end_ns == 0 || limit_ns < end_ns ? limit_ns : end_ns;
}

static void describe_output(const struct line *line, const struct timestamps *now,
                            struct line_state *state)
{
    const struct action *action = &line->action;
    int64_t wall_ns = now->wall_ns - now->monotonic_ns;
    int64_t end_ns = true_end_ns(line);
    state->action = action->kind;
    state->action_ends_ns = end_ns ? wall_ns + end_ns : 0;
    if (action->kind == CIRCUIT_ACTION_BLINK) {
        state->on_ms = action->on_ms;
        state->off_ms = action->off_ms;
        state->count = action->count;
    }
    if (action->kind == CIRCUIT_ACTION_PWM) {
        state->duty = action->duty;
        state->fades = action->fade_to_ns != 0;
        state->fade_to = action->fade_to;
        state->fade_ends_ns = wall_ns + action->fade_to_ns;
        state->hz = action->hz;
    }
    if (lease_exists(&line->lease)) {
        state->leased = true;
        state->lease_ms = line->lease.ms;
        state->lease_ends_ns = line->lease.ms ? wall_ns + line->lease.due_ns : 0;
    }
    state->lock_reason = line->locked ? line->lock_reason : NULL;
    state->lock_source = line->locked ? line->locker.source : NULL;
}

static void describe_input(const struct line *line, const struct timestamps *now,
                           struct line_state *state)
{
    state->held = signal_stats_is_held(&line->signal_stats, now->monotonic_ns);
    state->last_press_ns = line->signal_stats.press_ns;
    state->pulses = line->counter.count;
    state->pulse_rate = counter_rate(&line->counter, now->monotonic_ns);
    signal_stats_read(&line->signal_stats, now->monotonic_ns, &state->input_hz, &state->input_duty);
}

void describe_line(const struct line *line, const struct timestamps *now,
                   struct line_state *ret_state)
{
    *ret_state = (struct line_state){
        .options = line->options,
        .value = line->value,
        .available = line->available,
        .unavailable_reason = line->available ? NULL : line->unavailable_reason,
        .seq = line->seq,
        .changed_at_ns = line->changed_at_ns,
        .on_ns = line->on_ns,
        .edges = line->edges,
        .lost = line->lost,
        .by = &line->by,
    };
    if (line->value && now->monotonic_ns > line->on_since_ns)
        ret_state->on_ns += now->monotonic_ns - line->on_since_ns;
    if (line_is_output(line))
        describe_output(line, now, ret_state);
    else
        describe_input(line, now, ret_state);
}

/* Milliseconds that a program waits in entries `from` to the last. */
static int64_t waits_ms(const struct circuit_scene_options *options, size_t from)
{
    int64_t sum_ms = 0;
    for (size_t i = from; i < options->count; i++)
        sum_ms += options->steps[i].after_ms;
    return sum_ms;
}

/* Monotonic; 0 for a program that runs until it is stopped. */
static int64_t run_ends_ns(const struct circuit_scene_options *options, const struct scene_run *run)
{
    if (options->repeat == 0)
        return 0;
    int64_t rounds = (int64_t)options->repeat - run->rounds_done - 1;
    int64_t left_ms = waits_ms(options, run->next + 1) + rounds * waits_ms(options, 0);
    return run->due_ns + CLOCK_NS_PER_MS * left_ms;
}

void describe_scene(const struct circuit *circuit, size_t scene, const struct timestamps *now,
                    struct scene_state *ret_state)
{
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    const struct scene_run *run = &circuit->scenes[scene];
    *ret_state = (struct scene_state){.options = options,
                                      .running = run->running,
                                      .steps = options->steps[options->count - 1].number};
    if (!options->is_program)
        ret_state->steps = 1;
    if (!run->running)
        return;
    int64_t end_ns = run_ends_ns(options, run);
    ret_state->step = run->step;
    ret_state->started_at_ns = run->started_at_ns;
    ret_state->ends_at_ns = end_ns ? now->wall_ns - now->monotonic_ns + end_ns : 0;
}

/* Wall clock of a deadline, by the distance that the clocks have. */
static int64_t deadline_wall_ns(const struct circuit *circuit, size_t slot)
{
    int64_t due_ns = circuit->deadlines.due_ns[slot];
    return due_ns == DEADLINE_NEVER ? 0 : due_ns + circuit->clock_ahead_ns;
}

/* When a rule is set off by itself; 0 for unknown. */
static int64_t next_wall_ns(const struct circuit *circuit, size_t rule)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    if (options->when.trigger == CIRCUIT_TRIGGER_EVERY)
        return deadline_wall_ns(circuit, DEADLINE_RULES + rule);
    if (!circuit_rule_is_by_clock(options) || circuit->rules[rule].next_s == INT64_MAX)
        return 0;
    return circuit->rules[rule].next_s * CLOCK_NS_PER_SECOND;
}

void describe_rule(const struct circuit *circuit, size_t rule, struct rule_description *ret_state)
{
    const struct rule_state *state = &circuit->rules[rule];
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    *ret_state = (struct rule_description){
        .options = options,
        .is_enabled = !state->is_disabled,
        .last_at_ns = state->last_at_ns,
        .last_result = state->last_result,
        .last_detail = state->last_detail,
        .waiting = state->delay_count,
        .due_at_ns = deadline_wall_ns(circuit, DEADLINE_DELAYS + rule),
    };
    if (!state->is_disabled)
        ret_state->next_at_ns = next_wall_ns(circuit, rule);
}
