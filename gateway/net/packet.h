/* A packet socket (packet(7)): the TCP segments of the gateway's own ports as they pass the network
 * interfaces. A filter in the kernel cuts each packet to its headers, so that no payload reaches the
 * process. Needs CAP_NET_RAW. */
#ifndef NET_PACKET_H
#define NET_PACKET_H

#include "net/segment.h"

#include <stddef.h>
#include <stdint.h>

struct net;
struct packet;

enum {
    PACKET_SEGMENTS_MAX = 2048, /* kept of one capture; the oldest are dropped first */
    PACKET_PORTS_MAX = 32,      /* the listeners of a config */
};

struct packet_options {
    const uint16_t *ports; /* the gateway's own, host order */
    size_t port_count;     /* at most PACKET_PORTS_MAX */
};

struct packet_events {
    void *context;
    void (*captured)(
        void
            *context); /* called once for each wake-up; read with packet_segments(). May be NULL. */
};

/* Starts a capture. 0; -E2BIG for too many ports; -EPERM without CAP_NET_RAW; another negative errno of the call named in
 * `*ret_call`. */
int packet_open(struct net *net, const struct packet_options *options,
                const struct packet_events *events, struct packet **ret_packet,
                const char **ret_call);

/* Takes other ports for ours from now on; what was received and left is not checked again. -E2BIG for too
 * many. */
int packet_set_ports(struct packet *packet, const uint16_t *ports, size_t count);

/* Receives what waits in the kernel, without waiting for the loop's turn. */
void packet_receive(struct packet *packet);

/* Copies up to `max` segments, oldest first, from number `since` on. Returns how many; `*ret_next` is
 * the number to continue with. */
size_t packet_segments(const struct packet *packet, uint64_t since, struct segment *segments,
                       size_t max, uint64_t *ret_next);

/* Segments that the kernel had no room for (PACKET_STATISTICS) since the start. */
uint64_t packet_dropped(struct packet *packet);

/* NULL is legal; returns NULL. */
struct packet *packet_close(struct packet *packet);

#endif
