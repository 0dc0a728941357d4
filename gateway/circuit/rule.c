#include "circuit/rule.h"

#include "circuit/execute.h"
#include "circuit/trigger.h"

#include <stdio.h>

/* The commands are executed in order; one that is refused does not keep the others from it. */
static void run_rule(struct circuit *circuit, const struct triggered_rule *triggered,
                     const struct timestamps *now)
{
    const struct circuit_rule_options *options = &circuit->options.rules[triggered->rule];
    for (size_t i = 0; i < options->commands.count; i++) {
        struct command command = options->commands.list[i];
        struct outcome outcome;
        struct refusal refusal;
        command.by.role = ROLE_NONE;
        command.caused_by_run = triggered->caused_by_run;
        (void)snprintf(command.by.source, sizeof command.by.source, CIRCUIT_RULE_SOURCE "%s",
                       options->name);
        if (execute_command(circuit, &command, EVENT_RULE, now, &outcome, &refusal) < 0)
            circuit_report_refused(circuit, false, options->name, &refusal);
    }
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
