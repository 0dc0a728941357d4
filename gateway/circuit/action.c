#include "circuit/action.h"

#include "base/clock.h"
#include "circuit/actions.h"
#include "circuit/plan.h"

enum { FADE_STEP_MS = 20 }; /* finer than an eye sees */

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

/* The duty that the line has now. */
static double duty_of(const struct line *line)
{
    return line->action.kind == CIRCUIT_ACTION_PWM ? line->action.duty : line->value;
}

/* A fade is PWM whose duty changes: it begins as the line is, and the pin does not jump. */
static void plan_fade(struct line_change *change, const struct line *line,
                      const struct command *command, int64_t now_ns)
{
    struct command present = *command;
    present.duty = duty_of(line);
    plan_pwm(change, line, &present, now_ns);
    change->value = present.duty > 0 || command->duty > 0;
    change->pin = change->action.by_kernel ? change->value : line->pin;
    change->action.fade_from = present.duty;
    change->action.fade_to = command->duty;
    change->action.fade_from_ns = now_ns;
    change->action.fade_to_ns = now_ns + CLOCK_NS_PER_MS * command->for_ms;
    if (change->action.due_ns == DEADLINE_NEVER)
        change->action.due_ns = now_ns + CLOCK_NS_PER_MS * FADE_STEP_MS;
}

/* Under PWM the level of one moment is chance, and the line's value would be full power: off. */
static void plan_stop(struct line_change *change, const struct line *line)
{
    if (line->action.kind == CIRCUIT_ACTION_PWM)
        change->pin = 0;
    change->value = change->pin;
}

/* A lock leaves a steady value, unless the command also switches off. An action ends off: a pulse that is on
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
        /* What waits for a gap is about to be on: toggled again, it stays off. */
        plan_set(change, line, !line->value && line->action.kind != CIRCUIT_ACTION_GAP, 0, now_ns);
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
    case COMMAND_FADE:
        plan_fade(change, line, command, now_ns);
        break;
    case COMMAND_STOP:
        plan_stop(change, line);
        break;
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
        plan_lock(change, line, command->off);
        break;
    case COMMAND_COUNT:
    case COMMAND_RULE_ENABLE:
    case COMMAND_RULE_DISABLE:
    case COMMAND_RULE_RUN:
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

static double fade_duty(const struct action *action, int64_t now_ns)
{
    double share = (double)(now_ns - action->fade_from_ns) /
                   (double)(action->fade_to_ns - action->fade_from_ns);
    return action->fade_from + (action->fade_to - action->fade_from) * share;
}

/* The last step: the duty is held from now on, which is an event. */
static void end_fade(struct line_change *change, const struct line *line, int64_t now_ns)
{
    change->action = line->action;
    change->action.duty = line->action.fade_to;
    change->action.fade_to_ns = 0;
    action_begin(&change->action, CIRCUIT_ACTION_PWM, now_ns);
    change->value = change->pin = change->action.duty > 0;
}

/* The steps between: no event, and no plan. Where software flips the pin each flip is a step. */
static void step_fade(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct action *action = &line->action;
    int64_t step_ns = now->monotonic_ns + CLOCK_NS_PER_MS * FADE_STEP_MS;
    action->duty = fade_duty(action, now->monotonic_ns);
    if (action->by_kernel || !action_pwm_flips(action)) {
        line->state_unknown = line_write(circuit->gpio, line, action, line->pin) < 0;
        action->due_ns = step_ns;
    } else {
        flip_pwm(circuit, line, now);
    }
    if (action->due_ns > action->fade_to_ns)
        action->due_ns = action->fade_to_ns;
    circuit_schedule(circuit, line);
}

void action_step(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    const struct action_row *row = action_row(line->action.kind);
    bool fades = line->action.fade_to_ns != 0;
    if (fades && now->monotonic_ns < line->action.fade_to_ns) {
        step_fade(circuit, line, now);
        return;
    }
    if (!row->step && !fades) {
        flip_pwm(circuit, line, now);
        return;
    }
    struct plan plan;
    plan_init(&plan, circuit, &line->commander, now);
    plan.by_itself = true;
    struct line_change *change = plan_add(&plan, line->index, line->action.cause);
    change->lease = line->lease;
    if (fades)
        end_fade(change, line, now->monotonic_ns);
    else
        row->step(line, change, now->monotonic_ns);
    if (!change->pin || may_switch_on(&plan, line, change))
        plan_force(&plan);
}
