#include "net/stream.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/proxy_list.h"
#include "net/quota.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNAUTHENTICATED_MS = 1000 }; /* to authenticate before a stream may be shut for another */

struct stream {
    struct socket socket;
    struct net *net; /* borrowed */
    struct list in_unauthenticated;
    int64_t accepted_ns;
    struct address *client; /* owned; whom it is counted for instead of its peer; NULL: the peer */
    bool counted, is_secure;
    size_t waiting_bytes;
    struct stream_credentials credentials;
    char source[STREAM_SOURCE_SIZE];
};

int stream_fd(const struct stream *stream)
{
    return stream->socket.fd;
}

uint32_t stream_id(const struct stream *stream)
{
    return stream->socket.id;
}

const struct address *stream_peer(const struct stream *stream)
{
    return &stream->socket.peer;
}

const struct address *stream_local(const struct stream *stream)
{
    return &stream->socket.local;
}

const char *stream_source(const struct stream *stream)
{
    return stream->source;
}

struct net *stream_net(const struct stream *stream)
{
    return stream->net;
}

struct socket *stream_socket(struct stream *stream)
{
    return &stream->socket;
}

int stream_get_credentials(const struct stream *stream, struct stream_credentials *ret)
{
    if (stream->socket.domain != AF_UNIX)
        return -ENOTSUP;
    *ret = stream->credentials;
    return 0;
}

static int read_credentials(struct stream *stream)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    struct socket *s = &stream->socket;
    if (getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
        int error = -errno;
        register_note(s, REGISTER_KEPT, "getsockopt", error,
                      "getsockopt(%d, SOL_SOCKET, SO_PEERCRED)", s->fd);
        return error;
    }
    register_note_text(s, REGISTER_KEPT, "getsockopt", 0,
                       "getsockopt(%d, SOL_SOCKET, SO_PEERCRED) = 0: pid %d, uid %u, gid %u", s->fd,
                       peer.pid, peer.uid, peer.gid);
    stream->credentials =
        (struct stream_credentials){.pid = peer.pid, .uid = peer.uid, .gid = peer.gid};
    return 0;
}

int stream_open_pair(struct net *net, const char *owner, struct stream **ret_stream, int *ret_fd)
{
    int fds[2];
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        int error = -errno;
        free(stream);
        return error;
    }
    stream->net = net;
    int error = socket_adopt(&stream->socket, net_register(net), fds[0], SOCKET_CONNECTION, owner);
    if (error) {
        (void)close(fds[1]);
        free(stream);
        return error;
    }
    register_note_text(&stream->socket, REGISTER_KEPT, "socketpair", 0,
                       "socketpair(AF_UNIX, SOCK_STREAM, 0) = {%d, %d}: to the helper %s", fds[0],
                       fds[1], owner);
    stream->credentials = (struct stream_credentials){.pid = getpid(), .uid = geteuid()};
    (void)snprintf(stream->source, sizeof stream->source, "%s", owner);
    *ret_stream = stream;
    *ret_fd = fds[1];
    return 0;
}

int stream_accept(struct net *net, struct socket *listener, struct stream **ret_stream)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return -ENOMEM;
    stream->net = net;
    int error = socket_accept(listener, &stream->socket);
    if (error) {
        free(stream);
        return error;
    }
    if (stream->socket.domain == AF_UNIX) {
        error = read_credentials(stream);
        if (error) {
            stream_close(stream);
            return error;
        }
        (void)snprintf(stream->source, sizeof stream->source, "unix:pid=%d",
                       stream->credentials.pid);
    } else {
        char text[ADDRESS_TEXT_SIZE];
        (void)snprintf(stream->source, sizeof stream->source, "%.71s",
                       address_format(&stream->socket.peer, text));
    }
    *ret_stream = stream;
    return 0;
}

/* A proxy's connections are no host's. */
static const struct address *counted_for(const struct stream *stream)
{
    static const struct address nobody = {.kind = ADDRESS_UNIX, .un = {.sun_family = AF_UNIX}};
    if (stream->client)
        return stream->client;
    return proxy_list_has(net_proxies(stream->net), &stream->socket.peer) ? &nobody
                                                                          : &stream->socket.peer;
}

/* False when none is old enough. Its owner reads the end of the stream in the next turn of the loop, and closes it. */
static bool shut_oldest_unauthenticated(struct net *net)
{
    struct list *streams = net_unauthenticated(net);
    if (list_is_empty(streams))
        return false;
    struct stream *oldest = CONTAINER_OF(streams->next, struct stream, in_unauthenticated);
    if (loop_now_ns(net_loop(net)) - oldest->accepted_ns < UNAUTHENTICATED_MS * CLOCK_NS_PER_MS)
        return false;
    list_remove(&oldest->in_unauthenticated);
    stream_shut(oldest);
    return true;
}

