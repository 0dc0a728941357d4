#include "net/address.h"

#include "base/number.h"
#include "base/utf8.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct sockaddr_in *as_in(const struct address *address)
{
    return (const struct sockaddr_in *)(const void *)&address->any;
}

static const struct sockaddr_in6 *as_in6(const struct address *address)
{
    return &address->in6;
}

static int refuse(const char **ret_reason, int error, const char *reason)
{
    if (ret_reason)
        *ret_reason = reason;
    return error;
}

static int parse_unix(const char *path, const char *folder, struct address *ret_address,
                      const char **ret_reason)
{
    struct address address = {.kind = ADDRESS_UNIX, .un.sun_family = AF_UNIX};
    size_t size = sizeof address.un.sun_path;
    if (!*path)
        return refuse(ret_reason, -EINVAL, "a unix address needs a path after \"unix:\"");
    bool relative = *path != '/' && folder && *folder;
    size_t length = strlen(path) + (relative ? strlen(folder) + 1 : 0);
    if (length >= size)
        return refuse(ret_reason, -ENAMETOOLONG,
                      "the path of a unix socket is at most 107 bytes long (unix(7))");
    char *end = address.un.sun_path; /* it fits: checked above */
    if (relative) {
        end = stpcpy(end, folder);
        *end++ = '/';
    }
    memcpy(end, path, strlen(path) + 1);
    address.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    *ret_address = address;
    return 0;
}

static int parse_port(const char *text, in_port_t *ret_port, const char **ret_reason)
{
    int64_t port;
    if (number_parse(text, 0, UINT16_MAX, &port) < 0)
        return refuse(ret_reason, -EINVAL, "the port must be a number from 0 to 65535");
    *ret_port = htons((uint16_t)port);
    return 0;
}

static int parse_scope(const char *name, uint32_t *ret_scope, const char **ret_reason)
{
    int64_t number;
    if (number_parse(name, 1, UINT32_MAX, &number) == 0) {
        *ret_scope = (uint32_t)number;
        return 0;
    }
    *ret_scope = if_nametoindex(name);
    if (*ret_scope == 0)
        return refuse(ret_reason, -ENODEV, "there is no such network interface after the %");
    return 0;
}

/* "[host%scope]:port" */
static int parse_in6(const char *text, struct address *address, const char **ret_reason)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE];
    const char *end = strchr(text, ']');
    if (!end || end[1] != ':')
        return refuse(ret_reason, -EINVAL, "an IPv6 address is written [HOST]:PORT");
    size_t length = (size_t)(end - text) - 1;
    if (length >= sizeof host)
        return refuse(ret_reason, -EINVAL, "between [ and ] must stand an IPv6 address");
    memcpy(host, text + 1, length);
    host[length] = '\0';
    char *scope = strchr(host, '%');
    if (scope)
        *scope++ = '\0';
    if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1)
        return refuse(ret_reason, -EINVAL, "between [ and ] must stand an IPv6 address");
    int error = scope ? parse_scope(scope, &in6.sin6_scope_id, ret_reason) : 0;
    if (!error)
        error = parse_port(end + 2, &in6.sin6_port, ret_reason);
    memcpy(&address->in6, &in6, sizeof in6);
    address->length = sizeof in6;
    return error;
}

static int parse_in(const char *text, struct address *address, const char **ret_reason)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    char host[INET_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    if (!colon)
        return refuse(ret_reason, -EINVAL, "an address is written HOST:PORT");
    size_t length = (size_t)(colon - text);
    if (length < sizeof host) {
        memcpy(host, text, length);
        host[length] = '\0';
    }
    if (length >= sizeof host || inet_pton(AF_INET, host, &in.sin_addr) != 1)
        return refuse(ret_reason, -EINVAL,
                      "the host must be an IP address: 127.0.0.1, 0.0.0.0, [::1] or [::]");
    int error = parse_port(colon + 1, &in.sin_port, ret_reason);
    memcpy(&address->any, &in, sizeof in);
    address->length = sizeof in;
    return error;
}

int address_parse(const char *text, const char *folder, struct address *ret_address,
                  const char **ret_reason)
{
    if (strncmp(text, "unix:", 5) == 0)
        return parse_unix(text + 5, folder, ret_address, ret_reason);
    struct address address = {.kind = ADDRESS_TCP};
    if (strncmp(text, "udp:", 4) == 0)
        address.kind = ADDRESS_UDP;
    if (strncmp(text, "tcp:", 4) == 0 || address.kind == ADDRESS_UDP)
        text += 4;
    int error =
        *text == '[' ? parse_in6(text, &address, ret_reason) : parse_in(text, &address, ret_reason);
    if (error)
        return error;
    *ret_address = address;
    return 0;
}

/* The peer chooses the name of its socket: what is not printable UTF-8 is written as '?'. */
static void format_unix(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    size_t used = (size_t)snprintf(text, ADDRESS_TEXT_SIZE, "unix:");
    size_t offset = offsetof(struct sockaddr_un, sun_path);
    size_t left = address->length > offset ? address->length - offset : 0;
    const char *name = address->un.sun_path;
    bool abstract = left > 0 && name[0] == '\0';
    if (abstract) {
        text[used++] = '@';
        name++;
        left--;
    }
    while (left > 0 && (abstract || *name)) {
        size_t length = utf8_length(name, left);
        if (length == 0 || (unsigned char)*name < 0x20 || *name == 0x7f) {
            text[used++] = '?';
            length = 1;
        } else {
            memcpy(text + used, name, length);
            used += length;
        }
        name += length;
        left -= length;
    }
    text[used] = '\0';
}

