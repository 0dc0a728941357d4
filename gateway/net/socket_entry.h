/* The entry of one socket in the register. Plain data. */
#ifndef NET_SOCKET_ENTRY_H
#define NET_SOCKET_ENTRY_H

#include "base/list.h"
#include "net/address.h"

#include <stdint.h>

struct socket_register;

enum socket_role { SOCKET_LISTENER, SOCKET_CONNECTION, SOCKET_DATAGRAM, SOCKET_PACKET };

struct socket_counts {
    uint64_t accepted, refused; /* by a listener */
    uint64_t received, sent;    /* datagrams, or calls that moved bytes */
    uint64_t received_bytes, sent_bytes;
    uint64_t cut;     /* datagrams longer than the buffer (MSG_TRUNC) */
    uint64_t dropped; /* datagrams that the kernel had no space for (SO_RXQ_OVFL) */
};

struct kept_call;

/* A member of its owner: the functions of net/socket.h set it up, socket_close() or socket_forget() ends it.
 * Its fields are read-only for all others. */
struct socket {
    struct list in_register;
    struct socket_register *reg; /* borrowed */
    uint32_t id;                 /* never 0, never used again */
    int fd;                      /* -1 when closed */
    int domain, type;            /* without the flags */
    enum socket_role role;
    const char *owner;          /* a literal */
    uint32_t opened_by;         /* the listener that accepted it; 0 for none */
    int64_t opened_ns;          /* monotonic */
    struct address local, peer; /* `length` 0 while unknown */
    struct socket_counts counts;
    struct kept_call *kept;
    uint32_t kept_dropped;
    uint32_t data_unlisted;
    int64_t data_second;
    uint8_t kept_count, kept_capacity, data_listed;
};

#endif