const char *stream_count(struct stream *stream)
{
    bool is_owner = stream->socket.domain == AF_UNIX &&
                    (stream->credentials.uid == 0 || stream->credentials.uid == geteuid());
    struct quota *quota = net_quota(stream->net);
    const struct address *peer = counted_for(stream);
    unsigned reserved = is_owner ? QUOTA_RESERVED : 0;
    const char *refusal = quota_take(quota, peer, reserved);
    if (refusal && quota_is_full(quota) && quota_may_connect(quota, peer) &&
        shut_oldest_unauthenticated(stream->net))
        refusal = quota_take(quota, peer, QUOTA_YIELDED);
    stream->counted = !refusal;
    stream->accepted_ns = loop_now_ns(net_loop(stream->net));
    if (stream->counted && !is_owner)
        list_append(net_unauthenticated(stream->net), &stream->in_unauthenticated);
    return refusal;
}

int stream_open_plain(struct stream *outer, const char *owner, struct stream **ret_stream,
                      int *ret_fd)
{
    struct stream *stream = NULL;
    int fd = -1;
    int error = stream_open_pair(outer->net, owner, &stream, &fd);
    if (!stream)
        return error;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(stream_fd(stream), F_SETFL, O_NONBLOCK) < 0) {
        error = -errno;
        (void)close(fd);
        stream_close(stream);
        return error;
    }
    stream->is_secure = true;
    stream->credentials = (struct stream_credentials){.uid = (uid_t)-1, .gid = (gid_t)-1};
    stream->socket.peer = outer->socket.peer;
    stream->socket.local = outer->socket.local;
    memcpy(stream->source, outer->source, sizeof stream->source);
    stream->counted = outer->counted;
    outer->counted = false;
    stream->accepted_ns = outer->accepted_ns;
    list_remove(&outer->in_unauthenticated);
    list_append(net_unauthenticated(stream->net), &stream->in_unauthenticated);
    *ret_stream = stream;
    *ret_fd = fd;
    return 0;
}

bool stream_is_secure(const struct stream *stream)
{
    return stream->is_secure;
}

const char *stream_count_for(struct stream *stream, const struct address *client)
{
    struct quota *quota = net_quota(stream->net);
    struct address *copy = malloc(sizeof *copy);
    if (!copy)
        return "there is no memory for one more connection";
    *copy = *client;
    stream_set_waiting(stream, 0);
    /* One beyond: it takes its own place. */
    const char *refusal = quota_take(quota, copy, QUOTA_YIELDED);
    if (refusal) {
        free(copy);
        return refusal;
    }
    quota_give(quota, counted_for(stream));
    free(stream->client);
    stream->client = copy;
    return NULL;
}

void stream_set_authenticated(struct stream *stream)
{
    if (stream)
        list_remove(&stream->in_unauthenticated);
}

void stream_hand_over(struct stream *stream, const char *owner)
{
    socket_hand_over(&stream->socket, owner);
}

int stream_duplicate(struct stream *stream)
{
    return socket_duplicate(&stream->socket);
}

ssize_t stream_read(struct stream *stream, void *bytes, size_t size)
{
    return socket_receive(&stream->socket, bytes, size);
}

ssize_t stream_write(struct stream *stream, const void *bytes, size_t length)
{
    return socket_send(&stream->socket, bytes, length);
}

void stream_set_waiting(struct stream *stream, size_t bytes)
{
    if (bytes != stream->waiting_bytes && stream->counted)
        quota_wait(net_quota(stream->net), counted_for(stream), stream->waiting_bytes, bytes);
    stream->waiting_bytes = bytes;
}

bool stream_may_answer(const struct stream *stream)
{
    return quota_may_answer(net_quota(stream->net), counted_for(stream));
}

static struct stream *release(struct stream *stream)
{
    stream_set_waiting(stream, 0);
    list_remove(&stream->in_unauthenticated);
    if (stream->counted)
        quota_give(net_quota(stream->net), counted_for(stream));
    free(stream->client);
    free(stream);
    return NULL;
}

struct stream *stream_close(struct stream *stream)
{
    if (!stream)
        return NULL;
    socket_close(&stream->socket);
    return release(stream);
}

struct stream *stream_forget(struct stream *stream)
{
    if (!stream)
        return NULL;
    socket_forget(&stream->socket);
    return release(stream);
}

bool stream_has_ended(const struct stream *stream)
{
    return socket_has_ended(&stream->socket);
}

void stream_shut_read(struct stream *stream)
{
    (void)socket_shut_read(&stream->socket);
}

void stream_shut_write(struct stream *stream)
{
    (void)socket_shut_write(&stream->socket);
}

void stream_shut(struct stream *stream)
{
    (void)socket_shut_both(&stream->socket); /* a connection that has ended counts as shut */
}

int stream_keep_alive(struct stream *stream, unsigned idle_s, unsigned wait_s)
{
    enum { PROBES = 3 };
    struct socket *s = &stream->socket;
    if (s->domain == AF_UNIX)
        return -ENOTSUP;
    unsigned pause_s = wait_s > PROBES ? wait_s / PROBES : 1;
    int error = socket_set(s, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (!error)
        error = socket_set(s, IPPROTO_TCP, TCP_KEEPIDLE, (int)idle_s);
    if (!error)
        error = socket_set(s, IPPROTO_TCP, TCP_KEEPINTVL, (int)pause_s);
    if (!error)
        error = socket_set(s, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
    return error;
}
