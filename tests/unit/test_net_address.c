#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/owner.h"
#include "net/address.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct address parse(const char *text)
{
    struct address address;
    assert_int_equal(address_parse(text, NULL, &address, NULL), 0);
    return address;
}

static void address_reads_back_what_it_writes(void **state)
{
    (void)state;
    static const struct {
        const char *read, *written;
    } pairs[] = {
        {"127.0.0.1:8080", "127.0.0.1:8080"},
        {"tcp:0.0.0.0:0", "0.0.0.0:0"},
        {"[::]:8080", "[::]:8080"},
        {"udp:[0:0::1]:7070", "[::1]:7070"},
        {"[fe80::1%1]:65535", "[fe80::1%lo]:65535"},
        {"unix:/run/x.sock", "unix:/run/x.sock"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        struct address address = parse(pairs[i].read);
        char text[ADDRESS_TEXT_SIZE];
        assert_string_equal(address_format(&address, text), pairs[i].written);
    }
}

static void address_knows_its_kind(void **state)
{
    (void)state;
    assert_int_equal(parse("[::1]:1").kind, ADDRESS_TCP);
    assert_int_equal(parse("tcp:[::1]:1").kind, ADDRESS_TCP);
    assert_int_equal(parse("udp:127.0.0.1:1").kind, ADDRESS_UDP);
    assert_int_equal(parse("unix:a").kind, ADDRESS_UNIX);
}

static void address_refuses_what_is_none_and_says_why(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "8080",
        ":8080",
        "localhost:80",
        "127.0.0.1",
        "127.1:80",
        "127.0.0.1:",
        "1.2.3.4:-1",
        "1.2.3.4:65536",
        "1.2.3.4:08x",
        "[::1]",
        "[::1]8080",
        "[::1:80",
        "::1:80",
        "[zz]:80",
        "[]:80",
        "[1.2.3.4]:80",
        "unix:",
        "tcp:udp:[::1]:80",
        "1.2.3.4 :80",
        "[::1]:80 ",
        "256.1.1.1:8080",
        "[::1%]:8080",
        "tcp:unix:/tmp/sock",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct address address = {.length = 77};
        const char *reason = NULL;
        int error = address_parse(texts[i], NULL, &address, &reason);
        if (error != -EINVAL && error != -ENODEV)
            fail_msg("\"%s\" gave %d", texts[i], error);
        assert_non_null(reason);
        assert_int_equal(address.length, 77);
    }
}

static void address_names_an_unknown_interface(void **state)
{
    (void)state;
    struct address address;
    assert_int_equal(address_parse("[fe80::1%nosuch0]:80", NULL, &address, NULL), -ENODEV);
}

static void address_puts_a_relative_unix_path_into_the_folder(void **state)
{
    (void)state;
    struct address address;
    assert_int_equal(address_parse("unix:a.sock", "/run/here", &address, NULL), 0);
    assert_string_equal(address.un.sun_path, "/run/here/a.sock");
    assert_int_equal(address_parse("unix:/b.sock", "/run/here", &address, NULL), 0);
    assert_string_equal(address.un.sun_path, "/b.sock");
}

static void address_takes_a_unix_path_of_107_bytes_and_no_more(void **state)
{
    (void)state;
    struct address address;
    const char *reason = NULL;
    char text[5 + 109];
    (void)snprintf(text, sizeof text, "unix:/%0106d", 0);
    assert_int_equal(address_parse(text, NULL, &address, NULL), 0);
    assert_int_equal(strlen(address.un.sun_path), 107);
    (void)snprintf(text, sizeof text, "unix:/%0107d", 0);
    assert_int_equal(address_parse(text, NULL, &address, &reason), -ENAMETOOLONG);
    assert_int_equal(address_parse(text + 6, "/", &address, &reason), -EINVAL);
    (void)snprintf(text, sizeof text, "unix:%0100d", 0);
    assert_int_equal(address_parse(text, "/folder", &address, &reason), -ENAMETOOLONG);
}

static void address_writes_a_mapped_peer_as_ipv4_but_keeps_it_exact(void **state)
{
    (void)state;
    struct address address = parse("[::ffff:192.168.1.7]:51514");
    char text[ADDRESS_TEXT_SIZE];
    assert_string_equal(address_format(&address, text), "192.168.1.7:51514");
    assert_string_equal(address_host(&address, text), "192.168.1.7");
    assert_string_equal(address_format_exact(&address, text), "[::ffff:192.168.1.7]:51514");
}

