#include "circuit/trigger.h"

#include "base/clock.h"

#include <string.h>

#define NOT_PRESSED INT64_MIN
#define DOUBLE_PRESS_NS (400 * CLOCK_NS_PER_MS)

void trigger_init_all(struct circuit *circuit)
{
    circuit->trigger_first = circuit->trigger_count = 0;
    for (size_t i = 0; i < CIRCUIT_RULES_MAX; i++) {
        circuit->rules[i] = (struct rule_state){.pressed_ns = NOT_PRESSED};
        deadlines_set(&circuit->deadlines, DEADLINE_RULES + i, DEADLINE_NEVER);
    }
}

static bool same_condition(const struct circuit *circuit, const struct circuit_rule_options *is,
                           const struct circuit_options *before,
                           const struct circuit_rule_options *was)
{
    return is->trigger == was->trigger && is->held_ms == was->held_ms &&
           strcmp(is->name, was->name) == 0 &&
           strcmp(circuit->options.lines[is->line].name, before->lines[was->line].name) == 0;
}

void trigger_carry_over(struct circuit *circuit, const struct circuit_options *before,
                        const struct rule_state *waiting, const struct deadlines *due,
                        const bool *fresh)
{
    trigger_init_all(circuit);
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        for (size_t old = 0; old < before->rule_count; old++) {
            const struct circuit_rule_options *rule = &circuit->options.rules[i];
            if (fresh[rule->line] || !same_condition(circuit, rule, before, &before->rules[old]))
                continue;
            circuit->rules[i] = waiting[old];
            deadlines_set(&circuit->deadlines, DEADLINE_RULES + i,
                          due->due_ns[DEADLINE_RULES + old]);
        }
}

static void trigger_add(struct circuit *circuit, size_t rule, uint16_t run)
{
    if (circuit->trigger_count == RULE_QUEUE_MAX) {
        circuit->rule_report.dropped++;
        return;
    }
    size_t place = (circuit->trigger_first + circuit->trigger_count++) % RULE_QUEUE_MAX;
    circuit->triggered[place] = (struct triggered_rule){(uint16_t)rule, run};
}

static bool is_second_press(struct rule_state *state, int64_t at_ns)
{
    bool second = state->pressed_ns != NOT_PRESSED && at_ns - state->pressed_ns <= DOUBLE_PRESS_NS;
    state->pressed_ns = second ? NOT_PRESSED : at_ns;
    return second;
}

static void notice_rule(struct circuit *circuit, size_t rule, uint8_t value, uint16_t run,
                        int64_t at_ns)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    bool met = false;
    switch (options->trigger) {
    case CIRCUIT_TRIGGER_RISING:
        met = value;
        break;
    case CIRCUIT_TRIGGER_FALLING:
        met = !value;
        break;
    case CIRCUIT_TRIGGER_BOTH:
        met = true;
        break;
    case CIRCUIT_TRIGGER_HELD:
        circuit->rules[rule].held_by_run = run;
        deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule,
                      value ? at_ns + CLOCK_NS_PER_MS * options->held_ms : DEADLINE_NEVER);
        break;
    case CIRCUIT_TRIGGER_DOUBLE_PRESS:
        met = value && is_second_press(&circuit->rules[rule], at_ns);
        break;
    }
    if (met)
        trigger_add(circuit, rule, run);
}

void trigger_notice(struct circuit *circuit, const struct line *line, uint16_t run, int64_t at_ns)
{
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        if (circuit->options.rules[i].line == line->index)
            notice_rule(circuit, i, line->value, run, at_ns);
}

void trigger_step(struct circuit *circuit, size_t rule)
{
    deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule, DEADLINE_NEVER);
    if (circuit->lines[circuit->options.rules[rule].line].value)
        trigger_add(circuit, rule, circuit->rules[rule].held_by_run);
}

bool trigger_take(struct circuit *circuit, struct triggered_rule *ret_triggered)
{
    if (circuit->trigger_count == 0)
        return false;
    *ret_triggered = circuit->triggered[circuit->trigger_first];
    circuit->trigger_first = (circuit->trigger_first + 1) % RULE_QUEUE_MAX;
    circuit->trigger_count--;
    return true;
}

void trigger_drop_all(struct circuit *circuit)
{
    circuit->rule_report.dropped += circuit->trigger_count;
    circuit->trigger_count = 0;
}
