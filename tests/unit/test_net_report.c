#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct socket_report report_of(struct net_rig *rig, uint32_t id)
{
    struct socket_report report;
    assert_int_equal(register_report(net_register(rig->net), id, &report), 0);
    return report;
}

static uint32_t listener_id(struct net_rig *rig)
{
    uint32_t id = 0;
    (void)register_ids(net_register(rig->net), &id, 1);
    return id;
}

static void report_tells_the_accept_queue_and_its_limit(void **state)
{
    struct net_rig *rig = *state;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    int clients[3];
    for (int i = 0; i < 3; i++)
        clients[i] = net_rig_connect(rig);
    struct socket_report report = report_of(rig, listener_id(rig));
    assert_string_equal(report.domain, "AF_INET");
    assert_string_equal(report.type, "SOCK_STREAM");
    assert_string_equal(report.role, "listener");
    assert_string_equal(report.state, "LISTEN");
    assert_true(report.has_queue);
    assert_int_equal(report.queue_now, 3);
    assert_int_equal(report.queue_max, 128);
    assert_true(net_rig_accept(rig, 3));
    report = report_of(rig, listener_id(rig));
    assert_int_equal(report.queue_now, 0);
    assert_int_equal(report.counts.accepted, 3);
    for (int i = 0; i < 3; i++)
        (void)close(clients[i]);
}

static void report_tells_the_accept_queue_of_a_unix_listener(void **state)
{
    struct net_rig *rig = *state;
    assert_int_equal(net_rig_listen(rig, "unix:q.sock", NULL), 0);
    int clients[3];
    for (int i = 0; i < 3; i++)
        clients[i] = net_rig_connect(rig);
    struct socket_report report = report_of(rig, listener_id(rig));
    for (int i = 0; i < 3; i++)
        (void)close(clients[i]);
    if (!report.has_queue)
        skip(); /* a kernel without unix_diag */
    assert_int_equal(report.queue_now, 3);
    assert_int_equal(report.queue_max, 128);
}

static void report_tells_what_a_tcp_connection_moved_and_what_waits(void **state)
{
    struct net_rig *rig = *state;
    assert_int_equal(net_rig_listen(rig, "[::1]:0", NULL), 0);
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    assert_int_equal(send(client, "0123456789", 10, 0), 10);
    assert_int_equal(stream_write(rig->streams[0], "abc", 3), 3);
    struct socket_report report = report_of(rig, stream_id(rig->streams[0]));
    assert_string_equal(report.state, "ESTABLISHED");
    assert_true(report.has_tcp && report.has_buffers);
    assert_int_equal(report.tcp.received_bytes, 10);
    assert_int_equal(report.tcp.acked_bytes, 3);
    assert_true(report.tcp.received_segments >= 2);
    assert_int_equal(report.in_bytes, 10);
    assert_int_equal(report.opened_by, listener_id(rig));
    (void)shutdown(client, SHUT_WR);
    report = report_of(rig, stream_id(rig->streams[0]));
    assert_string_equal(report.state, "CLOSE_WAIT");
    (void)close(client);
}

static void report_tells_who_is_at_the_other_end_of_a_unix_stream(void **state)
{
    struct net_rig *rig = *state;
    assert_int_equal(net_rig_listen(rig, "unix:r.sock", NULL), 0);
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    struct socket_report report = report_of(rig, stream_id(rig->streams[0]));
    assert_true(report.has_credentials);
    assert_int_equal(report.pid, getpid());
    assert_int_equal(report.uid, getuid());
    assert_string_equal(report.peer, "unix:");
    assert_false(report.has_tcp);
    (void)close(client);
}

static void report_command_finds_the_connection_in_ss(void **state)
{
    struct net_rig *rig = *state;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    struct socket_report report = report_of(rig, stream_id(rig->streams[0]));
    char expected[REPORT_COMMAND_SIZE];
    (void)snprintf(expected, sizeof expected, "ss -t -i -n 'sport = :%u and dport = :%u'",
                   address_port(stream_local(rig->streams[0])),
                   address_port(stream_peer(rig->streams[0])));
    assert_string_equal(report.command, expected);
    (void)close(client);
}

static void count_report(void *context, const struct socket_report *report)
{
    assert_true(report->age_ns >= 0);
    ++*(int *)context;
}

static void report_all_tells_every_open_socket(void **state)
{
    struct net_rig *rig = *state;
    int count = 0;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    register_report_all(net_register(rig->net), count_report, &count);
    assert_int_equal(count, 2);
    struct socket_report report;
    assert_int_equal(register_report(net_register(rig->net), 99, &report), -ENOENT);
    (void)close(client);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(report_tells_the_accept_queue_and_its_limit),
        RULE(report_tells_the_accept_queue_of_a_unix_listener),
        RULE(report_tells_what_a_tcp_connection_moved_and_what_waits),
        RULE(report_tells_who_is_at_the_other_end_of_a_unix_stream),
        RULE(report_command_finds_the_connection_in_ss),
        RULE(report_all_tells_every_open_socket),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
