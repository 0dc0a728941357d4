/* Notices of a watch have numbers; a reader that is far behind begins with the oldest that is kept. */
#include "protocol/pin_notices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

struct fixture {
    struct pin_notices notices;
    struct pin_notice_subscriber listener;
    unsigned told;
};

static void on_added(void *context)
{
    struct fixture *fixture = context;
    fixture->told++;
}

static void set_up(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    pin_notices_init(&fixture->notices);
    fixture->listener = (struct pin_notice_subscriber){.added = on_added, .context = fixture};
    pin_notices_listen(&fixture->notices, &fixture->listener);
}

static void add(struct fixture *fixture, unsigned number)
{
    struct pin_notice notice = {.rest = 1, .bias = PIN_BIAS_PULL_UP};
    (void)snprintf(notice.pin, sizeof notice.pin, "GPIO%u", number);
    pin_notices_add(&fixture->notices, &notice);
}

static void each_notice_is_read_once_and_told(void **state)
{
    struct fixture fixture;
    uint64_t next = 1;
    (void)state;
    set_up(&fixture);
    assert_null(pin_notices_get(&fixture.notices, &next));
    add(&fixture, 4);
    add(&fixture, 5);
    assert_int_equal(fixture.told, 2);
    assert_string_equal(pin_notices_get(&fixture.notices, &next)->pin, "GPIO4");
    assert_string_equal(pin_notices_get(&fixture.notices, &next)->pin, "GPIO5");
    assert_null(pin_notices_get(&fixture.notices, &next));
}

static void reader_far_behind_begins_with_the_oldest_kept(void **state)
{
    struct fixture fixture;
    uint64_t next = 1;
    unsigned count = 0;
    (void)state;
    set_up(&fixture);
    for (unsigned i = 0; i < PIN_NOTICES_MAX + 3; i++)
        add(&fixture, i);
    assert_string_equal(pin_notices_get(&fixture.notices, &next)->pin, "GPIO3");
    while (pin_notices_get(&fixture.notices, &next))
        count++;
    assert_int_equal(count, PIN_NOTICES_MAX - 1);
}

static void listener_that_left_is_told_no_more(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    list_remove(&fixture.listener.in_notices);
    add(&fixture, 4);
    assert_int_equal(fixture.told, 0);
}

static void movement_and_end_are_notifications(void **state)
{
    struct buffer buffer;
    struct pin_notice moved = {.pin = "GPIO5", .rest = 1, .bias = PIN_BIAS_PULL_UP};
    struct pin_notice end = {.reason = "time"};
    (void)state;
    buffer_init(&buffer, 1024);
    assert_int_equal(pin_notice_encode(&moved, &buffer), 0);
    assert_string_equal(
        buffer_text(&buffer),
        "{\"jsonrpc\":\"2.0\",\"method\":\"pins.moved\",\"params\":{\"pin\":\"GPIO5\","
        "\"rest\":1,\"value\":0,\"bias\":\"pull-up\",\"active_low\":true}}");
    buffer_clear(&buffer);
    assert_int_equal(pin_notice_encode(&end, &buffer), 0);
    assert_string_equal(buffer_text(&buffer), "{\"jsonrpc\":\"2.0\",\"method\":\"pins.watched\","
                                              "\"params\":{\"reason\":\"time\"}}");
    buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_notice_is_read_once_and_told),
        cmocka_unit_test(reader_far_behind_begins_with_the_oldest_kept),
        cmocka_unit_test(listener_that_left_is_told_no_more),
        cmocka_unit_test(movement_and_end_are_notifications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
