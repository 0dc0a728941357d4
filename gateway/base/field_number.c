/* Kinds of numbers and switches. */
#include "base/field_reader.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { UNIT_SIZE = 32 };

void field_store(const struct field *field, void *member, int64_t value)
{
    switch (field->size) {
    case 0:
        break;
    case sizeof(uint8_t):
        memcpy(member, &(uint8_t){(uint8_t)value}, sizeof(uint8_t));
        break;
    case sizeof(uint16_t):
        memcpy(member, &(uint16_t){(uint16_t)value}, sizeof(uint16_t));
        break;
    case sizeof(uint32_t):
        memcpy(member, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
        break;
    default:
        memcpy(member, &value, sizeof value);
        break;
    }
}

int64_t field_load(const struct field *field, const void *member)
{
    int64_t value = 0;
    uint8_t byte;
    uint16_t half;
    uint32_t word;
    switch (field->size) {
    case 0:
        break;
    case sizeof byte:
        memcpy(&byte, member, sizeof byte);
        return byte;
    case sizeof half:
        memcpy(&half, member, sizeof half);
        return half;
    case sizeof word:
        memcpy(&word, member, sizeof word);
        return word;
    default:
        memcpy(&value, member, sizeof value);
        break;
    }
    return value;
}

static const char *unit_of(const struct field *field, char text[UNIT_SIZE])
{
    (void)snprintf(text, UNIT_SIZE, field->unit ? " (%s)" : "%s", field->unit ? field->unit : "");
    return text;
}

static void print_unit(const struct field *field, struct buffer *out)
{
    if (field->unit)
        (void)buffer_printf(out, " %s", field->unit);
}

/* ---- whole numbers ---- */

static void store_scaled(const struct field *field, void *member, int64_t value)
{
    field_store(field, member, value * (field->scale ? field->scale : 1));
}

static void integer_default(const struct field *field, void *member)
{
    store_scaled(field, member, field->fallback);
}

static bool integer_is_in_range(const struct field *field, const void *member)
{
    int64_t scale = field->scale ? field->scale : 1;
    int64_t value = field_load(field, member);
    return (!field->required && value == field->fallback * scale) ||
           (value >= field->min * scale && value <= field->max * scale);
}

static void integer_read(struct field_reader *reader, const struct field *field,
                         const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    char unit[UNIT_SIZE];
    int64_t number;
    double real = 0;
    int error = json_integer(value, field->min, field->max, &number);
    if (error)
        (void)json_real(value, -DBL_MAX, DBL_MAX, &real);
    if (!json_is(value, JSON_NUMBER))
        field_fail(reader, value, field->name, "expected a whole number%s, found %s",
                   unit_of(field, unit), json_type_name(json_type_of(value)));
    else if (error == -EINVAL)
        field_fail(reader, value, field->name, "%s is not a whole number%s",
                   field_show(value, shown), unit_of(field, unit));
    else if (error && real < (double)field->min)
        field_fail(reader, value, field->name, "%s is below the minimum %" PRId64 "%s",
                   field_show(value, shown), field->min, unit_of(field, unit));
    else if (error)
        field_fail(reader, value, field->name, "%s is above the maximum %" PRId64 "%s",
                   field_show(value, shown), field->max, unit_of(field, unit));
    else
        store_scaled(field, member, number);
}

static void integer_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "%" PRId64 " to %" PRId64, field->min, field->max);
    print_unit(field, out);
}

static void integer_print_default(const struct field *field, struct buffer *out)
{
    if (field->fallback >= field->min && field->fallback <= field->max)
        (void)buffer_printf(out, "%" PRId64, field->fallback);
}

static void integer_write_schema(const struct field *field, struct json_writer *writer)
{
    json_write_text(writer, "type", "integer");
    json_write_text(writer, "format",
                    field->max <= INT32_MAX && field->min >= INT32_MIN ? "int32" : "int64");
    json_write_integer(writer, "minimum", field->min);
    json_write_integer(writer, "maximum", field->max);
}

