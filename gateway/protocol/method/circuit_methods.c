/* Methods of the whole circuit that are no verbs of it: circuit.get, lines.set, scene.list. */
#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "circuit/names.h"
#include "protocol/json_encode.h"
#include "protocol/json_encode_rule.h"
#include "protocol/method/method.h"

#include <stdio.h>
#include <string.h>

static int circuit_get(struct method_call *call)
{
    call->result->kind = RESULT_CIRCUIT;
    return 0;
}

/* ---- lines.set ---- */

/* The command stands first: it has the fields that lines.set shares with the circuit's verbs. */
struct lines_params {
    struct command command;
    size_t count;
    struct line_value values[CIRCUIT_LINES_MAX];
};
_Static_assert(sizeof(struct lines_params) <= METHOD_PARAMS_BYTES, "METHOD_PARAMS_BYTES");

static void values_read(struct field_reader *reader, const struct field *field,
                        const struct json *value, void *member)
{
    struct lines_params *params = (void *)((char *)member - field->offset);
    if (!json_is(value, JSON_OBJECT)) {
        field_fail_type(reader, value, field->name, "an object of line names and values");
        return;
    }
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item)) {
        char name[FIELD_SHOWN_SIZE];
        char leaf[2 * FIELD_SHOWN_SIZE];
        (void)snprintf(leaf, sizeof leaf, "%s.%s", field->name,
                       field_show_text(json_key(item), name));
        int on;
        int line = field_look_up(reader, &circuit_line_names, item, leaf, json_key(item));
        if (json_switch(item, &on))
            field_fail(reader, item, leaf, "%s is not a value: 0 or 1", field_show(item, name));
        else if (line >= 0) /* names are different ones, so there is room for all */
            params->values[params->count++] =
                (struct line_value){.line = (uint16_t)line, .value = (uint8_t)on};
    }
    if (!json_first(value))
        field_fail(reader, value, field->name, "name at least one line, as {\"red\":1}");
}

static void values_write_schema(const struct field *field, struct json_writer *writer)
{
    static const char value[] = "{\"enum\":[0,1,false,true]}";
    (void)field;
    json_write_text(writer, "type", "object");
    json_write_integer(writer, "minProperties", 1);
    json_write_raw(writer, "additionalProperties", value, sizeof value - 1);
}

static const struct field_kind kind_values = {
    .read = values_read,
    .form = "object {\"LINE\": 0 or 1, …}",
    .write_schema = values_write_schema,
};

static int lines_set(struct method_call *call)
{
    const struct lines_params *params = call->params;
    struct result *result = call->result;
    struct circuit *circuit = call->service->circuit;
    struct command command;
    struct refusal refusal = {.blocked_by = -1};
    if (method_take_command(call, &command))
        return -1;
    int count = circuit_set_many(circuit, params->values, params->count, &command, &call->now,
                                 result->changed.lines, &refusal);
    if (count < 0)
        return method_refuse(call, &refusal);
    result_begin_changed(result);
    result->changed.count = (uint16_t)count;
    result->changed.seq = journal_last(circuit_journal(circuit));
    return 0;
}

static const struct field lines_fields[] = {
    {"lines", &kind_values, FIELD_MEMBER(struct lines_params, values), .required = true,
     .doc = "line names and their values"},
    VERB_EXPECT("refuse when one of the lines has changed since this seq"),
    VERB_LEASE_MS,
    VERB_LEASE,
};

/* ---- scene.list ---- */

static void write_scenes(const struct result *result, struct json_writer *writer)
{
    const struct circuit *circuit = result->service->circuit;
    json_write_object(writer, NULL);
    json_write_list(writer, "scenes");
    for (size_t i = 0; i < circuit_description(circuit)->scene_count; i++)
        json_encode_scene(writer, circuit, i, &result->now);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

static int scene_list(struct method_call *call)
{
    return method_answer(call, write_scenes);
}

/* ---- rule.list ---- */

static void write_rules(const struct result *result, struct json_writer *writer)
{
    const struct circuit *circuit = result->service->circuit;
    json_write_object(writer, NULL);
    json_write_list(writer, "rules");
    for (size_t i = 0; i < circuit_description(circuit)->rule_count; i++)
        json_encode_rule(writer, circuit, i);
    json_write_list_end(writer);
    json_write_bool(writer, "clock_is_set", circuit_clock_is_set(circuit));
    json_write_object_end(writer);
}

static int rule_list(struct method_call *call)
{
    return method_answer(call, write_rules);
}

/* ---- the table ---- */

static const struct method rows[] = {
    {{"circuit.get", .role = ROLE_VIEWER, .summary = "Everything: name, backend, lines",
      .rest = "GET", .path = "/api/v1/circuit", .answers = "circuit"},
     circuit_get},
    {{"lines.set", .role = ROLE_OPERATOR, .summary = "Set several outputs, all or none",
      .fields = {FIELD_TABLE(lines_fields), .item_size = sizeof(struct lines_params)},
      .rest = "PUT", .path = "/api/v1/lines", .body = VERB_BODY_LINES, .answers = "changed"},
     lines_set},
    {{"scene.list", .role = ROLE_VIEWER, .summary = "Scenes, and which programs run", .rest = "GET",
      .path = "/api/v1/scenes", .answers = "scenes"},
     scene_list},
    {{"rule.list", .role = ROLE_VIEWER,
      .summary = "Rules, when they are due, and what they did last", .rest = "GET",
      .path = "/api/v1/rules", .answers = "rules"},
     rule_list},
};

const struct method_table circuit_methods = {rows, sizeof rows / sizeof rows[0]};
