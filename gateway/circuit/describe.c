#include "circuit/describe.h"

#include "circuit/actions.h"

static void describe_output(const struct line *line, const struct timestamps *now,
                            struct line_state *state)
{
    const struct action *action = &line->action;
    int64_t wall_ns = now->wall_ns - now->monotonic_ns;
    int64_t end_ns = action_ends_at_ns(line);
    state->action = action->kind;
    state->action_ends_ns = end_ns ? wall_ns + end_ns : 0;
    if (action->kind == CIRCUIT_ACTION_BLINK) {
        state->on_ms = action->on_ms;
        state->off_ms = action->off_ms;
        state->count = action->count;
    }
    if (action->kind == CIRCUIT_ACTION_PWM) {
        state->duty = action->duty;
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
        .edges = line->edges,
        .lost = line->lost,
        .by = &line->by,
    };
    if (line_is_output(line))
        describe_output(line, now, ret_state);
    else
        describe_input(line, now, ret_state);
}