static const uint8_t *ipv4_of(const struct address *address)
{
    if (address->any.sa_family == AF_INET)
        return (const uint8_t *)&as_in(address)->sin_addr;
    if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&as_in6(address)->sin6_addr))
        return as_in6(address)->sin6_addr.s6_addr + 12;
    return NULL;
}

static void format_in6_host(const struct sockaddr_in6 *in6, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    char name[IF_NAMESIZE];
    (void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
    if (in6->sin6_scope_id == 0)
        (void)snprintf(text, size, "%s", host);
    else if (if_indextoname(in6->sin6_scope_id, name))
        (void)snprintf(text, size, "%s%%%s", host, name);
    else
        (void)snprintf(text, size, "%s%%%u", host, in6->sin6_scope_id);
}

char *address_host(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    const uint8_t *ipv4 = ipv4_of(address);
    if (ipv4)
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", ipv4[0], ipv4[1], ipv4[2], ipv4[3]);
    else if (address->any.sa_family == AF_INET6)
        format_in6_host(as_in6(address), text, ADDRESS_TEXT_SIZE);
    else
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "unix");
    return text;
}

char *address_format_exact(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE];
    if (address->any.sa_family == AF_INET6) {
        format_in6_host(as_in6(address), host, sizeof host);
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "[%s]:%u", host, address_port(address));
    } else if (address->any.sa_family == AF_INET) {
        const uint8_t *ipv4 = ipv4_of(address);
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u:%u", ipv4[0], ipv4[1], ipv4[2],
                       ipv4[3], address_port(address));
    } else if (address->any.sa_family == AF_PACKET) {
        /* The only packet socket of the program captures on all of them. */
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "every interface");
    } else {
        format_unix(address, text);
    }
    return text;
}

char *address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    const uint8_t *ipv4 = ipv4_of(address);
    if (!ipv4)
        return address_format_exact(address, text);
    (void)snprintf(text, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u:%u", ipv4[0], ipv4[1], ipv4[2], ipv4[3],
                   address_port(address));
    return text;
}

unsigned address_port(const struct address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohs(as_in(address)->sin_port);
    if (address->any.sa_family == AF_INET6)
        return ntohs(as_in6(address)->sin6_port);
    return 0;
}

bool address_is_loopback(const struct address *address)
{
    const uint8_t *ipv4 = ipv4_of(address);
    if (ipv4)
        return ipv4[0] == 127;
    if (address->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&as_in6(address)->sin6_addr);
    return address->any.sa_family == AF_UNIX;
}

bool address_is_any(const struct address *address)
{
    if (address->any.sa_family == AF_INET)
        return as_in(address)->sin_addr.s_addr == htonl(INADDR_ANY);
    if (address->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&as_in6(address)->sin6_addr);
    return false;
}

bool address_is_multicast(const struct address *address)
{
    if (address->any.sa_family == AF_INET)
        return IN_MULTICAST(ntohl(as_in(address)->sin_addr.s_addr));
    if (address->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&as_in6(address)->sin6_addr);
    return false;
}

unsigned address_scope(const struct address *address)
{
    return address->any.sa_family == AF_INET6 ? as_in6(address)->sin6_scope_id : 0;
}

bool address_equals(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return as_in(a)->sin_port == as_in(b)->sin_port &&
               as_in(a)->sin_addr.s_addr == as_in(b)->sin_addr.s_addr;
    if (a->any.sa_family == AF_INET6)
        return as_in6(a)->sin6_port == as_in6(b)->sin6_port &&
               as_in6(a)->sin6_scope_id == as_in6(b)->sin6_scope_id &&
               IN6_ARE_ADDR_EQUAL(&as_in6(a)->sin6_addr, &as_in6(b)->sin6_addr);
    return a->length == b->length && memcmp(&a->un, &b->un, a->length) == 0;
}

bool address_to_ipv4(const struct address *address, struct address *ret_address)
{
    if (address->any.sa_family != AF_INET6)
        return false;
    const struct in6_addr *host = &as_in6(address)->sin6_addr;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = as_in6(address)->sin6_port};
    if (IN6_IS_ADDR_UNSPECIFIED(host))
        in.sin_addr.s_addr = htonl(INADDR_ANY);
    else if (IN6_IS_ADDR_LOOPBACK(host))
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        return false;
    struct address ipv4 = {.kind = address->kind, .length = sizeof in};
    memcpy(&ipv4.any, &in, sizeof in);
    *ret_address = ipv4;
    return true;
}

size_t address_host_bytes(const struct address *address, uint8_t bytes[ADDRESS_HOST_BYTES])
{
    const uint8_t *ipv4 = ipv4_of(address);
    if (ipv4) {
        memcpy(bytes, ipv4, 4);
        return 4;
    }
    if (address->any.sa_family != AF_INET6)
        return 0;
    memcpy(bytes, &as_in6(address)->sin6_addr, 16);
    return 16;
}
