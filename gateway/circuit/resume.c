#include "circuit/resume.h"

#include "base/clock.h"
#include "circuit/actions.h"
#include "circuit/plan.h"
#include "circuit/record.h"

#include <stdio.h>
#include <string.h>

static const struct origin start_origin = {.source = "start"};

static bool recall_record(const struct circuit *circuit, const struct line *line,
                          struct line_record *ret_record)
{
    const struct circuit_store *store = &circuit->store;
    return circuit->starting && store->recall_record &&
           store->recall_record(store->context, line->options->name, ret_record);
}

/* How long until a stored end, in nanoseconds; 0 when it has passed, and when the clock was set back
 * behind the moment of storing, so that nobody knows. */
static int64_t left_ns(int64_t ends_ms, uint32_t longest_ms, const struct timestamps *now)
{
    int64_t left = ends_ms * CLOCK_NS_PER_MS - now->wall_ns;
    return left > 0 && left <= longest_ms * CLOCK_NS_PER_MS ? left : 0;
}

bool resume_wants_on(const struct circuit *circuit, const struct line *line, bool *ret_wanted)
{
    struct line_record record;
    if (!recall_record(circuit, line, &record))
        return false;
    if (record.has_run)
        *ret_wanted = record.run_value;
    else if (record.has_lease &&
             (record.lease_on_connection ||
              left_ns(record.lease_ends_ms, record.lease_ms, circuit->starting) == 0))
        *ret_wanted = line_safe_value(line);
    else if (record.action != CIRCUIT_ACTION_NONE)
        *ret_wanted = false; /* resume_line() switches it on, where that is still right */
    else
        return false;
    return true;
}

void resume_locks(struct circuit *circuit)
{
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        struct line_record record;
        if (!line_is_output(line) || !recall_record(circuit, line, &record) ||
            !record.lock_reason[0])
            continue;
        line->locked = true;
        line->locker = record.locker;
        memcpy(line->lock_reason, record.lock_reason, sizeof line->lock_reason);
    }
}

static void resume_timed(struct line_change *change, const struct line_record *record,
                         const struct timestamps *now)
{
    int64_t left = left_ns(record->action_ends_ms, COMMAND_DURATION_MAX_MS, now);
    change->value = change->pin = left > 0 ? record->value : record->back;
    if (left == 0)
        return;
    change->action.back = record->back;
    change->action.for_ms = (uint32_t)(left / CLOCK_NS_PER_MS);
    action_begin(&change->action, record->action, now->monotonic_ns);
    change->action.due_ns = now->monotonic_ns + left;
}

/* The times on that are left of a blink; 0 for none, and for one without a count. */
static uint32_t blinks_left(const struct line_record *record, const struct timestamps *now)
{
    int64_t period_ns = (int64_t)(record->on_ms + record->off_ms) * CLOCK_NS_PER_MS;
    int64_t left = record->action_ends_ms * CLOCK_NS_PER_MS - now->wall_ns;
    int64_t times = left > 0 ? (left + period_ns - 1) / period_ns : 0;
    return times > record->count ? 0 : (uint32_t)times;
}

static void resume_blink(struct line_change *change, const struct line_record *record,
                         const struct timestamps *now)
{
    uint32_t left = blinks_left(record, now);
    bool goes_on = record->count == 0 || left > 0;
    change->value = change->pin = goes_on;
    if (!goes_on)
        return;
    change->action.back = record->back;
    change->action.on_ms = record->on_ms;
    change->action.off_ms = record->off_ms;
    change->action.count = record->count;
    action_begin(&change->action, CIRCUIT_ACTION_BLINK, now->monotonic_ns);
    change->action.left = left;
}

static void resume_pwm(struct line_change *change, const struct line *line,
                       const struct line_record *record, const struct timestamps *now)
{
    change->value = change->pin = record->duty > 0;
    change->action.back = record->back;
    change->action.duty = record->duty;
    change->action.hz = record->hz;
    change->action.by_kernel = line->options->pwm_channel[0] != '\0';
    action_begin(&change->action, CIRCUIT_ACTION_PWM, now->monotonic_ns);
}

static void resume_action(struct line_change *change, const struct line *line,
                          const struct line_record *record, const struct timestamps *now)
{
    if (record->action == CIRCUIT_ACTION_BLINK)
        resume_blink(change, record, now);
    else if (record->action == CIRCUIT_ACTION_PWM)
        resume_pwm(change, line, record, now);
    else if (record->action != CIRCUIT_ACTION_NONE)
        resume_timed(change, record, now);
}

/* False when the lease has ended. */
static bool resume_lease(struct line_change *change, const struct line *line,
                         const struct line_record *record, const struct timestamps *now)
{
    if (!record->has_lease) {
        change->lease = line->lease; /* of the config: granted with the first value */
        return true;
    }
    int64_t left = left_ns(record->lease_ends_ms, record->lease_ms, now);
    if (record->lease_on_connection || left == 0)
        return false;
    change->lease.ms = record->lease_ms;
    change->lease.due_ns = now->monotonic_ns + left;
    return true;
}

static void end_off(struct line_change *change, const struct line *line, uint8_t value)
{
    change->value = change->pin = value && line->value;
    change->action = (struct action){.due_ns = DEADLINE_NEVER};
    change->lease = (struct lease){.due_ns = DEADLINE_NEVER};
}

/* What would have to wait, or stands against an interlock, is given up. */
static bool may_be_on(const struct plan *plan, const struct line *line,
                      const struct line_change *change)
{
    return !action_holds(change->value, &change->action) ||
           (plan_blocker(plan, change) < 0 &&
            (line->pin || !change->pin ||
             plan_ready_ns(plan->circuit, line->index, &plan->now) <= plan->now.monotonic_ns));
}

void resume_line(struct circuit *circuit, struct line *line, bool goes_on,
                 const struct timestamps *now)
{
    struct line_record record;
    if (!line_is_output(line) || !recall_record(circuit, line, &record) ||
        (!goes_on && line->options->initial != CIRCUIT_INITIAL_LAST))
        return;
    if (record.action == CIRCUIT_ACTION_NONE && !record.has_lease && !record.has_run)
        return;
    struct plan plan;
    plan_init(&plan, circuit, &start_origin, now);
    struct line_change *change = plan_add(&plan, line->index, EVENT_START);
    resume_action(change, line, &record, now);
    if (!resume_lease(change, line, &record, now))
        end_off(change, line, line_safe_value(line));
    else if (record.has_run)
        end_off(change, line, record.run_value);
    else if (!may_be_on(&plan, line, change))
        end_off(change, line, 0);
    plan_force(&plan);
    if (line->action.kind ==
        CIRCUIT_ACTION_NONE) /* or the next start would go by the value before */
        record_value(circuit, line, line->value);
}
