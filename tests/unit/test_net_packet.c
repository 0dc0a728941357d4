#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/owner.h"
#include "net/packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char secret[] = "auth 0123456789abcdef0123456789abcdef\n";

static uint16_t port_of(struct net_rig *rig)
{
    return (uint16_t)address_port(listener_address(rig->listener));
}

static struct packet *opened; /* by capture(); closed after the rule, also when it failed */

static int teardown(void **state)
{
    opened = packet_close(opened);
    return net_rig_teardown(state);
}

/* A capture of rig->listener's port; the test is skipped where the process may not. */
static struct packet *capture(struct net_rig *rig)
{
    const char *call = NULL;
    uint16_t port = port_of(rig);
    const struct packet_options options = {.ports = &port, .port_count = 1};
    const struct packet_events events = {0};
    int error = packet_open(rig->net, &options, &events, &opened, &call);
    if (error == -EPERM)
        skip();
    assert_int_equal(error, 0);
    return opened;
}

static uint16_t local_port(int fd)
{
    struct address address = {.length = sizeof address.un};
    assert_int_equal(getsockname(fd, &address.any, &address.length), 0);
    return (uint16_t)address_port(&address);
}

/* Connects, says `secret`, is answered "ok\n", and closes. Returns the client's port. */
static uint16_t converse(struct net_rig *rig)
{
    char bytes[64];
    unsigned before = rig->accepted;
    int client = net_rig_connect(rig);
    uint16_t port = local_port(client);
    assert_true(net_rig_accept(rig, before + 1));
    assert_int_equal(send(client, secret, sizeof secret - 1, 0), sizeof secret - 1);
    assert_int_equal(stream_read(rig->streams[before], bytes, sizeof bytes), sizeof secret - 1);
    assert_int_equal(stream_write(rig->streams[before], "ok\n", 3), 3);
    assert_int_equal(recv(client, bytes, sizeof bytes, 0), 3);
    (void)close(client);
    net_rig_run_ms(rig, 5);
    rig->streams[before] = stream_close(rig->streams[before]);
    net_rig_run_ms(rig, 20);
    return port;
}

