/* Commits a plan in three phases: the pins are written (what must go off before what goes on), the
 * lines take their new state, the event is appended and the rules notice it. A checked plan that the hardware
 * refuses is undone; of a forced plan each change is tried alone, and what fails is retried later. */
#include "circuit/plan.h"

#include "base/clock.h"
#include "circuit/actions.h"
#include "circuit/record.h"
#include "circuit/refusal.h"
#include "circuit/run.h"
#include "circuit/trigger.h"

#include <errno.h>

enum which { ONLY_OFF, ONLY_ON, BOTH };

static bool same_pwm(const struct action *a, const struct action *b)
{
    return !(a->duty < b->duty || a->duty > b->duty || a->hz < b->hz || a->hz > b->hz);
}

static bool must_be_written(const struct line *line, const struct line_change *change)
{
    const struct action *was = &line->action;
    const struct action *is = &change->action;
    if (change->pin != line->pin || line->state_unknown ||
        action_is_by_kernel(was) != action_is_by_kernel(is))
        return true;
    return action_is_by_kernel(is) && !same_pwm(was, is);
}

static int write_some(const struct plan *plan, enum which which)
{
    struct circuit *circuit = plan->circuit;
    int handles[CIRCUIT_LINES_MAX];
    uint8_t values[CIRCUIT_LINES_MAX];
    const struct line_change *pwm[CIRCUIT_LINES_MAX];
    size_t count = 0;
    size_t pwm_count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct line_change *change = &plan->changes[i];
        const struct line *line = &circuit->lines[change->line];
        if (which != BOTH && change->pin != (which == ONLY_ON))
            continue;
        if (!must_be_written(line, change))
            continue;
        if (!line->available)
            return -ENODEV;
        if (action_is_by_kernel(&change->action)) {
            pwm[pwm_count++] = change;
            continue;
        }
        handles[count] = line->handle;
        values[count++] = change->pin;
    }
    int code = count > 0 ? gpio_set(circuit->gpio, handles, values, count) : 0;
    for (size_t i = 0; code == 0 && i < pwm_count; i++)
        code =
            line_write(circuit->gpio, &circuit->lines[pwm[i]->line], &pwm[i]->action, pwm[i]->pin);
    return code;
}

/* Restores what was written of a plan that failed half-way: again everything goes off before anything
 * goes on. */
static void undo(const struct plan *plan)
{
    struct circuit *circuit = plan->circuit;
    for (int level = 0; level <= 1; level++) {
        for (size_t i = 0; i < plan->count; i++) {
            struct line *line = &circuit->lines[plan->changes[i].line];
            if (line->pin != level || !must_be_written(line, &plan->changes[i]))
                continue;
            line->state_unknown =
                !line->available || line_write(circuit->gpio, line, &line->action, line->pin) < 0;
        }
    }
}

/* In one call, so that lines of one chip change at once, unless an interlock requires an order. */
static int write_pins(const struct plan *plan)
{
    struct circuit *circuit = plan->circuit;
    bool ordered = false;
    for (size_t i = 0; i < plan->count; i++)
        ordered |= plan->changes[i].pin && circuit->lines[plan->changes[i].line].groups;
    int code = write_some(plan, ordered ? ONLY_OFF : BOTH);
    if (code == 0 && ordered)
        code = write_some(plan, ONLY_ON);
    if (code < 0)
        undo(plan);
    return code;
}

static uint8_t changed_details(const struct line *line, const struct line_change *change)
{
    const struct action *was = &line->action;
    const struct action *is = &change->action;
    bool was_pwm = was->kind == CIRCUIT_ACTION_PWM;
    bool is_pwm = is->kind == CIRCUIT_ACTION_PWM;
    unsigned details = change->details;
    if (was_pwm && is_pwm) {
        if (!same_pwm(was, is) || was->fade_to_ns != is->fade_to_ns)
            details |= EVENT_HAS_PWM;
    } else if (!change->continues) {
        if (was->kind != CIRCUIT_ACTION_NONE || is->kind != CIRCUIT_ACTION_NONE)
            details |= EVENT_HAS_ACTION;
        if (was_pwm || is_pwm)
            details |= EVENT_HAS_PWM;
    }
    if (lease_exists(&line->lease) != lease_exists(&change->lease) ||
        line->lease.ms != change->lease.ms ||
        (line->lease.connection != 0) != (change->lease.connection != 0))
        details |= EVENT_HAS_LEASE;
    return (uint8_t)details;
}

/* Only a line that differs from its safe value needs a lease. */
static void end_needless_lease(const struct line *line, struct line_change *change)
{
    if (change->value == line_safe_value(line) && change->action.kind == CIRCUIT_ACTION_NONE)
        change->lease = (struct lease){.due_ns = DEADLINE_NEVER};
}

static void journal_change(const struct plan *plan, struct line *line,
                           const struct line_change *change, uint8_t details)
{
    struct circuit *circuit = plan->circuit;
    struct event event = {
        .time_ns = plan->now.wall_ns, .cause = (uint8_t)change->cause, .details = details};
    if (change->action.kind == CIRCUIT_ACTION_PWM) {
        event.duty = (float)change->action.duty;
        event.hz = (float)change->action.hz;
    }
    circuit_append(circuit, line, &event, plan->by);
}

/* The run that switched a line on owns it until somebody else changes the line. What an interlock forces
 * off belongs to nobody, and nobody has taken it from its run. */
