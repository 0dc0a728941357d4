#include "circuit/scene.h"

#include "base/clock.h"
#include "circuit/check.h"
#include "circuit/line_command.h"
#include "circuit/refusal.h"
#include "circuit/run.h"
#include "circuit/set_many.h"
#include "circuit/unwind.h"

#include <string.h>

/* Adds a value to those that are set together; of two for one line the later one counts. */
static void add_value(struct line_value *values, size_t *count,
                      const struct circuit_scene_step *step)
{
    size_t index = 0;
    while (index < *count && values[index].line != step->line)
        index++;
    values[index] = (struct line_value){.line = step->line, .value = step->value};
    if (index == *count)
        ++*count;
}

/* The values that are set together, from `next` on. */
static size_t collect_values(const struct circuit_scene_options *options,
                             const struct scene_run *run, size_t *next, struct line_value *values)
{
    size_t count = 0;
    for (bool first = true; *next < options->count; first = false, ++*next) {
        const struct circuit_scene_step *step = &options->steps[*next];
        if (step->does || (!first && step->after_ms > 0))
            break;
        if (!run || !run->is_taken[step->line])
            add_value(values, &count, step);
    }
    return count;
}

/* Sets all values of a scene without steps. */
static int set_scene(struct circuit *circuit, size_t scene, const struct command *command,
                     enum event_cause cause, const struct timestamps *now, struct refusal *refusal)
{
    struct line_value values[CIRCUIT_STEPS_MAX];
    uint16_t changed[CIRCUIT_STEPS_MAX];
    size_t next = 0;
    const struct scene_run *run = command->run ? &circuit->scenes[command->run - 1] : NULL;
    size_t count = collect_values(&circuit->options.scenes[scene], run, &next, values);
    return set_many(circuit, values, count, command, cause, now, changed, refusal) < 0 ? -1 : 0;
}

/* What is common to every command of a run. */
static struct command command_of_run(const struct scene_run *run, size_t scene)
{
    return (struct command){.by = run->by,
                            .lease_ms = run->lease_ms,
                            .lease_connection = run->lease_connection,
                            .run = (uint16_t)(scene + 1),
                            .caused_by_run = (uint16_t)(scene + 1)};
}

static int run_command(struct circuit *circuit, size_t scene, const struct command *wanted,
                       const struct timestamps *now, struct refusal *refusal)
{
    const struct scene_run *run = &circuit->scenes[scene];
    const struct command common = command_of_run(run, scene);
    struct command command = *wanted;
    struct outcome outcome;
    command.by = common.by;
    command.run = common.run;
    command.caused_by_run = common.caused_by_run;
    if (command.lease_ms == 0)
        command.lease_ms = common.lease_ms;
    command.lease_connection = common.lease_connection;
    if (command.verb == COMMAND_SCENE)
        return set_scene(circuit, command.line, &command, run->cause, now, refusal);
    if (run->is_taken[command.line])
        return 0;
    return line_command(circuit, &command, run->cause, now, &outcome, refusal);
}

/* Executes the entries that are due together. */
static int run_steps(struct circuit *circuit, size_t scene, const struct timestamps *now,
                     struct refusal *refusal)
{
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    struct scene_run *run = &circuit->scenes[scene];
    const struct command command = command_of_run(run, scene);
    struct line_value values[CIRCUIT_STEPS_MAX];
    uint16_t changed[CIRCUIT_STEPS_MAX];
    do {
        const struct circuit_scene_step *step = &options->steps[run->next];
        run->step = step->number;
        if (step->does) {
            run->next++;
            if (run_command(circuit, scene, &step->command, now, refusal) < 0)
                return -1;
            continue;
        }
        size_t count = collect_values(options, run, &run->next, values);
        run->step = options->steps[run->next - 1].number;
        if (count > 0 &&
            set_many(circuit, values, count, &command, run->cause, now, changed, refusal) < 0)
            return -1;
    } while (run->running && run->next < options->count && options->steps[run->next].after_ms == 0);
    return 0;
}

/* After steps: waits for the next one, begins the next round, or ends. */
static void go_on(struct circuit *circuit, size_t scene, const struct timestamps *now)
{
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    struct scene_run *run = &circuit->scenes[scene];
    if (!run->running)
        return;
    if (run->next == options->count) {
        run->rounds_done++;
        if (options->repeat > 0 && run->rounds_done >= options->repeat) {
            run_end(circuit, scene);
            run_append(circuit, scene, SCENE_ENDED, NULL, &run->by, now);
            return;
        }
        run->next = 0;
    }
    run->due_ns += CLOCK_NS_PER_MS * options->steps[run->next].after_ms;
    if (run->due_ns < now->monotonic_ns)
        run->due_ns = now->monotonic_ns;
    run_schedule(circuit, scene);
}

