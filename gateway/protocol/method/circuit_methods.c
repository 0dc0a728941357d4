/* Methods of the whole circuit: circuit.get, circuit.off, lines.get, lines.set, scenes, history. */
#include "base/json.h"
#include "circuit/circuit.h"
#include "protocol/method/method.h"

#include <string.h>

#define UNCHANGED PARAM_EXPECT("refuse when one of the lines has changed since this seq")

enum {
    HISTORY_DEFAULT = 1000, /* events of one answer */
    /* More may be asked for, and is given page by page: an answer holds the loop for some 10 ms. */
    HISTORY_MAX = 4096,
};

static int circuit_get(struct method_call *call)
{
    call->result->kind = RESULT_CIRCUIT;
    return 0;
}

static int lines_get(struct method_call *call)
{
    call->result->kind = RESULT_LINES;
    return 0;
}

/* The lines that changed stand in the result already. */
static int answer_changed(struct method_call *call, size_t count)
{
    call->result->kind = RESULT_CHANGED;
    call->result->changed.count = (uint16_t)count;
    call->result->changed.seq = journal_last(circuit_journal(call->service->circuit));
    return 0;
}

static int refuse(struct method_call *call, const struct refusal *refusal)
{
    const struct circuit_options *options = circuit_description(call->service->circuit);
    bool blocked = refusal->code == REFUSAL_INTERLOCK && refusal->blocked_by >= 0;
    return problem_from_refusal(&call->problem, refusal,
                                blocked ? options->lines[refusal->blocked_by].name : NULL);
}

/* Reads {"red":1,"green":0} into `values`; the number of them, or -1 with the problem. */
static int read_values(struct method_call *call, const struct json *object,
                       struct line_value values[CIRCUIT_LINES_MAX])
{
    const struct circuit *circuit = call->service->circuit;
    int count = 0;
    for (const struct json *member = json_first(object); member; member = json_next(member)) {
        int line = circuit_find(circuit, json_key(member));
        int on;
        if (line < 0)
            return problem_set(&call->problem, PROBLEM_NO_SUCH_LINE, "There is no line \"%.40s\".",
                               json_key(member));
        if (json_switch(member, &on))
            return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                               "%s: 0, 1, true or false is needed", json_key(member));
        values[count++] = (struct line_value){.line = (uint16_t)line, .value = (uint8_t)on};
    }
    if (count == 0)
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                           "Name at least one line, as {\"red\":1}.");
    return count;
}

static int lines_set(struct method_call *call)
{
    struct circuit *circuit = call->service->circuit;
    struct line_value values[CIRCUIT_LINES_MAX];
    int count = read_values(call, call->arguments[0].json, values);
    if (count < 0)
        return -1;
    struct refusal refusal = {.blocked_by = -1};
    struct command command = {.by = method_origin(call)};
    method_take_expect(&command, &call->arguments[1]);
    if (method_take_lease(call, &command, &call->arguments[2]))
        return -1;
    int changes = circuit_set_many(circuit, values, (size_t)count, &command, &call->now,
                                   call->result->changed.lines, &refusal);
    return changes < 0 ? refuse(call, &refusal) : answer_changed(call, (size_t)changes);
}

/* Runs a command on the whole circuit and answers which lines it changed. */
static int run(struct method_call *call, struct command *command)
{
    struct circuit *circuit = call->service->circuit;
    size_t count = circuit_line_count(circuit);
    uint8_t before[CIRCUIT_LINES_MAX];
    struct line_state state;
    for (size_t i = 0; i < count; i++) {
        circuit_line(circuit, i, &call->now, &state);
        before[i] = state.value;
    }
    struct outcome outcome;
    struct refusal refusal = {.blocked_by = -1};
    command->by = method_origin(call);
    if (circuit_command(circuit, command, &call->now, &outcome, &refusal))
        return refuse(call, &refusal);
    size_t changes = 0;
    for (size_t i = 0; i < count; i++) {
        circuit_line(circuit, i, &call->now, &state);
        if (state.value != before[i])
            call->result->changed.lines[changes++] = (uint16_t)i;
    }
    return answer_changed(call, changes);
}

