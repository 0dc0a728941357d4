#include "net/datagram.h"

#include "loop/loop.h"
#include "net/net.h"
#include "net/register.h"
#include "net/unix_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { MESSAGES_PER_WAKE = 64 }; /* a flood of datagrams must not starve the other sources */

struct datagram {
    struct socket socket;
    struct net *net; /* borrowed */
    struct datagram_events events;
    struct unix_file file;
    struct loop_source *source;
    char *bytes;  /* DATAGRAM_MAX_BYTES; NULL for one that only sends */
    bool *closed; /* set while receiving; a callback that closes the socket sets it to true */
};

/* Returns false to end the batch. */
static bool receive_one(struct datagram *datagram)
{
    struct datagram_message message = {.datagram = datagram, .bytes = datagram->bytes};
    ssize_t received = socket_receive_from(&datagram->socket, datagram->bytes, DATAGRAM_MAX_BYTES,
                                           &message.sender);
    if (received == -EAGAIN)
        return false;
    if (received < 0) /* an ICMP error of an earlier message; the next message may succeed */
        return true;
    message.cut = received > DATAGRAM_MAX_BYTES;
    message.length = message.cut ? DATAGRAM_MAX_BYTES : (size_t)received;
    datagram->events.received(datagram->events.context, &message);
    return true;
}

static void on_ready(void *context, uint32_t events)
{
    (void)events;
    struct datagram *datagram = context;
    bool closed = false;
    datagram->closed = &closed;
    const struct loop *loop = net_loop(datagram->net);
    for (int i = 0; i < MESSAGES_PER_WAKE && !loop_is_over_budget(loop) && receive_one(datagram);
         i++)
        if (closed)
            return;
    datagram->closed = NULL;
}

/* No SO_REUSEADDR: with it, a second socket on the same port would receive messages of the first. */
static int prepare_and_bind(struct datagram *datagram, const struct address *address,
                            const struct datagram_options *options, const char **ret_call)
{
    struct socket *s = &datagram->socket;
    *ret_call = "setsockopt";
    int error = socket_set(s, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (!error && s->domain == AF_UNIX)
        error = socket_set(s, SOL_SOCKET, SO_PASSCRED, 1);
    if (!error && s->domain == AF_INET6)
        error = socket_set(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (error)
        return error;
    if (s->domain == AF_UNIX)
        return unix_file_bind(s, address, options->socket_mode, options->socket_group,
                              &datagram->file, ret_call);
    *ret_call = "bind";
    error = socket_bind(s, address);
    if (!error && address_port(address) == 0) {
        *ret_call = "getsockname";
        error = socket_name(s);
    }
    return error;
}

static int open_at(struct datagram *datagram, const struct address *address,
                   const struct datagram_options *options, const char **ret_call)
{
    struct socket *s = &datagram->socket;
    *ret_call = "socket";
    int error = socket_open(s, net_register(datagram->net), address->any.sa_family, SOCK_DGRAM, 0,
                            SOCKET_DATAGRAM, options->owner);
    if (error)
        return error;
    error = prepare_and_bind(datagram, address, options, ret_call);
    if (error)
        socket_close(s);
    return error;
}

static int open_inherited(struct datagram *datagram, const struct datagram_options *options,
                          const char **ret_call)
{
    struct socket *s = &datagram->socket;
    *ret_call = "getsockopt";
    int error = socket_adopt(s, net_register(datagram->net), options->inherited_fd, SOCKET_DATAGRAM,
                             options->owner);
    if (error)
        return error;
    *ret_call = "getsockname";
    error = socket_name(s);
    if (!error) {
        *ret_call = "setsockopt";
        error = socket_set(s, SOL_SOCKET, SO_RXQ_OVFL, 1);
    }
    if (!error && s->domain == AF_UNIX)
        error = socket_set(s, SOL_SOCKET, SO_PASSCRED, 1);
    if (error)
        socket_close(s);
    return error;
}

static int open_socket(struct datagram *datagram, const struct address *address,
                       const struct datagram_options *options, const char **ret_call)
{
    struct address ipv4;
    if (options->inherited_fd >= 0)
        return open_inherited(datagram, options, ret_call);
    int error = open_at(datagram, address, options, ret_call);
    /* As with a listener: [::] and [::1] on a kernel (or container) without IPv6. */
    if ((error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL) && address_to_ipv4(address, &ipv4))
        error = open_at(datagram, &ipv4, options, ret_call);
    return error;
}

static struct datagram *allocate(struct net *net)
{
    struct datagram *datagram = calloc(1, sizeof *datagram);
    if (!datagram)
        return NULL;
    datagram->net = net;
    datagram->socket.fd = -1;
    return datagram;
}

int datagram_open(struct net *net, const struct address *address,
                  const struct datagram_options *options, const struct datagram_events *events,
                  struct datagram **ret_datagram, const char **ret_call)
{
    const char *call = "malloc";
    struct datagram *datagram = allocate(net);
    if (datagram)
        datagram->bytes = malloc(DATAGRAM_MAX_BYTES);
    int error = datagram && datagram->bytes ? 0 : -ENOMEM;
    if (!error) {
        datagram->events = *events;
        error = open_socket(datagram, address, options, &call);
    }
    if (!error) {
        call = "epoll_ctl";
        error = loop_watch(net_loop(net), datagram->socket.fd, EPOLLIN, on_ready, datagram,
                           &datagram->source);
    }
    if (error) {
        datagram_close(datagram);
        if (ret_call)
            *ret_call = call;
        return error;
    }
    *ret_datagram = datagram;
    return 0;
}

static int prepare_group(struct socket *s, const struct address *group)
{
    if (s->domain == AF_INET) {
        int error = socket_set(s, IPPROTO_IP, IP_MULTICAST_TTL, 1);
        return error ? error : socket_set(s, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
    }
    int error = socket_set(s, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1);
    if (!error)
        error = socket_set(s, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
    unsigned scope = address_scope(group);
    if (!error && scope)
        error = socket_set(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)scope);
    return error;
}

int datagram_open_group(struct net *net, const struct address *group, const char *owner,
                        struct datagram **ret_datagram, const char **ret_call)
{
    const char *call = "calloc";
    struct datagram *datagram = allocate(net);
    int error = datagram ? 0 : -ENOMEM;
    if (!error && !address_is_multicast(group)) {
        call = "socket";
        error = -EINVAL;
    }
    if (!error) {
        call = "socket";
        error = socket_open(&datagram->socket, net_register(net), group->any.sa_family, SOCK_DGRAM,
                            0, SOCKET_DATAGRAM, owner);
    }
    if (!error) {
        call = "setsockopt";
        datagram->socket.peer = *group;
        error = prepare_group(&datagram->socket, group);
    }
    if (error) {
        datagram_close(datagram);
        if (ret_call)
            *ret_call = call;
        return error;
    }
    *ret_datagram = datagram;
    return 0;
}

const struct address *datagram_address(const struct datagram *datagram)
{
    return datagram->bytes ? &datagram->socket.local : &datagram->socket.peer;
}

int datagram_send(struct datagram *datagram, const void *bytes, size_t length,
                  const struct address *peer)
{
    ssize_t sent = socket_send_to(&datagram->socket, bytes, length, peer);
    return sent < 0 ? (int)sent : 0;
}

struct datagram *datagram_close(struct datagram *datagram)
{
    if (!datagram)
        return NULL;
    if (datagram->closed)
        *datagram->closed = true;
    datagram->source = loop_source_free(datagram->source);
    unix_file_remove(&datagram->file);
    socket_close(&datagram->socket);
    free(datagram->bytes);
    free(datagram);
    return NULL;
}
