/* Descriptions of fields, for programs and for people. */
#include "base/field.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    DEFAULT_MAX_BYTES = 512,
    TABLES_MAX = 32,
    PATH_SIZE = 96,
};

static void write_default(const struct field *field, struct json_writer *writer)
{
    struct buffer text;
    buffer_init(&text, DEFAULT_MAX_BYTES);
    if (!field->required && field->kind->print_default)
        field->kind->print_default(field, &text);
    if (text.length > 0)
        json_write_raw(writer, "default", text.data, text.length);
    buffer_done(&text);
}

void field_write_schema(const struct field *field, const char *key, struct json_writer *writer)
{
    json_write_object(writer, key);
    if (field->kind->write_schema)
        field->kind->write_schema(field, writer);
    write_default(field, writer);
    json_write_text(writer, "description", field->doc);
    if (field->unit)
        json_write_text(writer, "x-unit", field->unit);
    json_write_object_end(writer);
}

static void write_properties(const struct field_table *table, struct json_writer *writer)
{
    json_write_object(writer, "properties");
    for (size_t i = 0; i < table->count; i++)
        if (field_counts(table, &table->fields[i]))
            field_write_schema(&table->fields[i], table->fields[i].name, writer);
    json_write_object_end(writer);
}

void field_table_write_schema(const struct field_table *table, struct json_writer *writer)
{
    json_write_text(writer, "type", "object");
    write_properties(table, writer);
    json_write_list(writer, "required");
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].required && field_counts(table, &table->fields[i]))
            json_write_text(writer, NULL, table->fields[i].name);
    json_write_list_end(writer);
    json_write_object(writer, "patternProperties");
    json_write_object(writer, "^//");
    json_write_object_end(writer);
    json_write_object_end(writer);
    json_write_bool(writer, "additionalProperties", false);
}

void field_print_form(const struct field *field, struct buffer *out)
{
    if (field->kind->print)
        field->kind->print(field, out);
    else
        (void)buffer_append_text(out, field->kind->form);
}

void field_print_row(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "| `%s` | ", field->name);
    field_print_form(field, out);
    (void)buffer_append_text(out, " | ");
    if (field->required)
        (void)buffer_append_text(out, "required");
    else if (field->kind->print_default)
        field->kind->print_default(field, out);
    (void)buffer_printf(out, " | %s |\n", field->doc);
}

/* A table that is yet to be visited, and where it stands in the document. */
struct entry {
    const struct field_table *table;
    char path[PATH_SIZE];
};

static size_t append_inside(struct entry entries[TABLES_MAX], size_t count,
                            const struct entry *entry)
{
    for (size_t i = 0; i < entry->table->count; i++) {
        const struct field *field = &entry->table->fields[i];
        if (!field->inside)
            continue;
        assert(count < TABLES_MAX);
        struct entry *added = &entries[count++];
        added->table = field->inside;
        int length =
            snprintf(added->path, PATH_SIZE, "%s%s%s%s", entry->path, entry->path[0] ? "." : "",
                     field->name, field->kind == &field_list ? "[]" : "");
        assert(length < PATH_SIZE);
        (void)length;
    }
    return count;
}

void field_walk(const struct field_table *root, const struct field_visitor *visitor)
{
    struct entry entries[TABLES_MAX] = {{.table = root}};
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        const struct entry entry = entries[i];
        visitor->table(visitor->context, entry.path);
        for (size_t j = 0; j < entry.table->count; j++)
            visitor->field(visitor->context, &entry.table->fields[j]);
        count = append_inside(entries, count, &entry);
    }
}

bool field_counts(const struct field_table *table, const struct field *field)
{
    return !table->takes || table->takes(field);
}

const struct field *field_find(const struct field_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].name, name) == 0 && field_counts(table, &table->fields[i]))
            return &table->fields[i];
    return NULL;
}

const struct field *field_out_of_range(const struct field_table *table, const void *target)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const void *member = (const char *)target + field->offset;
        if (field->kind->is_in_range && !field->kind->is_in_range(field, member))
            return field;
    }
    return NULL;
}

/* ---- usage ---- */

static void print_word(const struct field *field, struct buffer *out)
{
    bool is_single = field->choices && !field->choices[1];
    const char *word = field->word;
    if (!word && field->kind->word == FIELD_WORD_SWITCH)
        word = "0|1";
    if (!word && is_single)
        word = field->choices[0];
    if (word) {
        (void)buffer_append_text(out, word);
        return;
    }
    word = field->plain || !field->unit ? field->name : field->unit;
    for (const char *byte = word; *byte; byte++)
        (void)buffer_append_char(out, (char)toupper((unsigned char)*byte));
}

void field_print_usage(const struct field_table *table, bool named, struct buffer *out)
{
    size_t printed = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const struct field *next = i + 1 < table->count ? field + 1 : NULL;
        if (!field->plain && !named && !field->required)
            continue;
        if (printed++ > 0)
            (void)buffer_append_text(out, field->instead ? " | " : " ");
        if (!field->required && !field->instead)
            (void)buffer_append_char(out, '[');
        if (!field->plain)
            (void)buffer_printf(out, "%s=", field->name);
        print_word(field, out);
        if (!field->required && !(next && next->instead))
            (void)buffer_append_char(out, ']');
    }
}
