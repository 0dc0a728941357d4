/* One socket and its place in the register. Every function here makes the system call that it is
 * named after and notes it. Every descriptor is close-on-exec and non-blocking from the start. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/address.h"
#include "net/register.h"
#include "net/socket_entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* "listener", "connection", "datagram", "packet" */
const char *socket_role_name(enum socket_role role);

/* socket(2): sets `socket` up. 0 or a negative errno (there is then nothing to close). */
int socket_open(struct socket *socket, struct socket_register *reg, int domain, int type,
                int protocol, enum socket_role role, const char *owner);

/* Sets `socket` up with a descriptor that somebody else opened; `fd` is taken. */
int socket_adopt(struct socket *socket, struct socket_register *reg, int fd, enum socket_role role,
                 const char *owner);

/* accept4(2): sets `ret_socket` up as a connection with local and peer address and TCP_NODELAY.
 * 0, -EAGAIN when none waits (not noted), or another negative errno. */
int socket_accept(struct socket *listener, struct socket *ret_socket);

/* setsockopt(2) with an int. */
int socket_set(struct socket *socket, int level, int option, int value);

/* setsockopt(2) with any value, shown as `shown`. */
int socket_set_bytes(struct socket *socket, int level, int option, const void *value,
                     socklen_t size, const char *shown);

int socket_bind(struct socket *socket, const struct address *address);
int socket_listen(struct socket *socket, int backlog);

/* connect(2); -EINPROGRESS is the usual answer of a non-blocking TCP socket. */
int socket_connect(struct socket *socket, const struct address *address);

/* getsockopt(2) SO_ERROR: how a connect(2) in progress ended. 0 or a negative errno. */
int socket_finish_connect(struct socket *socket);

/* getsockname(2): fills `local`. */
int socket_name(struct socket *socket);

/* shutdown(2) with SHUT_WR. */
int socket_shut_write(struct socket *socket);

/* shutdown(2) with SHUT_RD: the reader of the descriptor wakes up and reads the end of the stream. */
int socket_shut_read(struct socket *socket);

/* shutdown(2) with SHUT_RDWR: the reader of the descriptor reads the end of the stream. */
int socket_shut_both(struct socket *socket);

/* recv(2), send(2), recvmsg(2), sendto(2) with MSG_NOSIGNAL and MSG_DONTWAIT: bytes, 0 at the end
 * of a stream, or a negative errno; -EAGAIN is not noted. */
ssize_t socket_receive(struct socket *socket, void *bytes, size_t size);

/* recv(2) with MSG_PEEK: true when the peer has ended the stream and nothing is left to read. Not
 * noted. */
bool socket_has_ended(const struct socket *socket);

ssize_t socket_send(struct socket *socket, const void *bytes, size_t length);

/* The sender of a datagram. */
struct socket_sender {
    struct address address;
    bool has_credentials; /* AF_UNIX with SO_PASSCRED: filled by the kernel */
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* Returns the datagram's whole length; it is above `size` when the datagram was cut. */
ssize_t socket_receive_from(struct socket *socket, void *bytes, size_t size,
                            struct socket_sender *ret_sender);
ssize_t socket_send_to(struct socket *socket, const void *bytes, size_t length,
                       const struct address *peer);

/* sendmsg(2) on a connected AF_UNIX socket, with a copy of descriptor `fd` (SCM_RIGHTS), or without
 * one for -1. Bytes or a negative errno; -EAGAIN is not noted. */
ssize_t socket_send_descriptor(struct socket *socket, const void *bytes, size_t length, int fd);

/* Notes "handed to <owner>"; `owner` is a literal. */
void socket_hand_over(struct socket *socket, const char *owner);

/* fcntl(2) F_DUPFD_CLOEXEC; the old descriptor stays with its present owner. */
int socket_duplicate(struct socket *socket);

/* close(2), and removal from the register. Legal twice. */
void socket_close(struct socket *socket);

/* Removal from the register alone, when somebody else has closed the descriptor. */
void socket_forget(struct socket *socket);

#endif