void scene_step(struct circuit *circuit, size_t scene, const struct timestamps *now)
{
    struct refusal refusal;
    if (run_steps(circuit, scene, now, &refusal) == 0) {
        go_on(circuit, scene, now);
        return;
    }
    /* What comes later would rely on the step that was refused. */
    struct origin by = circuit->scenes[scene].by;
    circuit_report_refused(circuit, true, circuit->options.scenes[scene].name, &refusal);
    unwind_run(circuit, scene, SCENE_FAILED, refusal.message, &by, now);
}

static int check_steps(const struct circuit *circuit, size_t scene, const struct command *command,
                       struct refusal *refusal)
{
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    for (size_t i = 0; i < options->count; i++) {
        const struct circuit_scene_step *step = &options->steps[i];
        if (step->does)
            continue;
        if (check_line(circuit, step->line, refusal) < 0 ||
            check_unchanged(circuit, step->line, command, refusal) < 0)
            return -1;
    }
    return 0;
}

static int begin_run(struct circuit *circuit, const struct command *command, enum event_cause cause,
                     const struct timestamps *now, struct refusal *refusal)
{
    size_t scene = command->line;
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    struct scene_run *run = &circuit->scenes[scene];
    *run = (struct scene_run){
        .running = true,
        .due_ns = now->monotonic_ns + CLOCK_NS_PER_MS * options->steps[0].after_ms,
        .started_at_ns = now->wall_ns,
        .lease_ms = command->lease_ms,
        .lease_connection = command->lease_connection,
        .cause = cause,
        .by = command->by,
        .caused_by_run = command->caused_by_run,
    };
    if (options->steps[0].after_ms > 0) {
        run_schedule(circuit, scene);
        run_append(circuit, scene, SCENE_STARTED, NULL, &run->by, now);
        return 0;
    }
    if (run_steps(circuit, scene, now, refusal) < 0) {
        unwind_run(circuit, scene, SCENE_FAILED, NULL, &command->by, now);
        return -1;
    }
    run_append(circuit, scene, SCENE_STARTED, NULL, &run->by, now);
    go_on(circuit, scene, now);
    return 0;
}

int scene_apply(struct circuit *circuit, const struct command *command, enum event_cause cause,
                const struct timestamps *now, struct refusal *refusal)
{
    size_t scene = command->line;
    if (scene >= circuit->options.scene_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such scene.");
    const struct circuit_scene_options *options = &circuit->options.scenes[scene];
    if (check_steps(circuit, scene, command, refusal) < 0)
        return -1;
    if (!options->is_program)
        return set_scene(circuit, scene, command, cause, now, refusal);
    if (circuit->scenes[scene].running) {
        if (options->again == CIRCUIT_AGAIN_IGNORE)
            return 0;
        if (options->again == CIRCUIT_AGAIN_REFUSE)
            return refuse(refusal, REFUSAL_CONFLICT,
                          "Scene %s runs already: stop it, or let it end.", options->name);
        unwind_run(circuit, scene, SCENE_STOPPED, "restarted", &command->by, now);
    }
    return begin_run(circuit, command, cause, now, refusal);
}

int scene_stop(struct circuit *circuit, const struct command *command, const struct timestamps *now,
               struct refusal *refusal)
{
    if (command->line >= circuit->options.scene_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such scene.");
    unwind_run(circuit, command->line, SCENE_STOPPED, "command", &command->by, now);
    return 0;
}

bool scene_survives(const struct circuit *circuit, const struct circuit *next, size_t scene,
                    const bool *fresh)
{
    const char *name = circuit->options.scenes[scene].name;
    int index = circuit_options_find_scene(&next->options, name);
    return index >= 0 && run_has_same_steps(next, (size_t)index, &circuit->options, scene, fresh);
}

void scene_carry_over(struct circuit *circuit, const struct circuit_options *before)
{
    struct scene_run runs[CIRCUIT_SCENES_MAX];
    uint16_t new_runs[CIRCUIT_SCENES_MAX + 1] = {0}; /* the new number of a run, by its old one */
    memcpy(runs, circuit->scenes, sizeof runs);
    memset(circuit->scenes, 0, sizeof circuit->scenes);
    for (size_t old = 0; old < before->scene_count; old++) {
        int scene = circuit_options_find_scene(&circuit->options, before->scenes[old].name);
        if (scene < 0 || !runs[old].running)
            continue;
        circuit->scenes[scene] = runs[old];
        memset(circuit->scenes[scene].is_taken, 0, sizeof circuit->scenes[scene].is_taken);
        for (size_t i = 0; i < circuit->line_count; i++) {
            int line = circuit_options_find_before(before, &circuit->options.lines[i]);
            if (line >= 0)
                circuit->scenes[scene].is_taken[i] = runs[old].is_taken[line];
        }
        new_runs[old + 1] = (uint16_t)(scene + 1);
        run_schedule(circuit, (size_t)scene);
    }
    for (size_t i = 0; i < circuit->line_count; i++)
        circuit->lines[i].run = new_runs[circuit->lines[i].run];
}
