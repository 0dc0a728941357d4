#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/datagram.h"
#include "net/report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct inbox {
    struct net_rig *rig;
    struct datagram *datagram;
    unsigned received;
    size_t length;
    bool cut;
    bool close_at_once;
    char first;
    struct socket_sender sender;
};

static void on_received(void *context, const struct datagram_message *message)
{
    struct inbox *inbox = context;
    inbox->received++;
    inbox->length = message->length;
    inbox->cut = message->cut;
    inbox->first = message->length ? message->bytes[0] : '\0';
    inbox->sender = message->sender;
    if (inbox->close_at_once)
        inbox->datagram = datagram_close(inbox->datagram);
}

static void open_inbox(struct inbox *inbox, struct net_rig *rig, const char *text)
{
    struct address address;
    const struct datagram_options options = {
        .owner = "datagram", .socket_mode = 0600, .socket_group = (gid_t)-1, .inherited_fd = -1};
    const struct datagram_events events = {.context = inbox, .received = on_received};
    *inbox = (struct inbox){.rig = rig};
    assert_int_equal(address_parse(text, rig->folder, &address, NULL), 0);
    assert_int_equal(datagram_open(rig->net, &address, &options, &events, &inbox->datagram, NULL),
                     0);
}

/* The id of the only socket of the gateway that is open. */
static uint32_t only_id(struct net_rig *rig)
{
    uint32_t id = 0;
    assert_int_equal(register_ids(net_register(rig->net), &id, 1), 1);
    return id;
}

static int open_sender(const struct inbox *inbox)
{
    const struct address *to = datagram_address(inbox->datagram);
    int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, &to->any, to->length), 0);
    return fd;
}

static void datagram_receives_the_largest_whole(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "udp:127.0.0.1:0");
    int fd = open_sender(&inbox);
    static char bytes[DATAGRAM_MAX_BYTES] = "x";
    assert_int_equal(send(fd, bytes, sizeof bytes, 0), DATAGRAM_MAX_BYTES);
    net_rig_run_ms(inbox.rig, 20);
    assert_int_equal(inbox.received, 1);
    assert_int_equal(inbox.length, DATAGRAM_MAX_BYTES);
    assert_false(inbox.cut);
    (void)close(fd);
    datagram_close(inbox.datagram);
}

static void datagram_tells_one_that_was_cut(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "unix:d.sock");
    int fd = open_sender(&inbox);
    static char bytes[DATAGRAM_MAX_BYTES + 1] = "x";
    assert_int_equal(send(fd, bytes, sizeof bytes, 0), sizeof bytes);
    net_rig_run_ms(inbox.rig, 20);
    assert_int_equal(inbox.received, 1);
    assert_true(inbox.cut);
    assert_int_equal(inbox.length, DATAGRAM_MAX_BYTES);
    struct socket_report report;
    assert_int_equal(register_report(net_register(inbox.rig->net), only_id(inbox.rig), &report), 0);
    assert_int_equal(report.counts.cut, 1);
    assert_int_equal(report.counts.received, 1);
    (void)close(fd);
    datagram_close(inbox.datagram);
}

static void datagram_keeps_the_borders_of_messages_even_of_empty_ones(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "udp:[::1]:0");
    int fd = open_sender(&inbox);
    for (int i = 0; i < 3; i++)
        assert_int_equal(send(fd, "ab", (size_t)i, 0), i);
    net_rig_run_ms(inbox.rig, 20);
    assert_int_equal(inbox.received, 3);
    assert_int_equal(inbox.length, 2);
    (void)close(fd);
    datagram_close(inbox.datagram);
}

static void datagram_answers_whoever_asked(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "udp:[::]:0");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port =
                                 htons((uint16_t)address_port(datagram_address(inbox.datagram)))};
    assert_int_equal(sendto(fd, "?", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
    net_rig_run_ms(inbox.rig, 20);
    assert_int_equal(datagram_send(inbox.datagram, "!", 1, &inbox.sender.address), 0);
    char byte = 0;
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 1);
    assert_int_equal(byte, '!');
    (void)close(fd);
    datagram_close(inbox.datagram);
}

static void datagram_knows_who_sends_over_unix(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "unix:d.sock");
    int fd = open_sender(&inbox);
    assert_int_equal(send(fd, "x", 1, 0), 1);
    net_rig_run_ms(inbox.rig, 20);
    assert_true(inbox.sender.has_credentials);
    assert_int_equal(inbox.sender.pid, getpid());
    assert_int_equal(inbox.sender.uid, getuid());
    (void)close(fd);
    datagram_close(inbox.datagram);
}

