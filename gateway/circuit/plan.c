#include "circuit/plan.h"

#include "base/clock.h"
#include "circuit/actions.h"
#include "circuit/refusal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void plan_init(struct plan *plan, struct circuit *circuit, const struct origin *by,
               const struct timestamps *now)
{
    plan->circuit = circuit;
    plan->by = by;
    plan->now = *now;
    plan->by_itself = plan->keeps_run = false;
    plan->run = plan->caused_by_run = 0;
    plan->count = 0;
    memset(plan->change_of_line, 0,
           sizeof plan->change_of_line); /* changes[] counts up to `count` only */
}

struct line_change *plan_add(struct plan *plan, size_t line, enum event_cause cause)
{
    const struct line *now = &plan->circuit->lines[line];
    assert(!plan->change_of_line[line]);
    struct line_change *change = &plan->changes[plan->count++];
    plan->change_of_line[line] = (uint16_t)plan->count;
    *change = (struct line_change){
        .line = (uint16_t)line,
        .value = now->pending_write.is_waiting ? now->pending_write.value : now->value,
        .pin = now->pending_write.is_waiting ? now->pending_write.value : now->pin,
        .cause = cause,
        .action = {.due_ns = DEADLINE_NEVER, .cause = cause},
        .lease = {.due_ns = DEADLINE_NEVER},
    };
    return change;
}

bool plan_holds(const struct plan *plan, size_t line)
{
    if (plan->change_of_line[line]) {
        const struct line_change *change = &plan->changes[plan->change_of_line[line] - 1];
        return action_holds(change->value, &change->action);
    }
    const struct line *now = &plan->circuit->lines[line];
    return action_holds(now->value, &now->action) ||
           (now->pending_write.is_waiting && now->pending_write.value);
}

int plan_blocker(const struct plan *plan, const struct line_change *change)
{
    const struct circuit *circuit = plan->circuit;
    uint32_t groups = circuit->lines[change->line].groups;
    for (size_t i = 0; groups && i < circuit->line_count; i++)
        if (i != change->line && (circuit->lines[i].groups & groups) && plan_holds(plan, i))
            return (int)i;
    return -1;
}

/* The longest gap of these interlocks. */
static int64_t gap_ns(const struct circuit *circuit, uint32_t groups)
{
    int64_t gap_ms = 0;
    for (size_t i = 0; groups; i++, groups >>= 1) {
        const struct circuit_interlock_options *interlock = &circuit->options.interlocks[i];
        if ((groups & 1) && interlock->mode == CIRCUIT_INTERLOCK_BREAK &&
            interlock->gap_ms > gap_ms)
            gap_ms = interlock->gap_ms;
    }
    return CLOCK_NS_PER_MS * gap_ms;
}

static int64_t off_time_ends_ns(const struct line *line)
{
    return line->off_since_ns + CLOCK_NS_PER_MS * line->options->min_off_ms;
}

static int64_t gap_ends_ns(const struct circuit *circuit, size_t line, int64_t now_ns)
{
    int64_t ready_ns = INT64_MIN;
    uint32_t groups = circuit->lines[line].groups;
    for (size_t i = 0; groups && i < circuit->line_count; i++) {
        const struct line *other = &circuit->lines[i];
        if (i == line || !(other->groups & groups) || !line_is_output(other))
            continue;
        int64_t off_ns = other->pin ? now_ns : other->off_since_ns;
        int64_t end_ns = off_ns + gap_ns(circuit, other->groups & groups);
        if (end_ns > ready_ns)
            ready_ns = end_ns;
    }
    return ready_ns;
}

int64_t plan_ready_ns(const struct circuit *circuit, size_t line, const struct timestamps *now)
{
    int64_t off_time_ns = off_time_ends_ns(&circuit->lines[line]);
    int64_t end_ns = gap_ends_ns(circuit, line, now->monotonic_ns);
    return off_time_ns > end_ns ? off_time_ns : end_ns;
}

void plan_delay(struct line_change *change, int64_t ready_ns)
{
    change->action.then = change->action.kind;
    change->action.kind = CIRCUIT_ACTION_GAP;
    change->action.due_ns = ready_ns;
    change->value = change->pin = 0;
}

