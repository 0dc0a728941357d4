#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void open_at(struct net_rig *rig, const char *address)
{
    const char *call = "none";
    assert_int_equal(net_rig_listen(rig, address, &call), 0);
}

static void listener_reports_address_in_use(void **state)
{
    struct net_rig *rig = *state;
    char text[ADDRESS_TEXT_SIZE];
    const char *call = NULL;
    struct listener *first;
    open_at(rig, "127.0.0.1:0");
    first = rig->listener;
    address_format(listener_address(first), text);
    assert_int_equal(net_rig_listen(rig, text, &call), -EADDRINUSE);
    assert_true(strcmp(call, "bind") == 0 || strcmp(call, "listen") == 0);
    assert_ptr_equal(rig->listener, first);
}

static void listener_tells_the_port_that_the_kernel_chose(void **state)
{
    struct net_rig *rig = *state;
    open_at(rig, "127.0.0.1:0");
    assert_int_not_equal(address_port(listener_address(rig->listener)), 0);
}

static void listener_serves_ipv4_on_the_ipv6_any_address(void **state)
{
    struct net_rig *rig = *state;
    open_at(rig, "[::]:0");
    struct sockaddr_in loopback = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)address_port(listener_address(rig->listener))),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&loopback, sizeof loopback), 0);
    assert_true(net_rig_accept(rig, 1));
    assert_memory_equal(stream_source(rig->streams[0]), "127.0.0.1:", 10);
    (void)close(fd);
}

static void listener_makes_streams_close_on_exec_non_blocking_and_without_delay(void **state)
{
    struct net_rig *rig = *state;
    open_at(rig, "127.0.0.1:0");
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    int fd = stream_fd(rig->streams[0]);
    int no_delay = 0;
    socklen_t size = sizeof no_delay;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
    assert_int_equal(no_delay, 1);
    (void)close(client);
}

static void listener_refuses_over_the_limit_of_one_peer(void **state)
{
    struct net_rig *rig = *state;
    const struct net_limits limits = {.connections = 10, .connections_per_peer = 2, .backlog = 8};
    net_rig_limit(rig, &limits);
    rig->refusal_text = "err limit\n";
    open_at(rig, "127.0.0.1:0");
    int clients[3];
    char answer[16] = "";
    for (int i = 0; i < 3; i++)
        clients[i] = net_rig_connect(rig);
    net_rig_run_ms(rig, 20);
    assert_int_equal(rig->accepted, 2);
    assert_int_equal(rig->refused, 1);
    assert_string_equal(rig->refusal, "the limit of connections from one address is reached");
    assert_int_equal(recv(clients[2], answer, sizeof answer, 0), 10);
    assert_memory_equal(answer, "err limit\n", 10);
    for (int i = 0; i < 3; i++)
        (void)close(clients[i]);
}

static void listener_accepts_again_when_a_stream_is_closed(void **state)
{
    struct net_rig *rig = *state;
    const struct net_limits limits = {.connections = 1, .connections_per_peer = 9, .backlog = 8};
    net_rig_limit(rig, &limits);
    open_at(rig, "127.0.0.1:0");
    int first = net_rig_connect(rig);
    int second = net_rig_connect(rig);
    net_rig_run_ms(rig, 20);
    assert_int_equal(rig->accepted, 1);
    assert_int_equal(rig->refused, 1);
    rig->streams[0] = stream_close(rig->streams[0]);
    assert_int_equal(net_connections(rig->net), 0);
    int third = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 2));
    (void)close(first);
    (void)close(second);
    (void)close(third);
}

static void listener_lets_a_refused_peer_that_wrote_read_to_the_end(void **state)
{
    struct net_rig *rig = *state;
    const struct net_limits limits = {.connections = 1, .connections_per_peer = 1, .backlog = 8};
    net_rig_limit(rig, &limits);
    rig->refusal_text = "err limit\n";
    open_at(rig, "127.0.0.1:0");
    int first = net_rig_connect(rig);
    int second = net_rig_connect(rig);
    /* close(2) with these bytes unread would send RST, not FIN. */
    assert_int_equal(send(second, "toggle red\n", 11, MSG_NOSIGNAL), 11);
    net_rig_run_ms(rig, 20);
    char answer[16];
    assert_int_equal(recv(second, answer, sizeof answer, 0), 10);
    assert_int_equal(recv(second, answer, sizeof answer, 0), 0);
    (void)close(first);
    (void)close(second);
}

static void listener_survives_the_lack_of_descriptors(void **state)
{
    struct net_rig *rig = *state;
    rig->refusal_text = "no\n";
    open_at(rig, "127.0.0.1:0");
    int client = net_rig_connect(rig);
    int other = net_rig_connect(rig);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = (rlim_t)other + 1, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    net_rig_run_ms(rig, 20);
    net_rig_run_ms(rig, 20);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(rig->accepted, 0);
    assert_int_equal(rig->refused, 2);
    char answer[4] = "";
    assert_int_equal(recv(client, answer, 3, 0), 3);
    assert_int_equal(recv(other, answer, 3, 0), 3);
    int next = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    (void)close(client);
    (void)close(other);
    (void)close(next);
}

static void listener_takes_over_a_stale_unix_socket(void **state)
{
    struct net_rig *rig = *state;
    struct address address;
    assert_int_equal(address_parse("unix:stale.sock", rig->folder, &address, NULL), 0);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(dead, &address.any, address.length), 0);
    (void)close(dead);
    open_at(rig, "unix:stale.sock");
    int client = net_rig_connect(rig);
    assert_true(client >= 0);
    assert_true(net_rig_accept(rig, 1));
    (void)close(client);
}

