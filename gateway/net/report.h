/* Describes one open socket: its entry in the register, and its present state in the kernel (tcp(7)
 * TCP_INFO, SIOCINQ and SIOCOUTQ, unix(7) SO_PEERCRED). */
#ifndef NET_REPORT_H
#define NET_REPORT_H

#include "net/address.h"
#include "net/socket.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct socket_register;

enum { REPORT_COMMAND_SIZE = 192 };

/* tcpi_… of struct tcp_info, in the kernel's units as named. */
struct tcp_report {
    uint32_t rtt_us, rttvar_us;
    uint32_t retransmits;   /* in all */
    uint32_t cwnd_segments; /* congestion window */
    uint32_t mss_bytes;
    uint64_t received_bytes, acked_bytes; /* acked: sent and acknowledged */
    uint32_t received_segments, sent_segments;
    uint32_t unacked_segments;
};

struct socket_report {
    uint32_t id;
    int fd;
    const char *domain, *type, *role, *owner; /* literals */
    const char
        *state; /* "LISTEN", "ESTABLISHED", "CLOSE_WAIT", "BOUND", "UNCONNECTED"; a literal */
    char local[ADDRESS_TEXT_SIZE], peer[ADDRESS_TEXT_SIZE]; /* "" for none */
    uint32_t opened_by;                                     /* the listener's id; 0 for none */
    int64_t opened_wall_ns, age_ns;
    struct socket_counts counts;
    uint32_t calls_dropped;  /* of the stored calls */
    uint32_t calls_unlisted; /* data calls over REGISTER_DATA_PER_SECOND */

    bool has_queue; /* of a listener: connections that wait for accept4(2) */
    uint32_t queue_now, queue_max;
    bool has_tcp;
    struct tcp_report tcp;
    bool has_buffers; /* bytes in the kernel: not read yet, not sent (or acknowledged) yet */
    int in_bytes, out_bytes;
    bool has_credentials; /* of the AF_UNIX peer */
    pid_t pid;
    uid_t uid;
    gid_t gid;
    char command[REPORT_COMMAND_SIZE]; /* the ss(8) command that shows the same */
};

/* 0, or -ENOENT. */
int register_report(const struct socket_register *reg, uint32_t id,
                    struct socket_report *ret_report);

/* Every open socket in the order of their ids. The report is borrowed until `each` returns, which
 * must neither open nor close sockets. */
void register_report_all(const struct socket_register *reg,
                         void (*each)(void *context, const struct socket_report *report),
                         void *context);

#endif
