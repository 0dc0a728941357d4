/* Neighbours are read from avahi-browse's lines, and nothing that the network says gets further than text. */
#include "protocol/neighbours.h"

#include "base/json_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define TXT(id) "\"path=/\" \"auth=token\" \"api=1\" \"v=0.2.0\" \"id=" id "\""
#define FOUND(name, id, address)                                                                   \
    "=;eth0;IPv4;" name ";_http._tcp;local;pi.local;" address ";8080;" TXT(id)

static struct neighbours neighbours;

static int reset(void **state)
{
    (void)state;
    memset(&neighbours, 0, sizeof neighbours);
    return 0;
}

static void take(const char *line)
{
    neighbours_take(&neighbours, line, "000000000000", 1792231200000000000);
}

static void a_service_that_was_resolved_is_a_neighbour(void **state)
{
    (void)state;
    take("+;eth0;IPv4;Greenhouse;_http._tcp;local");
    assert_int_equal(neighbours.count, 0);
    take(FOUND("Greenhouse\\032two", "3f9a1c20be77", "192.168.1.7"));
    assert_int_equal(neighbours.count, 1);
    assert_string_equal(neighbours.list[0].name, "Greenhouse two");
    assert_string_equal(neighbours.list[0].id, "3f9a1c20be77");
    assert_string_equal(neighbours.list[0].url, "http://192.168.1.7:8080/");
    assert_string_equal(neighbours.list[0].version, "0.2.0");
}

static void one_gateway_is_one_neighbour_by_its_ipv4_address(void **state)
{
    (void)state;
    take(FOUND("A", "3f9a1c20be77", "fd00::7"));
    assert_string_equal(neighbours.list[0].url, "http://[fd00::7]:8080/");
    take(FOUND("A", "3f9a1c20be77", "192.168.1.7"));
    take(FOUND("A", "3f9a1c20be77", "fd00::7"));
    assert_int_equal(neighbours.count, 1);
    assert_string_equal(neighbours.list[0].url, "http://192.168.1.7:8080/");
}

static void one_that_went_is_removed(void **state)
{
    (void)state;
    take(FOUND("A", "3f9a1c20be77", "192.168.1.7"));
    take("-;eth0;IPv4;A;_http._tcp;local");
    assert_int_equal(neighbours.count, 0);
}

static void the_gateway_itself_is_no_neighbour(void **state)
{
    (void)state;
    take(FOUND("A", "000000000000", "192.168.1.7"));
    assert_int_equal(neighbours.count, 0);
}

static void what_is_not_whole_is_ignored(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "=",
        ";;;;;;;;;;",
        "=;eth0;IPv4;A;_http._tcp;local;h;192.168.1.7;8080;\"path=/\"",
        "=;eth0;IPv4;A;_http._tcp;local;h;192.168.1.7;0;" TXT("3f9a1c20be77"),
        "=;eth0;IPv4;A;_http._tcp;local;h;evil.example/x;80;" TXT("3f9a1c20be77"),
        "=;eth0;IPv6;A;_http._tcp;local;h;fe80::1;80;" TXT("3f9a1c20be77"),
        "=;eth0;IPv4;A\\001B;_http._tcp;local;h;192.168.1.7;80;" TXT("3f9a1c20be77"),
        "=;eth0;IPv4;A\\255;_http._tcp;local;h;192.168.1.7;80;" TXT("3f9a1c20be77"),
        "=;eth0;IPv4;;_http._tcp;local;h;192.168.1.7;80;" TXT("3f9a1c20be77"),
        "=;eth0;IPv4;A;_http._tcp;local;h;192.168.1.7;80;" TXT("3f9a1c20be7g"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        take(bad[i]);
    assert_int_equal(neighbours.count, 0);
}

static void there_are_no_more_than_the_limit(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= NEIGHBOURS_MAX + 10; i++) {
        char line[256];
        (void)snprintf(line, sizeof line,
                       "=;e;IPv4;G%u;_http._tcp;local;h;10.0.0.1;80;\"id=%012x\"", i, i);
        take(line);
    }
    assert_int_equal(neighbours.count, NEIGHBOURS_MAX);
}

static void they_are_written_as_the_interface_has_them(void **state)
{
    (void)state;
    struct buffer text;
    take(FOUND("\"A\"", "3f9a1c20be77", "10.0.0.1"));
    buffer_init(&text, 4096);
    struct json_writer writer = json_writer_begin(&text);
    neighbours_write(&neighbours, &writer);
    assert_string_equal(buffer_text(&text),
                        "{\"neighbours\":[{\"id\":\"3f9a1c20be77\",\"name\":\"\\\"A\\\"\","
                        "\"url\":\"http://10.0.0.1:8080/\",\"version\":\"0.2.0\","
                        "\"seen\":\"2026-10-17T10:00:00.000000Z\"}]}");
    buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_service_that_was_resolved_is_a_neighbour, reset),
        cmocka_unit_test_setup(one_gateway_is_one_neighbour_by_its_ipv4_address, reset),
        cmocka_unit_test_setup(one_that_went_is_removed, reset),
        cmocka_unit_test_setup(the_gateway_itself_is_no_neighbour, reset),
        cmocka_unit_test_setup(what_is_not_whole_is_ignored, reset),
        cmocka_unit_test_setup(there_are_no_more_than_the_limit, reset),
        cmocka_unit_test_setup(they_are_written_as_the_interface_has_them, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
