#include "net_rig.h"

#include "net/linger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_pair(struct net_rig *rig)
{
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    int client = net_rig_connect(rig);
    assert_true(client >= 0);
    assert_true(net_rig_accept(rig, 1));
    return client;
}

static void stream_moves_bytes_both_ways(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    char bytes[8];
    assert_int_equal(stream_read(rig->streams[0], bytes, sizeof bytes), -EAGAIN);
    assert_int_equal(send(client, "ping", 4, 0), 4);
    assert_int_equal(stream_read(rig->streams[0], bytes, sizeof bytes), 4);
    assert_int_equal(stream_write(rig->streams[0], "pong", 4), 4);
    assert_int_equal(recv(client, bytes, sizeof bytes, 0), 4);
    (void)close(client);
    assert_int_equal(stream_read(rig->streams[0], bytes, sizeof bytes), 0);
}

static void stream_write_to_a_peer_that_is_gone_is_an_error_not_a_signal(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)close(client);
    ssize_t sent = stream_write(rig->streams[0], "x", 1);
    if (sent != -ECONNRESET)
        assert_int_equal(sent, -EPIPE);
    assert_int_equal(stream_write(rig->streams[0], "x", 1), -EPIPE);
}

static void stream_full_of_unread_bytes_says_again(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    static char bytes[65536];
    ssize_t sent;
    do
        sent = stream_write(rig->streams[0], bytes, sizeof bytes);
    while (sent > 0);
    assert_int_equal(sent, -EAGAIN);
    (void)close(client);
}

static void stream_lives_on_by_its_duplicate(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    struct stream *stream = rig->streams[0];
    int old = stream_fd(stream);
    assert_int_equal(stream_duplicate(stream), 0);
    assert_int_not_equal(stream_fd(stream), old);
    assert_true(fcntl(stream_fd(stream), F_GETFD) & FD_CLOEXEC);
    (void)close(old);
    assert_int_equal(stream_write(stream, "x", 1), 1);
    char byte;
    assert_int_equal(recv(client, &byte, 1, 0), 1);
    (void)close(client);
}

static void stream_forgotten_is_not_closed_again(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    int fd = stream_fd(rig->streams[0]);
    rig->streams[0] = stream_forget(rig->streams[0]);
    assert_int_equal(net_connections(rig->net), 0);
    assert_true(fcntl(fd, F_GETFD) >= 0);
    (void)close(fd);
    (void)close(client);
}

static void stream_lingers_for_a_second_at_most(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    char byte;
    uint32_t id = stream_id(rig->streams[0]);
    rig->streams[0] = stream_linger(rig->streams[0]);
    assert_int_equal(recv(client, &byte, 1, 0), 0);
    net_rig_run_ms(rig, 500);
    assert_non_null(register_find(net_register(rig->net), id));
    net_rig_run_ms(rig, 700);
    assert_null(register_find(net_register(rig->net), id));
    assert_int_equal(net_connections(rig->net), 0);
    (void)close(client);
}

static void stream_that_lingers_ends_with_its_peer(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    rig->streams[0] = stream_linger(rig->streams[0]);
    net_rig_run_ms(rig, 10);
    assert_int_equal(net_connections(rig->net), 1);
    (void)close(client);
    net_rig_run_ms(rig, 10);
    assert_int_equal(net_connections(rig->net), 0);
}

static void stream_lingers_in_a_limited_number(void **state)
{
    struct net_rig *rig = *state;
    int clients[80];
    (void)open_pair(rig);
    for (unsigned i = 0; i < 80; i++)
        clients[i] = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 81));
    for (unsigned i = 0; i < 81; i++)
        rig->streams[i] = stream_linger(rig->streams[i]);
    assert_int_equal(net_connections(rig->net), 64);
    for (unsigned i = 0; i < 80; i++)
        (void)close(clients[i]);
}

static void stream_finishes_with_all_of_its_last_bytes(void **state)
{
    enum { BYTES = 3 * 1024 * 1024 };
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    static char bytes[BYTES];
    size_t received = 0;
    rig->streams[0] = stream_finish(rig->streams[0], bytes, sizeof bytes);
    for (;;) {
        ssize_t got = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got == 0)
            break;
        if (got > 0)
            received += (size_t)got;
        net_rig_run_ms(rig, 1);
    }
    assert_int_equal(received, BYTES);
    (void)close(client);
    net_rig_run_ms(rig, 10);
    assert_int_equal(net_connections(rig->net), 0);
}

static void stream_asks_a_silent_peer_by_the_kernel(void **state)
{
    struct net_rig *rig = *state;
    int client = open_pair(rig);
    int value = 0;
    socklen_t size = sizeof value;
    assert_int_equal(stream_keep_alive(rig->streams[0], 60, 30), 0);
    (void)getsockopt(stream_fd(rig->streams[0]), IPPROTO_TCP, TCP_KEEPINTVL, &value, &size);
    assert_int_equal(value, 10);
    (void)close(client);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(stream_moves_bytes_both_ways),
        RULE(stream_write_to_a_peer_that_is_gone_is_an_error_not_a_signal),
        RULE(stream_full_of_unread_bytes_says_again),
        RULE(stream_lives_on_by_its_duplicate),
        RULE(stream_forgotten_is_not_closed_again),
        RULE(stream_lingers_for_a_second_at_most),
        RULE(stream_that_lingers_ends_with_its_peer),
        RULE(stream_lingers_in_a_limited_number),
        RULE(stream_finishes_with_all_of_its_last_bytes),
        RULE(stream_asks_a_silent_peer_by_the_kernel),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
