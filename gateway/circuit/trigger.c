#include "circuit/trigger.h"

#include "base/clock.h"
#include "circuit/delay.h"
#include "circuit/press.h"
#include "circuit/schedule.h"

#include <string.h>

void trigger_init_all(struct circuit *circuit)
{
    circuit->trigger_first = circuit->trigger_count = 0;
    for (size_t i = 0; i < CIRCUIT_RULES_MAX; i++) {
        circuit->rules[i] = (struct rule_state){
            .pressed_ns = PRESS_NEVER_NS, .next_s = SCHEDULE_NEVER_S, .fired_s = INT64_MIN};
        deadlines_set(&circuit->deadlines, DEADLINE_RULES + i, DEADLINE_NEVER);
        deadlines_set(&circuit->deadlines, DEADLINE_DELAYS + i, DEADLINE_NEVER);
    }
}

/* ---- reload ---- */

static bool same_when(const struct circuit_options *is, const struct circuit_when *a,
                      const struct circuit_options *was, const struct circuit_when *b)
{
    bool same = a->trigger == b->trigger && a->held_ms == b->held_ms && a->days == b->days &&
                a->sun == b->sun && a->offset_min == b->offset_min && a->every_ms == b->every_ms &&
                a->line_count == b->line_count && a->time_count == b->time_count;
    for (size_t i = 0; same && i < a->line_count; i++)
        same = circuit_options_find_before(was, &is->lines[a->lines[i]]) == b->lines[i];
    for (size_t i = 0; same && i < a->time_count; i++)
        same = a->times_s[i] == b->times_s[i];
    return same;
}

static bool same_condition(const struct circuit_options *is, const struct circuit_condition *a,
                           const struct circuit_options *was, const struct circuit_condition *b)
{
    if (a->kind != b->kind || a->value != b->value || a->count != b->count ||
        a->from_s != b->from_s || a->to_s != b->to_s)
        return false;
    if (a->kind == CIRCUIT_CONDITION_LINE)
        return circuit_options_find_before(was, &is->lines[a->index]) == b->index;
    return a->kind != CIRCUIT_CONDITION_SCENE ||
           strcmp(is->scenes[a->index].name, was->scenes[b->index].name) == 0;
}

bool trigger_is_same_rule(const struct circuit_options *is, size_t rule,
                          const struct circuit_options *was, size_t old)
{
    const struct circuit_rule_options *a = &is->rules[rule];
    const struct circuit_rule_options *b = &was->rules[old];
    bool same = strcmp(a->name, b->name) == 0 && same_when(is, &a->when, was, &b->when) &&
                a->runs_missed == b->runs_missed && a->if_still == b->if_still &&
                a->after_ms == b->after_ms && a->again == b->again && a->gives_up == b->gives_up &&
                a->condition_count == b->condition_count && a->commands.count == b->commands.count;
    for (size_t i = 0; same && i < a->condition_count; i++)
        same = same_condition(is, &a->conditions[i], was, &b->conditions[i]);
    for (size_t i = 0; same && i < a->commands.count; i++)
        same = circuit_same_command(is, &a->commands.list[i], was, &b->commands.list[i]);
    return same;
}

static bool watches_fresh(const struct circuit_rule_options *rule, const bool *fresh)
{
    for (size_t i = 0; i < rule->when.line_count; i++)
        if (fresh[rule->when.lines[i]])
            return true;
    return false;
}

/* What a rule of the same name keeps in any case. */
static void keep_result(struct rule_state *state, const struct rule_state *old)
{
    state->is_disabled = old->is_disabled;
    state->last_at_ns = old->last_at_ns;
    state->last_result = old->last_result;
    memcpy(state->last_detail, old->last_detail, sizeof state->last_detail);
}

/* Presses and holds of a line that is requested anew are forgotten; delays go on. */
static void keep_waiting(struct circuit *circuit, size_t rule, const struct circuit_options *before,
                         const struct rule_state *old, int64_t due_ns, bool is_fresh)
{
    struct rule_state *state = &circuit->rules[rule];
    const struct rule_state fresh = *state;
    *state = *old;
    if (circuit->options.rules[rule].when.line_count > 0) { /* indices may have changed */
        int line = circuit_options_find_after(&circuit->options, before, old->line);
        state->line = line < 0 ? fresh.line : (uint16_t)line;
    }
    if (is_fresh) {
        state->pressed_ns = fresh.pressed_ns;
        state->is_pressed = false;
    } else {
        deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule, due_ns);
    }
    delay_schedule(circuit, rule);
}

void trigger_carry_over(struct circuit *circuit, const struct circuit_options *before,
                        const struct rule_state *states, const struct deadlines *due,
                        const bool *fresh, const struct timestamps *now)
{
    trigger_init_all(circuit);
    for (size_t i = 0; i < circuit->options.rule_count; i++) {
        const struct circuit_rule_options *rule = &circuit->options.rules[i];
        int old = circuit_options_find_rule(before, rule->name);
        bool same = old >= 0 && trigger_is_same_rule(&circuit->options, i, before, (size_t)old);
        if (old >= 0)
            keep_result(&circuit->rules[i], &states[old]);
        if (same)
            keep_waiting(circuit, i, before, &states[old], due->due_ns[DEADLINE_RULES + old],
                         watches_fresh(rule, fresh));
        if (!same || circuit_rule_is_by_clock(rule)) /* the zone or the place may be another */
            schedule_rule(circuit, i, now);
    }
}

