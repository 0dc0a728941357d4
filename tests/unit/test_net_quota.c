#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/quota.h"

#include <stdio.h>

static struct quota *open_quota(unsigned connections, unsigned per_peer)
{
    struct quota *quota = NULL;
    const struct net_limits limits = {.connections = connections, .connections_per_peer = per_peer};
    assert_int_equal(quota_new(&limits, &quota), 0);
    return quota;
}

static struct address peer(unsigned number)
{
    char text[64];
    struct address address;
    (void)snprintf(text, sizeof text, "[2001:db8:%x:%x::7]:9", number >> 16, number & 0xffff);
    assert_int_equal(address_parse(text, NULL, &address, NULL), 0);
    return address;
}

static void quota_counts_each_host_for_itself(void **state)
{
    (void)state;
    struct quota *quota = open_quota(100, 2);
    struct address a = peer(1), b = peer(2);
    assert_null(quota_take(quota, &a, 0));
    assert_null(quota_take(quota, &a, 0));
    assert_non_null(quota_take(quota, &a, 0));
    assert_null(quota_take(quota, &b, 0));
    assert_int_equal(quota_used(quota), 3);
    quota_give(quota, &a);
    assert_null(quota_take(quota, &a, 0));
    quota_give(quota, &a);
    quota_give(quota, &a);
    quota_give(quota, &b);
    quota_free(quota);
}

static void quota_counts_a_mapped_peer_as_its_ipv4_host(void **state)
{
    (void)state;
    struct quota *quota = open_quota(100, 1);
    struct address mapped, plain;
    assert_int_equal(address_parse("[::ffff:10.0.0.1]:1", NULL, &mapped, NULL), 0);
    assert_int_equal(address_parse("10.0.0.1:2", NULL, &plain, NULL), 0);
    assert_null(quota_take(quota, &mapped, 0));
    assert_non_null(quota_take(quota, &plain, 0));
    quota_give(quota, &plain);
    quota_free(quota);
}

static void quota_does_not_count_unix_peers_as_one_host(void **state)
{
    (void)state;
    struct quota *quota = open_quota(3, 1);
    struct address local = {.kind = ADDRESS_UNIX, .un.sun_family = AF_UNIX, .length = 2};
    for (int i = 0; i < 3; i++)
        assert_null(quota_take(quota, &local, 0));
    assert_non_null(quota_take(quota, &local, 0));
    for (int i = 0; i < 3; i++)
        quota_give(quota, &local);
    quota_free(quota);
}

/* Whoever has one address of an IPv6 network usually has its whole /64. */
static void quota_takes_an_ipv6_network_of_64_bits_for_one_host(void **state)
{
    (void)state;
    struct quota *quota = open_quota(100, 2);
    struct address a, b, other;
    assert_int_equal(address_parse("[2001:db8:1:2::1]:9", NULL, &a, NULL), 0);
    assert_int_equal(address_parse("[2001:db8:1:2:ffff::9]:9", NULL, &b, NULL), 0);
    assert_int_equal(address_parse("[2001:db8:1:3::1]:9", NULL, &other, NULL), 0);
    assert_null(quota_take(quota, &a, 0));
    assert_null(quota_take(quota, &b, 0));
    assert_non_null(quota_take(quota, &a, 0));
    assert_null(quota_take(quota, &other, 0));
    quota_give(quota, &a);
    quota_give(quota, &b);
    quota_give(quota, &other);
    quota_free(quota);
}

static void quota_keeps_places_for_the_owner(void **state)
{
    (void)state;
    struct quota *quota = open_quota(1, 1);
    struct address a = peer(1), local;
    assert_int_equal(address_parse("unix:/run/x", NULL, &local, NULL), 0);
    assert_null(quota_take(quota, &a, 0));
    assert_non_null(quota_take(quota, &local, 0));
    for (unsigned i = 0; i < QUOTA_RESERVED; i++)
        assert_null(quota_take(quota, &local, QUOTA_RESERVED));
    assert_non_null(quota_take(quota, &local, QUOTA_RESERVED));
    for (unsigned i = 0; i < QUOTA_RESERVED; i++)
        quota_give(quota, &local);
    quota_give(quota, &a);
    quota_free(quota);
}

static void quota_asks_for_no_answer_while_too_many_bytes_wait(void **state)
{
    (void)state;
    struct quota *quota = open_quota(100, 2);
    struct address a = peer(1), b = peer(2);
    assert_null(quota_take(quota, &a, 0));
    assert_null(quota_take(quota, &b, 0));
    quota_wait(quota, &a, 0, QUOTA_HOST_WAITING_BYTES);
    assert_false(quota_may_answer(quota, &a));
    assert_true(quota_may_answer(quota, &b));
    quota_wait(quota, &a, QUOTA_HOST_WAITING_BYTES, QUOTA_WAITING_BYTES);
    assert_false(quota_may_answer(quota, &b));
    quota_wait(quota, &a, QUOTA_WAITING_BYTES, 0);
    assert_true(quota_may_answer(quota, &a));
    quota_give(quota, &a);
    quota_give(quota, &b);
    quota_free(quota);
}

static void quota_holds_many_hosts_and_forgets_them(void **state)
{
    (void)state;
    enum { HOSTS = 20000 };
    struct quota *quota = open_quota(HOSTS, 1);
    for (unsigned i = 0; i < HOSTS; i++) {
        struct address address = peer(i);
        assert_null(quota_take(quota, &address, 0));
    }
    for (unsigned i = 0; i < HOSTS; i++) {
        struct address address = peer(i);
        quota_give(quota, &address);
    }
    assert_int_equal(quota_used(quota), 0);
    quota_free(quota);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(quota_counts_each_host_for_itself),
        cmocka_unit_test(quota_counts_a_mapped_peer_as_its_ipv4_host),
        cmocka_unit_test(quota_does_not_count_unix_peers_as_one_host),
        cmocka_unit_test(quota_holds_many_hosts_and_forgets_them),
        cmocka_unit_test(quota_takes_an_ipv6_network_of_64_bits_for_one_host),
        cmocka_unit_test(quota_keeps_places_for_the_owner),
        cmocka_unit_test(quota_asks_for_no_answer_while_too_many_bytes_wait),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
