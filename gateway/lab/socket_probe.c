#include "lab/socket_probe.h"

#include "base/owner.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#ifndef AF_IPX
#define AF_IPX 4
#endif

struct name {
    const char *text;
    int value;
};

static const struct name domains[] = {
    {"AF_INET", AF_INET},     {"AF_INET6", AF_INET6}, {"AF_UNIX", AF_UNIX},
    {"AF_PACKET", AF_PACKET}, {"AF_IPX", AF_IPX},
};

static const struct name types[] = {
    {"SOCK_STREAM", SOCK_STREAM},
    {"SOCK_DGRAM", SOCK_DGRAM},
    {"SOCK_RAW", SOCK_RAW},
    {"SOCK_SEQPACKET", SOCK_SEQPACKET},
};

enum { ANY = -1 };

/* The first row that fits explains the result; `error` 0 is success. The page translates by the key. */
static const struct {
    int domain, type, error;
    const char *key, *text;
} reasons[] = {
    {AF_INET, SOCK_STREAM, 0, "probe.inet.stream",
     "TCP over IPv4: a stream of bytes between two hosts. The kernel keeps the order and sends "
     "lost bytes again."},
    {AF_INET, SOCK_DGRAM, 0, "probe.inet.dgram",
     "UDP over IPv4: separate messages that keep their boundaries, without a connection and with "
     "no guarantees."},
    {AF_INET6, SOCK_STREAM, 0, "probe.inet6.stream",
     "TCP over IPv6. With IPV6_V6ONLY off, the same socket also serves IPv4."},
    {AF_INET6, SOCK_DGRAM, 0, "probe.inet6.dgram",
     "UDP over IPv6: separate messages, without a connection."},
    {AF_UNIX, SOCK_STREAM, 0, "probe.unix.stream",
     "A stream between processes of this machine. The kernel tells who is at the other end."},
    {AF_UNIX, SOCK_DGRAM, 0, "probe.unix.dgram",
     "Messages between processes of this machine. Unlike UDP, none is lost and the order is kept."},
    {AF_UNIX, SOCK_RAW, 0, "probe.unix.raw", "Here Linux treats SOCK_RAW as SOCK_DGRAM."},
    {AF_UNIX, SOCK_SEQPACKET, 0, "probe.unix.seqpacket",
     "A connection that keeps the boundaries of messages: between a stream and datagrams."},
    {AF_PACKET, SOCK_DGRAM, 0, "probe.packet.dgram",
     "Every packet of the interfaces, from the network layer up. This process has CAP_NET_RAW."},
    {AF_PACKET, SOCK_RAW, 0, "probe.packet.raw",
     "Every frame of the interfaces, with its link header. This process has CAP_NET_RAW."},
    {AF_IPX, ANY, EAFNOSUPPORT, "probe.ipx",
     "IPX (Novell) is no longer used. Linux removed it in version 4.18 (2018)."},
    {AF_INET6, ANY, EAFNOSUPPORT, "probe.inet6.off", "IPv6 is switched off in this kernel."},
    {AF_PACKET, ANY, EPERM, "probe.packet.permission",
     "It would see the packets of every program, so it needs CAP_NET_RAW: setcap cap_net_raw+ep, "
     "or AmbientCapabilities= in the service."},
    {ANY, SOCK_RAW, EPERM, "probe.raw.permission", "Raw packets need CAP_NET_RAW."},
    {ANY, SOCK_RAW, EPROTONOSUPPORT, "probe.raw.protocol",
     "A raw socket must name its protocol, such as IPPROTO_ICMP. 0 is not allowed."},
    {AF_PACKET, ANY, ESOCKTNOSUPPORT, "probe.packet.type",
     "Packets have boundaries, so only SOCK_DGRAM and SOCK_RAW exist here."},
    {ANY, SOCK_SEQPACKET, ESOCKTNOSUPPORT, "probe.seqpacket",
     "Over IP, only SCTP keeps boundaries in a connection, and it is not loaded here."},
    {ANY, SOCK_SEQPACKET, EPROTONOSUPPORT, "probe.seqpacket",
     "Over IP, only SCTP keeps boundaries in a connection, and it is not loaded here."},
    {ANY, ANY, EAFNOSUPPORT, "probe.domain", "This kernel does not know the domain."},
    {ANY, ANY, EMFILE, "probe.descriptors", "The process has no descriptor left."},
    {ANY, ANY, 0, "probe.made", "The kernel made a socket."},
    {ANY, ANY, ANY, "probe.refused", "The kernel refused. errno says why."},
};

/* AF_… and PF_… are the same numbers; AF_LOCAL is the POSIX name of AF_UNIX. */
static int find_domain(const char *name)
{
    const char *tail = strncmp(name, "PF_", 3) == 0 || strncmp(name, "AF_", 3) == 0 ? name + 3 : "";
    if (strcmp(tail, "LOCAL") == 0)
        tail = "UNIX";
    for (size_t i = 0; i < ARRAY_LENGTH(domains); i++)
        if (strcmp(domains[i].text + 3, tail) == 0)
            return (int)i;
    return -1;
}

static int find_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
        if (strcmp(types[i].text, name) == 0)
            return (int)i;
    return -1;
}

static void explain(int domain, int type, struct probe *probe)
{
    int error = probe->result < 0 ? -probe->result : 0;
    for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++) {
        if ((reasons[i].domain != ANY && reasons[i].domain != domain) ||
            (reasons[i].type != ANY && reasons[i].type != type) ||
            (reasons[i].error != ANY && reasons[i].error != error))
            continue;
        probe->why_key = reasons[i].key;
        probe->why = reasons[i].text;
        return;
    }
}

int probe_run(struct socket_register *reg, const char *domain, const char *type,
              struct probe *ret_probe)
{
    int domain_index = find_domain(domain);
    int type_index = find_type(type);
    if (domain_index < 0 || type_index < 0)
        return -EINVAL;
    struct probe probe = {.domain = domains[domain_index].text, .type = types[type_index].text};
    struct socket socket;
    struct socket_call call = {0};
    uint64_t next = register_next(reg);
    int error = socket_open(&socket, reg, domains[domain_index].value, types[type_index].value, 0,
                            SOCKET_DATAGRAM, "probe");
    probe.result = error ? error : socket.fd;
    (void)register_calls(reg, next, &call, 1, &next, NULL);
    (void)snprintf(probe.call, sizeof probe.call, "%s", call.text);
    socket_close(&socket);
    explain(domains[domain_index].value, types[type_index].value, &probe);
    *ret_probe = probe;
    return 0;
}

const char *probe_domain(size_t index)
{
    return index < ARRAY_LENGTH(domains) ? domains[index].text : NULL;
}

const char *probe_type(size_t index)
{
    return index < ARRAY_LENGTH(types) ? types[index].text : NULL;
}
