#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/socket_probe.h"
#include "lab/tcp_udp_demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct probe try(struct net_rig *rig, const char *domain, const char *type)
{
    struct probe probe;
    assert_int_equal(probe_run(net_register(rig->net), domain, type, &probe), 0);
    return probe;
}

static void probe_gives_the_kernels_answer_and_a_reason(void **state)
{
    struct net_rig *rig = *state;
    struct probe tcp = try(rig, "AF_INET", "SOCK_STREAM");
    assert_true(tcp.result >= 0);
    assert_non_null(strstr(tcp.why, "TCP"));
    struct probe ipx = try(rig, "AF_IPX", "SOCK_DGRAM");
    assert_int_equal(ipx.result, -EAFNOSUPPORT);
    assert_string_equal(ipx.call,
                        "socket(AF_IPX, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = EAFNOSUPPORT");
    assert_non_null(strstr(ipx.why, "4.18"));
}

static void probe_takes_the_names_of_the_lecture(void **state)
{
    struct net_rig *rig = *state;
    assert_string_equal(try(rig, "PF_LOCAL", "SOCK_STREAM").domain, "AF_UNIX");
    assert_string_equal(try(rig, "PF_INET", "SOCK_DGRAM").domain, "AF_INET");
    struct probe probe;
    struct socket_register *reg = net_register(rig->net);
    assert_int_equal(probe_run(reg, "AF_NONSENSE", "SOCK_DGRAM", &probe), -EINVAL);
    assert_int_equal(probe_run(reg, "AF_INET", "SOCK_NONSENSE", &probe), -EINVAL);
    assert_int_equal(probe_run(reg, "", "", &probe), -EINVAL);
}

static void probe_explains_every_combination_and_leaves_nothing_open(void **state)
{
    struct net_rig *rig = *state;
    for (size_t i = 0; probe_domain(i); i++) {
        for (size_t j = 0; probe_type(j); j++) {
            struct probe probe = try(rig, probe_domain(i), probe_type(j));
            assert_non_null(probe.why);
            assert_int_equal(strncmp(probe.why_key, "probe.", 6), 0);
            if (strstr(probe.why, "errno says why"))
                fail_msg("%s has no reason of its own", probe.call);
        }
    }
    assert_int_equal(register_ids(net_register(rig->net), NULL, 0), 0);
}

static void demo_shows_what_streams_and_datagrams_keep_and_lose(void **state)
{
    struct net_rig *rig = *state;
    struct demo result;
    const char *call;
    assert_int_equal(demo_run(net_register(rig->net), 200, &result, &call), 0);
    (void)printf("%u sends %u waits, %u reads %u cut, %u whole; %u of %u datagrams; %.2f ms\n",
                 result.stream_sends, result.stream_waits, result.read_count, result.stream_cut,
                 result.stream_messages, result.datagram_received, result.datagram_sends,
                 (double)result.duration_ns / 1e6);
    assert_true(result.whole);
    assert_int_equal(result.stream_messages, 200);
    assert_int_equal(result.stream_bytes, 200 * TCP_UDP_DEMO_MESSAGE_BYTES);
    assert_true(result.stream_in_order);
    assert_true(result.stream_cut > 0);
    assert_true(result.stream_waits > 0);
    assert_int_equal(result.datagram_sends, 200);
    assert_in_range(result.datagram_received, 1, 199);
    assert_true(result.datagram_in_order);
    assert_int_equal(result.datagram_cut, 0);
    for (unsigned i = 1; i < result.datagram_received; i++)
        assert_true(result.numbers[i] > result.numbers[i - 1]);
    assert_int_equal(register_ids(net_register(rig->net), NULL, 0), 0);
}

/* On a busy machine another process may run meanwhile: one try of five without. */
static bool is_in_time(struct net_rig *rig, unsigned messages)
{
    for (int attempt = 0; attempt < 5; attempt++) {
        struct demo result;
        const char *call;
        assert_int_equal(demo_run(net_register(rig->net), messages, &result, &call), 0);
        if (result.duration_ns < 2 * TCP_UDP_DEMO_MAX_MS * INT64_C(1000000))
            return true;
    }
    return false;
}

static void demo_ends_in_time(void **state)
{
    struct net_rig *rig = *state;
    const char *call;
    for (unsigned messages = 1; messages <= TCP_UDP_DEMO_MESSAGES_MAX; messages += 33)
        assert_true(is_in_time(rig, messages));
    struct demo result;
    assert_int_equal(demo_run(net_register(rig->net), 0, &result, &call), -EINVAL);
    assert_int_equal(
        demo_run(net_register(rig->net), TCP_UDP_DEMO_MESSAGES_MAX + 1, &result, &call), -EINVAL);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(probe_gives_the_kernels_answer_and_a_reason),
        RULE(probe_takes_the_names_of_the_lecture),
        RULE(probe_explains_every_combination_and_leaves_nothing_open),
        RULE(demo_shows_what_streams_and_datagrams_keep_and_lose),
        RULE(demo_ends_in_time),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
