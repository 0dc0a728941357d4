#include "net/packet.h"

#include "base/clock.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { PACKETS_PER_WAKE = 256 };

struct packet {
    struct socket socket;
    struct net *net; /* borrowed */
    struct packet_events events;
    struct loop_source *source;
    size_t port_count;
    uint16_t ports[PACKET_PORTS_MAX];
    uint64_t next; /* number of the next segment */
    uint64_t dropped;
    struct segment ring[PACKET_SEGMENTS_MAX];
};

/* A jump at instruction `at` that leads to instruction `yes` or `no`: the kernel counts from the
 * instruction behind the jump. */
#define IF(at, test, value, yes, no)                                                               \
    BPF_JUMP(BPF_JMP | (test) | BPF_K, value, (yes) - (at)-1, (no) - (at)-1)
#define LOAD(size, at) BPF_STMT(BPF_LD | (size) | BPF_ABS, (uint32_t)(at))

enum { IPV6 = 16, REJECT = 24 };

/* A classic BPF program (packet(7)) for packets that begin with their IP header. It returns what the
 * packet is cut to: the IP and TCP headers of an unfragmented TCP segment, and 0 for everything else.
 * Which ports are ours is compared later, in receive_one(). On loopback every packet passes twice, on
 * its way out and on its way in: once is enough. */
static const struct sock_filter tcp_headers[] = {
    /* 0 */ LOAD(BPF_H, SKF_AD_OFF + SKF_AD_HATYPE),
    /* 1 */ IF(1, BPF_JEQ, ARPHRD_LOOPBACK, 2, 4),
    /* 2 */ LOAD(BPF_W, SKF_AD_OFF + SKF_AD_PKTTYPE),
    /* 3 */ IF(3, BPF_JEQ, PACKET_OUTGOING, REJECT, 4),
    /* 4 */ LOAD(BPF_H, SKF_AD_OFF + SKF_AD_PROTOCOL),
    /* 5 */ IF(5, BPF_JEQ, ETH_P_IP, 6, IPV6),
    /* 6 */ LOAD(BPF_B, 9),
    /* 7 */ IF(7, BPF_JEQ, IPPROTO_TCP, 8, REJECT),
    /* 8 */ LOAD(BPF_H, 6),
    /* 9 */ IF(9, BPF_JSET, 0x3fff, REJECT, 10), /* a fragment */
    /* 10 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
    /* 11 */ BPF_STMT(BPF_LD | BPF_B | BPF_IND, 12),
    /* 12 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
    /* 13 */ BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),
    /* 14 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
    /* 15 */ BPF_STMT(BPF_RET | BPF_A, 0),
    /* 16 */ IF(IPV6, BPF_JEQ, ETH_P_IPV6, 17, REJECT),
    /* 17 */ LOAD(BPF_B, 6),
    /* 18 */ IF(18, BPF_JEQ, IPPROTO_TCP, 19, REJECT),
    /* 19 */ LOAD(BPF_B, 40 + 12),
    /* 20 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
    /* 21 */ BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),
    /* 22 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 40),
    /* 23 */ BPF_STMT(BPF_RET | BPF_A, 0),
    /* 24 */ BPF_STMT(BPF_RET | BPF_K, 0),
};

static bool is_own_port(const struct packet *packet, unsigned port)
{
    for (size_t i = 0; i < packet->port_count; i++)
        if (packet->ports[i] == port)
            return true;
    return false;
}

static int64_t time_of(struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        struct timespec time;
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&time, CMSG_DATA(part), sizeof time);
        return (int64_t)time.tv_sec * CLOCK_NS_PER_SECOND + time.tv_nsec;
    }
    return clock_wall_ns();
}

/* Calls recvmsg(2) directly, without an entry in the register: each entry would be sent to the clients that
 * follow the register, which makes new packets. Returns false when none is left. */
static bool receive_one(struct packet *packet)
{
    uint8_t bytes[SEGMENT_HEADERS_MAX];
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec vector = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t received = recvmsg(packet->socket.fd, &message, MSG_DONTWAIT);
    if (received < 0)
        return false;
    packet->socket.counts.received++;
    struct segment segment;
    if (segment_decode(bytes, (size_t)received, &segment) < 0)
        return true;
    segment.incoming = is_own_port(packet, address_port(&segment.destination));
    if (!segment.incoming && !is_own_port(packet, address_port(&segment.source)))
        return true; /* another program's */
    segment.time_ns = time_of(&message);
    segment.number = packet->next++;
    packet->ring[segment.number % PACKET_SEGMENTS_MAX] = segment;
    return true;
}

