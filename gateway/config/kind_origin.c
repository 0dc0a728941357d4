#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "config/config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Scheme, host and port as a browser writes them (RFC 6454 §6.1): no path, no default port. */
static bool is_origin(const char *text)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    bool is_secure = strncmp(text, "https://", 8) == 0;
    if (strlen(text) >= AUTH_ORIGIN_SIZE || (!is_secure && strncmp(text, "http://", 7) != 0))
        return false;
    const char *host = text + (is_secure ? 8 : 7);
    bool is_v6 = *host == '[';
    size_t length = is_v6 ? strspn(host + 1, "0123456789abcdefABCDEF:.") : strspn(host, bytes);
    const char *rest = host + length + (is_v6 ? 2 : 0);
    if (length == 0 || (is_v6 && host[length + 1] != ']'))
        return false;
    int64_t port;
    return *rest == '\0' ||
           (*rest == ':' && isdigit((unsigned char)rest[1]) &&
            number_parse(rest + 1, 1, 65535, &port) == 0 && port != (is_secure ? 443 : 80));
}

static void add_origin(struct field_reader *reader, struct config_auth *auth,
                       const struct json *item, const char *leaf)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(item);
    if (!text)
        field_fail_type(reader, item, leaf, "an origin");
    else if (!is_origin(text))
        field_fail(reader, item, leaf,
                   "\"%s\" is not an origin: https://HOST or https://HOST:PORT, without a path",
                   field_show_text(text, shown));
    else if (auth->allowed_origin_count == AUTH_HOSTS_MAX)
        field_fail(reader, item, leaf, "there are more than %d origins", AUTH_HOSTS_MAX);
    else
        (void)snprintf(auth->allowed_origins[auth->allowed_origin_count++], AUTH_ORIGIN_SIZE, "%s",
                       text);
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
    (void)buffer_printf(out, "list of origins, at most %d", AUTH_HOSTS_MAX);
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
