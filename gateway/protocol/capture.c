#include "protocol/capture.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "net/call.h"
#include "net/net.h"
#include "net/packet.h"
#include "net/port_filter.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AGAIN_NS (10 * CLOCK_NS_PER_SECOND)

enum {
    SEGMENTS_AT_ONCE = 200,
    WATCHED_MAX = 32, /* connections looked at and remembered, also after their end */
};

/* A connection that somebody looks at; hosts as text, since a mapped address is the same as IPv4. */
struct watched {
    uint32_t id; /* 0 while free */
    unsigned local_port, peer_port;
    char local[ADDRESS_TEXT_SIZE], peer[ADDRESS_TEXT_SIZE];
};

struct capture {
    struct loop *loop;
    struct net *net;
    struct packet
        *packet; /* of all our ports, so that the next handshake is seen; NULL while nobody
                              looks */
    struct loop_timer unwatched;
    struct watched watched[WATCHED_MAX];
    size_t next_watched; /* the oldest gives way */
};

static void on_unwatched(void *context)
{
    struct capture *capture = context;
    capture->packet = packet_close(capture->packet);
    memset(capture->watched, 0, sizeof capture->watched);
}

int capture_new(struct loop *loop, struct net *net, struct capture **ret_capture)
{
    struct capture *capture = calloc(1, sizeof *capture);
    if (!capture)
        return -ENOMEM;
    capture->loop = loop;
    capture->net = net;
    loop_timer_init(&capture->unwatched, loop, on_unwatched, capture);
    *ret_capture = capture;
    return 0;
}

struct capture *capture_free(struct capture *capture)
{
    if (!capture)
        return NULL;
    loop_timer_stop(&capture->unwatched);
    packet_close(capture->packet);
    free(capture);
    return NULL;
}

static const struct watched *find_watched(const struct capture *capture, uint32_t id)
{
    for (size_t i = 0; i < WATCHED_MAX; i++)
        if (capture->watched[i].id == id)
            return &capture->watched[i];
    return NULL;
}

/* Remembers the addresses of connection `id`; NULL when it is no open TCP connection. */
static const struct watched *watch(struct capture *capture, uint32_t id)
{
    const struct watched *known = find_watched(capture, id);
    const struct socket *socket = register_find(net_register(capture->net), id);
    if (known)
        return known;
    if (!socket || socket->role != SOCKET_CONNECTION || socket->peer.kind != ADDRESS_TCP)
        return NULL;
    struct watched *watched = &capture->watched[capture->next_watched++ % WATCHED_MAX];
    watched->id = id;
    watched->local_port = address_port(&socket->local);
    watched->peer_port = address_port(&socket->peer);
    (void)address_host(&socket->local, watched->local);
    (void)address_host(&socket->peer, watched->peer);
    return watched;
}

static bool goes(const struct address *from, const struct address *to, unsigned from_port,
                 const char *from_host, unsigned to_port, const char *to_host)
{
    char host[ADDRESS_TEXT_SIZE];
    return address_port(from) == from_port && address_port(to) == to_port &&
           strcmp(address_host(from, host), from_host) == 0 &&
           strcmp(address_host(to, host), to_host) == 0;
}

static bool is_of(const void *context, const struct segment *segment)
{
    const struct watched *watched = context;
    return goes(&segment->source, &segment->destination, watched->peer_port, watched->peer,
                watched->local_port, watched->local) ||
           goes(&segment->source, &segment->destination, watched->local_port, watched->local,
                watched->peer_port, watched->peer);
}

static size_t own_ports(const struct capture *capture, uint16_t ports[PORT_FILTER_PORTS_MAX])
{
    uint32_t ids[4 * PORT_FILTER_PORTS_MAX];
    const struct socket_register *reg = net_register(capture->net);
    size_t known = register_ids(reg, ids, ARRAY_LENGTH(ids)); /* listeners are the oldest */
    size_t count = 0;
    for (size_t i = 0; i < known && i < ARRAY_LENGTH(ids) && count < PORT_FILTER_PORTS_MAX; i++) {
        const struct socket *socket = register_find(reg, ids[i]);
        if (socket && socket->role == SOCKET_LISTENER && socket->local.kind == ADDRESS_TCP)
            ports[count++] = (uint16_t)address_port(&socket->local);
    }
    return count;
}

