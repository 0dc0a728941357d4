#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "config/config.h"

#include <errno.h>
#include <stdio.h>

static void add_proxy(struct field_reader *reader, struct proxy_list *list, const struct json *item,
                      const char *leaf)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(item);
    int error = text ? proxy_list_add(list, text) : 0;
    if (!text)
        field_fail_type(reader, item, leaf, "an address");
    else if (error == -ENOSPC)
        field_fail(reader, item, leaf, "there are more than %d networks", PROXY_NETWORKS_MAX);
    else if (error)
        field_fail(reader, item, leaf,
                   "\"%s\" is not an address, a network as 10.0.0.0/8, or \"unix\"",
                   field_show_text(text, shown));
}

static void proxies_read(struct field_reader *reader, const struct field *field,
                         const struct json *value, void *member)
{
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, "a list of addresses");
        return;
    }
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item), index++) {
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", field->name, index);
        add_proxy(reader, member, item, leaf);
    }
}

static void proxies_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out, "list of addresses, at most %d", PROXY_NETWORKS_MAX);
}

static void proxies_print_default(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, "[]");
}

static void proxies_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "array");
    json_write_object(writer, "items");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
}

const struct field_kind kind_proxies = {
    .read = proxies_read,
    .print = proxies_print,
    .print_default = proxies_print_default,
    .write_schema = proxies_write_schema,
};
