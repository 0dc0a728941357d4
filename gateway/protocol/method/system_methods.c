/* Methods about the gateway itself: system.ping, system.methods. */
#include "base/json.h"
#include "circuit/circuit.h"
#include "circuit/journal.h"
#include "protocol/method/method.h"
#include "protocol/method/method_schema.h"

static int system_ping(struct method_call *call)
{
    const struct journal *journal = circuit_journal(call->service->circuit);
    call->result = json_new_object();
    json_add_integer(call->result, "time_ns", call->now.wall_ns);
    json_add_text(call->result, "boot", journal_run_id(journal));
    json_add_integer(call->result, "seq", (int64_t)journal_last(journal));
    return 0;
}

static int system_methods_list(struct method_call *call)
{
    call->result = json_new_object();
    struct json *methods = json_new_array_in(call->result, "methods");
    const struct method *method;
    for (size_t i = 0; (method = method_at(i)); i++) {
        struct json *entry = json_new_object_in(methods, NULL);
        json_add_text(entry, "name", method->name);
        json_add_text(entry, "summary", method->summary);
        json_add_text(entry, "role", role_name(method->role));
        struct json *params = json_new_array_in(entry, "params");
        for (size_t j = 0; j < METHOD_PARAMS_MAX && method->params[j].type != PARAM_END; j++) {
            struct json *param = json_new_object_in(params, NULL);
            json_add_text(param, "name", method->params[j].name);
            json_add_bool(param, "required", method->params[j].required);
            json_add(param, "schema", method_schema(&method->params[j]));
        }
    }
    return 0;
}

const struct method system_methods[] = {
    {"system.ping", ROLE_VIEWER, "Whether the gateway answers, and its clock", system_ping, {{0}}},
    {"system.methods", ROLE_VIEWER, "This table", system_methods_list, {{0}}},
    {0},
};
