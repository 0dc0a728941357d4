#include "circuit/action.h"

#include "base/clock.h"
#include "circuit/actions.h"
#include "circuit/plan.h"

/* The value to which a timed action returns. While an action runs it is the value before that one: a
 * staircase light that is pressed again, or while it blinks or is dimmed, still goes off. */
static uint8_t value_before(const struct line *line)
{
    if (action_row(line->action.kind)->restores)
        return line->action.back;
    return line->pending_write.is_waiting ? line->pending_write.value : line->value;
}

static void plan_set(struct line_change *change, const struct line *line, uint8_t value,
                     uint32_t for_ms, int64_t now_ns)
{
    change->value = change->pin = value;
    if (for_ms == 0 || value_before(line) == value)
        return; /* there is no other value to return to */
    change->action.for_ms = for_ms;
    change->action.back = value_before(line);
    action_begin(&change->action, CIRCUIT_ACTION_FOR, now_ns);
}

/* "On for a time", whatever the line was before: it goes off afterwards. A pulse prolongs the time on that
 * is left, and never shortens it. */
static void plan_pulse(struct line_change *change, const struct line *line, uint32_t for_ms,
                       int64_t now_ns)
{
    const struct action *was = &line->action;
    bool waits = was->kind == CIRCUIT_ACTION_GAP && was->then == CIRCUIT_ACTION_PULSE;
    bool ends =
        was->kind == CIRCUIT_ACTION_PULSE || (was->kind == CIRCUIT_ACTION_FOR && line->value);
    change->value = change->pin = 1;
    change->action.for_ms = waits && was->for_ms > for_ms ? was->for_ms : for_ms;
    change->action.back = 0;
    action_begin(&change->action, CIRCUIT_ACTION_PULSE, now_ns);
    if (ends && was->due_ns > change->action.due_ns)
        change->action.due_ns = was->due_ns;
}

static void plan_blink(struct line_change *change, const struct line *line,
                       const struct command *command, int64_t now_ns)
{
    change->value = change->pin = 1;
    change->action.back = value_before(line);
    change->action.on_ms = command->on_ms;
    change->action.off_ms = command->off_ms;
    change->action.count = command->count;
    action_begin(&change->action, CIRCUIT_ACTION_BLINK, now_ns);
}

static void plan_pwm(struct line_change *change, const struct line *line,
                     const struct command *command, int64_t now_ns)
{
    const struct action *was = &line->action;
    change->value = change->pin = command->duty > 0;
    change->action.back = value_before(line);
    change->action.duty = command->duty;
    change->action.hz = command->hz;
    change->action.by_kernel = line->options->pwm_channel[0] != '\0';
    action_begin(&change->action, CIRCUIT_ACTION_PWM, now_ns);
    /* A running PWM changes its duty without a jump: the present phase ends first. */
    if (was->kind != CIRCUIT_ACTION_PWM || !action_pwm_flips(was) ||
        !action_pwm_flips(&change->action))
        return;
    change->pin = line->pin;
    change->action.due_ns = now_ns + action_pwm_phase_ns(&change->action, line->pin);
    if (was->due_ns < change->action.due_ns)
        change->action.due_ns = was->due_ns;
}

/* Under PWM the level of one moment is chance, and the line's value would be full power: off. */
static void plan_stop(struct line_change *change, const struct line *line)
{
    if (line->action.kind == CIRCUIT_ACTION_PWM)
        change->pin = 0;
    change->value = change->pin;
}

/* A lock leaves a steady value, unless it is told to switch off. An action ends off: a pulse that is on
 * runs to its own end, a blink and PWM go off at once. */
static void plan_lock(struct line_change *change, const struct line *line, bool off)
{
    const struct action *action = &line->action;
    bool timed = action->kind == CIRCUIT_ACTION_FOR || action->kind == CIRCUIT_ACTION_PULSE;
    if (timed && !action->back && !off) {
        change->action = *action;
        change->continues = true;
    } else if (off || action->kind != CIRCUIT_ACTION_NONE) {
        change->value = change->pin = 0;
    }
}

void action_plan(struct line_change *change, const struct line *line, const struct command *command,
                 int64_t now_ns)
{
    switch (command->verb) {
    case COMMAND_SET:
        plan_set(change, line, command->value, command->for_ms, now_ns);
        break;
    case COMMAND_TOGGLE:
        plan_set(change, line, !line->value, 0, now_ns);
        break;
    case COMMAND_PULSE:
        plan_pulse(change, line, command->for_ms, now_ns);
        break;
    case COMMAND_BLINK:
        plan_blink(change, line, command, now_ns);
        break;
    case COMMAND_PWM:
        plan_pwm(change, line, command, now_ns);
        break;
    case COMMAND_STOP:
        plan_stop(change, line);
        break;
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
        plan_lock(change, line, command->off);
        break;
    case COMMAND_SCENE:
    case COMMAND_SCENE_STOP:
    case COMMAND_OFF:
        break;
    }
}

/* False while the minimum off time or a gap is not over: the step waits for that. */
static bool is_ready(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    int64_t ready_ns = plan_ready_ns(circuit, line->index, now);
    if (ready_ns <= now->monotonic_ns)
        return true;
    line->action.due_ns = ready_ns;
    circuit_schedule(circuit, line);
    return false;
}

/* Whether a change may switch its line on now. If not, the action waits, or it ends off. */
static bool may_switch_on(struct plan *plan, struct line *line, struct line_change *change)
{
    if (line->pin)
        return true;
    if (!is_ready(plan->circuit, line, &plan->now))
        return false;
    if (plan_blocker(plan, change) < 0)
        return true;
    change->cause = EVENT_INTERLOCK;
    change->value = change->pin = 0;
    change->continues = false;
    change->action = (struct action){.due_ns = DEADLINE_NEVER};
    return true;
}

/* 1,600 times a second with four fans: without a plan, and without an event. A late step does not
 * delay the ones after it, so that the duty is right on average. */
static void flip_pwm(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct action *action = &line->action;
    uint8_t pin = !line->pin;
    int64_t now_ns = now->monotonic_ns;
    if (pin && !is_ready(circuit, line, now))
        return;
    line->state_unknown = !line->available || gpio_set(circuit->gpio, &line->handle, &pin, 1) < 0;
    if (!line->state_unknown) {
        line->pin = pin;
        if (!pin)
            line->off_since_ns = now_ns;
    }
    int64_t phase_ns = action_pwm_phase_ns(action, line->pin);
    int64_t period_ns = phase_ns + action_pwm_phase_ns(action, !line->pin);
    int64_t due_ns = action->due_ns + phase_ns;
    if (line->state_unknown)
        due_ns = now_ns + CLOCK_NS_PER_MS * RETRY_MS;
    else if (due_ns < now_ns - period_ns)
        due_ns = now_ns + phase_ns;
    action->due_ns = due_ns;
    circuit_schedule(circuit, line);
}

void action_step(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    const struct action_row *row = action_row(line->action.kind);
    if (!row->step) {
        flip_pwm(circuit, line, now);
        return;
    }
    struct plan plan;
    plan_init(&plan, circuit, &line->commander, now);
    plan.by_itself = true;
    struct line_change *change = plan_add(&plan, line->index, line->action.cause);
    change->lease = line->lease;
    row->step(line, change, now->monotonic_ns);
    if (!change->pin || may_switch_on(&plan, line, change))
        plan_force(&plan);
}
