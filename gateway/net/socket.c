#include "net/socket.h"

#include "net/call.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *socket_role_name(enum socket_role role)
{
    static const char *const names[] = {
        [SOCKET_LISTENER] = "listener",
        [SOCKET_CONNECTION] = "connection",
        [SOCKET_DATAGRAM] = "datagram",
        [SOCKET_PACKET] = "packet",
    };
    return names[role];
}

static enum address_kind kind_of(const struct socket *socket)
{
    if (socket->domain == AF_UNIX)
        return ADDRESS_UNIX;
    return socket->type == SOCK_DGRAM ? ADDRESS_UDP : ADDRESS_TCP;
}

static void set_up(struct socket *s, struct socket_register *reg, int domain, int type,
                   enum socket_role role, const char *owner)
{
    *s = (struct socket){.fd = -1, .domain = domain, .type = type, .role = role, .owner = owner};
    register_enter(reg, s);
}

int socket_open(struct socket *s, struct socket_register *reg, int domain, int type, int protocol,
                enum socket_role role, const char *owner)
{
    char shown[CALL_TYPE_SIZE];
    set_up(s, reg, domain, type, role, owner);
    type |= SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(domain, type, protocol);
    int error = fd < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "socket", error ? error : fd, "socket(%s, %s, %d)",
                  call_domain_name(domain), call_type_name(type, shown), protocol);
    s->fd = fd;
    if (error)
        register_leave(s);
    return error;
}

static int get_int(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0)
        return -errno;
    return value;
}

int socket_adopt(struct socket *s, struct socket_register *reg, int fd, enum socket_role role,
                 const char *owner)
{
    int domain = get_int(fd, SO_DOMAIN);
    int type = get_int(fd, SO_TYPE);
    if (domain < 0 || type < 0)
        return domain < 0 ? domain : type;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    set_up(s, reg, domain, type, role, owner);
    s->fd = fd;
    register_note_text(s, REGISTER_KEPT, "inherited", fd, "inherited %d from the service manager",
                       fd);
    return 0;
}

/* Not noted: the call changes nothing, and accept(2) returns one address only. */
static int read_name(struct socket *s, struct address *ret_address)
{
    struct address address = {.kind = kind_of(s), .length = sizeof address.un};
    if (getsockname(s->fd, &address.any, &address.length) < 0)
        return -errno;
    *ret_address = address;
    return 0;
}

int socket_name(struct socket *s)
{
    char shown[ADDRESS_TEXT_SIZE];
    int error = read_name(s, &s->local);
    if (error)
        register_note(s, REGISTER_KEPT, "getsockname", error, "getsockname(%d)", s->fd);
    else
        register_note_text(s, REGISTER_KEPT, "getsockname", 0, "getsockname(%d) = %s", s->fd,
                           address_format_exact(&s->local, shown));
    return error;
}

int socket_accept(struct socket *listener, struct socket *ret_socket)
{
    struct address peer = {.kind = kind_of(listener), .length = sizeof peer.un};
    int fd = accept4(listener->fd, &peer.any, &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        int error = -errno;
        if (error != -EAGAIN)
            register_note(listener, REGISTER_PASSING, "accept4", error, "accept4(%d)",
                          listener->fd);
        return error;
    }
    char shown[ADDRESS_TEXT_SIZE];
    set_up(ret_socket, listener->reg, listener->domain, listener->type, SOCKET_CONNECTION,
           listener->owner);
    ret_socket->fd = fd;
    ret_socket->opened_by = listener->id;
    ret_socket->peer = peer;
    ret_socket->local = listener->local;
    register_note_text(ret_socket, REGISTER_KEPT, "accept4", fd, "accept4(%d) = %d from %s",
                       listener->fd, fd, address_format_exact(&peer, shown));
    if (listener->domain == AF_UNIX)
        return 0;
    /* The peer may have closed already; the next read reports it. */
    (void)read_name(ret_socket, &ret_socket->local);
    (void)socket_set(ret_socket, IPPROTO_TCP, TCP_NODELAY, 1);
    return 0;
}

int socket_set(struct socket *s, int level, int option, int value)
{
    char shown[16];
    (void)snprintf(shown, sizeof shown, "%d", value);
    return socket_set_bytes(s, level, option, &value, sizeof value, shown);
}

