#include "circuit/safety.h"

#include "base/clock.h"
#include "circuit/scene.h"

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
    plan_begin(circuit, &line->commander, now)->by_itself = true;
    struct line_change *change = plan_add(circuit, line->index, EVENT_LIMIT);
    change->value = change->pin = 0;
    change->lease = line->lease;
    plan_force(circuit);
}

void safety_lease_end(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    (void)plan_begin(circuit, &line->commander, now);
    plan_add_safe(circuit, line->index, EVENT_LEASE);
    plan_force(circuit);
}

void safety_retry_write(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    plan_begin(circuit, &line->commander, now)->by_itself = true;
    struct line_change *change = plan_add(circuit, line->index, line->pending_write.cause);
    change->lease = line->lease;
    if (change->pin && !line->pin) {
        int64_t ready_ns = plan_ready_ns(circuit, line->index);
        if (plan_blocker(circuit, change) >= 0)
            ready_ns = now->monotonic_ns + CLOCK_NS_PER_MS * RETRY_MS;
        if (ready_ns > now->monotonic_ns) {
            line->pending_write.due_ns = ready_ns;
            circuit_schedule(circuit, line);
            return;
        }
    }
    plan_force(circuit);
}

/* A line that holds its value at the end: what runs on it ends, and with a lease nobody would be
 * there to end it, so that it goes off. */
static void add_held(struct circuit *circuit, const struct line *line, enum event_cause cause)
{
    if (lease_exists(&line->lease)) {
        plan_add_safe(circuit, line->index, cause);
    } else if (line->action.kind != CIRCUIT_ACTION_NONE) {
        struct line_change *change = plan_add(circuit, line->index, cause);
        if (line->action.kind == CIRCUIT_ACTION_PWM)
            change->pin = 0;
        change->value = change->pin;
    }
}

void safety_off(struct circuit *circuit, enum event_cause cause, const struct origin *by,
                bool hold_too, const struct timestamps *now)
{
    scene_end_all(circuit, 0);
    (void)plan_begin(circuit, by, now);
    for (size_t i = 0; i < circuit->line_count; i++) {
        const struct line *line = &circuit->lines[i];
        if (!line_is_output(line))
            continue;
        if (line->options->safe == CIRCUIT_SAFE_0)
            plan_add_safe(circuit, i, cause);
        else if (line->options->safe == CIRCUIT_SAFE_HOLD && hold_too)
            add_held(circuit, line, cause);
    }
    /* Then those that are safe when on: each is checked against what the plan leaves on. */
    for (size_t i = 0; i < circuit->line_count; i++)
        if (line_is_output(&circuit->lines[i]) && circuit->lines[i].options->safe == CIRCUIT_SAFE_1)
            plan_add_safe(circuit, i, cause);
    plan_force(circuit);
}

/* Adds the outputs that stand against `line` and come after it, or, where it is an input, all of them. */
static void add_contenders(struct circuit *circuit, size_t line)
{
    uint32_t groups = circuit->lines[line].groups;
    size_t first = line_is_output(&circuit->lines[line]) ? line + 1 : 0;
    for (size_t i = first; i < circuit->line_count; i++) {
        const struct line *other = &circuit->lines[i];
        if (!(other->groups & groups) || !line_is_output(other) || !plan_holds(circuit, i))
            continue;
        struct line_change *change = plan_add(circuit, i, EVENT_INTERLOCK);
        change->value = change->pin = 0;
    }
}

void safety_settle(struct circuit *circuit, const struct origin *by, const struct timestamps *now)
{
    (void)plan_begin(circuit, by, now);
    for (int outputs = 0; outputs <= 1; outputs++) /* inputs cannot give way */
        for (size_t i = 0; i < circuit->line_count; i++)
            if (circuit->lines[i].groups && line_is_output(&circuit->lines[i]) == outputs &&
                plan_holds(circuit, i))
                add_contenders(circuit, i);
    if (circuit->plan.count > 0)
        plan_force(circuit);
}
