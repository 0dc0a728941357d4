#include "config/config.h"
#include "config/kind.h"

#include "config/diagnostic.h"
#include "config/reader.h"

#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void section_read(struct reader *reader, const struct key *key, const struct json *value,
                         void *field)
{
    if (json_is(value, JSON_OBJECT))
        reader_enter(reader, key, value, field);
    else
        reader_fail_type(reader, value, key->name, "an object");
}

static void section_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("object", out);
}

static void print_nothing(FILE *out, const struct key *key)
{
    (void)out;
    (void)key;
}

const struct kind kind_section = {NULL, section_read, section_print, print_nothing};

/* Makes room for the items where the list owns them; the count stands beside the pointer. */
static void *make_items(const struct key *key, size_t count, void *field)
{
    char *owner = (char *)field - key->offset;
    size_t item_size = key->inside->item_size;
    if (item_size == 0)
        return owner;
    void *items = calloc(count, item_size);
    if (!items)
        return NULL;
    memcpy(field, &items, sizeof items);
    memcpy(owner + key->count_offset, &count, sizeof count);
    return items;
}

static void list_read(struct reader *reader, const struct key *key, const struct json *value,
                      void *field)
{
    if (!json_is(value, JSON_ARRAY)) {
        reader_fail_type(reader, value, key->name, "a list");
        return;
    }
    size_t count = json_count(value);
    size_t max = (size_t)key->max;
    if (count < (size_t)key->min)
        reader_fail(reader, value, key->name, "%zu is below the minimum %lld (items)", count,
                    (long long)key->min);
    if (count > max)
        reader_fail(reader, value, key->name, "%zu is above the maximum %zu (items)", count, max);
    if (count == 0)
        return;
    void *items = make_items(key, count < max ? count : max, field);
    if (items)
        reader_enter(reader, key, value, items);
    else
        reader_no_memory(reader);
}

static void list_print(FILE *out, const struct key *key)
{
    (void)fprintf(out, "list of objects, at most %lld", (long long)key->max);
}

const struct kind kind_list = {NULL, list_read, list_print, print_nothing};

/* The text as address_parse() is to be given it: "[::1]:7070" as a datagram's is "udp:[::1]:7070". */
static int complete(char full[ADDRESS_TEXT_SIZE], enum config_listener kind, const char *text)
{
    bool stream = kind == CONFIG_HTTP || kind == CONFIG_LINE;
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

static void addresses_default(const struct key *key, void *field)
{
    for (size_t i = 0; key->choices && key->choices[i]; i++)
        (void)config_add_address(field, (enum config_listener)key->min, key->choices[i], NULL);
}

/* An empty list means none: what the defaults put there goes. */
static void addresses_read(struct reader *reader, const struct key *key, const struct json *value,
                           void *field)
{
    struct config_addresses *list = field;
    list->count = 0;
    if (!json_is(value, JSON_ARRAY)) {
        reader_fail_type(reader, value, key->name, "a list of addresses");
        return;
    }
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !reader_is_full(reader); item = json_next(item), index++) {
        char leaf[64];
        char shown[PROBLEM_SHOWN_SIZE];
        const char *reason = NULL;
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", key->name, index);
        if (!json_text(item))
            reader_fail_type(reader, item, leaf, "an address");
        else if (config_add_address(list, (enum config_listener)key->min, json_text(item), &reason))
            reader_fail(reader, item, leaf, "\"%s\": %s",
                        diagnostic_show_text(json_text(item), shown), reason);
    }
}

static void addresses_print(FILE *out, const struct key *key)
{
    static const char *const forms[] = {
        [CONFIG_HTTP] = "ADDRESS:PORT or unix:PATH",
        [CONFIG_LINE] = "tcp:ADDRESS:PORT or unix:PATH",
        [CONFIG_DATAGRAM] = "udp:ADDRESS:PORT or unix:PATH",
        [CONFIG_MULTICAST] = "udp:GROUP:PORT",
    };
    (void)fprintf(out, "list of %s, at most %d", forms[key->min], CONFIG_LISTENERS_MAX);
}

static void addresses_print_default(FILE *out, const struct key *key)
{
    (void)fputc('[', out);
    for (size_t i = 0; key->choices && key->choices[i]; i++)
        (void)fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", key->choices[i]);
    (void)fputc(']', out);
}

const struct kind kind_addresses = {addresses_default, addresses_read, addresses_print,
                                    addresses_print_default};

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

static void hosts_add(struct reader *reader, struct config_auth *auth, const struct json *item,
                      const char *leaf)
{
    char shown[PROBLEM_SHOWN_SIZE];
    const char *text = json_text(item);
    if (!text) {
        reader_fail_type(reader, item, leaf, "a host name");
    } else if (!is_host_name(text)) {
        reader_fail(reader, item, leaf,
                    "\"%s\" is not a host name: letters, digits, - and ., without scheme and port",
                    diagnostic_show_text(text, shown));
    } else if (auth->allowed_host_count == AUTH_HOSTS_MAX) {
        reader_fail(reader, item, leaf, "there are more than %d hosts", AUTH_HOSTS_MAX);
    } else {
        char *host = auth->allowed_hosts[auth->allowed_host_count++];
        for (size_t i = 0; i <= strlen(text); i++)
            host[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    }
}

static void hosts_read(struct reader *reader, const struct key *key, const struct json *value,
                       void *field)
{
    if (!json_is(value, JSON_ARRAY)) {
        reader_fail_type(reader, value, key->name, "a list of host names");
        return;
    }
    size_t index = 0;
    const struct json *item = json_first(value);
    for (; item && !reader_is_full(reader); item = json_next(item), index++) {
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "%s[%zu]", key->name, index);
        hosts_add(reader, field, item, leaf);
    }
}

static void hosts_print(FILE *out, const struct key *key)
{
    (void)key;
    (void)fprintf(out, "list of host names, at most %d", AUTH_HOSTS_MAX);
}

static void hosts_print_default(FILE *out, const struct key *key)
{
    (void)key;
    (void)fputs("[]", out);
}

const struct kind kind_hosts = {NULL, hosts_read, hosts_print, hosts_print_default};
