#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/json.h"
#include "protocol/http/history_export.h"
#include "protocol/json_encode.h"
#include "protocol_rig.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

/* A history as history.get answers it, from a text with ' for ". Numbers stand as time_ns does. */
static struct json *history_of(const int64_t *times_ns, const char *const *lines,
                               const char *source, size_t count)
{
    struct json *history = json_new_object();
    struct json *events = json_new_array_in(history, "events");
    for (size_t i = 0; i < count; i++) {
        struct json *event = json_new_object_in(events, NULL);
        json_add_text(event, "boot", RIG_BOOT);
        json_add_integer(event, "seq", (int64_t)i + 1);
        json_add_text(event, "line", lines[i]);
        json_add_integer(event, "value", (int64_t)i % 2);
        json_add_text(event, "time", "2026-11-22T10:00:00.123456Z");
        json_add_integer(event, "time_ns", times_ns[i]);
        json_add_text(event, "cause", "set");
        json_add_text(event, "source", source);
        json_add_text(event, "role", "operator");
    }
    return history;
}

static void expect_csv(struct json *history, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 65536);
    assert_int_equal(history_export_csv(history, &out), 0);
    assert_string_equal(buffer_text(&out), expected);
    buffer_done(&out);
    json_free(history);
}

#define CSV_HEAD "boot,seq,time,line,value,cause,source,role\r\n"

static void csv_has_a_row_of_names_even_without_events(void **state)
{
    (void)state;
    expect_csv(history_of(NULL, NULL, NULL, 0), CSV_HEAD);
}

static void csv_has_a_row_of_fields_for_each_event(void **state)
{
    (void)state;
    static const int64_t times[] = {1, 2};
    static const char *const lines[] = {"red", "green"};
    expect_csv(history_of(times, lines, "http:192.168.1.7:51514", 2),
               CSV_HEAD "9f3c61d2,1,2026-11-22T10:00:00.123456Z,red,0,set,"
                        "\"http:192.168.1.7:51514\",operator\r\n"
                        "9f3c61d2,2,2026-11-22T10:00:00.123456Z,green,1,set,"
                        "\"http:192.168.1.7:51514\",operator\r\n");
}

static void csv_quotes_what_would_end_a_field(void **state)
{
    (void)state;
    static const int64_t times[] = {1};
    static const char *const lines[] = {"red"};
    expect_csv(history_of(times, lines, "a,\"b\"\r\nc", 1),
               CSV_HEAD "9f3c61d2,1,2026-11-22T10:00:00.123456Z,red,0,set,"
                        "\"a,\"\"b\"\"\r\nc\",operator\r\n");
}

static void csv_says_when_it_does_not_fit(void **state)
{
    (void)state;
    static const int64_t times[] = {1};
    static const char *const lines[] = {"red"};
    struct json *history = history_of(times, lines, "x", 1);
    struct buffer out;
    buffer_init(&out, 50);
    assert_true(history_export_csv(history, &out) < 0);
    buffer_done(&out);
    json_free(history);
}

static void expect_vcd(struct protocol_rig *rig, struct json *history, const char *changes)
{
    static const char head[] = "$timescale 1 us $end\n"
                               "$scope module circuit $end\n"
                               "$var wire 1 ! red $end\n"
                               "$var wire 1 \" green $end\n"
                               "$var wire 1 # button $end\n"
                               "$var wire 1 $ valve $end\n"
                               "$upscope $end\n"
                               "$enddefinitions $end\n";
    struct buffer out;
    buffer_init(&out, 65536);
    assert_int_equal(history_export_vcd(history, rig->circuit, &out), 0);
    assert_memory_equal(buffer_text(&out), head, sizeof head - 1);
    assert_string_equal(buffer_text(&out) + sizeof head - 1, changes);
    buffer_done(&out);
    json_free(history);
}

static void vcd_declares_a_capture_for_each_line(void **state)
{
    expect_vcd(*state, history_of(NULL, NULL, NULL, 0), "");
}

static void vcd_begins_at_time_0_and_counts_microseconds(void **state)
{
    static const int64_t times[] = {INT64_C(1792231200123456789), INT64_C(1792231200123457789),
                                    INT64_C(1792231201123456789)};
    static const char *const lines[] = {"red", "red", "valve"};
    expect_vcd(*state, history_of(times, lines, "x", 3), "#0\n0!\n#1\n1!\n#1000000\n0$\n");
}

