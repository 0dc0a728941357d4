#include "protocol/http/shape.h"

#include "base/field.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "protocol/method/method.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct shape_table *const tables[] = {&shape_circuit, &shape_gateway, &shape_sockets};

const struct shape *shape_at(size_t index)
{
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        if (index < tables[i]->count)
            return &tables[i]->shapes[index];
        index -= tables[i]->count;
    }
    return NULL;
}

const struct shape *shape_find(const char *name)
{
    const struct shape *shape;
    for (size_t i = 0; (shape = shape_at(i)); i++)
        if (strcmp(shape->name, name) == 0)
            return shape;
    return NULL;
}

void shape_write_reference(const char *name, const char *key, struct json_writer *writer)
{
    char reference[64];
    int length = snprintf(reference, sizeof reference, "#/components/schemas/%s", name);
    assert(length > 0 && length < (int)sizeof reference);
    (void)length;
    json_write_object(writer, key);
    json_write_text(writer, "$ref", reference);
    json_write_object_end(writer);
}

static void write_type(struct json_writer *writer, const char *type, bool nullable)
{
    if (!nullable) {
        json_write_text(writer, "type", type);
        return;
    }
    json_write_list(writer, "type");
    json_write_text(writer, NULL, type);
    json_write_text(writer, NULL, "null");
    json_write_list_end(writer);
}

static void write_range(struct json_writer *writer, const struct shape_member *member)
{
    bool is_default = member->min == 0 && member->max == 0;
    bool is_time = member->kind == SHAPE_NANOSECONDS;
    int64_t max = member->max;
    if (is_default)
        max = is_time ? INT64_MAX : FIELD_INTEGER_MAX;
    json_write_text(writer, "format",
                    max <= INT32_MAX && member->min >= INT32_MIN ? "int32" : "int64");
    json_write_integer(writer, "minimum", member->min);
    json_write_integer(writer, "maximum", max);
}

static void write_choices(struct json_writer *writer, const struct shape_member *member)
{
    const char *text;
    if (!member->choices && member->kind != SHAPE_SWITCH)
        return;
    json_write_list(writer, "enum");
    for (int value = 0; member->kind == SHAPE_SWITCH && value <= 1; value++)
        json_write_integer(writer, NULL, value);
    for (size_t i = 0; member->choices && (text = member->choices(i)); i++)
        json_write_text(writer, NULL, text);
    if (member->nullable)
        json_write_null(writer, NULL);
    json_write_list_end(writer);
}

static void write_title(struct json_writer *writer)
{
    static const char forms[] = "[{\"type\":\"string\"},{\"type\":\"object\","
                                "\"additionalProperties\":{\"type\":\"string\"}}]";
    json_write_raw(writer, "anyOf", forms, sizeof forms - 1);
}

static void write_named(struct json_writer *writer, const struct shape_member *member)
{
    static const char null_type[] = "{\"type\":\"null\"}";
    json_write_list(writer, "anyOf");
    shape_write_reference(member->shape, NULL, writer);
    if (member->nullable)
        json_write_raw(writer, NULL, null_type, sizeof null_type - 1);
    json_write_list_end(writer);
}

static bool is_first_with_its_answer(size_t index)
{
    const char *answers = method_at(index)->answers;
    for (size_t i = 0; i < index; i++)
        if (strcmp(method_at(i)->answers, answers) == 0)
            return false;
    return true;
}

static void write_results(struct json_writer *writer)
{
    const struct verb *method;
    json_write_list(writer, "anyOf");
    for (size_t i = 0; (method = method_at(i)); i++)
        if (is_first_with_its_answer(i))
            shape_write_reference(method->answers, NULL, writer);
    json_write_list_end(writer);
}

/* What a value is: the members of a schema that is open. */
static void write_kind(struct json_writer *writer, const struct shape_member *member)
{
    switch (member->kind) {
    case SHAPE_TEXT:
        write_type(writer, "string", member->nullable);
        break;
    case SHAPE_TIME:
        write_type(writer, "string", member->nullable);
        json_write_text(writer, "format", "date-time");
        break;
    case SHAPE_INTEGER:
    case SHAPE_NANOSECONDS:
        write_type(writer, "integer", member->nullable);
        write_range(writer, member);
        break;
    case SHAPE_REAL:
    case SHAPE_DUTY:
        write_type(writer, "number", member->nullable);
        json_write_integer(writer, "minimum", 0);
        if (member->kind == SHAPE_DUTY)
            json_write_integer(writer, "maximum", 1);
        break;
    case SHAPE_SWITCH:
        if (!member->choices)
            write_type(writer, "integer", member->nullable);
        break;
    case SHAPE_BOOL:
        write_type(writer, "boolean", member->nullable);
        break;
    case SHAPE_OBJECT:
        write_type(writer, "object", member->nullable);
        break;
    case SHAPE_TITLE:
        write_title(writer);
        break;
    case SHAPE_OF:
        write_named(writer, member);
        break;
    case SHAPE_RESULT:
        write_results(writer);
        break;
    case SHAPE_ANY:
        break;
    }
    write_choices(writer, member);
}

static void write_item(struct json_writer *writer, const char *key,
                       const struct shape_member *member)
{
    if (member->kind == SHAPE_OF && !member->nullable) {
        shape_write_reference(member->shape, key, writer);
        return;
    }
    json_write_object(writer, key);
    write_kind(writer, member);
    json_write_object_end(writer);
}

static void write_list(struct json_writer *writer, const char *key,
                       const struct shape_member *member)
{
    json_write_object(writer, key);
    json_write_text(writer, "type", "array");
    write_item(writer, "items", member);
    if (!key) /* a batch: an empty one is refused, and none is answered */
        json_write_integer(writer, "minItems", 1);
    if (key && member->doc)
        json_write_text(writer, "description", member->doc);
    json_write_object_end(writer);
}

static void write_member(struct json_writer *writer, const struct shape_member *member)
{
    if (member->list) {
        write_list(writer, member->name, member);
    } else if (member->doc) {
        json_write_object(writer, member->name);
        write_kind(writer, member);
        json_write_text(writer, "description", member->doc);
        json_write_object_end(writer);
    } else {
        write_item(writer, member->name, member);
    }
}

static void write_object(struct json_writer *writer, const struct shape *shape)
{
    json_write_text(writer, "type", "object");
    json_write_object(writer, "properties");
    for (size_t i = 0; i < shape->count; i++)
        write_member(writer, &shape->members[i]);
    json_write_object_end(writer);
    json_write_list(writer, "required");
    for (size_t i = 0; i < shape->count; i++)
        if (!shape->members[i].optional)
            json_write_text(writer, NULL, shape->members[i].name);
    json_write_list_end(writer);
}

void shape_write_schema(const struct shape *shape, const char *key, struct json_writer *writer)
{
    json_write_object(writer, key);
    if (shape->count > 0) {
        write_object(writer, shape);
    } else if (shape->or_list) {
        json_write_list(writer, "anyOf");
        write_item(writer, NULL, &shape->value);
        write_list(writer, NULL, &shape->value);
        json_write_list_end(writer);
    } else {
        write_kind(writer, &shape->value);
    }
    json_write_text(writer, "description", shape->doc);
    json_write_object_end(writer);
}
