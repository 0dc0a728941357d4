/* Methods about the gateway itself: system.ping, system.methods. */
#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "circuit/journal.h"
#include "protocol/method/method.h"
#include "protocol/method/method_schema.h"

static void write_ping(const struct result *result, struct json_writer *writer)
{
    const struct journal *journal = circuit_journal(result->service->circuit);
    json_write_object(writer, NULL);
    json_write_integer(writer, "time_ns", result->now.wall_ns);
    json_write_text(writer, "boot", journal_run_id(journal));
    json_write_unsigned(writer, "seq", journal_last(journal));
    json_write_object_end(writer);
}

static int system_ping(struct method_call *call)
{
    return method_answer(call, write_ping);
}

static void write_method(struct json_writer *writer, const struct method *method)
{
    json_write_object(writer, NULL);
    json_write_text(writer, "name", method->name);
    json_write_text(writer, "summary", method->summary);
    json_write_text(writer, "role", role_name(method->role));
    json_write_list(writer, "params");
    for (size_t i = 0; i < METHOD_PARAMS_MAX && method->params[i].type != PARAM_END; i++) {
        json_write_object(writer, NULL);
        json_write_text(writer, "name", method->params[i].name);
        json_write_bool(writer, "required", method->params[i].required);
        method_schema_write(writer, "schema", &method->params[i]);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static void write_methods(const struct result *result, struct json_writer *writer)
{
    const struct method *method;
    (void)result;
    json_write_object(writer, NULL);
    json_write_list(writer, "methods");
    for (size_t i = 0; (method = method_at(i)); i++)
        write_method(writer, method);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static int system_methods_list(struct method_call *call)
{
    return method_answer(call, write_methods);
}

const struct method system_methods[] = {
    {"system.ping", ROLE_VIEWER, "Whether the gateway answers, and its clock", system_ping, {{0}}},
    {"system.methods", ROLE_VIEWER, "This table", system_methods_list, {{0}}},
    {0},
};
