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
           same_addresses(&a->datagram, &b->datagram) &&
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
        same = strcmp(a->allowed_origins[i], b->allowed_origins[i]) == 0;
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
    return count;
}