/* ---- what happens ---- */

static void trigger_add(struct circuit *circuit, const struct triggered_rule *triggered)
{
    if (circuit->rules[triggered->rule].is_disabled && !triggered->is_delayed)
        return;
    if (circuit->trigger_count == RULE_QUEUE_MAX) {
        circuit->rule_report.dropped++;
        return;
    }
    size_t slot = (circuit->trigger_first + circuit->trigger_count++) % RULE_QUEUE_MAX;
    circuit->triggered[slot] = *triggered;
}

static void set_off(struct circuit *circuit, size_t rule, uint16_t run)
{
    const struct triggered_rule triggered = {.rule = (uint16_t)rule, .caused_by_run = run};
    trigger_add(circuit, &triggered);
}

/* A line of a rule for holds changed: the last one that went on counts. */
static void notice_hold(struct circuit *circuit, size_t rule, const struct line *line, uint16_t run,
                        int64_t at_ns)
{
    struct rule_state *state = &circuit->rules[rule];
    const struct circuit_when *when = &circuit->options.rules[rule].when;
    if (!line->value && state->line != line->index)
        return;
    state->held_by_run = run;
    state->line = line->index;
    deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule,
                  line->value ? at_ns + CLOCK_NS_PER_MS * when->held_ms : DEADLINE_NEVER);
}

static bool is_met(struct circuit *circuit, size_t rule, const struct line *line, uint16_t run,
                   int64_t at_ns)
{
    switch (circuit->options.rules[rule].when.trigger) {
    case CIRCUIT_TRIGGER_RISING:
        return line->value;
    case CIRCUIT_TRIGGER_FALLING:
        return !line->value;
    case CIRCUIT_TRIGGER_BOTH:
        return true;
    case CIRCUIT_TRIGGER_HELD:
        notice_hold(circuit, rule, line, run, at_ns);
        break;
    case CIRCUIT_TRIGGER_DOUBLE_PRESS:
        return line->value && press_is_second(&circuit->rules[rule], line->index, at_ns);
    case CIRCUIT_TRIGGER_PRESS:
        return press_notice(circuit, rule, line, at_ns);
    case CIRCUIT_TRIGGER_TIME:
    case CIRCUIT_TRIGGER_SUN:
    case CIRCUIT_TRIGGER_EVERY:
    case CIRCUIT_TRIGGER_START:
        break;
    }
    return false;
}

static void notice_rule(struct circuit *circuit, size_t rule, const struct line *line, uint16_t run,
                        int64_t at_ns)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    uint8_t opposite = options->when.trigger == CIRCUIT_TRIGGER_FALLING;
    if (options->gives_up && line->value == opposite)
        delay_give_up(circuit, rule);
    if (is_met(circuit, rule, line, run, at_ns))
        set_off(circuit, rule, run);
}

void trigger_notice(struct circuit *circuit, const struct line *line, uint16_t run, int64_t at_ns)
{
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        if (circuit_rule_watches(&circuit->options.rules[i], line->index))
            notice_rule(circuit, i, line, run, at_ns);
}

void trigger_start(struct circuit *circuit)
{
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        if (circuit->options.rules[i].when.trigger == CIRCUIT_TRIGGER_START)
            set_off(circuit, i, 0);
}

void trigger_step(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    const struct rule_state *state = &circuit->rules[rule];
    switch (circuit->options.rules[rule].when.trigger) {
    case CIRCUIT_TRIGGER_HELD:
        deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule, DEADLINE_NEVER);
        if (circuit->lines[state->line].value)
            set_off(circuit, rule, state->held_by_run);
        break;
    case CIRCUIT_TRIGGER_PRESS:
        if (press_step(circuit, rule))
            set_off(circuit, rule, 0);
        break;
    case CIRCUIT_TRIGGER_TIME:
    case CIRCUIT_TRIGGER_SUN:
    case CIRCUIT_TRIGGER_EVERY:
        if (schedule_step(circuit, rule, now))
            set_off(circuit, rule, 0);
        break;
    case CIRCUIT_TRIGGER_RISING:
    case CIRCUIT_TRIGGER_FALLING:
    case CIRCUIT_TRIGGER_BOTH:
    case CIRCUIT_TRIGGER_DOUBLE_PRESS:
    case CIRCUIT_TRIGGER_START:
        deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule, DEADLINE_NEVER);
        break;
    }
}

void trigger_step_delay(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    struct rule_delay delay;
    if (circuit->trigger_count == RULE_QUEUE_MAX) { /* what switches off is not dropped */
        deadlines_set(&circuit->deadlines, DEADLINE_DELAYS + rule,
                      now->monotonic_ns + CLOCK_NS_PER_MS);
        return;
    }
    if (!delay_take(circuit, rule, now, &delay))
        return;
    const struct triggered_rule triggered = {.rule = (uint16_t)rule,
                                             .caused_by_run = delay.caused_by_run,
                                             .is_delayed = true,
                                             .only_off = delay.only_off};
    trigger_add(circuit, &triggered);
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