static void change_owner(const struct plan *plan, struct line *line,
                         const struct line_change *change, bool changes)
{
    bool holds = action_holds(change->value, &change->action);
    if (plan->by_itself || plan->keeps_run || change->cause == EVENT_INTERLOCK) {
        if (!holds || change->cause == EVENT_INTERLOCK)
            line->run = 0;
    } else if (changes) {
        line->run = holds ? plan->run : 0;
        run_take(plan->circuit, line->index, plan->caused_by_run);
    }
}

static void apply(const struct plan *plan, struct line_change *change)
{
    struct circuit *circuit = plan->circuit;
    struct line *line = &circuit->lines[change->line];
    end_needless_lease(line, change);
    uint8_t details = changed_details(line, change);
    uint8_t was = line->value;
    bool changed = change->value != was;
    if (line->pin && !change->pin)
        line->off_since_ns = plan->now.monotonic_ns;
    line->pin = change->pin;
    line_set_value(line, change->value, plan->now.monotonic_ns);
    line->action = change->action;
    line->lease = change->lease;
    line->pending_write.is_waiting = false;
    line->edges += changed;
    uint16_t caused_by_run = plan->by_itself ? line->run : plan->caused_by_run;
    change_owner(plan, line, change, changed || details);
    if (!plan->by_itself)
        line->commander = *plan->by;
    circuit_schedule(circuit, line);
    record_change(circuit, line, change, was);
    if (changed || details)
        journal_change(plan, line, change, details);
    if (changed)
        trigger_notice(circuit, line, caused_by_run, plan->now.monotonic_ns);
}

/* Lines that go off come first: no reader of events sees two interlocked lines on. */
static void apply_all(struct plan *plan)
{
    struct circuit *circuit = plan->circuit;
    bool goes_off[CIRCUIT_LINES_MAX] = {false};
    for (size_t i = 0; i < plan->count; i++)
        goes_off[i] = circuit->lines[plan->changes[i].line].value && !plan->changes[i].value;
    for (size_t i = 0; i < plan->count; i++)
        if (goes_off[i])
            apply(plan, &plan->changes[i]);
    for (size_t i = 0; i < plan->count; i++)
        if (!goes_off[i])
            apply(plan, &plan->changes[i]);
}

static void trust_pins(const struct plan *plan)
{
    struct circuit *circuit = plan->circuit;
    for (size_t i = 0; i < plan->count; i++)
        circuit->lines[plan->changes[i].line].state_unknown = false;
}

int plan_commit(struct plan *plan, struct refusal *refusal)
{
    struct circuit *circuit = plan->circuit;
    int code = write_pins(plan);
    if (code < 0)
        return refuse_gpio(refusal, circuit->lines[plan->changes[0].line].options->name, code);
    trust_pins(plan);
    apply_all(plan);
    return 0;
}

static bool is_alone(const struct circuit *circuit, const struct line *line)
{
    for (size_t i = 0; i < circuit->line_count; i++)
        if (i != line->index && (circuit->lines[i].groups & line->groups) && circuit->lines[i].pin)
            return false;
    return true;
}

static bool write_alone(struct circuit *circuit, const struct line_change *change)
{
    struct line *line = &circuit->lines[change->line];
    if (!must_be_written(line, change))
        return true;
    if (!line->available || (change->pin && !is_alone(circuit, line)))
        return false;
    line->state_unknown = line_write(circuit->gpio, line, &change->action, change->pin) < 0;
    return !line->state_unknown;
}

/* The line stays as it is. An end is retried; an action that continues retries in its next step. */
static void retry_later(const struct plan *plan, struct line_change *change)
{
    struct circuit *circuit = plan->circuit;
    struct line *line = &circuit->lines[change->line];
    struct pending_write pending_write = {
        .is_waiting = !change->continues && change->action.kind == CIRCUIT_ACTION_NONE,
        .value = change->value,
        .cause = change->cause,
        .due_ns = plan->now.monotonic_ns + CLOCK_NS_PER_MS * RETRY_MS,
    };
    change->value = line->value;
    change->pin = line->pin;
    line->state_unknown |= action_is_by_kernel(&line->action);
    if (!change->continues)
        change->action = (struct action){.due_ns = DEADLINE_NEVER};
    apply(plan, change);
    line->pending_write = pending_write;
    if (pending_write.is_waiting)
        record_value(circuit, line, pending_write.value);
    /* A returning chip restores what was set last. It must not switch on: only a check may allow that. */
    if (pending_write.is_waiting && !pending_write.value && !line->available && line->handle >= 0)
        gpio_set_on_return(circuit->gpio, line->handle, 0);
    circuit_schedule(circuit, line);
}

static void force_alone(const struct plan *plan, struct line_change *change)
{
    struct circuit *circuit = plan->circuit;
    if (write_alone(circuit, change))
        apply(plan, change);
    else
        retry_later(plan, change);
}

void plan_force(struct plan *plan)
{
    if (write_pins(plan) == 0) {
        trust_pins(plan);
        apply_all(plan);
        return;
    }
    bool on[CIRCUIT_LINES_MAX] = {false}; /* a failed change is reset: read it before */
    for (size_t i = 0; i < plan->count; i++)
        on[i] = plan->changes[i].pin;
    for (size_t i = 0; i < plan->count; i++)
        if (!on[i])
            force_alone(plan, &plan->changes[i]);
    for (size_t i = 0; i < plan->count; i++)
        if (on[i])
            force_alone(plan, &plan->changes[i]);
}