static void address_makes_a_peer_name_printable(void **state)
{
    (void)state;
    char text[ADDRESS_TEXT_SIZE];
    struct address address = {.kind = ADDRESS_UNIX, .un.sun_family = AF_UNIX};
    static const char name[] = "a\nb\xff\xed\x95\x9c\xed\xa0\x80\x7f";
    memcpy(address.un.sun_path, name, sizeof name);
    address.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name);
    assert_string_equal(address_format(&address, text), "unix:a?b?\xed\x95\x9c????");
    memcpy(address.un.sun_path, "\0ab\0c", 5);
    address.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 5);
    assert_string_equal(address_format(&address, text), "unix:@ab?c");
    address.length = sizeof(sa_family_t);
    assert_string_equal(address_format(&address, text), "unix:");
}

static void address_formats_a_unix_name_that_fills_its_field(void **state)
{
    (void)state;
    char text[ADDRESS_TEXT_SIZE];
    struct address address = {.kind = ADDRESS_UNIX, .un.sun_family = AF_UNIX};
    memset(address.un.sun_path, 'x', sizeof address.un.sun_path);
    address.length = sizeof address.un;
    assert_int_equal(strlen(address_format(&address, text)), 5 + 108);
}

static void address_knows_loopback(void **state)
{
    (void)state;
    static const char *const inside[] = {"127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1",
                                         "unix:x"};
    static const char *const outside[] = {"128.0.0.1:1", "[::]:1", "[::ffff:1.0.0.1]:1",
                                          "0.0.0.0:1"};
    for (size_t i = 0; i < ARRAY_LENGTH(inside); i++) {
        struct address address = parse(inside[i]);
        assert_true(address_is_loopback(&address));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(outside); i++) {
        struct address address = parse(outside[i]);
        assert_false(address_is_loopback(&address));
    }
}

static void address_finds_the_ipv4_twin_of_any_and_loopback_only(void **state)
{
    (void)state;
    char text[ADDRESS_TEXT_SIZE];
    struct address ipv4;
    struct address any = parse("[::]:8080"), loopback = parse("[::1]:7070"),
                   other = parse("[::2]:1");
    assert_true(address_to_ipv4(&any, &ipv4));
    assert_string_equal(address_format(&ipv4, text), "0.0.0.0:8080");
    assert_true(address_to_ipv4(&loopback, &ipv4));
    assert_string_equal(address_format(&ipv4, text), "127.0.0.1:7070");
    assert_false(address_to_ipv4(&other, &ipv4));
    assert_false(address_to_ipv4(&ipv4, &ipv4));
}

static void address_equals_by_host_port_and_scope(void **state)
{
    (void)state;
    struct address a = parse("[fe80::1%1]:80"), b = parse("[fe80::1%lo]:80"),
                   c = parse("[fe80::1]:80");
    struct address d = parse("unix:/a"), e = parse("unix:/a"), f = parse("unix:/ab");
    assert_true(address_equals(&a, &b));
    assert_false(address_equals(&a, &c));
    assert_true(address_equals(&d, &e));
    assert_false(address_equals(&d, &f));
    assert_false(address_equals(&a, &d));
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(address_reads_back_what_it_writes),
        cmocka_unit_test(address_knows_its_kind),
        cmocka_unit_test(address_refuses_what_is_none_and_says_why),
        cmocka_unit_test(address_names_an_unknown_interface),
        cmocka_unit_test(address_puts_a_relative_unix_path_into_the_folder),
        cmocka_unit_test(address_takes_a_unix_path_of_107_bytes_and_no_more),
        cmocka_unit_test(address_writes_a_mapped_peer_as_ipv4_but_keeps_it_exact),
        cmocka_unit_test(address_makes_a_peer_name_printable),
        cmocka_unit_test(address_formats_a_unix_name_that_fills_its_field),
        cmocka_unit_test(address_knows_loopback),
        cmocka_unit_test(address_finds_the_ipv4_twin_of_any_and_loopback_only),
        cmocka_unit_test(address_equals_by_host_port_and_scope),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