static int start(struct capture *capture, const char **ret_call)
{
    uint16_t ports[PORT_FILTER_PORTS_MAX];
    struct packet_options options = {.ports = ports, .port_count = own_ports(capture, ports)};
    struct packet_events events = {.context = capture};
    return packet_open(capture->net, &options, &events, &capture->packet, ret_call);
}

static void write_unavailable(struct json_writer *writer, int error, const char *call)
{
    char reason[256];
    (void)snprintf(reason, sizeof reason,
                   error == -EPERM || error == -EACCES
                       ? "%s: %s. Packets need CAP_NET_RAW: sudo setcap cap_net_raw+ep "
                         "build/gpio-gateway, or AmbientCapabilities=CAP_NET_RAW in the service."
                       : "%s: %s",
                   call, call_errno_name(error));
    json_write_bool(writer, "available", false);
    json_write_text(writer, "reason", reason);
}

static void write_segment(struct json_writer *writer, const struct segment *segment)
{
    json_write_object(writer, NULL);
    json_write_unsigned(writer, "n", segment->number);
    json_write_time(writer, "time", segment->time_ns);
    json_write_text(writer, "direction", segment->incoming ? "in" : "out");
    json_write_list(writer, "flags");
    for (unsigned bit = 0; bit < 8; bit++) {
        char name[SEGMENT_FLAGS_SIZE];
        if (segment->flags & (1U << bit))
            json_write_text(writer, NULL, segment_flags((uint8_t)(1U << bit), name));
    }
    json_write_list_end(writer);
    json_write_unsigned(writer, "seq", segment->sequence);
    json_write_unsigned(writer, "ack", segment->acknowledgement);
    json_write_unsigned(writer, "window", segment->window);
    json_write_unsigned(writer, "length", segment->payload_bytes);
    json_write_object_end(writer);
}

/* Those of the connection among the segments from number `since` on. */
static void write_segments(const struct capture *capture, const struct watched *watched,
                           uint64_t since, struct json_writer *writer)
{
    struct segment *segments = calloc(SEGMENTS_AT_ONCE, sizeof *segments);
    uint64_t next = since;
    size_t count = segments && capture->packet ? 1 : 0;
    json_write_list(writer, "packets");
    for (size_t told = 0; count > 0 && told < SEGMENTS_AT_ONCE;) {
        count = packet_segments(capture->packet, next, segments, SEGMENTS_AT_ONCE, &next);
        for (size_t i = 0; i < count; i++) {
            if (!is_of(watched, &segments[i]))
                continue;
            write_segment(writer, &segments[i]);
            told++;
        }
    }
    json_write_list_end(writer);
    free(segments);
    json_write_unsigned(writer, "next", next);
}

int capture_watch(struct capture *capture, uint32_t id)
{
    return watch(capture, id) ? 0 : -ENOENT;
}

void capture_write(struct capture *capture, uint32_t id, uint64_t since, struct json_writer *writer)
{
    const char *call = "socket";
    const struct watched *watched = find_watched(capture, id);
    int error = capture->packet ? 0 : start(capture, &call);
    json_write_object(writer, NULL);
    if (error) {
        write_unavailable(writer, error, call);
    } else {
        json_write_bool(writer, "available", true);
        json_write_unsigned(writer, "dropped", packet_dropped(capture->packet));
        (void)loop_timer_set(&capture->unwatched, loop_now_ns(capture->loop) + LOOK_AGAIN_NS);
    }
    if (watched)
        write_segments(capture, watched, since, writer);
    json_write_object_end(writer);
}

int capture_save(struct capture *capture, uint32_t id, struct buffer *buffer)
{
    const struct watched *watched = find_watched(capture, id);
    if (!capture->packet || !watched)
        return -ENOENT;
    return packet_save(capture->packet, is_of, watched, buffer);
}
