#include "circuit/set_many.h"

#include "circuit/check.h"
#include "circuit/refusal.h"
#include "circuit/safety.h"

static int plan_values(struct plan *plan, const struct line_value *values, size_t count,
                       const struct command *command, enum event_cause cause,
                       struct refusal *refusal)
{
    struct circuit *circuit = plan->circuit;
    for (size_t i = 0; i < count; i++) {
        if (check_line(circuit, values[i].line, refusal) < 0 ||
            check_unchanged(circuit, values[i].line, command, refusal) < 0)
            return -1;
        const struct line *line = &circuit->lines[values[i].line];
        if (plan->change_of_line[values[i].line])
            return refuse(refusal, REFUSAL_BAD_REQUEST, "Line %s is named twice.",
                          line->options->name);
        if (values[i].value > 1)
            return refuse(refusal, REFUSAL_BAD_REQUEST, "The value must be 0 or 1, not %u.",
                          values[i].value);
        struct line_change *change = plan_add(plan, values[i].line, cause);
        change->value = change->pin = values[i].value;
        change->lease = safety_lease(line, command->lease_ms, command->lease_connection,
                                     plan->now.monotonic_ns);
    }
    return plan_check(plan, refusal);
}

int set_many(struct circuit *circuit, const struct line_value *values, size_t count,
             const struct command *command, enum event_cause cause, const struct timestamps *now,
             uint16_t *ret_changed, struct refusal *refusal)
{
    bool was[CIRCUIT_LINES_MAX];
    int changed = 0;
    struct plan plan;
    plan_init(&plan, circuit, &command->by, now);
    plan.run = command->run;
    plan.caused_by_run = command->caused_by_run;
    if (plan_values(&plan, values, count, command, cause, refusal) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        was[i] = circuit->lines[values[i].line].value;
    if (plan_commit(&plan, refusal) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (circuit->lines[values[i].line].value != was[i])
            ret_changed[changed++] = values[i].line;
    return changed;
}
