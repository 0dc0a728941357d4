/* Loops of rules, found before any of them runs. A rule is a step from the edge that it waits for to
 * the edges that its command may make, at once or later; a loop is a way along such steps back to
 * its beginning. What a command may make is taken generously: a rule that only seems to loop can be
 * written in another way, a relay that chatters all night cannot be mended. */
#include "circuit/circuit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum edges { FALLING = 1, RISING = 2, ANY = FALLING | RISING };

/* The edges of one line that a command may make; two bits are enough. */
static unsigned edges_of_value(const struct circuit_options *options, size_t line, uint8_t value)
{
    const struct circuit_line_options *described = &options->lines[line];
    if (!value)
        return FALLING;
    return described->max_on_ms > 0 || described->lease_ms > 0 ? ANY : RISING;
}

static unsigned edges_of_safe(const struct circuit_line_options *line)
{
    if (line->gpio.direction != GPIO_DIRECTION_OUTPUT || line->safe == CIRCUIT_SAFE_HOLD)
        return 0;
    return line->safe == CIRCUIT_SAFE_1 ? RISING : FALLING;
}

/* The edges of `line` that a command on lines makes by what it asks for. */
static unsigned edges_of_command(const struct circuit_options *options,
                                 const struct command *command, size_t line)
{
    if (command->line != line || command->verb == COMMAND_UNLOCK || command->verb == COMMAND_COUNT)
        return 0;
    if (command->verb == COMMAND_STOP || command->verb == COMMAND_LOCK)
        return FALLING; /* PWM that ends in the moment when the pin is off */
    bool lasts = command->for_ms == 0 && command->lease_ms == 0;
    if (command->verb == COMMAND_SET && lasts)
        return edges_of_value(options, line, command->value);
    return ANY;
}

/* A scene that a step applies has values alone. */
static unsigned edges_of_values(const struct circuit_options *options, size_t scene, size_t line)
{
    const struct circuit_scene_options *applied = &options->scenes[scene];
    unsigned edges = 0;
    for (size_t i = 0; i < applied->count; i++)
        if (!applied->steps[i].does && applied->steps[i].line == line)
            edges |= edges_of_value(options, line, applied->steps[i].value);
    return edges;
}

static unsigned edges_of_scene(const struct circuit_options *options, size_t scene, size_t line)
{
    const struct circuit_scene_options *played = &options->scenes[scene];
    unsigned edges = edges_of_values(options, scene, line);
    for (size_t i = 0; i < played->count; i++) {
        const struct command *command = &played->steps[i].command;
        if (!played->steps[i].does)
            continue;
        edges |= command->verb == COMMAND_SCENE ? edges_of_values(options, command->line, line)
                                                : edges_of_command(options, command, line);
    }
    return edges;
}

/* The edges of `line` that the command makes by what it asks for. */
static unsigned edges_asked(const struct circuit_options *options, const struct command *command,
                            size_t line)
{
    if (command->verb == COMMAND_OFF)
        return edges_of_safe(&options->lines[line]);
    if (command->verb == COMMAND_SCENE || command->verb == COMMAND_SCENE_STOP)
        return edges_of_scene(options, command->line, line);
    return edges_of_command(options, command, line);
}

static bool stands_in(const struct circuit_interlock_options *interlock, size_t line)
{
    for (size_t i = 0; i < interlock->count; i++)
        if (interlock->lines[i] == line)
            return true;
    return false;
}

/* Whether switching on what the command asks for breaks `line` by an interlock. */
static bool is_broken(const struct circuit_options *options, const struct command *command,
                      size_t line)
{
    for (size_t i = 0; i < options->interlock_count; i++) {
        const struct circuit_interlock_options *interlock = &options->interlocks[i];
        if (interlock->mode != CIRCUIT_INTERLOCK_BREAK || !stands_in(interlock, line))
            continue;
        for (size_t j = 0; j < interlock->count; j++)
            if (interlock->lines[j] != line &&
                (edges_asked(options, command, interlock->lines[j]) & RISING))
                return true;
    }
    return false;
}

static unsigned edges_awaited(enum circuit_trigger trigger)
{
    switch (trigger) {
    case CIRCUIT_TRIGGER_FALLING:
        return FALLING;
    case CIRCUIT_TRIGGER_BOTH:
    case CIRCUIT_TRIGGER_PRESS:
        return ANY;
    case CIRCUIT_TRIGGER_RISING:
    case CIRCUIT_TRIGGER_HELD:
    case CIRCUIT_TRIGGER_DOUBLE_PRESS:
        return RISING;
    case CIRCUIT_TRIGGER_TIME:
    case CIRCUIT_TRIGGER_SUN:
    case CIRCUIT_TRIGGER_EVERY:
    case CIRCUIT_TRIGGER_START:
        break;
    }
    return 0;
}

