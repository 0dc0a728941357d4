#include "circuit/rule.h"

#include "circuit/execute.h"
#include "circuit/trigger.h"

#include <stdio.h>

static void run_rule(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    struct command command = options->command;
    struct outcome outcome;
    struct refusal refusal;
    command.by.role = ROLE_NONE;
    (void)snprintf(command.by.source, sizeof command.by.source, CIRCUIT_RULE_SOURCE "%s",
                   options->name);
    if (execute_command(circuit, &command, EVENT_RULE, now, &outcome, &refusal) == 0)
        return;
    circuit_report_refused(circuit, false, options->name, &refusal);
}

void rule_run_all(struct circuit *circuit, const struct timestamps *now)
{
    size_t rule;
    for (int ran = 0; !circuit->ended && trigger_take(circuit, &rule); ran++) {
        run_rule(circuit, rule, now);
        if (ran + 1 == RULE_CHAIN_MAX)
            trigger_drop_all(circuit);
    }
}
