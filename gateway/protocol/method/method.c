#include "protocol/method/method.h"

#include "base/json.h"
#include "base/nearest.h"
#include "base/owner.h"
#include "circuit/circuit.h"

#include <errno.h>
#include <string.h>

static const struct method *const rooms[] = {line_methods, circuit_methods, socket_methods,
                                             lesson_methods, system_methods};

const struct method *method_at(size_t index)
{
    for (size_t room = 0; room < ARRAY_LENGTH(rooms); room++)
        for (const struct method *method = rooms[room]; method->name; method++)
            if (index-- == 0)
                return method;
    return NULL;
}

const struct method *method_find(const char *name)
{
    const struct method *method;
    for (size_t i = 0; (method = method_at(i)); i++)
        if (strcmp(method->name, name) == 0)
            return method;
    return NULL;
}

static int no_such_line(const struct circuit *circuit, const char *name, struct problem *problem)
{
    const struct circuit_options *options = circuit_description(circuit);
    const char *names[CIRCUIT_LINES_MAX];
    for (size_t i = 0; i < options->line_count; i++)
        names[i] = options->lines[i].name;
    const char *nearest = nearest_name(name, names, options->line_count);
    if (nearest)
        return problem_set(problem, PROBLEM_NO_SUCH_LINE,
                           "There is no line \"%.40s\". Did you mean \"%s\"?", name, nearest);
    return problem_set(problem, PROBLEM_NO_SUCH_LINE, "There is no line \"%.40s\" in this circuit.",
                       name);
}

static int read_line(const struct method_call *call, const struct json *value,
                     struct argument *argument, struct problem *problem)
{
    const char *name = json_text(value);
    if (!name)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "line: give the name of a line");
    argument->integer = circuit_find(call->service->circuit, name);
    return argument->integer < 0 ? no_such_line(call->service->circuit, name, problem) : 0;
}

static int read_scene(const struct method_call *call, const struct json *value,
                      struct argument *argument, struct problem *problem)
{
    const char *name = json_text(value);
    argument->integer = name ? circuit_find_scene(call->service->circuit, name) : -1;
    if (argument->integer < 0)
        return problem_set(problem, PROBLEM_NOT_FOUND, "There is no scene \"%.40s\".",
                           name ? name : "");
    return 0;
}

static int read_number(const struct param *param, const struct json *value,
                       struct argument *argument, struct problem *problem)
{
    bool whole = param->type == PARAM_INTEGER;
    int error =
        whole ? json_integer(value, (int64_t)param->min, (int64_t)param->max, &argument->integer)
              : json_real(value, param->min, param->max, &argument->real);
    if (!error)
        return 0;
    return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: %s between %.15g and %.15g%s%s is needed",
                       param->name, whole ? "a whole number" : "a number", param->min, param->max,
                       param->unit ? " " : "", param->unit ? param->unit : "");
}

static int read_text(const struct param *param, const struct json *value, struct argument *argument,
                     struct problem *problem)
{
    argument->text = json_text(value);
    if (!argument->text)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: a text is needed", param->name);
    for (const char *at = argument->text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return problem_set(problem, PROBLEM_BAD_REQUEST,
                               "%s: one line of text, without control bytes", param->name);
    if (param->type == PARAM_CURSOR && !journal_cursor_is_valid(argument->text))
        return problem_set(problem, PROBLEM_BAD_REQUEST,
                           "%s: \"<boot>-<seq>\" is needed, as 9f3c61d2-42", param->name);
    if (param->type == PARAM_TEXT && (double)strlen(argument->text) > param->max)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: at most %.0f bytes", param->name,
                           param->max);
    return 0;
}

static int read_argument(const struct method_call *call, const struct param *param,
                         const struct json *value, struct argument *argument,
                         struct problem *problem)
{
    argument->given = true;
    switch (param->type) {
    case PARAM_LINE:
        return read_line(call, value, argument, problem);
    case PARAM_SCENE:
        return read_scene(call, value, argument, problem);
    case PARAM_SWITCH: {
        int on;
        if (json_switch(value, &on))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: 0, 1, true or false is needed",
                               param->name);
        argument->integer = on;
        return 0;
    }
    case PARAM_LEASE:
        if (!json_text(value) || strcmp(json_text(value), "connection") != 0)
            return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: \"connection\" is needed",
                               param->name);
        return 0;
    case PARAM_INTEGER:
    case PARAM_REAL:
        return read_number(param, value, argument, problem);
    case PARAM_TEXT:
    case PARAM_CURSOR:
        return read_text(param, value, argument, problem);
    case PARAM_VALUES:
        argument->json = value;
        if (!json_is(value, JSON_OBJECT))
            return problem_set(problem, PROBLEM_BAD_REQUEST,
                               "%s: an object of line names and values is needed", param->name);
        return 0;
    case PARAM_END:
        break;
    }
    return 0;
}

