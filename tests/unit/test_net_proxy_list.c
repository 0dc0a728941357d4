#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/proxy_list.h"
#include "protocol/http/forwarded.h"

#include <errno.h>
#include <string.h>

static bool has(const struct proxy_list *list, const char *peer)
{
    struct address address;
    assert_int_equal(address_parse(peer, "/", &address, NULL), 0);
    return proxy_list_has(list, &address);
}

static void list_has_addresses_networks_and_unix(void **state)
{
    (void)state;
    struct proxy_list list = {0};
    assert_false(has(&list, "127.0.0.1:1"));
    assert_false(has(&list, "unix:x"));
    assert_int_equal(proxy_list_add(&list, "10.0.0.0/15"), 0);
    assert_int_equal(proxy_list_add(&list, "192.168.1.7"), 0);
    assert_int_equal(proxy_list_add(&list, "fd00::/9"), 0);
    assert_true(has(&list, "10.1.2.3:80"));
    assert_true(has(&list, "[::ffff:10.1.2.3]:80"));
    assert_true(has(&list, "10.0.255.1:80"));
    assert_false(has(&list, "10.2.0.0:80"));
    assert_true(has(&list, "192.168.1.7:1"));
    assert_false(has(&list, "192.168.1.8:1"));
    assert_true(has(&list, "[fd7f::1]:1"));
    assert_false(has(&list, "[fd80::1]:1"));
    assert_false(has(&list, "unix:x"));
    assert_int_equal(proxy_list_add(&list, "unix"), 0);
    assert_true(has(&list, "unix:x"));
}

static void network_of_no_bits_is_everybody_of_its_family(void **state)
{
    (void)state;
    struct proxy_list list = {0};
    assert_int_equal(proxy_list_add(&list, "0.0.0.0/0"), 0);
    assert_true(has(&list, "203.0.113.9:1"));
    assert_false(has(&list, "[2001:db8::1]:1"));
}

static void what_is_no_network_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "x",
                                        "10.0.0.1/8",
                                        "10.0.0.0/33",
                                        "10.0.0.0/",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/8x",
                                        "10.0.0",
                                        "::/129",
                                        "fd00::1/8",
                                        "[::1]",
                                        "unix:x",
                                        "127.0.0.1:80",
                                        " 10.0.0.0/8"};
    struct proxy_list list = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(proxy_list_add(&list, wrong[i]), -EINVAL);
    for (int i = 0; i < PROXY_NETWORKS_MAX; i++)
        assert_int_equal(proxy_list_add(&list, "127.0.0.1"), 0);
    assert_int_equal(proxy_list_add(&list, "127.0.0.1"), -ENOSPC);
}

static void node_of_forwarded_is_an_address_with_or_without_port(void **state)
{
    (void)state;
    static const struct {
        const char *node, *host;
    } rows[] = {
        {"192.0.2.43", "192.0.2.43"},
        {"192.0.2.43:47011", "192.0.2.43"},
        {"2001:db8::17", "2001:db8::17"},
        {"[2001:db8::17]", "2001:db8::17"},
        {"[2001:db8::17]:4711", "2001:db8::17"},
        {"unknown", NULL},
        {"_hidden", NULL},
        {"", NULL},
        {"fe80::1%eth0", NULL},
        {"[::1", NULL},
        {"1.2.3", NULL},
        {"unix:/x", NULL},
        {"udp:1.2.3.4", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        bool is_read = forwarded_parse_node(rows[i].node, strlen(rows[i].node), &address);
        assert_int_equal(is_read, rows[i].host != NULL);
        if (is_read)
            assert_string_equal(address_host(&address, text), rows[i].host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_has_addresses_networks_and_unix),
        cmocka_unit_test(network_of_no_bits_is_everybody_of_its_family),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(node_of_forwarded_is_an_address_with_or_without_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
