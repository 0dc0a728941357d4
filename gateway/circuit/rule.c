#include "circuit/rule.h"

#include "circuit/condition.h"
#include "circuit/delay.h"
#include "circuit/execute.h"
#include "circuit/refusal.h"
#include "circuit/trigger.h"
#include "circuit/verbs.h"

#include <stdio.h>
#include <string.h>

static void note_result(struct rule_state *state, const struct refusal *refusal,
                        const struct timestamps *now)
{
    state->last_at_ns = now->wall_ns;
    state->last_result = refusal->code;
    (void)snprintf(state->last_detail, sizeof state->last_detail, "%s",
                   refusal->code == REFUSAL_NONE ? "" : refusal->message);
}

static int do_command(struct circuit *circuit, const char *rule, struct command *command,
                      const struct timestamps *now, struct refusal *refusal)
{
    struct outcome unused;
    *refusal = (struct refusal){.blocked_by = -1};
    command->by.role = ROLE_NONE;
    (void)snprintf(command->by.source, sizeof command->by.source, CIRCUIT_RULE_SOURCE "%s", rule);
    if (execute_command(circuit, command, EVENT_RULE, now, &unused, refusal) == 0)
        return 0;
    circuit_report_refused(circuit, false, rule, refusal);
    return -1;
}

/* The commands are executed in order; one that is refused does not keep the others from it. 0, or -1 with the
 * first refusal. */
static int do_commands(struct circuit *circuit, const struct triggered_rule *triggered,
                       const struct timestamps *now, struct refusal *ret_first)
{
    const struct circuit_rule_options *options = &circuit->options.rules[triggered->rule];
    *ret_first = (struct refusal){.blocked_by = -1};
    for (size_t i = 0; i < options->commands.count; i++) {
        struct command command = options->commands.list[i];
        struct refusal refusal;
        if (triggered->only_off && !verb_is_off(&circuit->options, &command))
            continue;
        command.caused_by_run = triggered->caused_by_run;
        if (do_command(circuit, options->name, &command, now, &refusal) < 0 &&
            ret_first->code == REFUSAL_NONE)
            *ret_first = refusal;
    }
    note_result(&circuit->rules[triggered->rule], ret_first, now);
    return ret_first->code == REFUSAL_NONE ? 0 : -1;
}

/* False when the edge that set the rule off was taken back before the rule could run. */
static bool still_holds(const struct circuit *circuit, const struct circuit_rule_options *rule)
{
    uint8_t wanted = rule->when.trigger != CIRCUIT_TRIGGER_FALLING;
    if (!rule->gives_up)
        return true;
    for (size_t i = 0; i < rule->when.line_count; i++)
        if (circuit->lines[rule->when.lines[i]].value == wanted)
            return true;
    return false;
}

static void run_rule(struct circuit *circuit, const struct triggered_rule *triggered,
                     const struct timestamps *now)
{
    const struct circuit_rule_options *rule = &circuit->options.rules[triggered->rule];
    struct refusal unused;
    bool asks = !triggered->is_delayed || (rule->if_still && !triggered->only_off);
    if (asks && !condition_is_met(circuit, rule, now))
        return;
    if (triggered->is_delayed || rule->after_ms == 0)
        (void)do_commands(circuit, triggered, now, &unused);
    else if (still_holds(circuit, rule))
        delay_begin(circuit, triggered->rule, triggered->caused_by_run, now);
}

void rule_run_all(struct circuit *circuit, const struct timestamps *now)
{
    struct triggered_rule triggered;
    for (int ran = 0; !circuit->ended && trigger_take(circuit, &triggered); ran++) {
        run_rule(circuit, &triggered, now);
        if (ran + 1 == RULE_CHAIN_MAX)
            trigger_drop_all(circuit);
    }
}

/* Has the command mean the line or scene of the same name. False when that is gone. */
static bool find_again(const struct circuit_options *options, const struct circuit_options *before,
                       struct command *command)
{
    int index = 0;
    if (command->verb == COMMAND_SCENE || command->verb == COMMAND_SCENE_STOP)
        index = circuit_options_find_scene(options, before->scenes[command->line].name);
    else if (command->verb != COMMAND_OFF)
        index = circuit_options_find_after(options, before, command->line);
    command->line = (uint16_t)index;
    return index >= 0;
}

static void switch_off(struct circuit *circuit, const struct circuit_options *before, size_t rule,
                       const struct timestamps *now)
{
    const struct circuit_rule_options *options = &before->rules[rule];
    for (size_t i = 0; i < options->commands.count; i++) {
        struct command command = options->commands.list[i];
        struct refusal refusal;
        if (verb_is_off(before, &command) && find_again(&circuit->options, before, &command))
            (void)do_command(circuit, options->name, &command, now, &refusal);
    }
}

void rule_find_ended(const struct circuit *circuit, const struct circuit_options *next,
                     bool ret_ended[CIRCUIT_RULES_MAX])
{
    for (size_t i = 0; i < circuit->options.rule_count; i++) {
        int rule = circuit_options_find_rule(next, circuit->options.rules[i].name);
        ret_ended[i] =
            circuit->rules[i].delay_count > 0 &&
            (rule < 0 || !trigger_is_same_rule(next, (size_t)rule, &circuit->options, i));
    }
}

void rule_switch_off(struct circuit *circuit, const struct circuit_options *before,
                     const bool ended[CIRCUIT_RULES_MAX], const struct timestamps *now)
{
    for (size_t i = 0; i < before->rule_count; i++)
        if (ended[i])
            switch_off(circuit, before, i, now);
}

static void enable(struct circuit *circuit, size_t rule, bool is_enabled)
{
    struct rule_state *state = &circuit->rules[rule];
    if (state->is_disabled == !is_enabled)
        return;
    state->is_disabled = !is_enabled;
    if (!is_enabled)
        delay_keep_off(circuit, rule);
    if (circuit->store.changed)
        circuit->store.changed(circuit->store.context, false);
}

int rule_command(struct circuit *circuit, const struct command *command,
                 const struct timestamps *now, struct refusal *refusal)
{
    const struct triggered_rule triggered = {.rule = command->line, .is_delayed = true};
    if (command->line >= circuit->options.rule_count)
        return refuse(refusal, REFUSAL_BAD_REQUEST, "There is no such rule.");
    if (command->verb == COMMAND_RULE_RUN)
        return do_commands(circuit, &triggered, now, refusal);
    enable(circuit, command->line, command->verb == COMMAND_RULE_ENABLE);
    return 0;
}

void rule_resume_all(struct circuit *circuit, const struct timestamps *now)
{
    const struct circuit_store *store = &circuit->store;
    for (size_t i = 0; store->recall_rule && i < circuit->options.rule_count; i++) {
        struct rule_record record;
        if (!store->recall_rule(store->context, circuit->options.rules[i].name, &record))
            continue;
        circuit->rules[i].is_disabled = record.is_disabled;
        delay_resume(circuit, i, &record, now);
    }
}