static int param_index(const struct method *method, const char *name)
{
    for (int i = 0; i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END; i++)
        if (strcmp(method->params[i].name, name) == 0)
            return i;
    return -1;
}

static int unknown_param(const struct method *method, const char *name, struct problem *problem)
{
    const char *names[METHOD_PARAMS_MAX];
    size_t count = 0;
    while (count < METHOD_PARAMS_MAX && method->params[count].type != PARAM_END) {
        names[count] = method->params[count].name;
        count++;
    }
    const char *nearest = nearest_name(name, names, count);
    return problem_set(problem, PROBLEM_BAD_REQUEST, "%s has no parameter \"%.40s\"%s%s%s",
                       method->name, name, nearest ? "; did you mean \"" : "",
                       nearest ? nearest : "", nearest ? "\"?" : "");
}

static int read_arguments(struct method_call *call, const struct method *method,
                          const struct json *params, struct problem *problem)
{
    bool by_name = json_is(params, JSON_OBJECT);
    if (params && !by_name && !json_is(params, JSON_ARRAY))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "params: an object or a list is needed");
    int position = 0;
    for (const struct json *value = json_first(params); value; value = json_next(value)) {
        int i = by_name ? param_index(method, json_key(value)) : position++;
        if (!by_name && (i >= METHOD_PARAMS_MAX || method->params[i].type == PARAM_END))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: too many parameters",
                               method->name);
        if (i < 0)
            return unknown_param(method, json_key(value), problem);
        if (read_argument(call, &method->params[i], value, &call->arguments[i], problem))
            return -1;
    }
    for (int i = 0; i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END; i++)
        if (method->params[i].required && !call->arguments[i].given)
            return problem_set(problem, PROBLEM_BAD_REQUEST, "%s: \"%s\" is missing", method->name,
                               method->params[i].name);
    return 0;
}

static int check_role(const struct method *method, enum role role, struct problem *problem)
{
    if (role >= method->role)
        return 0;
    if (role == ROLE_NONE)
        return problem_set(problem, PROBLEM_UNAUTHORIZED,
                           "A token is needed; `gpio-gateway token show` prints it.");
    return problem_set(problem, PROBLEM_FORBIDDEN,
                       "%s needs the operator's token; this one may only look.", method->name);
}

struct origin method_origin(const struct method_call *call)
{
    struct origin origin = {.role = call->caller->role};
    (void)snprintf(origin.source, sizeof origin.source, "%s", call->caller->source);
    return origin;
}

void method_take_expect(struct command *command, const struct argument *expect)
{
    command->has_expect = expect->given;
    command->expect = (uint64_t)expect->integer;
}

int method_take_lease(struct method_call *call, struct command *command,
                      const struct argument leases[2])
{
    command->lease_ms = (uint32_t)leases[0].integer;
    if (!leases[1].given)
        return 0;
    command->lease_connection = call->caller->connection;
    if (call->caller->connection == 0)
        return problem_set(&call->problem, PROBLEM_BAD_REQUEST,
                           "lease: \"connection\" needs a connection that stays open, as a "
                           "WebSocket; give lease_ms here");
    return 0;
}

int method_answer(struct method_call *call,
                  void (*write)(const struct result *result, struct json_writer *writer))
{
    call->result->kind = RESULT_WRITTEN;
    call->result->written.write = write;
    return 0;
}

int method_call(struct service *service, const struct method *method, const struct caller *caller,
                const struct json *params, struct result *ret_result, struct problem *problem)
{
    struct result result = {.service = service, .caller = caller, .now = service_now()};
    struct method_call call = {
        .service = service, .caller = caller, .now = result.now, .result = &result};
    service->counters.calls++;
    int error = check_role(method, caller->role, problem);
    if (!error)
        error = read_arguments(&call, method, params, problem);
    if (!error) {
        error = method->handler(&call);
        if (service->circuit_touched)
            service->circuit_touched(service->circuit_context);
        *problem = call.problem;
    }
    if (error) {
        service->counters.call_errors++;
        return -1;
    }
    *ret_result = result;
    return 0;
}