/* The edges of `line` that the commands of a rule make, at once or later. */
static unsigned edges_of_rule(const struct circuit_options *options,
                              const struct circuit_rule_options *rule, size_t line)
{
    unsigned edges = 0;
    if (options->lines[line].gpio.direction != GPIO_DIRECTION_OUTPUT)
        return 0; /* only its wire moves an input */
    for (size_t i = 0; i < rule->commands.count; i++) {
        const struct command *command = &rule->commands.list[i];
        edges |= edges_asked(options, command, line);
        if (is_broken(options, command, line))
            edges |= FALLING;
    }
    return edges;
}

/* Whether the commands of rule `a` may set off rule `b`. */
static bool sets_off(const struct circuit_options *options, size_t a, size_t b)
{
    const struct circuit_when *when = &options->rules[b].when;
    for (size_t i = 0; i < when->line_count; i++)
        if (edges_of_rule(options, &options->rules[a], when->lines[i]) &
            edges_awaited(when->trigger))
            return true;
    return false;
}

struct walk {
    const struct circuit_options *options;
    uint16_t path[CIRCUIT_RULES_MAX]; /* the rules from the first to the one being checked */
    size_t tried[CIRCUIT_RULES_MAX];  /* of each rule on the way: the next rule to try after it */
    size_t length;
    bool with_conditions;         /* rules with a condition count, too: their loop is not certain */
    bool done[CIRCUIT_RULES_MAX]; /* leads into no loop */
    bool is_on_path[CIRCUIT_RULES_MAX];
};

static void step_onto(struct walk *walk, size_t rule)
{
    walk->tried[walk->length] = 0;
    walk->path[walk->length++] = (uint16_t)rule;
    walk->is_on_path[rule] = true;
}

static bool counts(const struct walk *walk, size_t rule)
{
    return walk->with_conditions || walk->options->rules[rule].condition_count == 0;
}

/* Goes on from the last rule of the way: to a rule that it sets off, or back when there is none.
 * The rule that closes a loop, or -1. */
static int step(struct walk *walk)
{
    size_t last = walk->length - 1;
    size_t rule = walk->path[last];
    for (size_t next = walk->tried[last]; next < walk->options->rule_count; next++) {
        if (walk->done[next] || !counts(walk, next) || !sets_off(walk->options, rule, next))
            continue;
        if (walk->is_on_path[next])
            return (int)next;
        walk->tried[last] = next + 1;
        step_onto(walk, next);
        return -1;
    }
    walk->done[rule] = true;
    walk->is_on_path[rule] = false;
    walk->length--;
    return -1;
}

static void describe(const struct walk *walk, size_t closing, char *message, size_t message_size)
{
    const struct circuit_rule_options *rules = walk->options->rules;
    size_t first = 0;
    while (walk->path[first] != closing)
        first++;
    (void)snprintf(message, message_size, "%s: ",
                   walk->with_conditions
                       ? "these rules set each other off for as long as their conditions are true"
                       : "these rules set each other off without end");
    for (size_t i = first; i < walk->length; i++) {
        size_t used = strlen(message);
        (void)snprintf(message + used, message_size - used, "%s → ", rules[walk->path[i]].name);
    }
    size_t used = strlen(message);
    (void)snprintf(message + used, message_size - used, "%s", rules[closing].name);
}

static bool find_loop(struct walk *walk, char *message, size_t message_size)
{
    for (size_t i = 0; i < walk->options->rule_count; i++) {
        if (walk->done[i] || !counts(walk, i))
            continue;
        step_onto(walk, i);
        while (walk->length > 0) {
            int closing = step(walk);
            if (closing < 0)
                continue;
            describe(walk, (size_t)closing, message, message_size);
            return true;
        }
    }
    return false;
}

int circuit_check_rules(const struct circuit_options *options, char *message, size_t message_size)
{
    struct walk certain = {.options = options};
    struct walk possible = {.options = options, .with_conditions = true};
    if (find_loop(&certain, message, message_size))
        return -ELOOP;
    return find_loop(&possible, message, message_size) ? 1 : 0;
}