static void vcd_tells_a_time_once_for_all_that_changes_then(void **state)
{
    static const int64_t times[] = {5000, 5999, 6000};
    static const char *const lines[] = {"red", "green", "button"};
    expect_vcd(*state, history_of(times, lines, "x", 3), "#0\n0!\n1\"\n#1\n0#\n");
}

static void vcd_never_goes_back_in_time(void **state)
{
    static const int64_t times[] = {10 * NS_PER_MS, 20 * NS_PER_MS, 5 * NS_PER_MS, 21 * NS_PER_MS};
    static const char *const lines[] = {"red", "red", "red", "red"};
    expect_vcd(*state, history_of(times, lines, "x", 4), "#0\n0!\n#10000\n1!\n0!\n#11000\n1!\n");
}

static void vcd_leaves_lines_away_that_the_circuit_no_longer_has(void **state)
{
    static const int64_t times[] = {1000, 2000};
    static const char *const lines[] = {"purple", "red"};
    expect_vcd(*state, history_of(times, lines, "x", 2), "#1\n1!\n");
}

/* In place of the rig's lines, which the pins still hold, as many as can be besides. */
enum { WIDE = CIRCUIT_LINES_MAX - RIG_LINES };

static void widen(struct protocol_rig *rig)
{
    struct circuit_options options = {.name = "wide", .line_count = WIDE};
    struct circuit_line_options *lines = calloc(WIDE, sizeof *lines);
    assert_non_null(lines);
    for (int i = 0; i < WIDE; i++) {
        (void)snprintf(lines[i].name, sizeof lines[i].name, "l%d", i);
        (void)snprintf(lines[i].gpio.gpio, sizeof lines[i].gpio.gpio, "W%d", i);
        lines[i].gpio.offset = -1;
    }
    options.lines = lines;
    struct timestamps now = service_now();
    struct gpio_error error = {0};
    rig->service.feed = feed_free(rig->service.feed);
    rig->circuit = circuit_free(rig->circuit);
    int result = circuit_new(&options, rig->gpio, RIG_BOOT, NULL, &now, &rig->circuit, &error);
    free(lines);
    if (result)
        fail_msg("%s", error.message);
}

static void vcd_gives_hundreds_of_lines_codes_of_their_own(void **state)
{
    struct protocol_rig *rig = *state;
    widen(rig);
    struct json *history = history_of(NULL, NULL, NULL, 0);
    struct buffer out;
    buffer_init(&out, 65536);
    assert_int_equal(history_export_vcd(history, rig->circuit, &out), 0);
    char codes[WIDE][3];
    const char *at = buffer_text(&out);
    for (int i = 0; i < WIDE; i++) {
        at = strstr(at, "$var wire 1 ") + strlen("$var wire 1 ");
        (void)snprintf(codes[i], sizeof codes[i], "%.*s", (int)strcspn(at, " "), at);
        assert_true(codes[i][0] >= '!' && codes[i][0] <= '~');
        for (int j = 0; j < i; j++)
            assert_string_not_equal(codes[i], codes[j]);
    }
    buffer_done(&out);
    json_free(history);
}

#define EXPORT_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_has_a_row_of_names_even_without_events),
        cmocka_unit_test(csv_has_a_row_of_fields_for_each_event),
        cmocka_unit_test(csv_quotes_what_would_end_a_field),
        cmocka_unit_test(csv_says_when_it_does_not_fit),
        EXPORT_TEST(vcd_declares_a_capture_for_each_line),
        EXPORT_TEST(vcd_begins_at_time_0_and_counts_microseconds),
        EXPORT_TEST(vcd_tells_a_time_once_for_all_that_changes_then),
        EXPORT_TEST(vcd_never_goes_back_in_time),
        EXPORT_TEST(vcd_leaves_lines_away_that_the_circuit_no_longer_has),
        EXPORT_TEST(vcd_gives_hundreds_of_lines_codes_of_their_own),
    };
    return cmocka_run_group_tests_name("protocol_history_export", tests, NULL, NULL);
}
