#include "circuit/safety.h"

#include "base/clock.h"
#include "circuit/unwind.h"

struct lease safety_lease(const struct line *line, uint32_t lease_ms, uint32_t connection,
                          int64_t now_ns)
{
    struct lease lease = {.ms = lease_ms, .connection = connection, .due_ns = DEADLINE_NEVER};
    uint32_t most = line->options->lease_ms;
    if (most > 0 && (lease.ms == 0 || lease.ms > most))
        lease.ms = most;
    if (lease.ms > 0)
        lease.due_ns = now_ns + CLOCK_NS_PER_MS * lease.ms;
    return lease;
}

void safety_limit(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct plan plan;
    plan_init(&plan, circuit, &line->commander, now);
    plan.by_itself = true;
    struct line_change *change = plan_add(&plan, line->index, EVENT_LIMIT);
    change->value = change->pin = 0;
    change->lease = line->lease;
    plan_force(&plan);
}

void safety_lease_end(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct plan plan;
    uint16_t run = line->run;
    struct origin by = line->commander;
    plan_init(&plan, circuit, &by, now);
    plan_add_safe(&plan, line->index, EVENT_LEASE);
    plan_force(&plan);
    if (run > 0) /* whoever held the lease watches over the program no longer */
        unwind_run(circuit, run - 1u, SCENE_STOPPED, "lease", &by, now);
}

void safety_retry_write(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    struct plan plan;
    plan_init(&plan, circuit, &line->commander, now);
    plan.by_itself = true;
    struct line_change *change = plan_add(&plan, line->index, line->pending_write.cause);
    change->lease = line->lease;
    if (change->pin && !line->pin) {
        int64_t ready_ns = plan_ready_ns(circuit, line->index, now);
        if (plan_blocker(&plan, change) >= 0)
            ready_ns = now->monotonic_ns + CLOCK_NS_PER_MS * RETRY_MS;
        if (ready_ns > now->monotonic_ns) {
            line->pending_write.due_ns = ready_ns;
            circuit_schedule(circuit, line);
            return;
        }
    }
    plan_force(&plan);
}

/* A line that holds its value at the end: its action ends. With a lease it goes off, because nobody
 * would end the lease. */
static void add_held(struct plan *plan, const struct line *line, enum event_cause cause)
{
    if (lease_exists(&line->lease)) {
        plan_add_safe(plan, line->index, cause);
    } else if (line->action.kind != CIRCUIT_ACTION_NONE) {
        struct line_change *change = plan_add(plan, line->index, cause);
        if (line->action.kind == CIRCUIT_ACTION_PWM)
            change->pin = 0;
        change->value = change->pin;
    }
}

void safety_off(struct plan *plan, enum event_cause cause, bool hold_too)
{
    struct circuit *circuit = plan->circuit;
    for (size_t i = 0; i < circuit->line_count; i++) {
        const struct line *line = &circuit->lines[i];
        if (!line_is_output(line))
            continue;
        if (line->options->safe == CIRCUIT_SAFE_0)
            plan_add_safe(plan, i, cause);
        else if (line->options->safe == CIRCUIT_SAFE_HOLD && hold_too)
            add_held(plan, line, cause);
    }
    /* Then those whose safe value is 1: each is checked against what the plan leaves on. */
    for (size_t i = 0; i < circuit->line_count; i++)
        if (line_is_output(&circuit->lines[i]) && circuit->lines[i].options->safe == CIRCUIT_SAFE_1)
            plan_add_safe(plan, i, cause);
    plan_force(plan);
}

/* Adds the outputs that share an interlock with `line` and come after it; for an input, all of them. */
static void add_contenders(struct plan *plan, size_t line)
{
    struct circuit *circuit = plan->circuit;
    uint32_t groups = circuit->lines[line].groups;
    size_t first = line_is_output(&circuit->lines[line]) ? line + 1 : 0;
    for (size_t i = first; i < circuit->line_count; i++) {
        const struct line *other = &circuit->lines[i];
        if (!(other->groups & groups) || !line_is_output(other) || !plan_holds(plan, i))
            continue;
        struct line_change *change = plan_add(plan, i, EVENT_INTERLOCK);
        change->value = change->pin = 0;
    }
}

void safety_settle(struct circuit *circuit, const struct origin *by, const struct timestamps *now)
{
    struct plan plan;
    plan_init(&plan, circuit, by, now);
    for (int outputs = 0; outputs <= 1; outputs++) /* inputs first: they cannot be switched off */
        for (size_t i = 0; i < circuit->line_count; i++)
            if (circuit->lines[i].groups && line_is_output(&circuit->lines[i]) == outputs &&
                plan_holds(&plan, i))
                add_contenders(&plan, i);
    if (plan.count > 0)
        plan_force(&plan);
}
