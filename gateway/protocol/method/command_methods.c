/* What answers the circuit's verbs. */
#include "circuit/circuit.h"
#include "protocol/method/method.h"

#include <string.h>

/* ---- verbs that act ---- */

/* OFF is for viewers, too, where the config says so. */
static int check_off(struct method_call *call)
{
    const struct circuit_options *options = circuit_description(call->service->circuit);
    if (call->caller->role >= ROLE_OPERATOR || options->viewers_may_switch_off)
        return 0;
    return problem_set(&call->problem, PROBLEM_FORBIDDEN,
                       "Off needs the operator's token; circuit.viewers_may_switch_off in the "
                       "config would let viewers do it.");
}

static void read_values(const struct method_call *call, uint8_t values[CIRCUIT_LINES_MAX])
{
    const struct circuit *circuit = call->service->circuit;
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        struct line_state state;
        circuit_line(circuit, i, &call->now, &state);
        values[i] = state.value;
    }
}

/* Does a command on several lines and answers which of them it changed. */
static int call_many(struct method_call *call, const struct command *command)
{
    struct circuit *circuit = call->service->circuit;
    struct result *result = call->result;
    uint8_t before[CIRCUIT_LINES_MAX] = {0};
    uint8_t after[CIRCUIT_LINES_MAX] = {0};
    struct outcome unused;
    struct refusal refusal = {.blocked_by = -1};
    read_values(call, before);
    if (circuit_command(circuit, command, &call->now, &unused, &refusal))
        return method_refuse(call, &refusal);
    read_values(call, after);
    result_begin_changed(result);
    for (size_t i = 0; i < circuit_line_count(circuit); i++)
        if (after[i] != before[i])
            result->changed.lines[result->changed.count++] = (uint16_t)i;
    result->changed.seq = journal_last(circuit_journal(circuit));
    if (command->verb == COMMAND_SCENE || command->verb == COMMAND_SCENE_STOP) {
        struct scene_state state;
        circuit_scene(circuit, command->line, &call->now, &state);
        result->changed.is_program = state.options->is_program;
        result->changed.running = state.running;
    }
    return 0;
}

static int call_rule(struct method_call *call, const struct command *command)
{
    struct outcome unused;
    struct refusal refusal = {.blocked_by = -1};
    if (circuit_command(call->service->circuit, command, &call->now, &unused, &refusal))
        return method_refuse(call, &refusal);
    call->result->kind = RESULT_RULE;
    call->result->rule = command->line;
    return 0;
}

int command_call(struct method_call *call)
{
    struct command command;
    struct refusal refusal = {.blocked_by = -1};
    if (method_take_command(call, &command))
        return -1;
    command.verb = call->verb->command;
    if (command.verb == COMMAND_OFF && check_off(call))
        return -1;
    if (command.verb == COMMAND_OFF || command.verb == COMMAND_SCENE ||
        command.verb == COMMAND_SCENE_STOP)
        return call_many(call, &command);
    if (verb_is_of_rule(call->verb))
        return call_rule(call, &command);
    call->result->kind = RESULT_OUTCOME;
    if (circuit_command(call->service->circuit, &command, &call->now, &call->result->outcome,
                        &refusal))
        return method_refuse(call, &refusal);
    return 0;
}

/* ---- the others ---- */

static int line_get(struct method_call *call)
{
    const struct command *command = call->params;
    call->result->kind = RESULT_LINE;
    call->result->line = command->line;
    return 0;
}

static int lines_get(struct method_call *call)
{
    call->result->kind = RESULT_LINES;
    return 0;
}

static int simulator_set(struct method_call *call)
{
    struct circuit *circuit = call->service->circuit;
    struct command command;
    struct line_state before;
    struct line_state after;
    struct refusal refusal = {.blocked_by = -1};
    if (method_take_command(call, &command))
        return -1;
    circuit_line(circuit, command.line, &call->now, &before);
    if (circuit_simulate(circuit, command.line, command.value, &command.by, &call->now, &refusal))
        return method_refuse(call, &refusal);
    circuit_line(circuit, command.line, &call->now, &after);
    call->result->kind = RESULT_OUTCOME;
    call->result->outcome = (struct outcome){
        .line = command.line, .was = before.value, .value = after.value, .seq = after.seq};
    return 0;
}

method_handler *query_handler(const struct verb *verb)
{
    static const struct {
        const char *name;
        method_handler *handler;
    } rows[] = {
        {"line.get", line_get},
        {"lines.get", lines_get},
        {"simulator.set", simulator_set},
        {"system.ping", system_ping},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, verb->name) == 0)
            return rows[i].handler;
    return NULL;
}
