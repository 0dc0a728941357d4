#include "circuit/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A copy of `count` elements; of none, NULL without a failure. */
static int copy_array(void *ret_copy, const void *array, size_t count, size_t size)
{
    void *copy = NULL;
    if (count > 0) {
        copy = malloc(count * size);
        if (!copy)
            return -ENOMEM;
        memcpy(copy, array, count * size);
    }
    memcpy(ret_copy, &copy, sizeof copy);
    return 0;
}

int circuit_options_copy(struct circuit_options *ret_copy, const struct circuit_options *options)
{
    struct circuit_options copy = *options;
    copy.lines = NULL;
    copy.interlocks = NULL;
    copy.scenes = NULL;
    copy.rules = NULL;
    if (copy_array(&copy.lines, options->lines, copy.line_count, sizeof *copy.lines) < 0 ||
        copy_array(&copy.interlocks, options->interlocks, copy.interlock_count,
                   sizeof *copy.interlocks) < 0 ||
        copy_array(&copy.scenes, options->scenes, copy.scene_count, sizeof *copy.scenes) < 0 ||
        copy_array(&copy.rules, options->rules, copy.rule_count, sizeof *copy.rules) < 0) {
        circuit_options_done(&copy);
        return -ENOMEM;
    }
    for (size_t i = 0; i < copy.line_count; i++) {
        struct circuit_line_options *line = &copy.lines[i];
        line->gpio.name = line->name;
        memcpy(line->gpio.pwm, line->pwm_channel, sizeof line->gpio.pwm);
    }
    *ret_copy = copy;
    return 0;
}

void circuit_options_done(struct circuit_options *copy)
{
    free(copy->lines);
    free(copy->interlocks);
    free(copy->scenes);
    free(copy->rules);
    *copy = (struct circuit_options){0};
}

int circuit_options_find_line(const struct circuit_options *options, const char *name)
{
    for (size_t i = 0; i < options->line_count; i++)
        if (strcmp(options->lines[i].name, name) == 0)
            return (int)i;
    return -1;
}

int circuit_options_find_before(const struct circuit_options *before,
                                const struct circuit_line_options *line)
{
    int index = circuit_options_find_line(before, line->name);
    return index < 0 && line->was[0] ? circuit_options_find_line(before, line->was) : index;
}

int circuit_options_find_after(const struct circuit_options *options,
                               const struct circuit_options *before, size_t old)
{
    for (size_t i = 0; i < options->line_count; i++)
        if (circuit_options_find_before(before, &options->lines[i]) == (int)old)
            return (int)i;
    return -1;
}

int circuit_options_find_scene(const struct circuit_options *options, const char *name)
{
    for (size_t i = 0; i < options->scene_count; i++)
        if (strcmp(options->scenes[i].name, name) == 0)
            return (int)i;
    return -1;
}

bool circuit_line_same_request(const struct circuit_line_options *a,
                               const struct circuit_line_options *b)
{
    const struct gpio_line_config *x = &a->gpio;
    const struct gpio_line_config *y = &b->gpio;
    return strcmp(x->gpio, y->gpio) == 0 && strcmp(x->chip, y->chip) == 0 &&
           x->offset == y->offset && x->direction == y->direction && x->bias == y->bias &&
           x->drive == y->drive && x->active_low == y->active_low &&
           x->debounce_us == y->debounce_us && strcmp(a->pwm_channel, b->pwm_channel) == 0;
}

static bool same_title(const struct circuit_title *a, const struct circuit_title *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->texts[i].language, b->texts[i].language) != 0 ||
            strcmp(a->texts[i].text, b->texts[i].text) != 0)
            return false;
    return true;
}

static bool same_counter(const struct circuit_counter_options *a,
                         const struct circuit_counter_options *b)
{
    return a->counts == b->counts && a->edge == b->edge && !(a->per_pulse < b->per_pulse) &&
           !(b->per_pulse < a->per_pulse) && strcmp(a->unit, b->unit) == 0;
}

