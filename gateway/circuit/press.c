#include "circuit/press.h"

#include "base/clock.h"

/* What else the rules of a line wait for. */
struct rivals {
    bool has_double;
    bool has_held;
    int64_t held_ns; /* the shortest hold */
};

static struct rivals find_rivals(const struct circuit *circuit, size_t line)
{
    struct rivals rivals = {.held_ns = INT64_MAX};
    for (size_t i = 0; i < circuit->options.rule_count; i++) {
        const struct circuit_rule_options *rule = &circuit->options.rules[i];
        if (!circuit_rule_watches(rule, line))
            continue;
        if (rule->when.trigger == CIRCUIT_TRIGGER_DOUBLE_PRESS)
            rivals.has_double = true;
        int64_t held_ns = rule->when.held_ms * CLOCK_NS_PER_MS;
        if (rule->when.trigger != CIRCUIT_TRIGGER_HELD)
            continue;
        rivals.has_held = true;
        if (held_ns < rivals.held_ns)
            rivals.held_ns = held_ns;
    }
    return rivals;
}

bool press_is_second(struct rule_state *state, uint16_t line, int64_t at_ns)
{
    bool is_second = state->pressed_ns != PRESS_NEVER_NS && state->line == line &&
                     at_ns - state->pressed_ns <= PRESS_DOUBLE_NS;
    state->pressed_ns = is_second ? PRESS_NEVER_NS : at_ns;
    state->line = line;
    return is_second;
}

static void wait_until(struct circuit *circuit, size_t rule, int64_t due_ns)
{
    deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule, due_ns);
}

static bool notice_on(struct circuit *circuit, size_t rule, const struct line *line,
                      const struct rivals *rivals, int64_t at_ns)
{
    struct rule_state *state = &circuit->rules[rule];
    bool is_second = press_is_second(state, line->index, at_ns) && rivals->has_double;
    state->is_pressed = !is_second;
    if (rivals->has_double)
        wait_until(circuit, rule, is_second ? DEADLINE_NEVER : at_ns + PRESS_DOUBLE_NS + 1);
    else
        state->pressed_ns = at_ns; /* there is no second press */
    if (rivals->has_double || rivals->has_held)
        return false;
    state->is_pressed = false;
    return true;
}

bool press_notice(struct circuit *circuit, size_t rule, const struct line *line, int64_t at_ns)
{
    struct rule_state *state = &circuit->rules[rule];
    struct rivals rivals = find_rivals(circuit, line->index);
    if (line->value)
        return notice_on(circuit, rule, line, &rivals, at_ns);
    if (!state->is_pressed || state->line != line->index)
        return false;
    if (rivals.has_held && at_ns - state->pressed_ns >= rivals.held_ns) {
        state->is_pressed = false; /* that was a hold */
        wait_until(circuit, rule, DEADLINE_NEVER);
        return false;
    }
    if (rivals.has_double && at_ns - state->pressed_ns <= PRESS_DOUBLE_NS)
        return false;                /* a second one may come */
    bool is_short = rivals.has_held; /* else the end of the time above decides */
    state->is_pressed = false;
    return is_short;
}

bool press_step(struct circuit *circuit, size_t rule)
{
    struct rule_state *state = &circuit->rules[rule];
    wait_until(circuit, rule, DEADLINE_NEVER);
    if (!state->is_pressed)
        return false;
    /* Still on: its end decides whether that was a hold. */
    if (find_rivals(circuit, state->line).has_held && circuit->lines[state->line].value)
        return false;
    state->is_pressed = false;
    return true;
}
