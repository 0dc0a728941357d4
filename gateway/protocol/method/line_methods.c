/* Methods of one line: line.get, line.set, line.toggle, line.pulse, line.blink, line.pwm, … */
#include "circuit/circuit.h"
#include "protocol/method/method.h"

#include <stdio.h>
#include <string.h>

#define LINE                                                                                       \
    {                                                                                              \
        "line", PARAM_LINE, true, 0, 0, NULL, "name of the line"                                   \
    }
#define EXPECT PARAM_EXPECT("refuse unless this is still the line's seq")
#define DURATION(name, required, doc)                                                              \
    {                                                                                              \
        name, PARAM_INTEGER, required, 1, COMMAND_DURATION_MAX_MS, "ms", doc                       \
    }

/* The refusal in the words of the interface, with the name of the line that blocks. */
static int refuse(struct method_call *call, const struct refusal *refusal)
{
    const struct circuit_options *options = circuit_description(call->service->circuit);
    const char *blocked_by = refusal->blocked_by >= 0 && refusal->code == REFUSAL_INTERLOCK
                                 ? options->lines[refusal->blocked_by].name
                                 : NULL;
    return problem_from_refusal(&call->problem, refusal, blocked_by);
}

static int run(struct method_call *call, struct command *command)
{
    struct circuit *circuit = call->service->circuit;
    command->line = (uint16_t)call->arguments[0].integer;
    command->by = method_origin(call);
    struct refusal refusal = {.blocked_by = -1};
    call->result->kind = RESULT_OUTCOME;
    if (circuit_command(circuit, command, &call->now, &call->result->outcome, &refusal))
        return refuse(call, &refusal);
    return 0;
}

static int line_get(struct method_call *call)
{
    call->result->kind = RESULT_LINE;
    call->result->line = (uint16_t)call->arguments[0].integer;
    return 0;
}

static int line_set(struct method_call *call)
{
    struct command command = {.verb = COMMAND_SET,
                              .value = (uint8_t)call->arguments[1].integer,
                              .for_ms = (uint32_t)call->arguments[2].integer};
    method_take_expect(&command, &call->arguments[3]);
    if (method_take_lease(call, &command, &call->arguments[4]))
        return -1;
    return run(call, &command);
}

static int line_toggle(struct method_call *call)
{
    struct command command = {.verb = COMMAND_TOGGLE};
    method_take_expect(&command, &call->arguments[1]);
    if (method_take_lease(call, &command, &call->arguments[2]))
        return -1;
    return run(call, &command);
}

static int line_pulse(struct method_call *call)
{
    struct command command = {.verb = COMMAND_PULSE,
                              .for_ms = (uint32_t)call->arguments[1].integer};
    method_take_expect(&command, &call->arguments[2]);
    return run(call, &command);
}

static int line_blink(struct method_call *call)
{
    struct command command = {.verb = COMMAND_BLINK,
                              .on_ms = (uint32_t)call->arguments[1].integer,
                              .off_ms = (uint32_t)call->arguments[2].integer,
                              .count = (uint32_t)call->arguments[3].integer};
    method_take_expect(&command, &call->arguments[4]);
    if (method_take_lease(call, &command, &call->arguments[5]))
        return -1;
    return run(call, &command);
}

static int line_pwm(struct method_call *call)
{
    struct command command = {.verb = COMMAND_PWM,
                              .duty = call->arguments[1].real,
                              .hz = call->arguments[2].given ? call->arguments[2].real : 200};
    method_take_expect(&command, &call->arguments[3]);
    if (method_take_lease(call, &command, &call->arguments[4]))
        return -1;
    return run(call, &command);
}

static int line_stop(struct method_call *call)
{
    struct command command = {.verb = COMMAND_STOP};
    method_take_expect(&command, &call->arguments[1]);
    return run(call, &command);
}

static int line_lock(struct method_call *call)
{
    struct command command = {.verb = COMMAND_LOCK};
    (void)snprintf(command.reason, sizeof command.reason, "%s", call->arguments[1].text);
    method_take_expect(&command, &call->arguments[2]);
    return run(call, &command);
}

static int line_unlock(struct method_call *call)
{
    struct command command = {.verb = COMMAND_UNLOCK};
    method_take_expect(&command, &call->arguments[1]);
    return run(call, &command);
}

static int simulator_set(struct method_call *call)
{
    struct circuit *circuit = call->service->circuit;
    size_t line = (size_t)call->arguments[0].integer;
    struct line_state before;
    struct line_state after;
    struct refusal refusal = {.blocked_by = -1};
    circuit_line(circuit, line, &call->now, &before);
    struct origin by = method_origin(call);
    if (circuit_simulate(circuit, line, (int)call->arguments[1].integer, &by, &call->now, &refusal))
        return refuse(call, &refusal);
    circuit_line(circuit, line, &call->now, &after);
    call->result->kind = RESULT_OUTCOME;
    call->result->outcome = (struct outcome){
        .line = (uint16_t)line, .was = before.value, .value = after.value, .seq = after.seq};
    return 0;
}

const struct method line_methods[] = {
    {"line.get", ROLE_VIEWER, "State and description of one line", line_get, {LINE}},
    {"line.set",
     ROLE_OPERATOR,
     "Set an output",
     line_set,
     {LINE,
      {"value", PARAM_SWITCH, true, 0, 1, NULL, "0 or 1"},
      DURATION("for_ms", false, "back to the value before after this time"),
      EXPECT,
      PARAM_LEASES}},
    {"line.toggle", ROLE_OPERATOR, "Toggle an output", line_toggle, {LINE, EXPECT, PARAM_LEASES}},
    {"line.pulse",
     ROLE_OPERATOR,
     "Switch an output on for a time",
     line_pulse,
     {LINE, DURATION("ms", true, "length of the pulse"), EXPECT}},
    {"line.blink",
     ROLE_OPERATOR,
     "Blink an output, count times or until stopped",
     line_blink,
     {LINE,
      DURATION("on_ms", true, "time on"),
      DURATION("off_ms", true, "time off"),
      {"count", PARAM_INTEGER, false, 1, 1000000, NULL, "times on; endless when it is missing"},
      EXPECT,
      PARAM_LEASES}},
    {"line.pwm",
     ROLE_OPERATOR,
     "Dim an output by pulse-width modulation",
     line_pwm,
     {LINE,
      {"duty", PARAM_REAL, true, 0, 1, NULL, "share of time on"},
      {"hz", PARAM_REAL, false, 0.1, 500, "Hz", "frequency; 200 when it is missing"},
      EXPECT,
      PARAM_LEASES}},
    {"line.stop",
     ROLE_OPERATOR,
     "End what runs on a line: a blink at the value of that moment, PWM off",
     line_stop,
     {LINE, EXPECT}},
    {"line.lock",
     ROLE_OPERATOR,
     "Refuse every command on a line until it is unlocked",
     line_lock,
     {LINE,
      {"reason", PARAM_TEXT, true, 0, COMMAND_REASON_SIZE - 1, NULL, "told to whoever tries"},
      EXPECT}},
    {"line.unlock", ROLE_OPERATOR, "Allow commands on a line again", line_unlock, {LINE, EXPECT}},
    {"simulator.set",
     ROLE_OPERATOR,
     "Drive a simulated input",
     simulator_set,
     {LINE, {"value", PARAM_SWITCH, true, 0, 1, NULL, "logical value, after active_low"}}},
    {0},
};
