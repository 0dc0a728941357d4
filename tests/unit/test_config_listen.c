#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include <errno.h>
#include <string.h>

static const char *reason_for(enum config_listener kind, const char *text)
{
    struct config_addresses list = {0};
    const char *reason = NULL;
    assert_int_equal(config_add_address(&list, kind, text, &reason), -EINVAL);
    assert_int_equal(list.count, 0);
    assert_non_null(reason);
    return reason;
}

static const char *taken_as(enum config_listener kind, const char *text)
{
    static struct config_addresses list;
    list.count = 0;
    assert_int_equal(config_add_address(&list, kind, text, NULL), 0);
    assert_int_equal(list.count, 1);
    return list.texts[0];
}

static void address_fits_its_listener(void **state)
{
    (void)state;
    assert_string_equal(taken_as(CONFIG_HTTP, "127.0.0.1:0"), "127.0.0.1:0");
    assert_string_equal(taken_as(CONFIG_HTTP, "unix:http.sock"), "unix:http.sock");
    assert_string_equal(taken_as(CONFIG_LINE, "tcp:[::1]:7070"), "tcp:[::1]:7070");
    assert_string_equal(taken_as(CONFIG_DATAGRAM, "[::1]:7070"), "udp:[::1]:7070");
    assert_string_equal(taken_as(CONFIG_DATAGRAM, "unix:/run/d.sock"), "unix:/run/d.sock");
    assert_string_equal(taken_as(CONFIG_MULTICAST, "239.255.71.80:7071"), "udp:239.255.71.80:7071");
    assert_string_equal(reason_for(CONFIG_HTTP, "udp:[::1]:1"),
                        "must be tcp: or unix:, since streams come here");
    assert_string_equal(reason_for(CONFIG_DATAGRAM, "tcp:[::1]:1"),
                        "must be udp: or unix:, since datagrams come here");
    assert_string_equal(reason_for(CONFIG_LINE, "tcp:239.1.1.1:1"),
                        "is a multicast group, which cannot be listened at here");
    assert_non_null(strstr(reason_for(CONFIG_MULTICAST, "udp:127.0.0.1:1"), "multicast group"));
    assert_non_null(strstr(reason_for(CONFIG_MULTICAST, "unix:x"), "multicast group"));
    assert_string_equal(reason_for(CONFIG_MULTICAST, "udp:239.1.1.1:0"),
                        "needs a port from 1 to 65535");
    (void)reason_for(CONFIG_HTTP, "localhost:80");
    (void)reason_for(CONFIG_HTTP, "");
}

static void address_of_a_missing_interface_is_told_when_it_is_opened(void **state)
{
    (void)state;
    assert_string_equal(taken_as(CONFIG_HTTP, "[fe80::1%none9]:80"), "[fe80::1%none9]:80");
}

static void address_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[ADDRESS_TEXT_SIZE + 8] = "unix:";
    memset(text + 5, 'a', ADDRESS_TEXT_SIZE - 5);
    assert_string_equal(reason_for(CONFIG_HTTP, text), "is too long for an address");
}

static void address_list_has_room_for_16(void **state)
{
    (void)state;
    struct config_addresses list = {0};
    const char *reason = NULL;
    for (int i = 0; i < CONFIG_LISTENERS_MAX; i++)
        assert_int_equal(config_add_address(&list, CONFIG_HTTP, "[::1]:0", NULL), 0);
    assert_int_equal(config_add_address(&list, CONFIG_HTTP, "[::1]:0", &reason), -ENOSPC);
    assert_string_equal(reason, "there are too many addresses");
}

static void config_tells_which_address_is_wrong(void **state)
{
    (void)state;
    config_rig_refuse("{'circuit':{'lines':[]},'listen':{'http':['[::]:8080','8080',7],"
                      "'line':'tcp:[::1]:7070'}}",
                      "f: listen.http[1]: \"8080\": an address is written HOST:PORT\n"
                      "f: listen.http[2]: expected an address, found a number\n"
                      "f: listen.line: expected a list of addresses, found a text\n");
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(address_fits_its_listener),
        cmocka_unit_test(address_of_a_missing_interface_is_told_when_it_is_opened),
        cmocka_unit_test(address_that_is_too_long_is_refused),
        cmocka_unit_test(address_list_has_room_for_16),
        cmocka_unit_test(config_tells_which_address_is_wrong),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
