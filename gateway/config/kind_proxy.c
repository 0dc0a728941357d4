#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "config/config.h"

#include <errno.h>
#include <stdio.h>

static void add_proxy(struct field_reader *reader, const struct json *item, const char *leaf,
                      void *member)
{
    struct proxy_list *list = member;
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
    field_each_item(reader, field, value, "a list of addresses", add_proxy, member);
}

static void proxies_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out, "list of addresses, at most %d", PROXY_NETWORKS_MAX);
}

const struct field_kind kind_proxies = {
    .read = proxies_read,
    .print = proxies_print,
    .print_default = field_texts_print_default,
    .write_schema = field_texts_write_schema,
};
