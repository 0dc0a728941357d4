#include "circuit/action.h"

#include "base/clock.h"

static int64_t phase_ns(const struct action *action, bool on)
{
    double share = on ? action->duty : 1 - action->duty;
    return (int64_t)(share / action->hz * (double)CLOCK_NS_PER_SECOND);
}

static bool pwm_flips(const struct action *action)
{
    return !action->by_kernel && action->duty > 0 && action->duty < 1;
}

/* Begins `kind` with what it needs already set; the line is on from `now_ns`. */
static void start(struct action *action, enum circuit_action_kind kind, int64_t now_ns)
{
    action->kind = kind;
    action->then = CIRCUIT_ACTION_NONE;
    action->due_ns = DEADLINE_NEVER;
    switch (kind) {
    case CIRCUIT_ACTION_FOR:
    case CIRCUIT_ACTION_PULSE:
        action->due_ns = now_ns + CLOCK_NS_PER_MS * action->for_ms;
        break;
    case CIRCUIT_ACTION_BLINK:
        action->left = action->count;
        action->due_ns = now_ns + CLOCK_NS_PER_MS * action->on_ms;
        break;
    case CIRCUIT_ACTION_PWM:
        if (pwm_flips(action))
            action->due_ns = now_ns + phase_ns(action, true);
        break;
    case CIRCUIT_ACTION_GAP:
    case CIRCUIT_ACTION_NONE:
        break;
    }
}

/* A value that a timed action brings back: the one before the command. While an action runs already it is
 * the one before that: a staircase light that is pressed again, or while it blinks or is dimmed, goes out
 * all the same. */
static uint8_t value_before(const struct line *line)
{
    switch (line->action.kind) {
    case CIRCUIT_ACTION_FOR:
    case CIRCUIT_ACTION_PULSE:
    case CIRCUIT_ACTION_BLINK:
    case CIRCUIT_ACTION_PWM:
        return line->action.back;
    case CIRCUIT_ACTION_GAP:
    case CIRCUIT_ACTION_NONE:
        break;
    }
    return line->pending_write.is_waiting ? line->pending_write.value : line->value;
}

static void plan_set(struct line_change *change, const struct line *line, uint8_t value,
                     enum circuit_action_kind kind, uint32_t for_ms, int64_t now_ns)
{
    change->value = change->pin = value;
    if (for_ms == 0 || value_before(line) == value)
        return; /* there is nothing to go back to */
    change->action.for_ms = for_ms;
    change->action.back = value_before(line);
    start(&change->action, kind, now_ns);
}

static void plan_blink(struct line_change *change, const struct line *line,
                       const struct command *command, int64_t now_ns)
{
    change->value = change->pin = 1;
    change->action.back = value_before(line);
    change->action.on_ms = command->on_ms;
    change->action.off_ms = command->off_ms;
    change->action.count = command->count;
    start(&change->action, CIRCUIT_ACTION_BLINK, now_ns);
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
    start(&change->action, CIRCUIT_ACTION_PWM, now_ns);
    /* A running PWM changes its duty without a jump: the phase it is in ends first. */
    if (was->kind != CIRCUIT_ACTION_PWM || !pwm_flips(was) || !pwm_flips(&change->action))
        return;
    change->pin = line->pin;
    change->action.due_ns = now_ns + phase_ns(&change->action, line->pin);
    if (was->due_ns < change->action.due_ns)
        change->action.due_ns = was->due_ns;
}

/* Under PWM the pin of a moment is chance, and the value of the line would be all of the power: off. */
static void plan_stop(struct line_change *change, const struct line *line)
{
    if (line->action.kind == CIRCUIT_ACTION_PWM)
        change->pin = 0;
    change->value = change->pin;
}

/* What ends off by itself goes on to its end: a light that is locked must not stay on for that, and
 * nothing that is locked goes on. */
static void plan_lock(struct line_change *change, const struct line *line)
{
    const struct action *action = &line->action;
    bool timed = action->kind == CIRCUIT_ACTION_FOR || action->kind == CIRCUIT_ACTION_PULSE;
    if (!timed || action->back) {
        plan_stop(change, line);
        return;
    }
    change->action = *action;
    change->continues = true;
}

void action_plan(struct line_change *change, const struct line *line, const struct command *command,
                 int64_t now_ns)
{
    switch (command->verb) {
    case COMMAND_SET:
        plan_set(change, line, command->value, CIRCUIT_ACTION_FOR, command->for_ms, now_ns);
        break;
    case COMMAND_TOGGLE:
        plan_set(change, line, !line->value, CIRCUIT_ACTION_NONE, 0, now_ns);
        break;
    case COMMAND_PULSE:
        plan_set(change, line, 1, CIRCUIT_ACTION_PULSE, command->for_ms, now_ns);
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
        plan_lock(change, line);
        break;
    case COMMAND_SCENE:
    case COMMAND_OFF:
        break;
    }
}

