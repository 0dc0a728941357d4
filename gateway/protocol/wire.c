#include "protocol/wire.h"

#include "base/clock.h"
#include "base/json.h"
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

#define LOOK_AGAIN_NS (10 * CLOCK_NS_PER_SECOND)

enum { SEGMENTS_AT_ONCE = 200 };

struct wire {
    struct loop *loop;
    struct net *net;
    struct packet *packet; /* NULL while nobody looks */
    struct loop_timer unwatched;
    uint32_t id;
};

static void on_unwatched(void *context)
{
    struct wire *wire = context;
    wire->packet = packet_close(wire->packet);
    wire->id = 0;
}

int wire_new(struct loop *loop, struct net *net, struct wire **ret_wire)
{
    struct wire *wire = calloc(1, sizeof *wire);
    if (!wire)
        return -ENOMEM;
    wire->loop = loop;
    wire->net = net;
    loop_timer_init(&wire->unwatched, loop, on_unwatched, wire);
    *ret_wire = wire;
    return 0;
}

struct wire *wire_free(struct wire *wire)
{
    if (!wire)
        return NULL;
    loop_timer_stop(&wire->unwatched);
    packet_close(wire->packet);
    free(wire);
    return NULL;
}

static bool is_tcp(const struct socket *socket)
{
    return socket && socket->role == SOCKET_CONNECTION && socket->peer.kind == ADDRESS_TCP;
}

static int start(struct wire *wire, const struct socket *socket, const char **ret_call)
{
    uint16_t ports[1] = {(uint16_t)address_port(&socket->local)};
    struct packet_options options = {
        .ports = ports, .port_count = 1, .peer_port = (uint16_t)address_port(&socket->peer)};
    struct packet_events events = {.context = wire};
    wire->packet = packet_close(wire->packet);
    wire->id = socket->id;
    return packet_open(wire->net, &options, &events, &wire->packet, ret_call);
}

static void add_unavailable(struct json *answer, int error, const char *call)
{
    char reason[256];
    (void)snprintf(reason, sizeof reason,
                   error == -EPERM || error == -EACCES
                       ? "%s: %s. Packets need CAP_NET_RAW: sudo setcap cap_net_raw+ep "
                         "build/gpio-gateway, or AmbientCapabilities=CAP_NET_RAW in the service."
                       : "%s: %s",
                   call, call_errno_name(error));
    json_add_bool(answer, "available", false);
    json_add_text(answer, "reason", reason);
}

static void add_segment(struct json *packets, const struct segment *segment)
{
    char text[CLOCK_TEXT_SIZE];
    struct json *packet = json_new_object_in(packets, NULL);
    json_add_integer(packet, "n", (int64_t)segment->number);
    json_add_text(packet, "time", clock_format(segment->time_ns, text));
    json_add_text(packet, "direction", segment->incoming ? "in" : "out");
    struct json *flags = json_new_array_in(packet, "flags");
    for (unsigned bit = 0; bit < 8; bit++) {
        char name[SEGMENT_FLAGS_SIZE];
        if (segment->flags & (1U << bit))
            json_add_text(flags, NULL, segment_flags((uint8_t)(1U << bit), name));
    }
    json_add_integer(packet, "seq", segment->sequence);
    json_add_integer(packet, "ack", segment->acknowledgement);
    json_add_integer(packet, "window", segment->window);
    json_add_integer(packet, "length", segment->payload_bytes);
}

static void add_segments(struct wire *wire, struct json *answer, uint64_t since)
{
    struct segment *segments = calloc(SEGMENTS_AT_ONCE, sizeof *segments);
    struct json *packets = json_new_array_in(answer, "packets");
    uint64_t next = since;
    size_t count = 0;
    if (segments && wire->packet)
        count = packet_segments(wire->packet, since, segments, SEGMENTS_AT_ONCE, &next);
    for (size_t i = 0; i < count; i++)
        add_segment(packets, &segments[i]);
    free(segments);
    json_add_integer(answer, "next", (int64_t)next);
}

struct json *wire_look(struct wire *wire, uint32_t id, uint64_t since)
{
    const char *call = "socket";
    int error = 0;
    const struct socket *socket = register_find(net_register(wire->net), id);
    bool is_same = wire->packet && wire->id == id; /* also after its end: FIN and RST are seen */
    if (!is_same && !is_tcp(socket))
        return NULL;
    if (!is_same)
        error = start(wire, socket, &call);
    struct json *answer = json_new_object();
    if (error) {
        add_unavailable(answer, error, call);
    } else {
        json_add_bool(answer, "available", true);
        json_add_integer(answer, "dropped", (int64_t)packet_dropped(wire->packet));
        (void)loop_timer_set(&wire->unwatched, loop_now_ns(wire->loop) + LOOK_AGAIN_NS);
    }
    add_segments(wire, answer, since);
    return answer;
}

int wire_save(struct wire *wire, uint32_t id, struct buffer *buffer)
{
    if (!wire->packet || wire->id != id)
        return -ENOENT;
    return packet_save(wire->packet, buffer);
}
