#include "circuit/condition.h"

#include "base/civil_time.h"

/* In this order ALL is the smallest of its parts, ANY the largest, and NOT the mirror (Kleene). */
enum truth { FALSE = -1, UNKNOWN = 0, TRUE = 1 };

static enum truth truth_of(bool is_true)
{
    return is_true ? TRUE : FALSE;
}

static enum truth is_in_time(const struct circuit *circuit,
                             const struct circuit_condition *condition,
                             const struct timestamps *now)
{
    int32_t time_s;
    if (circuit->store.clock_is_unset)
        return UNKNOWN;
    (void)civil_day_of(now->wall_ns / CLOCK_NS_PER_SECOND, &time_s);
    bool is_after = time_s >= condition->from_s;
    bool is_before = time_s < condition->to_s;
    return truth_of(condition->from_s < condition->to_s ? is_after && is_before
                                                        : is_after || is_before);
}

static enum truth evaluate(const struct circuit *circuit, const struct circuit_condition *condition,
                           const struct timestamps *now)
{
    if (condition->kind == CIRCUIT_CONDITION_SCENE)
        return truth_of(circuit->scenes[condition->index].running == (condition->value != 0));
    if (condition->kind == CIRCUIT_CONDITION_CLOCK)
        return is_in_time(circuit, condition, now);
    const struct line *line = &circuit->lines[condition->index];
    return line->available ? truth_of(line->value == condition->value) : UNKNOWN;
}

/* Of the parts on top of the stack. */
static enum truth combine(const struct circuit_condition *condition, const enum truth *parts)
{
    enum truth whole = parts[0];
    for (size_t i = 1; i < condition->count; i++) {
        bool takes = condition->kind == CIRCUIT_CONDITION_ALL ? parts[i] < whole : parts[i] > whole;
        whole = takes ? parts[i] : whole;
    }
    return condition->kind == CIRCUIT_CONDITION_NOT ? (enum truth) - whole : whole;
}

bool condition_is_met(const struct circuit *circuit, const struct circuit_rule_options *rule,
                      const struct timestamps *now)
{
    enum truth stack[CIRCUIT_CONDITIONS_MAX];
    size_t height = 0;
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct circuit_condition *condition = &rule->conditions[i];
        enum truth truth;
        if (condition->kind < CIRCUIT_CONDITION_ALL) {
            truth = evaluate(circuit, condition, now);
        } else {
            height -= condition->count;
            truth = combine(condition, &stack[height]);
        }
        stack[height++] = truth;
    }
    return height == 0 || stack[height - 1] == TRUE;
}