static int refuse_interlock(const struct plan *plan, size_t line, size_t other,
                            struct refusal *refusal)
{
    const struct circuit *circuit = plan->circuit;
    const struct line *blocking = &circuit->lines[other];
    (void)refuse(refusal, REFUSAL_INTERLOCK, "Line %s is interlocked with %s, which is %s.",
                 circuit->lines[line].options->name, blocking->options->name,
                 plan->change_of_line[other] ? "to be on as well"
                 : blocking->value           ? "on"
                                             : "about to be on");
    refusal->blocked_by = (int)other;
    return -1;
}

static bool can_be_broken(const struct circuit *circuit, const struct line *line,
                          const struct line *other)
{
    uint32_t shared = line->groups & other->groups;
    if (!line_is_output(other))
        return false;
    for (size_t i = 0; shared; i++, shared >>= 1)
        if ((shared & 1) && circuit->options.interlocks[i].mode == CIRCUIT_INTERLOCK_REFUSE)
            return false;
    return !other->locked && other->available;
}

/* Refuses, or adds the lines that a break-before-make switches off. */
static int check_interlocks(struct plan *plan, size_t index, struct refusal *refusal)
{
    const struct circuit *circuit = plan->circuit;
    const struct line_change *change = &plan->changes[index];
    const struct line *line = &circuit->lines[change->line];
    if (!line->groups || !action_holds(change->value, &change->action))
        return 0;
    for (size_t i = 0; i < circuit->line_count; i++) {
        const struct line *other = &circuit->lines[i];
        if (i == change->line || !(other->groups & line->groups) || !plan_holds(plan, i))
            continue;
        if (plan->change_of_line[i] || !can_be_broken(circuit, line, other))
            return refuse_interlock(plan, change->line, i, refusal);
        struct line_change *broken = plan_add(plan, i, EVENT_INTERLOCK);
        broken->value = broken->pin = 0;
    }
    return 0;
}

/* Refuses before the minimum off time is over; delays the change by the gap. */
static int check_off_time(const struct plan *plan, struct line_change *change,
                          struct refusal *refusal)
{
    const struct line *line = &plan->circuit->lines[change->line];
    int64_t now_ns = plan->now.monotonic_ns;
    if (!change->pin || line->pin)
        return 0;
    int64_t left_ns = off_time_ends_ns(line) - now_ns;
    if (line->options->min_off_ms > 0 && left_ns > 0) {
        uint32_t left_ms = (uint32_t)((left_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS);
        (void)refuse(refusal, REFUSAL_LIMIT,
                     "Line %s must stay off for %u ms between two times on: %u ms are left.",
                     line->options->name, line->options->min_off_ms, left_ms);
        refusal->retry_ms = left_ms;
        return -1;
    }
    int64_t end_ns = gap_ends_ns(plan->circuit, change->line, now_ns);
    if (end_ns > now_ns)
        plan_delay(change, end_ns);
    return 0;
}

static int check_usable(const struct line *line, struct refusal *refusal)
{
    if (line->locked)
        return refuse(refusal, REFUSAL_LOCKED, "Line %s is locked by %s: %s. Unlock it first.%s",
                      line->options->name, line->locker.source, line->lock_reason,
                      line->value ? " It is on." : "");
    if (!line->available)
        return refuse_gpio(refusal, line->options->name, -ENODEV);
    return 0;
}

int plan_check(struct plan *plan, struct refusal *refusal)
{
    size_t asked = plan->count;
    for (size_t i = 0; i < asked; i++)
        if (check_usable(&plan->circuit->lines[plan->changes[i].line], refusal) < 0)
            return -1;
    for (size_t i = 0; i < asked; i++)
        if (check_interlocks(plan, i, refusal) < 0)
            return -1;
    for (size_t i = 0; i < asked; i++)
        if (check_off_time(plan, &plan->changes[i], refusal) < 0)
            return -1;
    return 0;
}

void plan_add_safe(struct plan *plan, size_t line, enum event_cause cause)
{
    const struct line *now = &plan->circuit->lines[line];
    struct line_change *change = plan_add(plan, line, cause);
    change->value = change->pin = line_safe_value(now);
    if (!change->pin || now->pin)
        return;
    int64_t ready_ns = plan_ready_ns(plan->circuit, line, &plan->now);
    if (plan_blocker(plan, change) >= 0)
        change->value = change->pin = 0;
    else if (ready_ns > plan->now.monotonic_ns)
        plan_delay(change, ready_ns);
}
