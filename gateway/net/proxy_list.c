#include "net/proxy_list.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static bool is_same_network(const struct proxy_network *network, const uint8_t *bytes)
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || (network->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

static bool has_bits_behind(const struct proxy_network *network)
{
    for (unsigned bit = network->bits; bit < network->length * 8u; bit++)
        if (network->bytes[bit / 8] & 0x80 >> bit % 8)
            return true;
    return false;
}

static int parse_network(const char *text, struct proxy_network *network)
{
    char host[INET6_ADDRSTRLEN] = "";
    size_t length = strcspn(text, "/");
    int64_t bits;
    if (length >= sizeof host)
        return -EINVAL;
    memcpy(host, text, length);
    if (inet_pton(AF_INET, host, network->bytes) == 1)
        network->length = 4;
    else if (inet_pton(AF_INET6, host, network->bytes) == 1)
        network->length = 16;
    else
        return -EINVAL;
    bits = network->length * 8;
    if (text[length] && number_parse(text + length + 1, 0, network->length * 8, &bits) < 0)
        return -EINVAL;
    network->bits = (uint8_t)bits;
    return has_bits_behind(network) ? -EINVAL : 0;
}

int proxy_list_add(struct proxy_list *list, const char *text)
{
    struct proxy_network network = {0};
    if (strcmp(text, "unix") == 0) {
        list->has_unix = true;
        return 0;
    }
    int error = parse_network(text, &network);
    if (error)
        return error;
    if (list->count == PROXY_NETWORKS_MAX)
        return -ENOSPC;
    list->networks[list->count++] = network;
    return 0;
}

bool proxy_list_has(const struct proxy_list *list, const struct address *peer)
{
    uint8_t bytes[ADDRESS_HOST_BYTES];
    if (peer->any.sa_family == AF_UNIX)
        return list->has_unix;
    size_t length = address_host_bytes(peer, bytes);
    for (size_t i = 0; i < list->count; i++)
        if (list->networks[i].length == length && is_same_network(&list->networks[i], bytes))
            return true;
    return false;
}
