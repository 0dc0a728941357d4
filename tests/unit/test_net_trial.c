#include "net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/experiment.h"
#include "net/trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct trial try(struct net_rig *rig, const char *domain, const char *type)
{
    struct trial trial;
    assert_int_equal(trial_run(net_register(rig->net), domain, type, &trial), 0);
    return trial;
}

static void trial_gives_the_kernels_answer_and_a_reason(void **state)
{
    struct net_rig *rig = *state;
    struct trial tcp = try(rig, "AF_INET", "SOCK_STREAM");
    assert_true(tcp.result >= 0);
    assert_non_null(strstr(tcp.why_en, "TCP"));
    struct trial ipx = try(rig, "AF_IPX", "SOCK_DGRAM");
    assert_int_equal(ipx.result, -EAFNOSUPPORT);
    assert_string_equal(ipx.call,
                        "socket(AF_IPX, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0) = EAFNOSUPPORT");
    assert_non_null(strstr(ipx.why_en, "4.18"));
}

static void trial_takes_the_names_of_the_lecture(void **state)
{
    struct net_rig *rig = *state;
    assert_string_equal(try(rig, "PF_LOCAL", "SOCK_STREAM").domain, "AF_UNIX");
    assert_string_equal(try(rig, "PF_INET", "SOCK_DGRAM").domain, "AF_INET");
    struct trial trial;
    struct socket_register *reg = net_register(rig->net);
    assert_int_equal(trial_run(reg, "AF_NONSENSE", "SOCK_DGRAM", &trial), -EINVAL);
    assert_int_equal(trial_run(reg, "AF_INET", "SOCK_NONSENSE", &trial), -EINVAL);
    assert_int_equal(trial_run(reg, "", "", &trial), -EINVAL);
}

static void trial_explains_every_combination_in_two_languages_and_leaves_nothing_open(void **state)
{
    struct net_rig *rig = *state;
    for (size_t i = 0; trial_domain(i); i++) {
        for (size_t j = 0; trial_type(j); j++) {
            struct trial trial = try(rig, trial_domain(i), trial_type(j));
            assert_non_null(trial.why_en);
            assert_non_null(trial.why_ko);
            if (strstr(trial.why_en, "errno says why"))
                fail_msg("%s has no reason of its own", trial.call);
        }
    }
    assert_int_equal(register_ids(net_register(rig->net), NULL, 0), 0);
}

static void experiment_shows_what_streams_and_datagrams_keep_and_lose(void **state)
{
    struct net_rig *rig = *state;
    struct experiment result;
    const char *call;
    assert_int_equal(experiment_run(net_register(rig->net), 200, &result, &call), 0);
    (void)printf("%u sends %u waits, %u reads %u cut, %u whole; %u of %u datagrams; %.2f ms\n",
                 result.stream_sends, result.stream_waits, result.read_count, result.stream_cut,
                 result.stream_messages, result.datagram_received, result.datagram_sends,
                 (double)result.duration_ns / 1e6);
    assert_true(result.whole);
    assert_int_equal(result.stream_messages, 200);
    assert_int_equal(result.stream_bytes, 200 * EXPERIMENT_MESSAGE_BYTES);
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

static void experiment_ends_in_time(void **state)
{
    struct net_rig *rig = *state;
    const char *call;
    for (unsigned messages = 1; messages <= EXPERIMENT_MESSAGES_MAX; messages += 33) {
        struct experiment result;
        assert_int_equal(experiment_run(net_register(rig->net), messages, &result, &call), 0);
        assert_true(result.duration_ns < 2 * EXPERIMENT_MAX_MS * INT64_C(1000000));
    }
    struct experiment result;
    assert_int_equal(experiment_run(net_register(rig->net), 0, &result, &call), -EINVAL);
    assert_int_equal(
        experiment_run(net_register(rig->net), EXPERIMENT_MESSAGES_MAX + 1, &result, &call),
        -EINVAL);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, net_rig_setup, net_rig_teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RULE(trial_gives_the_kernels_answer_and_a_reason),
        RULE(trial_takes_the_names_of_the_lecture),
        RULE(trial_explains_every_combination_in_two_languages_and_leaves_nothing_open),
        RULE(experiment_shows_what_streams_and_datagrams_keep_and_lose),
        RULE(experiment_ends_in_time),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
