#include "circuit/scene.h"

#include "base/clock.h"
#include "circuit/execute.h"
#include "circuit/refusal.h"

#include <string.h>

static void schedule(struct circuit *circuit, size_t scene)
{
    const struct scene_run *run = &circuit->scenes[scene];
    deadlines_set(&circuit->deadlines, DEADLINE_SCENES + scene,
                  run->running ? run->due_ns : DEADLINE_NEVER);
}

/* The steps that happen together, from `next` on; a line that is named twice gets the later value. */
static size_t collect(const struct circuit_scene_options *options, size_t *next,
                      struct line_value *values)
{
    size_t count = 0;
    for (bool first = true; *next < options->count; first = false, ++*next) {
        const struct circuit_scene_step *step = &options->steps[*next];
        if (!first && step->after_ms > 0)
            break;
        size_t place = 0;
        while (place < count && values[place].line != step->line)
            place++;
        values[place] = (struct line_value){.line = step->line, .value = step->value};
        if (place == count)
            count++;
    }
    return count;
}

/* Does the steps that are due, and waits for those after them. */
static int play(struct circuit *circuit, size_t scene, const struct timestamps *now,
                struct refusal *refusal)
{
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    struct scene_run *run = &circuit->scenes[scene];
    struct line_value values[CIRCUIT_STEPS_MAX];
    uint16_t changed[CIRCUIT_STEPS_MAX];
    const struct command command = {
        .by = run->by, .lease_ms = run->lease_ms, .lease_connection = run->lease_connection};
    /* Its own changes shall not end it. */
    run->running = false;
    size_t count = collect(options, &run->next, values);
    int code =
        execute_set_many(circuit, values, count, &command, run->cause, now, changed, refusal);
    if (code >= 0 && run->next < options->count) {
        run->running = true;
        run->due_ns = now->monotonic_ns + CLOCK_NS_PER_MS * options->steps[run->next].after_ms;
    }
    schedule(circuit, scene);
    return code < 0 ? -1 : 0;
}

int scene_begin(struct circuit *circuit, const struct command *command, enum event_cause cause,
                const struct timestamps *now, struct refusal *refusal)
{
    if (command->line >= circuit->options.scene_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such scene.");
    const struct circuit_scene_options *options = &circuit->options.scenes[command->line];
    for (size_t i = 0; i < options->count; i++)
        if (execute_check_line(circuit, options->steps[i].line, refusal) < 0 ||
            execute_check_unchanged(circuit, options->steps[i].line, command, refusal) < 0)
            return -1;
    struct scene_run *run = &circuit->scenes[command->line];
    struct scene_run before = *run;
    *run = (struct scene_run){.lease_ms = command->lease_ms,
                              .lease_connection = command->lease_connection,
                              .cause = cause,
                              .by = command->by};
    if (play(circuit, command->line, now, refusal) == 0)
        return 0;
    *run = before;
    schedule(circuit, command->line);
    return -1;
}

void scene_step(struct circuit *circuit, size_t scene, const struct timestamps *now)
{
    struct refusal refusal;
    /* A step that is refused ends the scene: what comes after it would build on it. */
    if (play(circuit, scene, now, &refusal) < 0)
        circuit_report_refused(circuit, true, circuit->options.scenes[scene].name, &refusal);
}

static void end(struct circuit *circuit, size_t scene)
{
    circuit->scenes[scene].running = false;
    schedule(circuit, scene);
}

static bool waits_for(const struct scene_run *run, const struct circuit_scene_options *options,
                      size_t line)
{
    for (size_t i = run->next; i < options->count; i++)
        if (options->steps[i].line == line)
            return true;
    return false;
}

void scene_forget(struct circuit *circuit, size_t line)
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

void scene_carry_over(struct circuit *circuit, const struct circuit_options *before,
                      const bool *fresh)
{
    struct scene_run runs[CIRCUIT_SCENES_MAX];
    memcpy(runs, circuit->scenes, sizeof runs);
    memset(circuit->scenes, 0, sizeof circuit->scenes);
    for (size_t old = 0; old < before->scene_count; old++) {
        int scene = circuit_find_scene(circuit, before->scenes[old].name);
        if (scene < 0 || !runs[old].running ||
            !same_steps(circuit, (size_t)scene, before, old, fresh))
            continue;
        circuit->scenes[scene] = runs[old];
        schedule(circuit, (size_t)scene);
    }
}

void scene_end_all(struct circuit *circuit, uint32_t connection)
{
    for (size_t i = 0; i < circuit->options.scene_count; i++)
        if (circuit->scenes[i].running &&
            (connection == 0 || circuit->scenes[i].lease_connection == connection))
            end(circuit, i);
}
