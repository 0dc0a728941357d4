#include "circuit/unwind.h"

#include "circuit/plan.h"
#include "circuit/run.h"

static void plan_end(struct plan *plan, const struct line *line)
{
    struct line_change *change = plan_add(plan, line->index, EVENT_STOP);
    change->value = change->pin = run_unwind_value(plan->circuit, line);
}

void unwind_run(struct circuit *circuit, size_t scene, enum event_scene_state state,
                const char *reason, const struct origin *by, const struct timestamps *now)
{
    if (!circuit->scenes[scene].running)
        return;
    struct plan plan;
    plan_init(&plan, circuit, by, now);
    plan.caused_by_run = (uint16_t)(scene + 1);
    for (size_t i = 0; i < circuit->line_count; i++)
        if (circuit->lines[i].run == scene + 1)
            plan_end(&plan, &circuit->lines[i]);
    run_end(circuit, scene);
    if (plan.count > 0)
        plan_force(&plan);
    if (reason)
        run_append(circuit, scene, state, reason, by, now);
}

void unwind_all(struct circuit *circuit, uint32_t connection, const char *reason,
                const struct origin *by, const struct timestamps *now)
{
    for (size_t i = 0; i < circuit->options.scene_count; i++)
        if (connection == 0 || circuit->scenes[i].lease_connection == connection)
            unwind_run(circuit, i, SCENE_STOPPED, reason, by, now);
}