static void on_packets(void *context, uint32_t events)
{
    (void)events;
    struct packet *packet = context;
    uint64_t before = packet->next;
    for (int i = 0; i < PACKETS_PER_WAKE && receive_one(packet); i++)
        continue;
    if (packet->next != before && packet->events.captured)
        packet->events.captured(packet->events.context);
}

/* Protocol 0 receives nothing, so that no packet arrives before the filter is set; bind(2) then starts
 * the capture. */
static int prepare(struct packet *packet, const char **ret_call)
{
    struct socket *s = &packet->socket;
    char shown[32];
    struct sock_filter code[ARRAY_LENGTH(tcp_headers)];
    const struct sock_fprog program = {.len = ARRAY_LENGTH(code), .filter = code};
    memcpy(code, tcp_headers, sizeof code);
    (void)snprintf(shown, sizeof shown, "{%u instructions}", program.len);
    *ret_call = "setsockopt";
    int error = socket_set_bytes(s, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program, shown);
    if (!error)
        error = socket_set(s, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (error)
        return error;
    const struct sockaddr_ll every = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    struct address address = {.length = sizeof every};
    memcpy(&address.un, &every, sizeof every);
    *ret_call = "bind";
    return socket_bind(s, &address);
}

int packet_open(struct net *net, const struct packet_options *options,
                const struct packet_events *events, struct packet **ret_packet,
                const char **ret_call)
{
    const char *call = "calloc";
    if (options->port_count > PACKET_PORTS_MAX)
        return -E2BIG;
    struct packet *packet = calloc(1, sizeof *packet);
    int error = packet ? 0 : -ENOMEM;
    if (packet) {
        packet->net = net;
        packet->events = *events;
        packet->next = 1;
        packet->port_count = options->port_count;
        if (options->port_count > 0)
            memcpy(packet->ports, options->ports, options->port_count * sizeof *options->ports);
        packet->socket.fd = -1;
        call = "socket";
        error = socket_open(&packet->socket, net_register(net), AF_PACKET, SOCK_DGRAM, 0,
                            SOCKET_PACKET, "wire");
    }
    if (!error)
        error = prepare(packet, &call);
    if (!error) {
        call = "epoll_ctl";
        error = loop_watch(net_loop(net), packet->socket.fd, EPOLLIN, on_packets, packet,
                           &packet->source);
    }
    if (error) {
        packet_close(packet);
        if (ret_call)
            *ret_call = call;
        return error;
    }
    *ret_packet = packet;
    return 0;
}

int packet_set_ports(struct packet *packet, const uint16_t *ports, size_t count)
{
    if (count > PACKET_PORTS_MAX)
        return -E2BIG;
    memcpy(packet->ports, ports, count * sizeof *ports);
    packet->port_count = count;
    return 0;
}

void packet_receive(struct packet *packet)
{
    for (int i = 0; i < PACKETS_PER_WAKE && receive_one(packet); i++)
        continue;
}

size_t packet_segments(const struct packet *packet, uint64_t since, struct segment *segments,
                       size_t max, uint64_t *ret_next)
{
    uint64_t oldest = packet->next > PACKET_SEGMENTS_MAX ? packet->next - PACKET_SEGMENTS_MAX : 1;
    uint64_t first = since > packet->next ? packet->next : since;
    if (first < oldest)
        first = oldest;
    size_t count = 0;
    while (count < max && first + count < packet->next) {
        segments[count] = packet->ring[(first + count) % PACKET_SEGMENTS_MAX];
        count++;
    }
    *ret_next = first + count;
    return count;
}

uint64_t packet_dropped(struct packet *packet)
{
    struct tpacket_stats stats; /* reading sets the kernel's counters to zero */
    socklen_t size = sizeof stats;
    if (getsockopt(packet->socket.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
        packet->dropped += stats.tp_drops;
    return packet->dropped;
}

struct packet *packet_close(struct packet *packet)
{
    if (!packet)
        return NULL;
    packet->source = loop_source_free(packet->source);
    socket_close(&packet->socket);
    free(packet);
    return NULL;
}