/* "> SYN, < SYN ACK, > ACK, > PSH ACK 38, …" as the capture tells it. */
static void tell(const struct packet *packet, char *story, size_t size)
{
    struct segment segments[32];
    char flags[SEGMENT_FLAGS_SIZE];
    uint64_t next;
    size_t count = packet_segments(packet, 0, segments, 32, &next);
    size_t used = 0;
    story[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(
            story + used, size - used, "%c %s %u\n", segments[i].incoming ? '>' : '<',
            segment_flags(segments[i].flags, flags), segments[i].payload_bytes);
}

static void check_story(struct net_rig *rig, const char *address)
{
    char story[1024];
    assert_int_equal(net_rig_listen(rig, address, NULL), 0);
    struct packet *packet = capture(rig);
    (void)converse(rig);
    tell(packet, story, sizeof story);
    static const char begin[] = "> SYN 0\n< SYN ACK 0\n> ACK 0\n> PSH ACK 38\n< ACK 0\n"
                                "< PSH ACK 3\n> ACK 0\n";
    if (strncmp(story, begin, sizeof begin - 1) != 0)
        fail_msg("%s", story);
    assert_non_null(strstr(story, "> FIN ACK 0\n"));
    assert_non_null(strstr(story, "< FIN ACK 0\n"));
}

static void packet_tells_a_connection_from_handshake_to_end(void **state)
{
    check_story(*state, "127.0.0.1:0");
}

static void packet_tells_it_over_ipv6_too(void **state)
{
    check_story(*state, "[::1]:0");
}

static void packet_numbers_follow_the_bytes(void **state)
{
    struct net_rig *rig = *state;
    struct segment s[32];
    uint64_t next;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    struct packet *packet = capture(rig);
    uint16_t port = converse(rig);
    assert_true(packet_segments(packet, 0, s, 32, &next) >= 7);
    assert_int_equal(s[1].acknowledgement, s[0].sequence + 1);
    assert_int_equal(s[2].sequence, s[0].sequence + 1);
    assert_int_equal(s[4].acknowledgement, s[3].sequence + s[3].payload_bytes);
    assert_int_equal(s[6].acknowledgement, s[5].sequence + 3);
    assert_int_equal(address_port(&s[0].source), port);
    assert_int_equal(address_port(&s[0].destination), port_of(rig));
    for (unsigned i = 1; i < 7; i++)
        assert_true(s[i].time_ns >= s[i - 1].time_ns);
}

/* The kernel cuts it off: what the process never had, it cannot leak. */
static void packet_never_holds_a_byte_of_payload(void **state)
{
    struct net_rig *rig = *state;
    struct segment s[32];
    uint64_t next;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    struct packet *packet = capture(rig);
    (void)converse(rig);
    size_t count = packet_segments(packet, 0, s, 32, &next);
    assert_true(count >= 7);
    assert_null(memmem(s, sizeof s[0] * count, "auth", 4));
}

/* Other programs' segments pass the same filter in the kernel. */
static void packet_keeps_no_segment_of_another_port(void **state)
{
    struct net_rig *rig = *state;
    struct segment s[64];
    uint64_t next;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    struct listener *other = rig->listener;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    struct listener *own = rig->listener;
    struct packet *packet = capture(rig);
    rig->listener = other;
    (void)converse(rig);
    rig->listener = own;
    listener_close(other);
    assert_int_equal(packet_segments(packet, 0, s, 64, &next), 0);
    uint16_t port = converse(rig);
    assert_true(packet_segments(packet, 0, s, 64, &next) >= 7);
    assert_int_equal(address_port(&s[0].source), port);
}

static void packet_keeps_only_so_many(void **state)
{
    struct net_rig *rig = *state;
    struct segment *s = calloc(PACKET_SEGMENTS_MAX, sizeof *s);
    uint64_t next = 0;
    assert_int_equal(net_rig_listen(rig, "127.0.0.1:0", NULL), 0);
    struct packet *packet = capture(rig);
    int client = net_rig_connect(rig);
    assert_true(net_rig_accept(rig, 1));
    int yes = 1; /* else Nagle's algorithm, and pacing where it is on, put the bytes together */
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    for (int i = 0; i < 60000 && next <= PACKET_SEGMENTS_MAX + 1; i++) {
        assert_int_equal(send(client, "x", 1, 0), 1);
        if (i % 16 == 0)
            net_rig_run_ms(rig, 1);
        (void)packet_segments(packet, UINT64_MAX, s, 1, &next);
    }
    size_t count = packet_segments(packet, 0, s, PACKET_SEGMENTS_MAX, &next);
    assert_int_equal(count, PACKET_SEGMENTS_MAX);
    assert_true(s[0].number > 1);
    assert_int_equal(s[count - 1].number + 1, next);
    (void)close(client);
    free(s);
}

static void segment_refuses_what_is_none(void **state)
{
    (void)state;
    struct segment segment;
    uint8_t ipv4[40] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6};
    ipv4[32] = 5 << 4;
    assert_int_equal(segment_decode(ipv4, sizeof ipv4, &segment), 0);
    for (size_t length = 0; length < sizeof ipv4; length++) {
        uint8_t *cut = malloc(length + 1); /* the sanitizer sees what is read behind it */
        memcpy(cut, ipv4, length);
        assert_int_equal(segment_decode(cut, length, &segment), -EBADMSG);
        free(cut);
    }
    static const struct {
        uint8_t at, value;
    } wrong[] = {{0, 0x44}, {0, 0x4f},    {0, 0x55},     {6, 0x20}, {7, 1},
                 {9, 17},   {32, 4 << 4}, {32, 15 << 4}, {3, 39}};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        uint8_t bytes[40];
        memcpy(bytes, ipv4, sizeof bytes);
        bytes[wrong[i].at] = wrong[i].value;
        assert_int_equal(segment_decode(bytes, sizeof bytes, &segment), -EBADMSG);
    }
    uint8_t ipv6[60] = {0x60, 0, 0, 0, 0, 20, 6, 64};
    ipv6[52] = 5 << 4;
    assert_int_equal(segment_decode(ipv6, sizeof ipv6, &segment), 0);
    ipv6[6] = 44; /* a fragment header */
    assert_int_equal(segment_decode(ipv6, sizeof ipv6, &segment), -EBADMSG);
}

static void packet_takes_32_ports_and_no_more(void **state)
{
    struct net_rig *rig = *state;
    static const uint16_t ports[PACKET_PORTS_MAX + 1] = {1};
    const struct packet_options options = {.ports = ports, .port_count = ARRAY_LENGTH(ports)};
    const struct packet_events events = {0};
    assert_int_equal(packet_open(rig->net, &options, &events, &opened, NULL), -E2BIG);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(packet_tells_a_connection_from_handshake_to_end),
        RULE(packet_tells_it_over_ipv6_too),
        RULE(packet_numbers_follow_the_bytes),
        RULE(packet_never_holds_a_byte_of_payload),
        RULE(packet_keeps_no_segment_of_another_port),
        RULE(packet_keeps_only_so_many),
        cmocka_unit_test(segment_refuses_what_is_none),
        RULE(packet_takes_32_ports_and_no_more),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
