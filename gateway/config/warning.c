#include "config/warning.h"

#include "circuit/circuit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 64, TEXT_SIZE = 400 };

struct warning_sink {
    const struct circuit_options *circuit;
    void (*warn)(void *context, const char *path, const char *text);
    void *context;
    char path[PATH_SIZE];
};

static void __attribute__((format(printf, 2, 3)))
add_warning(const struct warning_sink *sink, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sink->warn(sink->context, sink->path, text);
}

/* ---- a gap that is longer than a step ---- */

static uint32_t longest_gap_ms(const struct circuit_options *circuit, uint16_t line,
                               const char **ret_name)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < circuit->interlock_count; i++) {
        const struct circuit_interlock_options *interlock = &circuit->interlocks[i];
        for (size_t j = 0; j < interlock->count; j++)
            if (interlock->lines[j] == line && interlock->mode == CIRCUIT_INTERLOCK_BREAK &&
                interlock->gap_ms > longest) {
                longest = interlock->gap_ms;
                *ret_name = interlock->name;
            }
    }
    return longest;
}

/* How long after entry `at` the next step comes; 0 when there is none. */
static uint32_t next_step_ms(const struct circuit_scene_options *scene, size_t at)
{
    for (size_t i = at + 1; i < scene->count; i++)
        if (scene->steps[i].after_ms > 0)
            return scene->steps[i].after_ms;
    return 0;
}

/* The line that a value or a command switches on; -1 for none. */
static int find_switched_on(const struct circuit_scene_step *step)
{
    const struct command *command = &step->command;
    if (!step->does)
        return step->value ? step->line : -1;
    bool is_set = command->verb == COMMAND_SET && command->value;
    bool acts = command->verb == COMMAND_TOGGLE || command->verb == COMMAND_PULSE ||
                command->verb == COMMAND_BLINK || command->verb == COMMAND_PWM ||
                command->verb == COMMAND_FADE;
    return is_set || acts ? command->line : -1;
}

static void check_gaps(const struct warning_sink *sink, const struct circuit_scene_options *scene)
{
    for (size_t i = 0; i < scene->count; i++) {
        const struct circuit_scene_step *step = &scene->steps[i];
        int line = find_switched_on(step);
        const char *interlock = "";
        uint32_t gap_ms = 0;
        if (line >= 0)
            gap_ms = longest_gap_ms(sink->circuit, (uint16_t)line, &interlock);
        uint32_t next_ms = next_step_ms(scene, i);
        if (next_ms > 0 && next_ms < gap_ms)
            add_warning(
                sink,
                "step %u switches %s on, which may wait %u ms for the gap of %s, and the next step "
                "comes after %u ms",
                step->number, sink->circuit->lines[line].name, gap_ms, interlock, next_ms);
    }
}

/* ---- pulses that a restart could bring back ---- */

static void check_pulse(const struct warning_sink *sink, const struct command *command)
{
    bool lasts = command->verb == COMMAND_PULSE ||
                 (command->verb == COMMAND_SET && command->value && command->for_ms > 0);
    const struct circuit_line_options *line = &sink->circuit->lines[command->line];
    if (lasts && line->initial == CIRCUIT_INITIAL_LAST && line->max_on_ms == 0)
        add_warning(
            sink,
            "it pulses %s, whose initial is \"last\": give the line max_on_ms, so that nothing can "
            "leave it on",
            line->name);
}

/* ---- scenes against rules ---- */

/* The value that the scene leaves the line with; -1 when it says none. */
static int last_value(const struct circuit_options *circuit,
                      const struct circuit_scene_options *scene, uint16_t line)
{
    int last = -1;
    for (size_t i = 0; i < scene->count; i++) {
        int value = circuit_step_value(circuit, &scene->steps[i], line);
        last = value < 0 ? last : value;
    }
    return last;
}

/* The line of the rule by which the step sets it off; -1 for none. */
static int find_set_off(const struct circuit_options *circuit,
                        const struct circuit_rule_options *rule,
                        const struct circuit_scene_step *step)
{
    for (size_t i = 0; i < rule->when.line_count; i++) {
        int value = circuit_step_value(circuit, step, rule->when.lines[i]);
        enum circuit_trigger edge = value == 1 ? CIRCUIT_TRIGGER_RISING : CIRCUIT_TRIGGER_FALLING;
        if (value >= 0 &&
            (rule->when.trigger == CIRCUIT_TRIGGER_BOTH || rule->when.trigger == edge))
            return rule->when.lines[i];
    }
    return -1;
}

static bool fights(const struct circuit_options *circuit, const struct circuit_scene_options *scene,
                   const struct command *command)
{
    bool is_of_line = command->verb <= COMMAND_STOP;
    int wanted = is_of_line ? last_value(circuit, scene, command->line) : -1;
    if (wanted < 0)
        return false;
    return command->verb != COMMAND_SET || command->for_ms > 0 || command->value != wanted;
}

static void check_rule(const struct warning_sink *sink, const struct circuit_scene_options *scene,
                       const struct circuit_rule_options *rule)
{
    const struct circuit_line_options *lines = sink->circuit->lines;
    for (size_t i = 0; i < scene->count; i++) {
        int line = find_set_off(sink->circuit, rule, &scene->steps[i]);
        if (line < 0)
            continue;
        for (size_t j = 0; j < rule->commands.count; j++)
            if (fights(sink->circuit, scene, &rule->commands.list[j])) {
                add_warning(sink,
                            "setting %s sets off the rule %s, which changes %s against the scene",
                            lines[line].name, rule->name, lines[rule->commands.list[j].line].name);
                return;
            }
    }
}

static void check_scene(struct warning_sink *sink, size_t index)
{
    const struct circuit_options *circuit = sink->circuit;
    const struct circuit_scene_options *scene = &circuit->scenes[index];
    (void)snprintf(sink->path, sizeof sink->path, "circuit.scenes[%zu]", index);
    check_gaps(sink, scene);
    for (size_t i = 0; i < scene->count; i++)
        if (scene->steps[i].does)
            check_pulse(sink, &scene->steps[i].command);
    for (size_t i = 0; i < circuit->rule_count; i++)
        check_rule(sink, scene, &circuit->rules[i]);
}

void config_warn(const struct config *config,
                 void (*warn)(void *context, const char *path, const char *text), void *context)
{
    struct warning_sink sink = {.circuit = &config->circuit, .warn = warn, .context = context};
    char loop[TEXT_SIZE];
    for (size_t i = 0; i < config->circuit.scene_count; i++)
        check_scene(&sink, i);
    for (size_t i = 0; i < config->circuit.rule_count; i++) {
        const struct circuit_commands *commands = &config->circuit.rules[i].commands;
        (void)snprintf(sink.path, sizeof sink.path, "circuit.rules[%zu].do", i);
        for (size_t j = 0; j < commands->count; j++)
            check_pulse(&sink, &commands->list[j]);
    }
    if (circuit_check_rules(&config->circuit, loop, sizeof loop) > 0) {
        (void)snprintf(sink.path, sizeof sink.path, "circuit.rules");
        add_warning(&sink, "%s", loop);
    }
}