bool circuit_line_same(const struct circuit_line_options *a, const struct circuit_line_options *b)
{
    return strcmp(a->name, b->name) == 0 && circuit_line_same_request(a, b) &&
           same_title(&a->title, &b->title) && a->part == b->part &&
           strcmp(a->color, b->color) == 0 && strcmp(a->group, b->group) == 0 &&
           a->initial == b->initial && a->safe == b->safe && a->max_on_ms == b->max_on_ms &&
           a->min_off_ms == b->min_off_ms && a->lease_ms == b->lease_ms && a->mqtt == b->mqtt &&
           a->hub_part == b->hub_part && a->debounce_on_us == b->debounce_on_us &&
           a->debounce_off_us == b->debounce_off_us && same_counter(&a->counter, &b->counter);
}

int circuit_options_find_rule(const struct circuit_options *options, const char *name)
{
    for (size_t i = 0; i < options->rule_count; i++)
        if (strcmp(options->rules[i].name, name) == 0)
            return (int)i;
    return -1;
}

bool circuit_rule_watches(const struct circuit_rule_options *rule, size_t line)
{
    for (size_t i = 0; i < rule->when.line_count; i++)
        if (rule->when.lines[i] == line)
            return true;
    return false;
}

bool circuit_rule_is_by_clock(const struct circuit_rule_options *rule)
{
    return rule->when.trigger == CIRCUIT_TRIGGER_TIME || rule->when.trigger == CIRCUIT_TRIGGER_SUN;
}

static bool has_clock_condition(const struct circuit_rule_options *rule)
{
    for (size_t i = 0; i < rule->condition_count; i++)
        if (rule->conditions[i].kind == CIRCUIT_CONDITION_CLOCK)
            return true;
    return false;
}

bool circuit_options_need_clock(const struct circuit_options *options)
{
    for (size_t i = 0; i < options->rule_count; i++)
        if (circuit_rule_is_by_clock(&options->rules[i]) || has_clock_condition(&options->rules[i]))
            return true;
    return false;
}

/* That of a command on its line. */
static int value_of_command(const struct command *command)
{
    bool is_off = command->verb == COMMAND_PULSE;
    if (command->verb == COMMAND_SET && command->for_ms == 0)
        return command->value;
    if (command->verb == COMMAND_PWM || command->verb == COMMAND_FADE)
        is_off = !(command->duty > 0);
    return is_off ? 0 : -1; /* others depend on what the line was before */
}

static int value_of_scene(const struct circuit_scene_options *scene, size_t line)
{
    int value = -1;
    for (size_t i = 0; i < scene->count; i++)
        if (!scene->steps[i].does && scene->steps[i].line == line)
            value = scene->steps[i].value;
    return value;
}

int circuit_step_value(const struct circuit_options *options, const struct circuit_scene_step *step,
                       size_t line)
{
    const struct command *command = &step->command;
    if (!step->does)
        return step->line == line ? step->value : -1;
    if (command->verb == COMMAND_SCENE)
        return value_of_scene(&options->scenes[command->line], line);
    return command->line == line ? value_of_command(command) : -1;
}

static bool same_real(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool same_target(const struct circuit_options *is, const struct command *a,
                        const struct circuit_options *was, const struct command *b)
{
    if (a->verb == COMMAND_OFF)
        return true;
    if (a->verb == COMMAND_SCENE || a->verb == COMMAND_SCENE_STOP)
        return strcmp(is->scenes[a->line].name, was->scenes[b->line].name) == 0;
    return circuit_options_find_before(was, &is->lines[a->line]) == b->line;
}

bool circuit_same_command(const struct circuit_options *is, const struct command *a,
                          const struct circuit_options *was, const struct command *b)
{
    return a->verb == b->verb && a->value == b->value && a->for_ms == b->for_ms &&
           a->on_ms == b->on_ms && a->off_ms == b->off_ms && a->count == b->count &&
           a->lease_ms == b->lease_ms && a->pulses == b->pulses && same_real(a->duty, b->duty) &&
           same_real(a->hz, b->hz) && a->off == b->off && strcmp(a->reason, b->reason) == 0 &&
           same_target(is, a, was, b);
}
