/* A packet socket (packet(7)): the TCP segments of the gateway's own ports as they pass the network
 * interfaces, headers only. Needs CAP_NET_RAW. */
#ifndef NET_PACKET_H
#define NET_PACKET_H

#include "base/buffer.h"
#include "net/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net;
struct packet;

enum {
    PACKET_SEGMENTS_MAX = 2048,         /* kept of one capture; the oldest go first */
    PACKET_SAVE_MAX_BYTES = 512 * 1024, /* of them all as pcapng */
};

struct packet_options {
    const uint16_t *ports; /* the gateway's own, host order */
    size_t port_count;     /* at most PORT_FILTER_PORTS_MAX */
    uint16_t peer_port;    /* of the one connection to look at; 0 for all */
};

struct packet_events {
    void *context;
    void (*captured)(void *context); /* once a wake: read with packet_segments(). May be NULL. */
};

/* Starts a capture. 0; -EPERM without CAP_NET_RAW; another negative errno of the call named in
 * `*ret_call`. */
int packet_open(struct net *net, const struct packet_options *options,
                const struct packet_events *events, struct packet **ret_packet,
                const char **ret_call);

/* Copies up to `max` segments, oldest first, from number `since` on. Returns how many; `*ret_next` is
 * what to ask for next time. */
size_t packet_segments(const struct packet *packet, uint64_t since, struct segment *segments,
                       size_t max, uint64_t *ret_next);

/* Segments that the kernel had no room for (PACKET_STATISTICS) since the start. */
uint64_t packet_dropped(struct packet *packet);

/* Appends what is kept as a pcapng file (headers alone, link type RAW): the segments that `wanted`
 * takes, or all with NULL. 0 or a negative errno. */
int packet_save(const struct packet *packet,
                bool (*wanted)(const void *context, const struct segment *segment),
                const void *context, struct buffer *buffer);

/* NULL is legal; returns NULL. */
struct packet *packet_close(struct packet *packet);

#endif
