#include "circuit/run.h"

#include <string.h>

void run_schedule(struct circuit *circuit, size_t scene)
{
    const struct scene_run *run = &circuit->scenes[scene];
    deadlines_set(&circuit->deadlines, DEADLINE_SCENES + scene,
                  run->running ? run->due_ns : DEADLINE_NEVER);
}

static void end(struct circuit *circuit, size_t scene)
{
    circuit->scenes[scene].running = false;
    run_schedule(circuit, scene);
}

static bool waits_for(const struct scene_run *run, const struct circuit_scene_options *options,
                      size_t line)
{
    for (size_t i = run->next; i < options->count; i++)
        if (options->steps[i].line == line)
            return true;
    return false;
}

void run_forget(struct circuit *circuit, size_t line)
{
    for (size_t i = 0; i < circuit->options.scene_count; i++)
        if (circuit->scenes[i].running &&
            waits_for(&circuit->scenes[i], &circuit->options.scenes[i], line))
            end(circuit, i);
}

static bool same_steps(const struct circuit *circuit, size_t scene,
                       const struct circuit_options *before, size_t old, const bool *fresh)
{
    const struct circuit_scene_options *is = &circuit->options.scenes[scene];
    const struct circuit_scene_options *was = &before->scenes[old];
    bool same = is->count == was->count;
    for (size_t i = 0; same && i < is->count; i++) {
        const struct circuit_scene_step *a = &is->steps[i];
        const struct circuit_scene_step *b = &was->steps[i];
        same = a->after_ms == b->after_ms && a->value == b->value && !fresh[a->line] &&
               strcmp(circuit->options.lines[a->line].name, before->lines[b->line].name) == 0;
    }
    return same;
}

void run_carry_over(struct circuit *circuit, const struct circuit_options *before,
                    const bool *fresh)
{
    struct scene_run runs[CIRCUIT_SCENES_MAX];
    memcpy(runs, circuit->scenes, sizeof runs);
    memset(circuit->scenes, 0, sizeof circuit->scenes);
    for (size_t old = 0; old < before->scene_count; old++) {
        int scene = circuit_options_find_scene(&circuit->options, before->scenes[old].name);
        if (scene < 0 || !runs[old].running ||
            !same_steps(circuit, (size_t)scene, before, old, fresh))
            continue;
        circuit->scenes[scene] = runs[old];
        run_schedule(circuit, (size_t)scene);
    }
}

void run_end_all(struct circuit *circuit, uint32_t connection)
{
    for (size_t i = 0; i < circuit->options.scene_count; i++)
        if (circuit->scenes[i].running &&
            (connection == 0 || circuit->scenes[i].lease_connection == connection))
            end(circuit, i);
}
