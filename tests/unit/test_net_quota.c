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
    (void)snprintf(text, sizeof text, "[2001:db8::%x:%x]:9", number >> 16, number & 0xffff);
    assert_int_equal(address_parse(text, NULL, &address, NULL), 0);
    return address;
}

static void quota_counts_each_host_for_itself(void **state)
{
    (void)state;
    struct quota *quota = open_quota(100, 2);
    struct address a = peer(1), b = peer(2);
    assert_null(quota_take(quota, &a));
    assert_null(quota_take(quota, &a));
    assert_non_null(quota_take(quota, &a));
    assert_null(quota_take(quota, &b));
    assert_int_equal(quota_used(quota), 3);
    quota_give(quota, &a);
    assert_null(quota_take(quota, &a));
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
    assert_null(quota_take(quota, &mapped));
    assert_non_null(quota_take(quota, &plain));
    quota_give(quota, &plain);
    quota_free(quota);
}

static void quota_does_not_count_unix_peers_as_one_host(void **state)
{
    (void)state;
    struct quota *quota = open_quota(3, 1);
    struct address local = {.kind = ADDRESS_UNIX, .un.sun_family = AF_UNIX, .length = 2};
    for (int i = 0; i < 3; i++)
        assert_null(quota_take(quota, &local));
    assert_non_null(quota_take(quota, &local));
    for (int i = 0; i < 3; i++)
        quota_give(quota, &local);
    quota_free(quota);
}

static void quota_holds_many_hosts_and_forgets_them(void **state)
{
    (void)state;
    enum { HOSTS = 20000 };
    struct quota *quota = open_quota(HOSTS, 1);
    for (unsigned i = 0; i < HOSTS; i++) {
        struct address address = peer(i);
        assert_null(quota_take(quota, &address));
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
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
