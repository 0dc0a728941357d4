#include "lab/capture.h"

#include "base/clock.h"
#include "base/owner.h"
#include "lab/pcapng.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/packet.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READ_AGAIN_NS (10 * CLOCK_NS_PER_SECOND)

enum { WATCHED_MAX = 32 }; /* connections that somebody reads; remembered also after their end */

/* A connection that somebody reads; hosts as text, since a mapped address is the same as IPv4. */
struct watched {
    uint32_t id; /* 0 while free */
    unsigned local_port, peer_port;
    char local[ADDRESS_TEXT_SIZE], peer[ADDRESS_TEXT_SIZE];
};

struct capture {
    struct loop *loop;
    struct net *net;
    /* Of all our ports, so that the next handshake is seen; NULL while nobody reads. */
    struct packet *packet;
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

static size_t own_ports(const struct capture *capture, uint16_t ports[PACKET_PORTS_MAX])
{
    uint32_t ids[4 * PACKET_PORTS_MAX];
    const struct socket_register *reg = net_register(capture->net);
    size_t known = register_ids(reg, ids, ARRAY_LENGTH(ids)); /* listeners are the oldest */
    size_t count = 0;
    for (size_t i = 0; i < known && i < ARRAY_LENGTH(ids) && count < PACKET_PORTS_MAX; i++) {
        const struct socket *socket = register_find(reg, ids[i]);
        if (socket && socket->role == SOCKET_LISTENER && socket->local.kind == ADDRESS_TCP)
            ports[count++] = (uint16_t)address_port(&socket->local);
    }
    return count;
}

static int start(struct capture *capture, const char **ret_call)
{
    uint16_t ports[PACKET_PORTS_MAX];
    struct packet_options options = {.ports = ports, .port_count = own_ports(capture, ports)};
    struct packet_events events = {.context = capture};
    return packet_open(capture->net, &options, &events, &capture->packet, ret_call);
}

/* Those of the connection among the segments from number `since` on. */
static void read_segments(const struct packet *packet, const struct watched *watched,
                          uint64_t since, struct capture_view *view)
{
    struct segment segment;
    view->next = since;
    while (view->count < CAPTURE_SEGMENTS_MAX &&
           packet_segments(packet, view->next, &segment, 1, &view->next) > 0)
        if (is_of(watched, &segment))
            view->segments[view->count++] = segment;
}

int capture_read(struct capture *capture, uint32_t id, uint64_t since,
                 struct capture_view *ret_view)
{
    const struct watched *watched = watch(capture, id);
    if (!watched)
        return -ENOENT;
    ret_view->call = "socket";
    ret_view->error = capture->packet ? 0 : start(capture, &ret_view->call);
    ret_view->count = 0;
    ret_view->dropped = 0;
    ret_view->next = since;
    if (ret_view->error)
        return 0;
    ret_view->dropped = packet_dropped(capture->packet);
    read_segments(capture->packet, watched, since, ret_view);
    (void)loop_timer_set(&capture->unwatched, loop_now_ns(capture->loop) + READ_AGAIN_NS);
    return 0;
}

int capture_save(struct capture *capture, uint32_t id, struct buffer *buffer)
{
    const struct watched *watched = find_watched(capture, id);
    struct segment segment;
    if (!capture->packet || !watched)
        return -ENOENT;
    int error = pcapng_begin(buffer);
    for (uint64_t next = 0; !error && packet_segments(capture->packet, next, &segment, 1, &next);)
        if (is_of(watched, &segment))
            error = pcapng_add(buffer, &segment);
    return error;
}
