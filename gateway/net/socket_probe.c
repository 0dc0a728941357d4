#include "net/socket_probe.h"

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

/* The first row that fits explains; `error` 0 is success. */
static const struct {
    int domain, type, error;
    const char *en, *ko;
} reasons[] = {
    {AF_INET, SOCK_STREAM, 0,
     "TCP over IPv4: a stream of bytes between two hosts; the kernel keeps the order and sends "
     "again what was lost.",
     "IPv4 위의 TCP: 두 호스트를 잇는 바이트 스트림이며, 순서와 재전송을 커널이 맡는다."},
    {AF_INET, SOCK_DGRAM, 0,
     "UDP over IPv4: single messages with borders, without a connection and without a promise.",
     "IPv4 위의 UDP: 경계가 있는 메시지를 하나씩, 연결도 보장도 없이 보낸다."},
    {AF_INET6, SOCK_STREAM, 0,
     "TCP over IPv6; with IPV6_V6ONLY off the same socket also serves IPv4.",
     "IPv6 위의 TCP이며, IPV6_V6ONLY를 끄면 같은 소켓이 IPv4도 받는다."},
    {AF_INET6, SOCK_DGRAM, 0, "UDP over IPv6: single messages, without a connection.",
     "IPv6 위의 UDP: 연결 없이 메시지를 하나씩 보낸다."},
    {AF_UNIX, SOCK_STREAM, 0,
     "A stream between processes of this machine; the kernel vouches for who is at the other end.",
     "같은 시스템의 프로세스끼리 잇는 스트림이며, 상대가 누구인지 커널이 알려 준다."},
    {AF_UNIX, SOCK_DGRAM, 0,
     "Messages between processes of this machine; unlike UDP none is lost and the order is kept.",
     "같은 시스템의 프로세스끼리 주고받는 메시지이며, UDP와 달리 잃지 않고 순서도 지킨다."},
    {AF_UNIX, SOCK_RAW, 0, "Linux treats SOCK_RAW here as SOCK_DGRAM.",
     "리눅스는 여기서 SOCK_RAW를 SOCK_DGRAM으로 다룬다."},
    {AF_UNIX, SOCK_SEQPACKET, 0,
     "A connection that keeps the borders of messages: between stream and datagram.",
     "연결이면서 메시지의 경계도 지킨다: 스트림과 데이터그램의 중간이다."},
    {AF_PACKET, SOCK_DGRAM, 0,
     "Every packet of the interfaces from the network layer on; this process may (CAP_NET_RAW).",
     "인터페이스의 모든 패킷을 네트워크 계층부터 본다. 이 프로세스는 허용되었다(CAP_NET_RAW)."},
    {AF_PACKET, SOCK_RAW, 0,
     "Every frame of the interfaces with its link header; this process may (CAP_NET_RAW).",
     "인터페이스의 모든 프레임을 링크 헤더까지 본다. 이 프로세스는 허용되었다(CAP_NET_RAW)."},
    {AF_IPX, ANY, EAFNOSUPPORT,
     "Novell's IPX is history: Linux dropped it with version 4.18 in 2018.",
     "노벨의 IPX는 역사가 되었다. 리눅스는 2018년 4.18에서 이를 없앴다."},
    {AF_INET6, ANY, EAFNOSUPPORT, "IPv6 is switched off in this kernel.",
     "이 커널에서는 IPv6가 꺼져 있다."},
    {AF_PACKET, ANY, EPERM,
     "Packets of everybody pass here, so it needs CAP_NET_RAW: setcap cap_net_raw+ep, or "
     "AmbientCapabilities= in the service.",
     "모두의 패킷이 지나가므로 CAP_NET_RAW 권한이 필요하다: setcap cap_net_raw+ep, 또는 서비스의 "
     "AmbientCapabilities=."},
    {ANY, SOCK_RAW, EPERM, "Raw packets need CAP_NET_RAW.",
     "원시 패킷에는 CAP_NET_RAW가 필요하다."},
    {ANY, SOCK_RAW, EPROTONOSUPPORT,
     "A raw socket must name its protocol, as IPPROTO_ICMP; 0 is none.",
     "원시 소켓은 IPPROTO_ICMP처럼 프로토콜을 정해야 한다. 0은 아무것도 아니다."},
    {AF_PACKET, ANY, ESOCKTNOSUPPORT,
     "Packets have borders: only SOCK_DGRAM and SOCK_RAW exist here.",
     "패킷에는 경계가 있으므로 여기에는 SOCK_DGRAM과 SOCK_RAW만 있다."},
    {ANY, SOCK_SEQPACKET, ESOCKTNOSUPPORT,
     "Over IP only SCTP keeps borders in a connection, and it is not loaded here.",
     "IP에서 연결과 경계를 함께 지키는 것은 SCTP뿐인데, 여기에는 올라와 있지 않다."},
    {ANY, SOCK_SEQPACKET, EPROTONOSUPPORT,
     "Over IP only SCTP keeps borders in a connection, and it is not loaded here.",
     "IP에서 연결과 경계를 함께 지키는 것은 SCTP뿐인데, 여기에는 올라와 있지 않다."},
    {ANY, ANY, EAFNOSUPPORT, "This kernel does not know the domain.",
     "이 커널은 이 영역을 모른다."},
    {ANY, ANY, EMFILE, "The process has no descriptor left.",
     "이 프로세스에는 남은 디스크립터가 없다."},
    {ANY, ANY, 0, "The kernel gave a socket.", "커널이 소켓을 내주었다."},
    {ANY, ANY, ANY, "The kernel refused; errno says why.", "커널이 거절했다. 이유는 errno에 있다."},
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
        probe->why_en = reasons[i].en;
        probe->why_ko = reasons[i].ko;
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
                            SOCKET_DATAGRAM, "trial");
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