int socket_set_bytes(struct socket *s, int level, int option, const void *value, socklen_t size,
                     const char *shown)
{
    int error = setsockopt(s->fd, level, option, value, size) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "setsockopt", error, "setsockopt(%d, %s, %s, %s)", s->fd,
                  call_level_name(level), call_option_name(level, option), shown);
    return error;
}

int socket_bind(struct socket *s, const struct address *address)
{
    char shown[ADDRESS_TEXT_SIZE];
    int error = bind(s->fd, &address->any, address->length) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "bind", error, "bind(%d, %s)", s->fd,
                  address_format_exact(address, shown));
    if (!error)
        s->local = *address;
    return error;
}

int socket_listen(struct socket *s, int backlog)
{
    int error = listen(s->fd, backlog) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "listen", error, "listen(%d, %d)", s->fd, backlog);
    return error;
}

int socket_connect(struct socket *s, const struct address *address)
{
    char shown[ADDRESS_TEXT_SIZE];
    int error = connect(s->fd, &address->any, address->length) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "connect", error, "connect(%d, %s)", s->fd,
                  address_format_exact(address, shown));
    if (error && error != -EINPROGRESS)
        return error;
    s->peer = *address;
    (void)read_name(s, &s->local);
    return error;
}

int socket_finish_connect(struct socket *s)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    register_note_text(s, REGISTER_KEPT, "getsockopt", -error,
                       "getsockopt(%d, SOL_SOCKET, SO_ERROR) = 0: %s", s->fd,
                       error ? call_errno_name(error) : "connected");
    return -error;
}

int socket_shut_write(struct socket *s)
{
    int error = shutdown(s->fd, SHUT_WR) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "shutdown", error, "shutdown(%d, SHUT_WR)", s->fd);
    return error;
}

int socket_shut_read(struct socket *s)
{
    int error = shutdown(s->fd, SHUT_RD) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "shutdown", error, "shutdown(%d, SHUT_RD)", s->fd);
    return error;
}

int socket_shut_both(struct socket *s)
{
    int error = shutdown(s->fd, SHUT_RDWR) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "shutdown", error, "shutdown(%d, SHUT_RDWR)", s->fd);
    return error;
}

bool socket_has_ended(const struct socket *s)
{
    char byte;
    return recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

ssize_t socket_receive(struct socket *s, void *bytes, size_t size)
{
    ssize_t received = recv(s->fd, bytes, size, MSG_DONTWAIT);
    if (received < 0)
        received = -errno;
    if (received == -EAGAIN)
        return received;
    if (received > 0) {
        s->counts.received++;
        s->counts.received_bytes += (uint64_t)received;
    }
    if (register_data_due(s))
        register_note(s, REGISTER_PASSING, "recv", (int)received, "recv(%d, %zu)", s->fd, size);
    return received;
}

ssize_t socket_send(struct socket *s, const void *bytes, size_t length)
{
    ssize_t sent = send(s->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        sent = -errno;
    if (sent == -EAGAIN)
        return sent;
    if (sent > 0) {
        s->counts.sent++;
        s->counts.sent_bytes += (uint64_t)sent;
    }
    if (register_data_due(s))
        register_note(s, REGISTER_PASSING, "send", (int)sent, "send(%d, %zu bytes)", s->fd, length);
    return sent;
}

/* Closes descriptors that a peer of AF_UNIX sent: the kernel installs them wherever there is room for control
 * messages, and this program expects none. */
static void close_rights(const struct cmsghdr *part)
{
    size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
        (void)close(fd);
    }
}

static void read_control(struct socket *s, struct msghdr *message, struct socket_sender *sender)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET)
            continue;
        if (part->cmsg_type == SO_RXQ_OVFL) {
            uint32_t dropped; /* since the socket was opened; the kernel's counter wraps around */
            memcpy(&dropped, CMSG_DATA(part), sizeof dropped);
            s->counts.dropped += (uint32_t)(dropped - (uint32_t)s->counts.dropped);
        } else if (part->cmsg_type == SCM_RIGHTS) {
            close_rights(part);
        } else if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred peer;
            memcpy(&peer, CMSG_DATA(part), sizeof peer);
            sender->has_credentials = true;
            sender->pid = peer.pid;
            sender->uid = peer.uid;
            sender->gid = peer.gid;
        }
    }
}

