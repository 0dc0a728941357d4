#include "net/listener.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "net/linger.h"
#include "net/net.h"
#include "net/register.h"
#include "net/socket.h"
#include "net/stream.h"
#include "net/unix_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    ACCEPTS_PER_WAKE = 64, /* a flood of connections must not starve the other sources */
    PAUSE_MS = 100,        /* wait before the next try, since an immediate one would fail again */
};

struct listener {
    struct socket socket;
    struct net *net; /* borrowed */
    struct listener_events events;
    struct unix_file file;
    struct loop_source *source;
    struct loop_timer pause;
    bool *closed; /* set while accepting; a callback that closes the listener sets it to true */
};

static void refuse(struct listener *listener, struct stream *stream, const char *reason,
                   bool may_linger)
{
    listener->socket.counts.refused++;
    if (listener->events.refused)
        listener->events.refused(listener->events.context, stream, reason);
    if (may_linger)
        stream_linger(stream);
    else
        stream_close_at_once(stream, NULL, 0);
}

static void admit(struct listener *listener, struct stream *stream)
{
    const char *reason = stream_count(stream);
    if (reason) {
        refuse(listener, stream, reason, true);
        return;
    }
    listener->socket.counts.accepted++;
    listener->events.accepted(listener->events.context, stream);
}

static void on_pause_end(void *context)
{
    struct listener *listener = context;
    (void)loop_source_set(listener->source, EPOLLIN);
}

static void pause_accepting(struct listener *listener)
{
    int64_t due_ns = loop_now_ns(net_loop(listener->net)) + PAUSE_MS * CLOCK_NS_PER_MS;
    if (loop_timer_set(&listener->pause, due_ns) == 0)
        (void)loop_source_set(listener->source, 0);
}

/* No descriptor is left: closing the spare one allows to accept the connection and to answer it. */
static bool refuse_with_spare(struct listener *listener)
{
    struct net *net = listener->net;
    struct stream *stream;
    if (!net_release_spare(net))
        return false;
    int error = stream_accept(net, &listener->socket, &stream);
    if (error == 0)
        refuse(listener, stream, "the gateway has no descriptor left", false);
    net_restore_spare(net);
    return error == 0;
}

/* Returns false to end the batch. */
static bool accept_one(struct listener *listener)
{
    struct stream *stream;
    int error = stream_accept(listener->net, &listener->socket, &stream);
    switch (error) {
    case 0:
        admit(listener, stream);
        return true;
    case -EAGAIN:
        return false;
    case -EMFILE:
    case -ENFILE:
        if (refuse_with_spare(listener))
            return true;
        pause_accepting(listener);
        return false;
    case -ENOMEM:
    case -ENOBUFS:
    case -EBADF:
    case -EINVAL:
        pause_accepting(listener);
        return false;
    default: /* accept(2): an error of this connection; the next one may succeed */
        return true;
    }
}

static void on_connections(void *context, uint32_t events)
{
    (void)events;
    struct listener *listener = context;
    bool closed = false;
    listener->closed = &closed;
    for (int i = 0; i < ACCEPTS_PER_WAKE && accept_one(listener); i++)
        if (closed)
            return;
    listener->closed = NULL;
}

/* SO_REUSEADDR: a restart must not wait for the old connections' TIME_WAIT. */
static int prepare_and_bind(struct listener *listener, const struct address *address,
                            const struct listener_options *options, const char **ret_call)
{
    struct socket *s = &listener->socket;
    int error = 0;
    if (address->kind == ADDRESS_UNIX)
        return unix_file_bind(s, address, options->socket_mode, options->socket_group,
                              &listener->file, ret_call);
    *ret_call = "setsockopt";
    error = socket_set(s, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!error && s->domain == AF_INET6)
        error = socket_set(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (error)
        return error;
    *ret_call = "bind";
    error = socket_bind(s, address);
    if (!error && address_port(address) == 0) {
        *ret_call = "getsockname";
        error = socket_name(s);
    }
    return error;
}

static int open_at(struct listener *listener, const struct address *address,
                   const struct listener_options *options, const char **ret_call)
{
    struct socket *s = &listener->socket;
    *ret_call = "socket";
    int error = socket_open(s, net_register(listener->net), address->any.sa_family, SOCK_STREAM, 0,
                            SOCKET_LISTENER, options->owner);
    if (error)
        return error;
    error = prepare_and_bind(listener, address, options, ret_call);
    if (!error) {
        *ret_call = "listen";
        error = socket_listen(s, (int)net_backlog(listener->net));
    }
    if (error) {
        unix_file_remove(&listener->file);
        socket_close(s);
    }
    return error;
}

static int open_inherited(struct listener *listener, const struct listener_options *options,
                          const char **ret_call)
{
    struct socket *s = &listener->socket;
    *ret_call = "getsockopt";
    int error = socket_adopt(s, net_register(listener->net), options->inherited_fd, SOCKET_LISTENER,
                             options->owner);
    if (error)
        return error;
    *ret_call = "getsockname";
    error = socket_name(s);
    if (!error) {
        *ret_call = "listen";
        error = socket_listen(s, (int)net_backlog(listener->net));
    }
    if (error)
        socket_close(s);
    return error;
}

static int open_socket(struct listener *listener, const struct address *address,
                       const struct listener_options *options, const char **ret_call)
{
    struct address ipv4;
    if (options->inherited_fd >= 0)
        return open_inherited(listener, options, ret_call);
    int error = open_at(listener, address, options, ret_call);
    /* A kernel (or container) without IPv6: [::] and [::1] mean the same hosts in IPv4. */
    if ((error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL) && address_to_ipv4(address, &ipv4))
        error = open_at(listener, &ipv4, options, ret_call);
    return error;
}

int listener_open(struct net *net, const struct address *address,
                  const struct listener_options *options, const struct listener_events *events,
                  struct listener **ret_listener, const char **ret_call)
{
    const char *call = "calloc";
    struct listener *listener = calloc(1, sizeof *listener);
    int error = listener ? 0 : -ENOMEM;
    if (listener) {
        listener->net = net;
        listener->events = *events;
        listener->socket.fd = -1;
        loop_timer_init(&listener->pause, net_loop(net), on_pause_end, listener);
        error = open_socket(listener, address, options, &call);
    }
    if (!error) {
        call = "epoll_ctl";
        error = loop_watch(net_loop(net), listener->socket.fd, EPOLLIN, on_connections, listener,
                           &listener->source);
    }
    if (error) {
        listener_close(listener);
        if (ret_call)
            *ret_call = call;
        return error;
    }
    *ret_listener = listener;
    return 0;
}

const struct address *listener_address(const struct listener *listener)
{
    return &listener->socket.local;
}

struct listener *listener_close(struct listener *listener)
{
    if (!listener)
        return NULL;
    if (listener->closed)
        *listener->closed = true;
    listener->source = loop_source_free(listener->source);
    loop_timer_stop(&listener->pause);
    unix_file_remove(&listener->file);
    socket_close(&listener->socket);
    free(listener);
    return NULL;
}
