#include "circuit/unwind.h"

#include "circuit/plan.h"
#include "circuit/remember.h"
#include "circuit/run.h"

uint8_t unwind_value(const struct circuit *circuit, const struct line *line)
{
    const struct circuit_scene_options *program = &circuit->options.scenes[line->run - 1];
    bool switches_off = false;
    uint8_t last = 0;
    for (size_t i = 0; i < program->count; i++) {
        const struct circuit_scene_step *step = &program->steps[i];
        if (step->does || step->line != line->index)
            continue;
        switches_off |= !step->value;
        last = step->value;
    }
    if (!switches_off)
        last = line_safe_value(line);
    /* Unwinding switches nothing on, and steady on is more than PWM was. */
    return last && line->value && line->action.kind != CIRCUIT_ACTION_PWM;
}

static void plan_end(struct plan *plan, const struct line *line)
{
    struct line_change *change = plan_add(plan, line->index, EVENT_STOP);
    change->value = change->pin = unwind_value(plan->circuit, line);
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
    if (plan.count > 0) {
        plan_force(&plan);
        remember_plan(&plan, plan.count, true);
    }
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