static void note_received(struct socket *s, size_t size, ssize_t received,
                          const struct address *peer)
{
    char shown[ADDRESS_TEXT_SIZE];
    if (!register_data_due(s))
        return;
    if (received < 0)
        register_note(s, REGISTER_PASSING, "recvmsg", (int)received, "recvmsg(%d, %zu)", s->fd,
                      size);
    else
        register_note_text(s, REGISTER_PASSING, "recvmsg", (int)received,
                           "recvmsg(%d, %zu) = %zd from %s%s", s->fd, size, received,
                           address_format_exact(peer, shown),
                           (size_t)received > size ? ", MSG_TRUNC" : "");
}

ssize_t socket_receive_from(struct socket *s, void *bytes, size_t size,
                            struct socket_sender *ret_sender)
{
    struct socket_sender sender = {.address.kind = kind_of(s)};
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec vector = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_name = &sender.address.any,
                             .msg_namelen = sizeof sender.address.un,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t received = recvmsg(s->fd, &message, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
    if (received < 0)
        received = -errno;
    if (received == -EAGAIN)
        return received;
    sender.address.length = message.msg_namelen;
    note_received(s, size, received, &sender.address);
    if (received < 0)
        return received;
    s->counts.received++;
    s->counts.received_bytes += (uint64_t)received;
    s->counts.cut += (size_t)received > size;
    read_control(s, &message, &sender);
    *ret_sender = sender;
    return received;
}

ssize_t socket_send_to(struct socket *s, const void *bytes, size_t length,
                       const struct address *peer)
{
    char shown[ADDRESS_TEXT_SIZE];
    ssize_t sent =
        sendto(s->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, &peer->any, peer->length);
    if (sent < 0)
        sent = -errno;
    if (sent == -EAGAIN)
        return sent;
    if (sent >= 0) {
        s->counts.sent++;
        s->counts.sent_bytes += (uint64_t)sent;
    }
    if (register_data_due(s))
        register_note(s, REGISTER_PASSING, "sendto", (int)sent, "sendto(%d, %zu bytes, %s)", s->fd,
                      length, address_format_exact(peer, shown));
    return sent;
}

ssize_t socket_send_descriptor(struct socket *s, const void *bytes, size_t length, int fd)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    /* sendmsg(2) writes into neither, whatever the type of iov_base says. */
    struct iovec vector = {.iov_len = length};
    memcpy(&vector.iov_base, &bytes, sizeof bytes);
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd >= 0) {
        control.head = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
    }
    ssize_t sent = sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        sent = -errno;
    if (sent == -EAGAIN)
        return sent;
    if (sent >= 0) {
        s->counts.sent++;
        s->counts.sent_bytes += (uint64_t)sent;
    }
    register_note(s, REGISTER_PASSING, "sendmsg", (int)sent, "sendmsg(%d, %zu bytes%s)", s->fd,
                  length, fd >= 0 ? ", SCM_RIGHTS" : "");
    return sent;
}

void socket_hand_over(struct socket *s, const char *owner)
{
    s->owner = owner;
    register_note_text(s, REGISTER_KEPT, "handed", 0, "handed to %s", owner);
}

int socket_duplicate(struct socket *s)
{
    int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 3);
    int error = fd < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "fcntl", error ? error : fd, "fcntl(%d, F_DUPFD_CLOEXEC, 3)",
                  s->fd);
    if (!error)
        s->fd = fd;
    return error;
}

void socket_close(struct socket *s)
{
    if (s->fd < 0)
        return;
    int error = close(s->fd) < 0 ? -errno : 0;
    if (error)
        register_note(s, REGISTER_PASSING, "close", error, "close(%d)", s->fd);
    else
        register_note_text(s, REGISTER_PASSING, "close", 0, "close(%d)", s->fd);
    s->fd = -1;
    register_leave(s);
}

void socket_forget(struct socket *s)
{
    if (s->fd < 0)
        return;
    register_note_text(s, REGISTER_PASSING, "close", 0, "close(%d)", s->fd);
    s->fd = -1;
    register_leave(s);
}
