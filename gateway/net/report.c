#include "net/report.h"

#include "base/clock.h"
#include "base/owner.h"
#include "net/call.h"
#include "net/register.h"
#include "net/unix_diag.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* include/net/tcp_states.h of Linux; tcpi_state counts from 1. */
static const char *tcp_state_name(unsigned state)
{
    static const char *const names[] = {
        "?",         "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
        "TIME_WAIT", "CLOSE",       "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING",
    };
    return state < ARRAY_LENGTH(names) ? names[state] : "?";
}

static const char *plain_type_name(int type)
{
    return type == SOCK_STREAM  ? "SOCK_STREAM"
           : type == SOCK_DGRAM ? "SOCK_DGRAM"
           : type == SOCK_RAW   ? "SOCK_RAW"
                                : "?";
}

static void report_tcp(const struct socket *s, struct socket_report *report)
{
    struct tcp_info info = {0}; /* an older kernel fills less */
    socklen_t size = sizeof info;
    if (getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return;
    report->state = tcp_state_name(info.tcpi_state);
    if (s->role == SOCKET_LISTENER) {
        /* For a listening socket the kernel puts its accept queue into these two. */
        report->has_queue = true;
        report->queue_now = info.tcpi_unacked;
        report->queue_max = info.tcpi_sacked;
        return;
    }
    report->has_tcp = true;
    report->tcp = (struct tcp_report){.rtt_us = info.tcpi_rtt,
                                      .rttvar_us = info.tcpi_rttvar,
                                      .retransmits = info.tcpi_total_retrans,
                                      .cwnd_segments = info.tcpi_snd_cwnd,
                                      .mss_bytes = info.tcpi_snd_mss,
                                      .received_bytes = info.tcpi_bytes_received,
                                      .acked_bytes = info.tcpi_bytes_acked,
                                      .received_segments = info.tcpi_segs_in,
                                      .sent_segments = info.tcpi_segs_out,
                                      .unacked_segments = info.tcpi_unacked};
}

static void report_buffers(const struct socket *s, struct socket_report *report)
{
    report->has_buffers = ioctl(s->fd, SIOCINQ, &report->in_bytes) == 0 &&
                          ioctl(s->fd, SIOCOUTQ, &report->out_bytes) == 0;
}

static void report_credentials(const struct socket *s, struct socket_report *report)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return;
    report->has_credentials = true;
    report->pid = peer.pid;
    report->uid = peer.uid;
    report->gid = peer.gid;
}

static void report_kernel(const struct socket *s, struct socket_report *report)
{
    switch (s->role) {
    case SOCKET_LISTENER:
        report->state = "LISTEN";
        if (s->domain == AF_UNIX)
            report->has_queue = unix_diag_queue(s->fd, &report->queue_now, &report->queue_max) == 0;
        else
            report_tcp(s, report);
        return;
    case SOCKET_CONNECTION:
        report->state = "ESTABLISHED";
        if (s->domain == AF_UNIX)
            report_credentials(s, report);
        else
            report_tcp(s, report);
        report_buffers(s, report);
        return;
    case SOCKET_DATAGRAM:
        report->state = s->peer.length ? "ESTABLISHED" : s->local.length ? "BOUND" : "UNCONNECTED";
        report_buffers(s, report);
        return;
    case SOCKET_PACKET:
        report->state = "BOUND";
        return;
    }
}

static void write_command(const struct socket *s, char *text, size_t size)
{
    unsigned local = address_port(&s->local);
    unsigned peer = address_port(&s->peer);
    if (s->domain == AF_PACKET)
        (void)snprintf(text, size, "ss -0 -n -p");
    else if (s->domain == AF_UNIX)
        (void)snprintf(text, size, "ss -x -a -n -p src '%.*s'", (int)sizeof s->local.un.sun_path,
                       s->local.un.sun_path);
    else if (s->role == SOCKET_CONNECTION)
        (void)snprintf(text, size, "ss -t -i -n 'sport = :%u and dport = :%u'", local, peer);
    else if (s->type == SOCK_DGRAM)
        (void)snprintf(text, size, "ss -u -a -n -m 'sport = :%u'", local);
    else
        (void)snprintf(text, size, "ss -t -l -n 'sport = :%u'", local);
}

static void fill(const struct socket *s, struct socket_report *report)
{
    int64_t age_ns = clock_monotonic_ns() - s->opened_ns;
    *report = (struct socket_report){.id = s->id,
                                     .fd = s->fd,
                                     .domain = call_domain_name(s->domain),
                                     .type = plain_type_name(s->type),
                                     .role = socket_role_name(s->role),
                                     .owner = s->owner,
                                     .state = "?",
                                     .opened_by = s->opened_by,
                                     .opened_wall_ns = clock_wall_ns() - age_ns,
                                     .age_ns = age_ns,
                                     .counts = s->counts,
                                     .calls_dropped = s->kept_dropped,
                                     .calls_unlisted = s->data_unlisted};
    if (s->local.length)
        address_format(&s->local, report->local);
    if (s->peer.length)
        address_format(&s->peer, report->peer);
    report_kernel(s, report);
    write_command(s, report->command, sizeof report->command);
}

int register_report(const struct socket_register *reg, uint32_t id,
                    struct socket_report *ret_report)
{
    const struct socket *s = register_find(reg, id);
    if (!s)
        return -ENOENT;
    fill(s, ret_report);
    return 0;
}

struct each {
    void (*each)(void *context, const struct socket_report *report);
    void *context;
};

static void fill_and_report(void *context, const struct socket *s)
{
    const struct each *each = context;
    struct socket_report report;
    fill(s, &report);
    each->each(each->context, &report);
}

void register_report_all(const struct socket_register *reg,
                         void (*each)(void *context, const struct socket_report *report),
                         void *context)
{
    struct each both = {.each = each, .context = context};
    register_each(reg, fill_and_report, &both);
}
