#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "config/config.h"

#include <stdio.h>

static void add_origin(struct field_reader *reader, struct config_auth *auth,
                       const struct json *item, const char *leaf)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(item);
    struct web_origin origin;
    if (!text)
        field_fail_type(reader, item, leaf, "an origin");
    else if (!web_origin_parse(text, &origin))
        field_fail(reader, item, leaf,
                   "\"%s\" is not an origin: https://HOST or https://HOST:PORT, without a path",
                   field_show_text(text, shown));
    else if (auth->allowed_origin_count == AUTH_ORIGINS_MAX)
        field_fail(reader, item, leaf, "there are more than %d origins", AUTH_ORIGINS_MAX);
    else
        auth->allowed_origins[auth->allowed_origin_count++] = origin;
}

static void origins_read(struct field_reader *reader, const struct field *field,
                         const struct json *value, void *member)
{
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, "a list of origins");
        return;
    }
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item), index++) {
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", field->name, index);
        add_origin(reader, member, item, leaf);
    }
}

static void origins_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out, "list of origins, at most %d", AUTH_ORIGINS_MAX);
}

static void origins_print_default(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, "[]");
}

static void origins_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "array");
    json_write_object(writer, "items");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
}

const struct field_kind kind_origins = {
    .read = origins_read,
    .print = origins_print,
    .print_default = origins_print_default,
    .write_schema = origins_write_schema,
};
