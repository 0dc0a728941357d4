/* A datagram socket: UDP or AF_UNIX. It has no connection: every message carries the address of its
 * sender, and every answer names its receiver (socket(2) SOCK_DGRAM, udp(7), unix(7)). */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H

#include "net/address.h"
#include "net/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct datagram;
struct net;

/* The largest payload of UDP over IPv4: 65,535 less 20 and 8 bytes of headers. */
enum { DATAGRAM_MAX_BYTES = 65507 };

struct datagram_options {
    const char *owner;  /* borrowed, a literal */
    mode_t socket_mode; /* of an AF_UNIX file */
    gid_t socket_group; /* (gid_t)-1 leaves it unchanged */
    int inherited_fd;   /* a bound descriptor of the service manager, taken; else -1 */
};

struct datagram_message {
    struct datagram *datagram; /* that received it; send the answer from it */
    const char *bytes;         /* borrowed until the callback returns; no NUL follows */
    size_t length;             /* of `bytes` */
    bool cut; /* it was longer than DATAGRAM_MAX_BYTES; the kernel discarded the rest */
    struct socket_sender sender;
};

struct datagram_events {
    void *context;
    void (*received)(void *context, const struct datagram_message *message);
};

/* Opens, binds and starts to receive. AF_INET6 is dual-stack; unix socket files as with a listener.
 * 0, or the negative errno of the failed call, whose name is put into `*ret_call`. */
int datagram_open(struct net *net, const struct address *address,
                  const struct datagram_options *options, const struct datagram_events *events,
                  struct datagram **ret_datagram, const char **ret_call);

/* Opens a socket that only sends to the multicast `group`: with TTL 1, and looped back to this host;
 * the group's %scope selects the interface. Errors as above. */
int datagram_open_group(struct net *net, const struct address *group, const char *owner,
                        struct datagram **ret_datagram, const char **ret_call);

/* The bound address, or the group. Borrowed. */
const struct address *datagram_address(const struct datagram *datagram);

/* The register's id of it. */

/* Sends one message. 0; -EAGAIN when the kernel (or the AF_UNIX peer) has no room now; -EMSGSIZE;
 * -ECONNREFUSED or -ENOENT when an AF_UNIX peer is gone; another negative errno. */
int datagram_send(struct datagram *datagram, const void *bytes, size_t length,
                  const struct address *peer);

/* Closes; a unix socket file of ours is removed. NULL is legal; returns NULL. */
struct datagram *datagram_close(struct datagram *datagram);

#endif
