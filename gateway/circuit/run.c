#include "circuit/run.h"

#include <string.h>

void run_schedule(struct circuit *circuit, size_t scene)
{
    const struct scene_run *run = &circuit->scenes[scene];
    deadlines_set(&circuit->deadlines, DEADLINE_SCENES + scene,
                  run->running ? run->due_ns : DEADLINE_NEVER);
}

void run_take(struct circuit *circuit, size_t line, uint16_t spared)
{
    for (size_t i = 0; i < circuit->options.scene_count; i++)
        if (circuit->scenes[i].running && i + 1 != spared)
            circuit->scenes[i].is_taken[line] = true;
}

void run_end(struct circuit *circuit, size_t scene)
{
    circuit->scenes[scene].running = false;
    run_schedule(circuit, scene);
    for (size_t i = 0; i < circuit->line_count; i++)
        if (circuit->lines[i].run == scene + 1)
            circuit->lines[i].run = 0;
}

void run_append(struct circuit *circuit, size_t scene, enum event_scene_state state,
                const char *reason, const struct origin *by, const struct timestamps *now)
{
    const struct event event = {
        .time_ns = now->wall_ns,
        .line = (uint16_t)scene,
        .value = (uint8_t)state,
        .step = (uint16_t)circuit->scenes[scene].step,
        .cause = EVENT_SCENE,
    };
    (void)journal_append(circuit->journal, &event, circuit->options.scenes[scene].name, by, reason);
}

static bool same_step(const struct circuit *circuit, const struct circuit_scene_step *a,
                      const struct circuit_options *before, const struct circuit_scene_step *b,
                      const bool *fresh)
{
    if (a->after_ms != b->after_ms || a->does != b->does)
        return false;
    if (a->does)
        return circuit_same_command(&circuit->options, &a->command, before, &b->command) &&
               (a->command.verb == COMMAND_SCENE || !fresh[a->command.line]);
    return a->value == b->value && !fresh[a->line] &&
           circuit_options_find_before(before, &circuit->options.lines[a->line]) == b->line;
}

bool run_has_same_steps(const struct circuit *circuit, size_t scene,
                        const struct circuit_options *before, size_t old, const bool *fresh)
{
    const struct circuit_scene_options *is = &circuit->options.scenes[scene];
    const struct circuit_scene_options *was = &before->scenes[old];
    bool same = is->count == was->count && is->is_program && is->repeat == was->repeat;
    for (size_t i = 0; same && i < is->count; i++)
        same = same_step(circuit, &is->steps[i], before, &was->steps[i], fresh);
    return same;
}

uint8_t run_unwind_value(const struct circuit *circuit, const struct line *line)
{
    const struct circuit_scene_options *program = &circuit->options.scenes[line->run - 1];
    bool switches_off = false;
    uint8_t last = 0;
    for (size_t i = 0; i < program->count; i++) {
        int value = circuit_step_value(&circuit->options, &program->steps[i], line->index);
        if (value < 0)
            continue;
        switches_off |= value == 0;
        last = (uint8_t)value;
    }
    if (!switches_off)
        last = line_safe_value(line);
    /* Unwinding switches nothing on, and steady on is more than PWM was. */
    return last && line->value && line->action.kind != CIRCUIT_ACTION_PWM;
}
