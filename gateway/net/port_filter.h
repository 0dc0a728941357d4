/* A classic BPF program (packet(7), bpf(4)) that lets the kernel hand over nothing but the headers of
 * the TCP segments of our own ports: the payload is cut off before it reaches the process. */
#ifndef NET_PORT_FILTER_H
#define NET_PORT_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PORT_FILTER_PORTS_MAX = 32, /* the listeners of a config */
    PORT_FILTER_SIZE = 48 + 4 * PORT_FILTER_PORTS_MAX,
};

struct port_filter {
    uint16_t length;
    struct sock_filter code[PORT_FILTER_SIZE];
};

/* For packets that begin with their IP header (AF_PACKET, SOCK_DGRAM): segments from or to one of
 * `ports`; with `peer_port` not 0 only those of the connections with it. Returns what the packet is
 * cut to: IP and TCP header, or 0 for "not ours". 0, or -E2BIG over PORT_FILTER_PORTS_MAX. */
int port_filter_make(const uint16_t *ports, size_t count, uint16_t peer_port,
                     struct port_filter *ret_filter);

#endif