static void datagram_counts_what_the_kernel_dropped(void **state)
{
    struct inbox inbox;
    struct net_rig *rig = *state;
    open_inbox(&inbox, rig, "udp:127.0.0.1:0");
    int fd = open_sender(&inbox);
    static char bytes[32768];
    int sent = 40; /* 1.3 MB: more than the receive buffer holds by default */
    for (int i = 0; i < sent; i++)
        (void)send(fd, bytes, sizeof bytes, 0);
    net_rig_run_ms(rig, 50);
    /* The counter travels with a message that came after the loss. */
    (void)send(fd, bytes, 1, 0);
    net_rig_run_ms(rig, 20);
    struct socket_report report;
    assert_int_equal(register_report(net_register(rig->net), only_id(rig), &report), 0);
    assert_true(report.counts.dropped > 0);
    assert_int_equal(report.counts.received + report.counts.dropped, sent + 1);
    (void)close(fd);
    datagram_close(inbox.datagram);
}

static void datagram_reports_address_in_use(void **state)
{
    struct inbox inbox;
    struct net_rig *rig = *state;
    struct datagram *second;
    char text[ADDRESS_TEXT_SIZE];
    const char *call = NULL;
    struct address address;
    const struct datagram_options options = {.owner = "datagram", .inherited_fd = -1};
    const struct datagram_events events = {.received = on_received};
    open_inbox(&inbox, rig, "udp:127.0.0.1:0");
    address_format(datagram_address(inbox.datagram), text);
    address = *datagram_address(inbox.datagram);
    assert_int_equal(datagram_open(rig->net, &address, &options, &events, &second, &call),
                     -EADDRINUSE);
    assert_string_equal(call, "bind");
    datagram_close(inbox.datagram);
}

static void datagram_may_be_closed_by_its_own_callback(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "udp:127.0.0.1:0");
    inbox.close_at_once = true;
    int fd = open_sender(&inbox);
    (void)send(fd, "1", 1, 0);
    (void)send(fd, "2", 1, 0);
    net_rig_run_ms(inbox.rig, 20);
    assert_int_equal(inbox.received, 1);
    assert_null(inbox.datagram);
    (void)close(fd);
}

static void datagram_to_a_unix_peer_that_is_gone_is_an_error(void **state)
{
    struct inbox inbox;
    open_inbox(&inbox, *state, "unix:d.sock");
    struct address gone;
    assert_int_equal(address_parse("unix:gone.sock", inbox.rig->folder, &gone, NULL), 0);
    assert_int_equal(datagram_send(inbox.datagram, "x", 1, &gone), -ENOENT);
    datagram_close(inbox.datagram);
}

static void datagram_reaches_every_member_of_a_group_one_hop_far(void **state)
{
    struct net_rig *rig = *state;
    struct address group;
    struct datagram *sender;
    int members[2];
    assert_int_equal(address_parse("udp:239.255.70.70:47070", NULL, &group, NULL), 0);
    struct ip_mreqn membership = {.imr_address.s_addr = htonl(INADDR_LOOPBACK),
                                  .imr_multiaddr.s_addr = inet_addr("239.255.70.70")};
    for (int i = 0; i < 2; i++) {
        int yes = 1;
        members[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        (void)setsockopt(members[i], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        assert_int_equal(bind(members[i], &group.any, group.length), 0);
        if (setsockopt(members[i], IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) <
            0)
            skip(); /* no multicast on this machine's loopback */
    }
    assert_int_equal(datagram_open_group(rig->net, &group, "multicast", &sender, NULL), 0);
    int ttl = 0;
    socklen_t size = sizeof ttl;
    const struct socket *s = register_find(net_register(rig->net), only_id(rig));
    assert_int_equal(getsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, &size), 0);
    assert_int_equal(ttl, 1);
    /* The route of a group may lead outside; the test stays on loopback. */
    struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
    (void)setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback);
    assert_int_equal(datagram_send(sender, "hello", 5, &group), 0);
    for (int i = 0; i < 2; i++) {
        char bytes[8];
        assert_int_equal(recv(members[i], bytes, sizeof bytes, MSG_DONTWAIT), 5);
        (void)close(members[i]);
    }
    datagram_close(sender);
}

static void datagram_group_must_be_a_multicast_address(void **state)
{
    struct net_rig *rig = *state;
    struct address group;
    struct datagram *sender;
    assert_int_equal(address_parse("udp:10.0.0.1:7071", NULL, &group, NULL), 0);
    assert_int_equal(datagram_open_group(rig->net, &group, "multicast", &sender, NULL), -EINVAL);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(datagram_receives_the_largest_whole),
        RULE(datagram_tells_one_that_was_cut),
        RULE(datagram_keeps_the_borders_of_messages_even_of_empty_ones),
        RULE(datagram_answers_whoever_asked),
        RULE(datagram_knows_who_sends_over_unix),
        RULE(datagram_counts_what_the_kernel_dropped),
        RULE(datagram_reports_address_in_use),
        RULE(datagram_may_be_closed_by_its_own_callback),
        RULE(datagram_to_a_unix_peer_that_is_gone_is_an_error),
        RULE(datagram_reaches_every_member_of_a_group_one_hop_far),
        RULE(datagram_group_must_be_a_multicast_address),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
