/* Kinds with fields inside: one structure, or a list of them. */
#include "base/field_reader.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <stdlib.h>
#include <string.h>

static void section_read(struct field_reader *reader, const struct field *field,
                         const struct json *value, void *member)
{
    if (json_is(value, JSON_OBJECT))
        field_enter(reader, field, field->inside, value, member);
    else
        field_fail_type(reader, value, field->name, "an object");
}

static void section_write_schema(const struct field *field, struct json_writer *writer)
{
    field_table_write_schema(field->inside, writer);
}

const struct field_kind field_section = {
    .read = section_read,
    .form = "object",
    .write_schema = section_write_schema,
};

/* Makes room for the items where the list owns them; the count stands beside the pointer. */
static void *make_items(const struct field *field, size_t count, void *member)
{
    char *owner = (char *)member - field->offset;
    size_t item_size = field->inside->item_size;
    if (item_size == 0)
        return owner;
    void *items = calloc(count, item_size);
    if (!items)
        return NULL;
    memcpy(member, &items, sizeof items);
    memcpy(owner + field->count_offset, &count, sizeof count);
    return items;
}

static void list_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, "a list");
        return;
    }
    size_t count = json_count(value);
    size_t max = (size_t)field->max;
    if (count < (size_t)field->min)
        field_fail(reader, value, field->name, "%zu is below the minimum %lld (items)", count,
                   (long long)field->min);
    if (count > max)
        field_fail(reader, value, field->name, "%zu is above the maximum %zu (items)", count, max);
    if (count == 0)
        return;
    void *items = make_items(field, count < max ? count : max, member);
    if (items)
        field_enter(reader, field, field->inside, value, items);
    else
        field_no_memory(reader);
}

static void list_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "list of objects, at most %lld", (long long)field->max);
}

static void list_write_schema(const struct field *field, struct json_writer *writer)
{
    json_write_text(writer, "type", "array");
    json_write_integer(writer, "maxItems", field->max);
    json_write_object(writer, "items");
    field_table_write_schema(field->inside, writer);
    json_write_object_end(writer);
}

const struct field_kind field_list = {
    .read = list_read,
    .print = list_print,
    .write_schema = list_write_schema,
};
