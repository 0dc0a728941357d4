#include "protocol/method/method.h"

#include "base/clock.h"
#include "base/field_reader.h"
#include "base/json.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "circuit/names.h"
#include "protocol/feed.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct method_table *const tables[] = {
    &circuit_methods,   &history_methods, &socket_methods, &lesson_methods,
    &classroom_methods, &pin_methods,     &system_methods};

const struct verb *method_at(size_t index)
{
    if (index < verb_count())
        return verb_at(index);
    index -= verb_count();
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        if (index < tables[i]->count)
            return &tables[i]->rows[index].verb;
        index -= tables[i]->count;
    }
    return NULL;
}

const struct verb *method_find(const char *name)
{
    const struct verb *verb;
    for (size_t i = 0; (verb = method_at(i)); i++)
        if (strcmp(verb->name, name) == 0)
            break;
    return verb;
}

static method_handler *handler_of(const struct verb *verb)
{
    if (verb->acts)
        return command_call;
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        for (size_t j = 0; j < tables[i]->count; j++)
            if (&tables[i]->rows[j].verb == verb)
                return tables[i]->rows[j].handler;
    return query_handler(verb);
}

bool method_take_fault(void *context, const struct field_fault *fault)
{
    struct problem *problem = context;
    enum problem_code code = PROBLEM_BAD_REQUEST;
    if (fault->kind == FIELD_FAULT_NAME)
        code = fault->names == &circuit_line_names ? PROBLEM_NO_SUCH_LINE : PROBLEM_NOT_FOUND;
    problem_set(problem, code, "%s%s%s", fault->path, *fault->path ? ": " : "", fault->text);
    if (fault->nearest)
        (void)snprintf(problem->nearest, sizeof problem->nearest, "%s", fault->nearest);
    return false; /* one is reported at a time */
}

static int read_params(const struct service *service, const struct verb *verb,
                       const struct json *params, void *target, struct problem *problem)
{
    struct field_table fields = verb->fields;
    fields.title = verb->name;
    const struct field_reading reading = {
        .table = &fields,
        .target = target,
        .owner = circuit_description(service->circuit),
        .noun = "parameter",
        .by_position = true,
        .context = problem,
        .fault = method_take_fault,
    };
    problem->code = PROBLEM_NONE;
    if (field_read(params, &reading))
        return problem_set(problem, PROBLEM_INTERNAL, "Out of memory.");
    return problem->code == PROBLEM_NONE ? 0 : -1;
}

static int check_role(const struct verb *verb, enum role role, struct problem *problem)
{
    if (role >= verb->role)
        return 0;
    if (role == ROLE_NONE)
        return problem_set(problem, PROBLEM_UNAUTHORIZED,
                           "A token is needed; `gpio-gateway token show` prints it.");
    return problem_set(problem, PROBLEM_FORBIDDEN,
                       verb->role == ROLE_ADMIN
                           ? "%s needs the admin's token."
                           : "%s needs the operator's token; this token may only read.",
                       verb->name);
}

int method_take_command(struct method_call *call, struct command *ret_command)
{
    *ret_command = *(const struct command *)call->params;
    ret_command->by = (struct origin){.role = call->caller->role};
    /* Not snprintf(3), which is slower than all the rest of this function. */
    size_t length = strnlen(call->caller->source, sizeof ret_command->by.source - 1);
    memcpy(ret_command->by.source, call->caller->source, length); /* the rest is zero */
    if (!ret_command->with_connection)
        return 0;
    ret_command->lease_connection = call->caller->connection;
    if (call->caller->connection == 0)
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                           "lease: \"connection\" needs a connection that stays open, as a "
                           "WebSocket; give lease_ms here");
    return 0;
}

int method_refuse(struct method_call *call, const struct refusal *refusal)
{
    const struct circuit_options *options = circuit_description(call->service->circuit);
    bool is_blocked = refusal->code == REFUSAL_INTERLOCK && refusal->blocked_by >= 0;
    return problem_from_refusal(&call->problem, refusal,
                                is_blocked ? options->lines[refusal->blocked_by].name : NULL);
}

int method_answer(struct method_call *call,
                  void (*write)(const struct result *result, struct json_writer *writer))
{
    call->result->kind = RESULT_WRITTEN;
    call->result->written.write = write;
    return 0;
}

int method_call(struct service *service, const struct verb *method, const struct caller *caller,
                const struct json *params, struct result *ret_result, struct problem *problem)
{
    _Alignas(max_align_t) char target[METHOD_PARAMS_BYTES];
    struct method_call call = {.service = service,
                               .caller = caller,
                               .now = clock_now(),
                               .verb = method,
                               .params = target,
                               .result = ret_result};
    result_begin(ret_result, service, caller, &call.now);
    assert(method->fields.item_size <= sizeof target);
    /* A verb without fields has a command, too. */
    size_t used = method->fields.item_size;
    memset(target, 0, used > sizeof(struct command) ? used : sizeof(struct command));
    uint64_t seen = journal_last(circuit_journal(service->circuit));
    int error = check_role(method, caller->role, problem);
    if (!error)
        error = read_params(service, method, params, target, problem);
    if (!error) {
        error = handler_of(method)(&call);
        if (service->circuit_touched)
            service->circuit_touched(service->circuit_context);
        *problem = call.problem;
    }
    service->counters.calls[door_of(caller->source)][error ? problem->code : PROBLEM_NONE]++;
    if (journal_last(circuit_journal(service->circuit)) != seen)
        feed_note_command(service->feed, call.now.monotonic_ns);
    if (error) {
        service->counters.call_errors++;
        return -1;
    }
    return 0;
}
