#include "config/config.h"
#include "config/kind.h"

#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The text as address_parse() is to be given it: "[::1]:7070" as a datagram's is "udp:[::1]:7070". */
static int complete(char full[ADDRESS_TEXT_SIZE], enum config_listener kind, const char *text)
{
    bool stream = kind == CONFIG_HTTP || kind == CONFIG_HTTPS || kind == CONFIG_LINE;
    bool whole = stream || strncmp(text, "udp:", 4) == 0 || strncmp(text, "unix:", 5) == 0 ||
                 strncmp(text, "tcp:", 4) == 0;
    int length = snprintf(full, ADDRESS_TEXT_SIZE, "%s%s", whole ? "" : "udp:", text);
    return length < ADDRESS_TEXT_SIZE ? 0 : -ENAMETOOLONG;
}

static const char *address_misfit(enum config_listener kind, const struct address *address)
{
    if (kind == CONFIG_MULTICAST) {
        if (address->kind != ADDRESS_UDP || !address_is_multicast(address))
            return "must be a multicast group, as udp:239.255.71.80:7071 or "
                   "udp:[ff02::7180%eth0]:7071";
        return address_port(address) == 0 ? "needs a port from 1 to 65535" : NULL;
    }
    if (address->kind != ADDRESS_UNIX && address_is_multicast(address))
        return "is a multicast group, which cannot be listened at here";
    if (kind == CONFIG_DATAGRAM)
        return address->kind == ADDRESS_TCP ? "must be udp: or unix:, since datagrams come here"
                                            : NULL;
    return address->kind == ADDRESS_UDP ? "must be tcp: or unix:, since streams come here" : NULL;
}

int config_add_address(struct config_addresses *list, enum config_listener kind, const char *text,
                       const char **ret_reason)
{
    const char *unseen;
    const char **reason = ret_reason ? ret_reason : &unseen;
    char full[ADDRESS_TEXT_SIZE];
    struct address address;
    if (list->count == CONFIG_LISTENERS_MAX) {
        *reason = "there are too many addresses";
        return -ENOSPC;
    }
    if (complete(full, kind, text)) {
        *reason = "is too long for an address";
        return -EINVAL;
    }
    int error = address_parse(full, "/", &address, reason);
    const char *misfit = error ? NULL : address_misfit(kind, &address);
    if (misfit)
        *reason = misfit;
    /* An interface that is not here may be there when the gateway starts. */
    if (misfit || (error && error != -ENODEV))
        return -EINVAL;
    memcpy(list->texts[list->count++], full, sizeof full);
    return 0;
}

static void addresses_default(const struct field *field, void *member)
{
    for (size_t i = 0; field->choices && field->choices[i]; i++)
        (void)config_add_address(member, (enum config_listener)field->min, field->choices[i], NULL);
}

/* An empty list means none: what the defaults put there goes. */
static void addresses_read(struct field_reader *reader, const struct field *field,
                           const struct json *value, void *member)
{
    struct config_addresses *list = member;
    list->count = 0;
    if (!json_is(value, JSON_ARRAY)) {
        field_fail_type(reader, value, field->name, "a list of addresses");
        return;
    }
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !field_is_over(reader); item = json_next(item), index++) {
        char leaf[64];
        char shown[FIELD_SHOWN_SIZE];
        const char *reason = NULL;
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", field->name, index);
        if (!json_text(item))
            field_fail_type(reader, item, leaf, "an address");
        else if (config_add_address(list, (enum config_listener)field->min, json_text(item),
                                    &reason))
            field_fail(reader, item, leaf, "\"%s\": %s", field_show_text(json_text(item), shown),
                       reason);
    }
}

static void addresses_print(const struct field *field, struct buffer *out)
{
    static const char *const forms[] = {
        [CONFIG_HTTP] = "ADDRESS:PORT or unix:PATH",
        [CONFIG_HTTPS] = "ADDRESS:PORT",
        [CONFIG_LINE] = "tcp:ADDRESS:PORT or unix:PATH",
        [CONFIG_DATAGRAM] = "udp:ADDRESS:PORT or unix:PATH",
        [CONFIG_MULTICAST] = "udp:GROUP:PORT",
    };
    (void)buffer_printf(out, "list of %s, at most %d", forms[field->min], CONFIG_LISTENERS_MAX);
}

static void addresses_print_default(const struct field *field, struct buffer *out)
{
    (void)buffer_append_char(out, '[');
    for (size_t i = 0; field->choices && field->choices[i]; i++)
        (void)buffer_printf(out, "%s\"%s\"", i > 0 ? ", " : "", field->choices[i]);
    (void)buffer_append_char(out, ']');
}

const struct field_kind kind_addresses = {
    .set_default = addresses_default,
    .read = addresses_read,
    .print = addresses_print,
    .print_default = addresses_print_default,
    .write_schema = field_texts_write_schema,
};

/* Labels of letters, digits, - and _ (RFC 1123 §2.1; _ stands in many a network's names). */
static bool is_host_name(const char *text)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = strlen(text);
    if (length == 0 || length >= AUTH_HOST_SIZE)
        return false;
    for (size_t i = 0; i <= length;) {
        size_t label = strspn(text + i, bytes);
        if (label == 0 || label > 63 || text[i] == '-' || text[i + label - 1] == '-')
            return false;
        i += label;
        if (i < length && text[i] != '.')
            return false;
        i++;
    }
    return true;
}

static void hosts_add(struct field_reader *reader, const struct json *item, const char *leaf,
                      void *member)
{
    struct config_auth *auth = member;
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(item);
    if (!text) {
        field_fail_type(reader, item, leaf, "a host name");
    } else if (!is_host_name(text)) {
        field_fail(reader, item, leaf,
                   "\"%s\" is not a host name: letters, digits, - and ., without scheme and port",
                   field_show_text(text, shown));
    } else if (auth->allowed_host_count == AUTH_HOSTS_MAX) {
        field_fail(reader, item, leaf, "there are more than %d hosts", AUTH_HOSTS_MAX);
    } else {
        char *host = auth->allowed_hosts[auth->allowed_host_count++];
        for (size_t i = 0; i <= strlen(text); i++)
            host[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    }
}

static void hosts_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    field_each_item(reader, field, value, "a list of host names", hosts_add, member);
}

static void hosts_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_printf(out, "list of host names, at most %d", AUTH_HOSTS_MAX);
}

const struct field_kind kind_hosts = {
    .read = hosts_read,
    .print = hosts_print,
    .print_default = field_texts_print_default,
    .write_schema = field_texts_write_schema,
};
