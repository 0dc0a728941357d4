#include "config/config.h"

#include <string.h>

static bool same_addresses(const struct config_addresses *a, const struct config_addresses *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->texts[i], b->texts[i]) == 0;
    return same;
}

static bool same_listen(const struct config_listen *a, const struct config_listen *b)
{
    return same_addresses(&a->http, &b->http) && same_addresses(&a->line, &b->line) &&
           same_addresses(&a->https, &b->https) && same_addresses(&a->datagram, &b->datagram) &&
           same_addresses(&a->multicast, &b->multicast) && a->socket_mode == b->socket_mode &&
           strcmp(a->socket_group, b->socket_group) == 0;
}

static bool same_auth(const struct config_auth *a, const struct config_auth *b)
{
    bool same = a->mode == b->mode && a->allowed_host_count == b->allowed_host_count;
    for (size_t i = 0; same && i < a->allowed_host_count; i++)
        same = strcmp(a->allowed_hosts[i], b->allowed_hosts[i]) == 0;
    same = same && a->allowed_origin_count == b->allowed_origin_count;
    for (size_t i = 0; same && i < a->allowed_origin_count; i++)
        same = web_origin_equals(&a->allowed_origins[i], &b->allowed_origins[i]);
    return same;
}

static bool same_proxy(const struct proxy_list *a, const struct proxy_list *b)
{
    bool same = a->has_unix == b->has_unix && a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = memcmp(&a->networks[i], &b->networks[i], sizeof a->networks[i]) == 0;
    return same;
}

static bool same_gpio(const struct gpio_options *a, const struct gpio_options *b)
{
    return a->backend == b->backend && strcmp(a->chip, b->chip) == 0 &&
           strcmp(a->consumer, b->consumer) == 0;
}

/* Numbers only, and no room between them. */
static bool same_limits(const struct config_limits *a, const struct config_limits *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool config_same_mqtt(const struct config_mqtt *a, const struct config_mqtt *b)
{
    return a->is_given == b->is_given && strcmp(a->host, b->host) == 0 && a->port == b->port &&
           a->tls == b->tls && strcmp(a->user, b->user) == 0 &&
           strcmp(a->password_file, b->password_file) == 0 && a->version == b->version &&
           strcmp(a->id, b->id) == 0 && strcmp(a->prefix, b->prefix) == 0 &&
           strcmp(a->discovery, b->discovery) == 0 && strcmp(a->language, b->language) == 0 &&
           a->commands == b->commands && a->keepalive_s == b->keepalive_s &&
           a->rate_hz == b->rate_hz && a->lost_ms == b->lost_ms &&
           strcmp(a->ca_file, b->ca_file) == 0;
}

size_t config_differences(const struct config *a, const struct config *b,
                          const char *ret_keys[CONFIG_PARTS_MAX])
{
    size_t count = 0;
    if (!same_gpio(&a->gpio, &b->gpio))
        ret_keys[count++] = "gpio";
    if (!same_listen(&a->listen, &b->listen))
        ret_keys[count++] = "listen";
    if (!same_auth(&a->auth, &b->auth))
        ret_keys[count++] = "auth";
    if (!same_limits(&a->limits, &b->limits))
        ret_keys[count++] = "limits";
    if (a->history.file != b->history.file)
        ret_keys[count++] = "history";
    if (a->announce.mdns != b->announce.mdns || strcmp(a->announce.name, b->announce.name) != 0)
        ret_keys[count++] = "announce";
    if (strcmp(a->tls.certificate, b->tls.certificate) != 0 || strcmp(a->tls.key, b->tls.key) != 0)
        ret_keys[count++] = "tls";
    if (!same_proxy(&a->proxy.from, &b->proxy.from))
        ret_keys[count++] = "proxy";
    return count;
}
