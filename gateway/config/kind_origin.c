#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "config/config.h"

#include <stdio.h>

static void add_origin(struct field_reader *reader, const struct json *item, const char *leaf,
                       void *member)
{
    struct config_auth *auth = member;
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
    field_each_item(reader, field, value, "a list of origins", add_origin, member);
}

static void origins_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out, "list of origins, at most %d", AUTH_ORIGINS_MAX);
}

const struct field_kind kind_origins = {
    .read = origins_read,
    .print = origins_print,
    .print_default = field_texts_print_default,
    .write_schema = field_texts_write_schema,
};