const struct field_kind field_integer = {
    .word = FIELD_WORD_INTEGER,
    .set_default = integer_default,
    .read = integer_read,
    .is_in_range = integer_is_in_range,
    .print = integer_print,
    .print_default = integer_print_default,
    .write_schema = integer_write_schema,
};

/* ---- real numbers ---- */

static void real_default(const struct field *field, void *member)
{
    memcpy(member, &field->real_fallback, sizeof field->real_fallback);
}

/* Written so that a NaN is out of range. */
static bool real_is_in_range(const struct field *field, const void *member)
{
    double value;
    memcpy(&value, member, sizeof value);
    return value >= field->low && value <= field->high;
}

static void real_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    char unit[UNIT_SIZE];
    double real;
    if (json_real(value, -DBL_MAX, DBL_MAX, &real))
        field_fail(reader, value, field->name, "expected a number%s, found %s",
                   unit_of(field, unit), json_type_name(json_type_of(value)));
    else if (real < field->low)
        field_fail(reader, value, field->name, "%s is below the minimum %g%s",
                   field_show(value, shown), field->low, unit_of(field, unit));
    else if (real > field->high)
        field_fail(reader, value, field->name, "%s is above the maximum %g%s",
                   field_show(value, shown), field->high, unit_of(field, unit));
    else
        memcpy(member, &real, sizeof real);
}

static void real_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "%g to %g", field->low, field->high);
    print_unit(field, out);
}

static void real_print_default(const struct field *field, struct buffer *out)
{
    if (field->real_fallback >= field->low && field->real_fallback <= field->high)
        (void)buffer_printf(out, "%g", field->real_fallback);
}

static void real_write_schema(const struct field *field, struct json_writer *writer)
{
    json_write_text(writer, "type", "number");
    json_write_real(writer, "minimum", field->low);
    json_write_real(writer, "maximum", field->high);
}

const struct field_kind field_real = {
    .word = FIELD_WORD_REAL,
    .set_default = real_default,
    .read = real_read,
    .is_in_range = real_is_in_range,
    .print = real_print,
    .print_default = real_print_default,
    .write_schema = real_write_schema,
};

/* ---- 0 and 1 ---- */

static void switch_default(const struct field *field, void *member)
{
    field_store(field, member, field->fallback);
}

static bool switch_is_in_range(const struct field *field, const void *member)
{
    return field_load(field, member) <= 1;
}

static void switch_read(struct field_reader *reader, const struct field *field,
                        const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    int on;
    if (json_switch(value, &on))
        field_fail(reader, value, field->name, "%s is not a value: 0 or 1",
                   field_show(value, shown));
    else
        field_store(field, member, on);
}

static void switch_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_list(writer, "enum");
    json_write_integer(writer, NULL, 0);
    json_write_integer(writer, NULL, 1);
    json_write_bool(writer, NULL, false);
    json_write_bool(writer, NULL, true);
    json_write_list_end(writer);
}

const struct field_kind field_switch = {
    .word = FIELD_WORD_SWITCH,
    .set_default = switch_default,
    .read = switch_read,
    .is_in_range = switch_is_in_range,
    .form = "0, 1, true or false",
    .write_schema = switch_write_schema,
};

static void bool_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    int on;
    if (!json_is(value, JSON_BOOL) || json_switch(value, &on))
        field_fail_type(reader, value, field->name, "true or false");
    else
        field_store(field, member, on);
}

static void bool_print_default(const struct field *field, struct buffer *out)
{
    (void)buffer_append_text(out, field->fallback ? "true" : "false");
}

static void bool_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "boolean");
}

const struct field_kind field_bool = {
    .word = FIELD_WORD_SWITCH,
    .set_default = switch_default,
    .read = bool_read,
    .form = "true or false",
    .print_default = bool_print_default,
    .write_schema = bool_write_schema,
};