static struct line_change *plan_step(struct circuit *circuit, struct line *line,
                                     const struct timestamps *now)
{
    plan_begin(circuit, &line->commander, now)->by_itself = true;
    struct line_change *change = plan_add(circuit, line->index, line->action.cause);
    change->lease = line->lease;
    return change;
}

/* False when rest or gap are not over: the step waits for that. */
static bool is_ready(struct circuit *circuit, struct line *line)
{
    int64_t ready_ns = plan_ready_ns(circuit, line->index);
    if (ready_ns <= circuit->plan.now.monotonic_ns)
        return true;
    line->action.due_ns = ready_ns;
    circuit_schedule(circuit, line);
    return false;
}

/* Whether a change may switch its line on now. If not, the action waits on, or it is over. */
static bool may_switch_on(struct circuit *circuit, struct line *line, struct line_change *change)
{
    if (line->pin)
        return true;
    if (!is_ready(circuit, line))
        return false;
    if (plan_blocker(circuit, change) < 0)
        return true;
    change->cause = EVENT_INTERLOCK;
    change->value = change->pin = 0;
    change->continues = false;
    change->action = (struct action){.due_ns = DEADLINE_NEVER};
    plan_force(circuit);
    return false;
}

static void go_back(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct line_change *change = plan_step(circuit, line, now);
    change->value = change->pin = line->action.back;
    if (!change->pin || may_switch_on(circuit, line, change))
        plan_force(circuit);
}

static void end_gap(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct line_change *change = plan_step(circuit, line, now);
    change->action = line->action;
    start(&change->action, line->action.then, now->monotonic_ns);
    change->value = change->pin = 1;
    if (may_switch_on(circuit, line, change))
        plan_force(circuit);
}

/* The grid of times is kept, unless it was missed by so much that the next step is due already. */
static int64_t blink_due_ns(const struct action *action, uint32_t phase_ms, int64_t now_ns)
{
    int64_t phase = CLOCK_NS_PER_MS * phase_ms;
    return action->due_ns + phase > now_ns ? action->due_ns + phase : now_ns + phase;
}

static void flip_blink(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct line_change *change = plan_step(circuit, line, now);
    struct action *action = &change->action;
    *action = line->action;
    change->continues = true;
    change->value = change->pin = !line->value;
    action->due_ns =
        blink_due_ns(action, line->value ? action->off_ms : action->on_ms, now->monotonic_ns);
    if (change->value) {
        if (may_switch_on(circuit, line, change))
            plan_force(circuit);
        return;
    }
    if (action->count > 0 && --action->left == 0) {
        change->continues = false;
        *action = (struct action){.due_ns = DEADLINE_NEVER};
    }
    plan_force(circuit);
}

/* Sixteen hundred times a second with four fans: no change in the plan, no event. A step that comes late does not
 * move the ones after it, so that the duty stays right on average. */
static void flip_pwm(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct action *action = &line->action;
    uint8_t pin = !line->pin;
    int64_t now_ns = now->monotonic_ns;
    (void)plan_begin(circuit, &line->commander, now);
    if (pin && !is_ready(circuit, line))
        return;
    line->state_unknown = !line->available || gpio_set(circuit->gpio, &line->handle, &pin, 1) < 0;
    if (!line->state_unknown) {
        line->pin = pin;
        if (!pin)
            line->off_since_ns = now_ns;
    }
    int64_t period_ns = phase_ns(action, true) + phase_ns(action, false);
    int64_t due_ns = action->due_ns + phase_ns(action, line->pin);
    if (line->state_unknown)
        due_ns = now_ns + CLOCK_NS_PER_MS * RETRY_MS;
    else if (due_ns < now_ns - period_ns)
        due_ns = now_ns + phase_ns(action, line->pin);
    action->due_ns = due_ns;
    circuit_schedule(circuit, line);
}

void action_step(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    switch (line->action.kind) {
    case CIRCUIT_ACTION_FOR:
    case CIRCUIT_ACTION_PULSE:
        go_back(circuit, line, now);
        break;
    case CIRCUIT_ACTION_BLINK:
        flip_blink(circuit, line, now);
        break;
    case CIRCUIT_ACTION_PWM:
        flip_pwm(circuit, line, now);
        break;
    case CIRCUIT_ACTION_GAP:
        end_gap(circuit, line, now);
        break;
    case CIRCUIT_ACTION_NONE:
        break;
    }
}
