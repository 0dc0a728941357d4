#include "circuit/line.h"

#include "base/clock.h"

bool line_holds(uint8_t value, const struct action *action)
{
    switch (action->kind) {
    case CIRCUIT_ACTION_FOR:
    case CIRCUIT_ACTION_PULSE:
        return value || action->back;
    case CIRCUIT_ACTION_BLINK:
    case CIRCUIT_ACTION_GAP:
        return true;
    case CIRCUIT_ACTION_NONE:
    case CIRCUIT_ACTION_PWM:
        break;
    }
    return value;
}

int line_write(struct gpio *gpio, const struct line *line, const struct action *action, uint8_t pin)
{
    if (action_is_by_kernel(action))
        return gpio_set_pwm(gpio, line->handle, action->duty, action->hz);
    return gpio_set(gpio, &line->handle, &pin, 1);
}

int64_t line_limit_ns(const struct line *line)
{
    if (!line->value || line->options->max_on_ms == 0)
        return DEADLINE_NEVER;
    return line->on_since_ns + CLOCK_NS_PER_MS * line->options->max_on_ms;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t line_due_ns(const struct line *line)
{
    if (!line_is_output(line))
        return line->settles_ns;
    if (line->pending_write.is_waiting)
        return line->pending_write.due_ns;
    return sooner(line->action.due_ns, sooner(line->lease.due_ns, line_limit_ns(line)));
}

/* Ten years: an end beyond is as good as none. */
#define BLINK_END_MAX_MS (INT64_C(10) * 366 * 24 * 3600 * 1000)

/* Of a blink that has a count: its last time on, which ends it; 0 when that is too far away. */
static int64_t blink_end_ns(const struct line *line)
{
    const struct action *action = &line->action;
    int64_t period_ms = (int64_t)action->on_ms + action->off_ms;
    int64_t whole = (int64_t)action->left - 1;
    int64_t left_ms = whole * period_ms + (line->value ? 0 : action->on_ms);
    return left_ms > BLINK_END_MAX_MS ? 0 : action->due_ns + CLOCK_NS_PER_MS * left_ms;
}

/* Monotonic; 0 for no end of its own. */
static int64_t action_end_ns(const struct line *line)
{
    switch (line->action.kind) {
    case CIRCUIT_ACTION_FOR:
    case CIRCUIT_ACTION_PULSE:
    case CIRCUIT_ACTION_GAP:
        return line->action.due_ns;
    case CIRCUIT_ACTION_BLINK:
        return line->action.count ? blink_end_ns(line) : 0;
    case CIRCUIT_ACTION_NONE:
    case CIRCUIT_ACTION_PWM:
        break;
    }
    return 0;
}

static void describe_output(const struct line *line, const struct timestamps *now,
                            struct line_state *state)
{
    const struct action *action = &line->action;
    int64_t wall_ns = now->wall_ns - now->monotonic_ns;
    int64_t end_ns = action_end_ns(line);
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

void line_describe(const struct line *line, const struct timestamps *now,
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
