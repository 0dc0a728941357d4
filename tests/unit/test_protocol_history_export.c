#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "protocol/http/history_export.h"
#include "protocol_rig.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

#define SECOND INT64_C(1792231200123456789) /* 2026-10-17T10:00:00.123456789Z */

/* Appends events to the journal, behind those of the start; all of them as a history. */
static struct history append(struct protocol_rig *rig, const int64_t *times_ns,
                             const char *const *lines, const char *source, size_t count)
{
    struct journal *journal = circuit_journal(rig->circuit);
    struct history history = {.first = journal_last(journal) + 1, .to_ns = INT64_MAX};
    struct origin by = {.role = ROLE_OPERATOR};
    (void)snprintf(by.source, sizeof by.source, "%s", source);
    for (size_t i = 0; i < count; i++) {
        struct event event = {
            .time_ns = times_ns[i], .value = (uint8_t)(i % 2), .cause = EVENT_SET};
        (void)journal_append(journal, &event, lines[i], &by, NULL);
    }
    history.end = journal_last(journal) + 1;
    return history;
}

static void expect_csv(struct protocol_rig *rig, struct history history, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 65536);
    assert_int_equal(history_export_csv(&history, &rig->service, &out), 0);
    assert_string_equal(buffer_text(&out), expected);
    buffer_done(&out);
}

#define CSV_HEAD "boot,seq,time,line,value,cause,source,role,scene,state\r\n"

static void csv_has_a_row_of_names_even_without_events(void **state)
{
    expect_csv(*state, append(*state, NULL, NULL, "", 0), CSV_HEAD);
}

static void csv_has_a_row_of_fields_for_each_event(void **state)
{
    static const int64_t times[] = {SECOND, SECOND};
    static const char *const lines[] = {"red", "green"};
    expect_csv(*state, append(*state, times, lines, "http:192.168.1.7:51514", 2),
               CSV_HEAD "9f3c61d2,5,2026-10-17T10:00:00.123456Z,red,0,set,"
                        "\"http:192.168.1.7:51514\",operator,,\r\n"
                        "9f3c61d2,6,2026-10-17T10:00:00.123456Z,green,1,set,"
                        "\"http:192.168.1.7:51514\",operator,,\r\n");
}

static void csv_quotes_what_would_end_a_field(void **state)
{
    static const int64_t times[] = {SECOND};
    static const char *const lines[] = {"red"};
    expect_csv(*state, append(*state, times, lines, "a,\"b\"\r\nc", 1),
               CSV_HEAD "9f3c61d2,5,2026-10-17T10:00:00.123456Z,red,0,set,"
                        "\"a,\"\"b\"\"\r\nc\",operator,,\r\n");
}

static void csv_says_when_it_does_not_fit(void **state)
{
    static const int64_t times[] = {SECOND};
    static const char *const lines[] = {"red"};
    struct protocol_rig *rig = *state;
    struct history history = append(rig, times, lines, "x", 1);
    struct buffer out;
    buffer_init(&out, 50);
    assert_true(history_export_csv(&history, &rig->service, &out) < 0);
    buffer_done(&out);
}

static void expect_vcd(struct protocol_rig *rig, struct history history, const char *changes)
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
    assert_int_equal(history_export_vcd(&history, &rig->service, &out), 0);
    assert_memory_equal(buffer_text(&out), head, sizeof head - 1);
    assert_string_equal(buffer_text(&out) + sizeof head - 1, changes);
    buffer_done(&out);
}

static void vcd_declares_a_capture_for_each_line(void **state)
{
    expect_vcd(*state, append(*state, NULL, NULL, "", 0), "");
}

static void vcd_begins_at_time_0_and_counts_microseconds(void **state)
{
    static const int64_t times[] = {INT64_C(1792231200123456789), INT64_C(1792231200123457789),
                                    INT64_C(1792231201123456789)};
    static const char *const lines[] = {"red", "red", "valve"};
    expect_vcd(*state, append(*state, times, lines, "x", 3), "#0\n0!\n#1\n1!\n#1000000\n0$\n");
}

static void vcd_tells_a_time_once_for_all_that_changes_then(void **state)
{
    static const int64_t times[] = {5000, 5999, 6000};
    static const char *const lines[] = {"red", "green", "button"};
    expect_vcd(*state, append(*state, times, lines, "x", 3), "#0\n0!\n1\"\n#1\n0#\n");
}

static void vcd_never_goes_back_in_time(void **state)
{
    static const int64_t times[] = {10 * NS_PER_MS, 20 * NS_PER_MS, 5 * NS_PER_MS, 21 * NS_PER_MS};
    static const char *const lines[] = {"red", "red", "red", "red"};
    expect_vcd(*state, append(*state, times, lines, "x", 4),
               "#0\n0!\n#10000\n1!\n0!\n#11000\n1!\n");
}

static void vcd_leaves_lines_away_that_the_circuit_no_longer_has(void **state)
{
    static const int64_t times[] = {1000, 2000};
    static const char *const lines[] = {"purple", "red"};
    expect_vcd(*state, append(*state, times, lines, "x", 2), "#1\n1!\n");
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
    struct timestamps now = clock_now();
    struct gpio_error error = {0};
    rig->service.feed = feed_free(rig->service.feed);
    rig->circuit = circuit_free(rig->circuit);
    int result = circuit_new(&options, rig->gpio, RIG_RUN_ID, NULL, &now, &rig->circuit, &error);
    rig->service.circuit = rig->circuit;
    free(lines);
    if (result)
        fail_msg("%s", error.message);
}

static void vcd_gives_hundreds_of_lines_codes_of_their_own(void **state)
{
    struct protocol_rig *rig = *state;
    widen(rig);
    struct history history = append(rig, NULL, NULL, "", 0);
    struct buffer out;
    buffer_init(&out, 65536);
    assert_int_equal(history_export_vcd(&history, &rig->service, &out), 0);
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
}

#define EXPORT_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXPORT_TEST(csv_has_a_row_of_names_even_without_events),
        EXPORT_TEST(csv_has_a_row_of_fields_for_each_event),
        EXPORT_TEST(csv_quotes_what_would_end_a_field),
        EXPORT_TEST(csv_says_when_it_does_not_fit),
        EXPORT_TEST(vcd_declares_a_capture_for_each_line),
        EXPORT_TEST(vcd_begins_at_time_0_and_counts_microseconds),
        EXPORT_TEST(vcd_tells_a_time_once_for_all_that_changes_then),
        EXPORT_TEST(vcd_never_goes_back_in_time),
        EXPORT_TEST(vcd_leaves_lines_away_that_the_circuit_no_longer_has),
        EXPORT_TEST(vcd_gives_hundreds_of_lines_codes_of_their_own),
    };
    return cmocka_run_group_tests_name("protocol_history_export", tests, NULL, NULL);
}