static void listener_leaves_a_living_unix_socket_alone(void **state)
{
    struct net_rig *rig = *state;
    const char *call = NULL;
    open_at(rig, "unix:living.sock");
    assert_int_equal(net_rig_listen(rig, "unix:living.sock", &call), -EADDRINUSE);
    assert_string_equal(call, "bind");
    int client = net_rig_connect(rig);
    assert_true(client >= 0);
    (void)close(client);
}

static void listener_leaves_a_file_that_is_no_socket_alone(void **state)
{
    struct net_rig *rig = *state;
    char path[96];
    struct stat status;
    (void)snprintf(path, sizeof path, "%s/notes.txt", rig->folder);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(net_rig_listen(rig, "unix:notes.txt", NULL), -EADDRINUSE);
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    (void)unlink(path);
}

static void listener_gives_its_unix_socket_the_mode_that_was_asked_for(void **state)
{
    struct net_rig *rig = *state;
    struct stat status;
    open_at(rig, "unix:mode.sock");
    assert_int_equal(stat(listener_address(rig->listener)->un.sun_path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
}

static void listener_removes_only_its_own_unix_socket(void **state)
{
    struct net_rig *rig = *state;
    open_at(rig, "unix:own.sock");
    struct address address = *listener_address(rig->listener);
    assert_int_equal(unlink(address.un.sun_path), 0);
    int successor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(successor, &address.any, address.length), 0);
    rig->listener = listener_close(rig->listener);
    assert_int_equal(access(address.un.sun_path, F_OK), 0);
    (void)close(successor);
    (void)unlink(address.un.sun_path);
}

static void listener_tells_who_connects_over_unix(void **state)
{
    struct net_rig *rig = *state;
    struct stream_credentials peer;
    char source[32];
    open_at(rig, "unix:who.sock");
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    assert_int_equal(stream_get_credentials(rig->streams[0], &peer), 0);
    assert_int_equal(peer.pid, getpid());
    assert_int_equal(peer.uid, getuid());
    (void)snprintf(source, sizeof source, "unix:pid=%d", getpid());
    assert_string_equal(stream_source(rig->streams[0]), source);
    (void)close(client);
}

static void listener_names_the_call_that_failed(void **state)
{
    struct net_rig *rig = *state;
    const char *call = NULL;
    assert_int_equal(net_rig_listen(rig, "192.0.2.1:0", &call), -EADDRNOTAVAIL);
    assert_string_equal(call, "bind");
    assert_int_equal(net_rig_listen(rig, "unix:no/such/folder.sock", &call), -ENOENT);
    assert_string_equal(call, "bind");
}

static void listener_uses_an_inherited_descriptor(void **state)
{
    struct net_rig *rig = *state;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in bound = {0};
    socklen_t size = sizeof bound;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &size), 0);
    const struct listener_options options = {
        .owner = "http", .socket_group = (gid_t)-1, .inherited_fd = fd};
    const struct listener_events events = {.context = rig};
    struct address address;
    assert_int_equal(address_parse("127.0.0.1:0", NULL, &address, NULL), 0);
    assert_int_equal(listener_open(rig->net, &address, &options, &events, &rig->listener, NULL), 0);
    assert_int_equal(address_port(listener_address(rig->listener)), ntohs(bound.sin_port));
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void close_listener(void *context, struct stream *stream)
{
    struct net_rig *rig = context;
    rig->streams[rig->accepted++] = stream;
    rig->listener = listener_close(rig->listener);
}

static void listener_may_be_closed_by_its_own_callback(void **state)
{
    struct net_rig *rig = *state;
    struct address address;
    const struct listener_options options = {
        .owner = "http", .socket_group = (gid_t)-1, .inherited_fd = -1};
    const struct listener_events events = {.context = rig, .accepted = close_listener};
    assert_int_equal(address_parse("127.0.0.1:0", NULL, &address, NULL), 0);
    assert_int_equal(listener_open(rig->net, &address, &options, &events, &rig->listener, NULL), 0);
    int first = net_rig_connect(rig);
    int second = net_rig_connect(rig);
    net_rig_run_ms(rig, 20);
    assert_int_equal(rig->accepted, 1);
    assert_null(rig->listener);
    (void)close(first);
    (void)close(second);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(listener_reports_address_in_use),
        RULE(listener_tells_the_port_that_the_kernel_chose),
        RULE(listener_serves_ipv4_on_the_ipv6_any_address),
        RULE(listener_makes_streams_close_on_exec_non_blocking_and_without_delay),
        RULE(listener_refuses_over_the_limit_of_one_peer),
        RULE(listener_accepts_again_when_a_stream_is_closed),
        RULE(listener_lets_a_refused_peer_that_wrote_read_to_the_end),
        RULE(listener_survives_the_lack_of_descriptors),
        RULE(listener_takes_over_a_stale_unix_socket),
        RULE(listener_leaves_a_living_unix_socket_alone),
        RULE(listener_leaves_a_file_that_is_no_socket_alone),
        RULE(listener_gives_its_unix_socket_the_mode_that_was_asked_for),
        RULE(listener_removes_only_its_own_unix_socket),
        RULE(listener_tells_who_connects_over_unix),
        RULE(listener_names_the_call_that_failed),
        RULE(listener_uses_an_inherited_descriptor),
        RULE(listener_may_be_closed_by_its_own_callback),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
