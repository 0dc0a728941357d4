#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t first_id(struct net_rig *rig)
{
    uint32_t id = 0;
    (void)register_ids(net_register(rig->net), &id, 1);
    return id;
}

static void register_lists_the_calls_that_made_a_listener_in_order(void **state)
{
    struct net_rig *rig = *state;
    char expected[512], calls[1024];
    assert_int_equal(net_rig_listen(rig, "[::1]:0", NULL), 0);
    const struct socket *s = register_find(net_register(rig->net), first_id(rig));
    (void)snprintf(expected, sizeof expected,
                   "socket(AF_INET6, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = %d\n"
                   "setsockopt(%d, SOL_SOCKET, SO_REUSEADDR, 1) = 0\n"
                   "setsockopt(%d, IPPROTO_IPV6, IPV6_V6ONLY, 0) = 0\n"
                   "bind(%d, [::1]:0) = 0\n"
                   "getsockname(%d) = [::1]:%u\n"
                   "listen(%d, 128) = 0\n",
                   s->fd, s->fd, s->fd, s->fd, s->fd, address_port(&s->local), s->fd);
    assert_string_equal(net_rig_calls(rig, s->id, calls, sizeof calls), expected);
}

static void register_lists_the_calls_of_a_connection_from_its_accept(void **state)
{
    struct net_rig *rig = *state;
    char expected[512], calls[1024], peer[ADDRESS_TEXT_SIZE];
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    uint32_t listener = first_id(rig);
    int listener_fd = register_find(net_register(rig->net), listener)->fd;
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    struct stream *stream = rig->streams[0];
    stream_hand_over(stream, "websocket");
    int fd = stream_fd(stream);
    (void)snprintf(expected, sizeof expected,
                   "accept4(%d) = %d from %s\n"
                   "setsockopt(%d, IPPROTO_TCP, TCP_NODELAY, 1) = 0\n"
                   "handed to websocket\n",
                   listener_fd, fd, address_format(stream_peer(stream), peer), fd);
    assert_string_equal(net_rig_calls(rig, stream_id(stream), calls, sizeof calls), expected);
    const struct socket *s = register_find(net_register(rig->net), stream_id(stream));
    assert_int_equal(s->opened_by, listener);
    assert_string_equal(s->owner, "websocket");
    (void)close(client);
}

static void register_names_the_errno_of_a_failed_call(void **state)
{
    struct net_rig *rig = *state;
    char expected[128];
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(fd); /* the number that the socket will get */
    assert_int_equal(net_rig_listen(rig, "192.0.2.1:80", NULL), -EADDRNOTAVAIL);
    (void)snprintf(expected, sizeof expected, "bind(%d, 192.0.2.1:80) = EADDRNOTAVAIL", fd);
    assert_true(net_rig_was_called(rig, expected));
    (void)snprintf(expected, sizeof expected, "close(%d)", fd);
    assert_true(net_rig_was_called(rig, expected));
    assert_int_equal(register_ids(net_register(rig->net), NULL, 0), 0);
}

static void register_forgets_a_socket_that_was_closed_but_keeps_its_calls(void **state)
{
    struct net_rig *rig = *state;
    char expected[32];
    assert_int_equal(net_rig_listen(rig, "unix:gone.sock", NULL), 0);
    uint32_t id = first_id(rig);
    (void)snprintf(expected, sizeof expected, "close(%d)",
                   register_find(net_register(rig->net), id)->fd);
    rig->listener = listener_close(rig->listener);
    struct socket_call calls[REGISTER_KEPT_MAX];
    assert_null(register_find(net_register(rig->net), id));
    assert_int_equal(register_socket_calls(net_register(rig->net), id, calls, NULL), -ENOENT);
    assert_true(net_rig_was_called(rig, expected));
}

static void register_continues_from_a_number_and_tells_what_was_lost(void **state)
{
    struct net_rig *rig = *state;
    struct socket_register *reg = net_register(rig->net);
    struct socket_call calls[4];
    uint64_t next = 0, lost = 9;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    assert_int_equal(register_calls(reg, 0, calls, 2, &next, &lost), 2);
    assert_int_equal(calls[0].number, 1);
    assert_int_equal(next, 3);
    assert_int_equal(lost, 0);
    assert_int_equal(register_calls(reg, next, calls, 4, &next, NULL), 3);
    assert_int_equal(calls[0].number, 3);
    assert_int_equal(register_calls(reg, next, calls, 4, &next, NULL), 0);
    assert_int_equal(next, register_next(reg));
    assert_int_equal(register_calls(reg, UINT64_MAX, calls, 4, &next, NULL), 0);
    assert_int_equal(next, register_next(reg));
    struct socket datagram;
    assert_int_equal(socket_open(&datagram, reg, AF_INET, SOCK_DGRAM, 0, SOCKET_DATAGRAM, "t"), 0);
    for (int i = 0; i < REGISTER_CALLS_MAX; i++)
        (void)socket_set(&datagram, SOL_SOCKET, SO_BROADCAST, i & 1);
    assert_int_equal(register_calls(reg, 3, calls, 1, &next, &lost), 1);
    assert_int_equal(calls[0].number, register_next(reg) - REGISTER_CALLS_MAX);
    assert_int_equal(lost, calls[0].number - 3);
    socket_close(&datagram);
}

