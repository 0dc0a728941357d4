#include "circuit/scene.h"

#include "base/clock.h"
#include "circuit/check.h"
#include "circuit/refusal.h"
#include "circuit/run.h"
#include "circuit/set_many.h"

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
    int code = set_many(circuit, values, count, &command, run->cause, now, changed, refusal);
    if (code >= 0 && run->next < options->count) {
        run->running = true;
        run->due_ns = now->monotonic_ns + CLOCK_NS_PER_MS * options->steps[run->next].after_ms;
    }
    run_schedule(circuit, scene);
    return code < 0 ? -1 : 0;
}

int scene_begin(struct circuit *circuit, const struct command *command, enum event_cause cause,
                const struct timestamps *now, struct refusal *refusal)
{
    if (command->line >= circuit->options.scene_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such scene.");
    const struct circuit_scene_options *options = &circuit->options.scenes[command->line];
    for (size_t i = 0; i < options->count; i++)
        if (check_line(circuit, options->steps[i].line, refusal) < 0 ||
            check_unchanged(circuit, options->steps[i].line, command, refusal) < 0)
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
    run_schedule(circuit, command->line);
    return -1;
}

void scene_step(struct circuit *circuit, size_t scene, const struct timestamps *now)
{
    struct refusal refusal;
    /* A step that is refused ends the scene: what comes after it would build on it. */
    if (play(circuit, scene, now, &refusal) < 0)
        circuit_report_refused(circuit, true, circuit->options.scenes[scene].name, &refusal);
}
