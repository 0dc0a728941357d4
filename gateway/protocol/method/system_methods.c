/* Methods about the gateway itself: system.methods, neighbours.list. */
#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "protocol/auth.h"
#include "protocol/method/method.h"
#include "protocol/neighbours.h"

enum { USAGE_MAX_BYTES = 256 };

static void write_ping(const struct result *result, struct json_writer *writer)
{
    const struct journal *journal = circuit_journal(result->service->circuit);
    json_write_object(writer, NULL);
    json_write_integer(writer, "time_ns", result->now.wall_ns);
    json_write_text(writer, "boot", journal_run_id(journal));
    json_write_unsigned(writer, "seq", journal_last(journal));
    json_write_object_end(writer);
}

int system_ping(struct method_call *call)
{
    return method_answer(call, write_ping);
}

static void write_params(struct json_writer *writer, const struct field_table *fields)
{
    json_write_list(writer, "params");
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->fields[i];
        json_write_object(writer, NULL);
        json_write_text(writer, "name", field->name);
        json_write_bool(writer, "required", field->required);
        json_write_bool(writer, "plain", field->plain);
        field_write_schema(field, "schema", writer);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static void write_method(struct json_writer *writer, const struct verb *verb)
{
    struct buffer usage;
    buffer_init(&usage, USAGE_MAX_BYTES);
    verb_print_usage(verb, &usage);
    json_write_object(writer, NULL);
    json_write_text(writer, "name", verb->name);
    json_write_text(writer, "summary", verb->summary);
    json_write_text(writer, "role", role_name(verb->role));
    json_write_text(writer, "word", verb->word);
    json_write_text(writer, "suffix", verb->suffix);
    json_write_text(writer, "usage", verb->word ? buffer_text(&usage) : NULL);
    json_write_bool(writer, "once", verb->once);
    json_write_bool(writer, "in_rules", verb->in_rules);
    json_write_text(writer, "rest", verb->rest);
    json_write_text(writer, "path", verb->path);
    write_params(writer, &verb->fields);
    json_write_object_end(writer);
    buffer_done(&usage);
}

static void write_methods(const struct result *result, struct json_writer *writer)
{
    const struct verb *verb;
    (void)result;
    json_write_object(writer, NULL);
    json_write_list(writer, "methods");
    for (size_t i = 0; (verb = method_at(i)); i++)
        write_method(writer, verb);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static int system_methods_list(struct method_call *call)
{
    return method_answer(call, write_methods);
}

static void write_neighbours(const struct result *result, struct json_writer *writer)
{
    neighbours_write(result->service->neighbours, writer);
}

static int neighbours_list(struct method_call *call)
{
    return method_answer(call, write_neighbours);
}

static const struct method rows[] = {
    {{"neighbours.list", .role = ROLE_VIEWER, .summary = "Other gateways in the network",
      .rest = "GET", .path = "/api/v1/neighbours", .answers = "neighbours"},
     neighbours_list},
    {{"system.methods", .role = ROLE_VIEWER, .summary = "This table", .answers = "method_list"},
     system_methods_list},
};

const struct method_table system_methods = {rows, sizeof rows / sizeof rows[0]};
