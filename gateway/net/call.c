#include "net/call.h"

#include "base/owner.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Linux 4.18 removed the protocol; its number is still reserved. */
#ifndef AF_IPX
#define AF_IPX 4
#endif

struct name {
    int value;
    const char *text;
};

static const struct name domains[] = {
    {AF_UNIX, "AF_UNIX"}, {AF_INET, "AF_INET"},     {AF_INET6, "AF_INET6"},
    {AF_IPX, "AF_IPX"},   {AF_PACKET, "AF_PACKET"},
};

static const struct name types[] = {
    {SOCK_STREAM, "SOCK_STREAM"},
    {SOCK_DGRAM, "SOCK_DGRAM"},
    {SOCK_RAW, "SOCK_RAW"},
    {SOCK_SEQPACKET, "SOCK_SEQPACKET"},
};

static const struct name levels[] = {
    {SOL_SOCKET, "SOL_SOCKET"},     {IPPROTO_TCP, "IPPROTO_TCP"}, {IPPROTO_IP, "IPPROTO_IP"},
    {IPPROTO_IPV6, "IPPROTO_IPV6"}, {SOL_PACKET, "SOL_PACKET"},
};

static const struct {
    int level;
    struct name name;
} options[] = {
    {SOL_SOCKET, {SO_REUSEADDR, "SO_REUSEADDR"}},
    {SOL_SOCKET, {SO_RCVBUF, "SO_RCVBUF"}},
    {SOL_SOCKET, {SO_SNDBUF, "SO_SNDBUF"}},
    {SOL_SOCKET, {SO_RXQ_OVFL, "SO_RXQ_OVFL"}},
    {SOL_SOCKET, {SO_PASSCRED, "SO_PASSCRED"}},
    {SOL_SOCKET, {SO_ATTACH_FILTER, "SO_ATTACH_FILTER"}},
    {SOL_SOCKET, {SO_TIMESTAMPNS, "SO_TIMESTAMPNS"}},
    {SOL_SOCKET, {SO_BROADCAST, "SO_BROADCAST"}},
    {SOL_SOCKET, {SO_ERROR, "SO_ERROR"}},
    {SOL_SOCKET, {SO_KEEPALIVE, "SO_KEEPALIVE"}},
    {IPPROTO_TCP, {TCP_NODELAY, "TCP_NODELAY"}},
    {IPPROTO_TCP, {TCP_KEEPIDLE, "TCP_KEEPIDLE"}},
    {IPPROTO_TCP, {TCP_KEEPINTVL, "TCP_KEEPINTVL"}},
    {IPPROTO_TCP, {TCP_KEEPCNT, "TCP_KEEPCNT"}},
    {IPPROTO_IP, {IP_MULTICAST_TTL, "IP_MULTICAST_TTL"}},
    {IPPROTO_IP, {IP_MULTICAST_LOOP, "IP_MULTICAST_LOOP"}},
    {IPPROTO_IPV6, {IPV6_V6ONLY, "IPV6_V6ONLY"}},
    {IPPROTO_IPV6, {IPV6_MULTICAST_HOPS, "IPV6_MULTICAST_HOPS"}},
    {IPPROTO_IPV6, {IPV6_MULTICAST_LOOP, "IPV6_MULTICAST_LOOP"}},
    {IPPROTO_IPV6, {IPV6_MULTICAST_IF, "IPV6_MULTICAST_IF"}},
    {SOL_PACKET, {PACKET_AUXDATA, "PACKET_AUXDATA"}},
};

static const char *find(const struct name *names, size_t count, int value)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].value == value)
            return names[i].text;
    return "?";
}

const char *call_domain_name(int domain)
{
    return find(domains, ARRAY_LENGTH(domains), domain);
}

char *call_type_name(int type, char text[CALL_TYPE_SIZE])
{
    int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    (void)snprintf(text, CALL_TYPE_SIZE, "%s%s%s", find(types, ARRAY_LENGTH(types), type & ~flags),
                   type & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "",
                   type & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "");
    return text;
}

const char *call_level_name(int level)
{
    return find(levels, ARRAY_LENGTH(levels), level);
}

const char *call_option_name(int level, int option)
{
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (options[i].level == level && options[i].name.value == option)
            return options[i].name.text;
    return "?";
}

const char *call_errno_name(int error)
{
    const char *name = strerrorname_np(abs(error));
    return name ? name : "?";
}