static void register_keeps_the_first_and_the_last_calls_of_a_socket(void **state)
{
    struct net_rig *rig = *state;
    struct socket_register *reg = net_register(rig->net);
    struct socket_call calls[REGISTER_KEPT_MAX];
    struct socket datagram;
    uint32_t dropped = 0;
    assert_int_equal(socket_open(&datagram, reg, AF_INET, SOCK_DGRAM, 0, SOCKET_DATAGRAM, "t"), 0);
    for (int i = 0; i < 100; i++)
        (void)socket_set(&datagram, SOL_SOCKET, SO_BROADCAST, i);
    assert_int_equal(register_socket_calls(reg, datagram.id, calls, &dropped), REGISTER_KEPT_MAX);
    assert_string_equal(calls[0].name, "socket");
    assert_int_equal(calls[REGISTER_KEPT_FIRST - 1].number, REGISTER_KEPT_FIRST);
    assert_int_equal(calls[REGISTER_KEPT_MAX - 1].number, 101);
    assert_int_equal(calls[REGISTER_KEPT_FIRST].number, 101 - REGISTER_KEPT_LAST + 1);
    assert_int_equal(dropped, 101 - REGISTER_KEPT_MAX);
    socket_close(&datagram);
}

static void count_call(void *context, const struct socket_call *call)
{
    assert_non_null(strchr(call->text, '('));
    ++*(unsigned *)context;
}

static void register_tells_its_listeners_of_each_call(void **state)
{
    struct net_rig *rig = *state;
    unsigned count = 0;
    struct register_listener listener = {.added = count_call, .context = &count};
    register_listen(net_register(rig->net), &listener);
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    assert_int_equal(count, 5);
    register_unlisten(&listener);
    rig->listener = listener_close(rig->listener);
    assert_int_equal(count, 5);
}

static void register_lists_only_so_many_data_calls_a_second(void **state)
{
    struct net_rig *rig = *state;
    struct socket_register *reg = net_register(rig->net);
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    uint64_t before = register_next(reg);
    for (int i = 0; i < 500; i++)
        assert_int_equal(stream_write(rig->streams[0], "x", 1), 1);
    /* The second may turn over on the way. */
    assert_in_range(register_next(reg) - before, REGISTER_DATA_PER_SECOND,
                    2 * REGISTER_DATA_PER_SECOND);
    const struct socket *s = register_find(reg, stream_id(rig->streams[0]));
    assert_int_equal(s->data_unlisted + (register_next(reg) - before), 500);
    assert_int_equal(s->counts.sent, 500);
    assert_int_equal(s->counts.sent_bytes, 500);
    (void)close(client);
}

static void register_never_uses_an_id_again(void **state)
{
    struct net_rig *rig = *state;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    uint32_t first = first_id(rig);
    rig->listener = listener_close(rig->listener);
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    assert_true(first_id(rig) > first);
}

static void register_notes_the_group_and_mode_of_a_unix_socket(void **state)
{
    struct net_rig *rig = *state;
    char expected[256];
    assert_int_equal(net_rig_listen(rig, "unix:m.sock", NULL), 0);
    (void)snprintf(expected, sizeof expected, "chmod(%s/m.sock, 0660) = 0", rig->folder);
    assert_true(net_rig_was_called(rig, expected));
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(register_lists_the_calls_that_made_a_listener_in_order),
        RULE(register_lists_the_calls_of_a_connection_from_its_accept),
        RULE(register_names_the_errno_of_a_failed_call),
        RULE(register_forgets_a_socket_that_was_closed_but_keeps_its_calls),
        RULE(register_continues_from_a_number_and_tells_what_was_lost),
        RULE(register_keeps_the_first_and_the_last_calls_of_a_socket),
        RULE(register_tells_its_listeners_of_each_call),
        RULE(register_lists_only_so_many_data_calls_a_second),
        RULE(register_never_uses_an_id_again),
        RULE(register_notes_the_group_and_mode_of_a_unix_socket),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