static int circuit_off(struct method_call *call)
{
    const struct circuit_options *options = circuit_description(call->service->circuit);
    if (call->caller->role < ROLE_OPERATOR && !options->viewers_may_switch_off)
        return problem_set(&call->problem, PROBLEM_FORBIDDEN,
                           "Off needs the operator's token; circuit.viewers_may_switch_off in the "
                           "config would let viewers do it.");
    struct command command = {.verb = COMMAND_OFF};
    return run(call, &command);
}

static int scene_apply(struct method_call *call)
{
    struct command command = {.verb = COMMAND_SCENE, .line = (uint16_t)call->arguments[0].integer};
    method_take_expect(&command, &call->arguments[1]);
    if (method_take_lease(call, &command, &call->arguments[2]))
        return -1;
    return run(call, &command);
}

/* The first event that a history may hold: the one after `since`, or the oldest. */
static uint64_t history_start(const struct method_call *call, const struct journal *journal,
                              bool *ret_complete)
{
    uint64_t first = journal_first(journal);
    uint64_t seq = first - 1;
    *ret_complete = true;
    if (call->arguments[1].given)
        *ret_complete = journal_resume(journal, call->arguments[1].text, &seq);
    else
        *ret_complete = first <= 1;
    return seq + 1 > first ? seq + 1 : first;
}

/* Moves the beginning of a history so far that no more than its `limit` newest events are left. */
static void keep_newest(struct history *history, const struct service *service, uint64_t limit)
{
    uint64_t count = 0;
    uint64_t seq = history->first;
    while (history_next(history, service, &seq))
        count++;
    seq = history->first;
    for (; count > limit; count--)
        (void)history_next(history, service, &seq);
    history->complete = history->complete && seq == history->first;
    history->first = seq;
}

/* Moves its end so far that no more than its `limit` oldest events are left. */
static void keep_oldest(struct history *history, const struct service *service, uint64_t limit)
{
    uint64_t seq = history->first;
    while (limit > 0 && history_next(history, service, &seq))
        limit--;
    history->complete = history->complete && seq == history->end;
    history->end = seq;
}

static int history_get(struct method_call *call)
{
    const struct service *service = call->service;
    const struct journal *journal = circuit_journal(service->circuit);
    struct history *history = &call->result->history;
    int64_t limit = call->arguments[2].given ? call->arguments[2].integer : HISTORY_DEFAULT;
    if (limit > HISTORY_MAX)
        limit = HISTORY_MAX;
    call->result->kind = RESULT_HISTORY;
    history->first = history_start(call, journal, &history->complete);
    history->end = journal_last(journal) + 1;
    history->line = NULL;
    if (call->arguments[0].given)
        history->line =
            circuit_description(service->circuit)->lines[call->arguments[0].integer].name;
    /* With `since` the oldest come first, so that a reader pages on; without it the newest count. */
    if (call->arguments[1].given)
        keep_oldest(history, service, (uint64_t)limit);
    else
        keep_newest(history, service, (uint64_t)limit);
    return 0;
}

const struct method circuit_methods[] = {
    {"circuit.get", ROLE_VIEWER, "Everything: name, backend, lines", circuit_get, {{0}}},
    {"circuit.off", ROLE_VIEWER, "Every output to its safe value", circuit_off, {{0}}},
    {"lines.get", ROLE_VIEWER, "State and description of every line", lines_get, {{0}}},
    {"lines.set",
     ROLE_OPERATOR,
     "Set several outputs, all or none",
     lines_set,
     {{"lines", PARAM_VALUES, true, 0, 0, NULL, "line names and their values"},
      UNCHANGED,
      PARAM_LEASES}},
    {"scene.apply",
     ROLE_OPERATOR,
     "Apply a scene of the config, all or none",
     scene_apply,
     {{"scene", PARAM_SCENE, true, 0, 0, NULL, "name of the scene"}, UNCHANGED, PARAM_LEASES}},
    {"history.get",
     ROLE_VIEWER,
     "Past events, oldest first",
     history_get,
     {{"line", PARAM_LINE, false, 0, 0, NULL, "only this line"},
      {"since", PARAM_CURSOR, false, 0, 0, NULL, "only events after this one"},
      {"limit", PARAM_INTEGER, false, 1, JOURNAL_EVENTS_MAX, "events",
       "how many; 1000 when missing, 4096 at most in one answer: `complete` is false then"}}},
    {0},
};
