/* Kinds of texts: free ones, choices, and names that refer to something. */
#include "base/field_reader.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

enum { CHOICES_MAX = 32, CHOICES_TEXT_SIZE = 256 };

static bool has_control_bytes(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

bool field_check_text(struct field_reader *reader, const struct json *value, const char *leaf,
                      int64_t min, int64_t max)
{
    const char *text = json_text(value);
    if (!text)
        field_fail_type(reader, value, leaf, "a text");
    else if (min > 0 && !*text)
        field_fail(reader, value, leaf, "is empty");
    else if (strlen(text) > (size_t)max)
        field_fail(reader, value, leaf, "is longer than %lld bytes", (long long)max);
    else if (has_control_bytes(text))
        field_fail(reader, value, leaf, "has a control byte in it");
    else
        return true;
    return false;
}

void field_text_default(const struct field *field, void *member)
{
    const char *text = field->text_fallback ? field->text_fallback : "";
    memcpy(member, text, strlen(text) + 1);
}

static void text_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    if (field_check_text(reader, value, field->name, field->min, field->max))
        memcpy(member, json_text(value), strlen(json_text(value)) + 1);
}

static void text_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "text, at most %lld bytes", (long long)field->max);
}

void field_text_print_default(const struct field *field, struct buffer *out)
{
    if (field->text_fallback)
        (void)buffer_printf(out, "\"%s\"", field->text_fallback);
}

void field_text_write_schema(const struct field *field, struct json_writer *writer)
{
    json_write_text(writer, "type", "string");
    if (field->min > 0)
        json_write_integer(writer, "minLength", field->min);
    json_write_integer(writer, "maxLength", field->max);
}

const struct field_kind field_text = {
    .set_default = field_text_default,
    .read = text_read,
    .print = text_print,
    .print_default = field_text_print_default,
    .write_schema = field_text_write_schema,
};

/* ---- lists of texts ---- */

void field_each_item(struct field_reader *reader, const struct field *field,
                     const struct json *value, const char *expected,
                     void (*take)(struct field_reader *reader, const struct json *item,
                                  const char *leaf, void *member),
                     void *member)
{
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, expected);
        return;
    }
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item), index++) {
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", field->name, index);
        take(reader, item, leaf, member);
    }
}

void field_texts_print_default(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, "[]");
}

void field_texts_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "array");
    json_write_object(writer, "items");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
}

/* ---- one of several ---- */

static bool choice_is_number(const char *choice)
{
    return strcmp(choice, "0") == 0 || strcmp(choice, "1") == 0;
}

static void choice_default(const struct field *field, void *member)
{
    field_store(field, member, field->fallback);
}

static void print_choice(const char *choice, struct buffer *out)
{
    (void)buffer_printf(out, choice_is_number(choice) ? "%s" : "\"%s\"", choice);
}

static void choice_print(const struct field *field, struct buffer *out)
{
    for (size_t i = 0; field->choices[i]; i++) {
        (void)buffer_append_text(out, i > 0 ? ", " : "");
        print_choice(field->choices[i], out);
    }
}

static void choice_fail(struct field_reader *reader, const struct field *field,
                        const struct json *value)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *texts[CHOICES_MAX];
    size_t count = 0;
    struct buffer all;
    buffer_init(&all, CHOICES_TEXT_SIZE);
    choice_print(field, &all);
    for (size_t i = 0; field->choices[i] && count < CHOICES_MAX; i++)
        if (!choice_is_number(field->choices[i]))
            texts[count++] = field->choices[i];
    const char *text = json_text(value);
    const char *nearest = text ? nearest_name(text, texts, count) : NULL;
    field_fail(reader, value, field->name, "%s is not one of %s%s%s%s", field_show(value, shown),
               buffer_text(&all), nearest ? "; did you mean \"" : "", nearest ? nearest : "",
               nearest ? "\"?" : "");
    buffer_done(&all);
}

static void choice_read(struct field_reader *reader, const struct field *field,
                        const struct json *value, void *member)
{
    const char *text = json_text(value);
    int64_t number = -1;
    (void)json_integer(value, 0, 1, &number);
    for (unsigned i = 0; field->choices[i]; i++) {
        bool is_number = choice_is_number(field->choices[i]);
        bool same = is_number ? number == field->choices[i][0] - '0'
                              : text && strcmp(text, field->choices[i]) == 0;
        if (!same)
            continue;
        field_store(field, member, i);
        return;
    }
    choice_fail(reader, field, value);
}

static void choice_print_default(const struct field *field, struct buffer *out)
{
    if (!field->given)
        print_choice(field->choices[field->fallback], out);
}

static void choice_write_schema(const struct field *field, struct json_writer *writer)
{
    json_write_list(writer, "enum");
    for (size_t i = 0; field->choices[i]; i++)
        if (choice_is_number(field->choices[i]))
            json_write_integer(writer, NULL, field->choices[i][0] - '0');
        else
            json_write_text(writer, NULL, field->choices[i]);
    json_write_list_end(writer);
}

const struct field_kind field_choice = {
    .set_default = choice_default,
    .read = choice_read,
    .print = choice_print,
    .print_default = choice_print_default,
    .write_schema = choice_write_schema,
};

/* ---- a name of something ---- */

static void reference_default(const struct field *field, void *member)
{
    field_store(field, member, field->fallback);
}

static void reference_read(struct field_reader *reader, const struct field *field,
                           const struct json *value, void *member)
{
    char expected[64];
    const char *name = json_text(value);
    (void)snprintf(expected, sizeof expected, "a %s's name", field->names->noun);
    int index = -1;
    if (name)
        index = field_look_up(reader, field->names, value, field->name, name);
    else
        field_fail_type(reader, value, field->name, expected);
    if (index >= 0)
        field_store(field, member, index);
}

static void reference_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "a %s's name", field->names->noun);
}

static void reference_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "string");
    json_write_text(writer, "pattern", "^[a-z0-9][a-z0-9_-]{0,31}$");
}

const struct field_kind field_reference = {
    .set_default = reference_default,
    .read = reference_read,
    .print = reference_print,
    .write_schema = reference_write_schema,
};
