#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Formats that count what they are asked for. */
enum { FORMATS_MAX = 8 };
static struct {
    unsigned events, snapshots;
    int error; /* what the next event answers */
} asked[FORMATS_MAX];

static int put(unsigned number, struct buffer *buffer, const struct event *event)
{
    asked[number].events++;
    if (asked[number].error)
        return asked[number].error;
    return buffer_printf(buffer, "%u:%llu", number, (unsigned long long)event->seq);
}

static int put_snapshot(unsigned number, struct buffer *buffer, enum role role)
{
    asked[number].snapshots++;
    return buffer_printf(buffer, "%u:all for %s", number, role_name(role));
}

static int put_line(struct buffer *buffer, struct circuit *circuit, const char *name)
{
    (void)circuit;
    return buffer_printf(buffer, "%s as it is", name);
}

#define FORMAT(number)                                                                             \
    static int event##number(struct buffer *buffer, struct circuit *circuit,                       \
                             const struct event *event)                                            \
    {                                                                                              \
        (void)circuit;                                                                             \
        return put(number, buffer, event);                                                         \
    }                                                                                              \
    static int snapshot##number(struct buffer *buffer, struct line_texts *texts, enum role role)   \
    {                                                                                              \
        (void)texts;                                                                               \
        return put_snapshot(number, buffer, role);                                                 \
    }

FORMAT(0)
FORMAT(1)
FORMAT(2)
FORMAT(3)
FORMAT(4)
FORMAT(5)
FORMAT(6)
FORMAT(7)

static const struct feed_format formats[FORMATS_MAX] = {
    {.event = event0, .snapshot = snapshot0},
    {.event = event1, .snapshot = snapshot1, .headroom = 16},
    {.event = event2, .snapshot = snapshot2},
    {.event = event3, .snapshot = snapshot3},
    {.event = event4, .snapshot = snapshot4},
    {.event = event5, .snapshot = snapshot5},
    {.event = event6, .snapshot = snapshot6},
    {.event = event7, .snapshot = snapshot7},
};

static const struct feed_format line_format = {.event = event0, .line = put_line};

static struct feed *feed_of(void **state)
{
    const struct protocol_rig *rig = *state;
    memset(asked, 0, sizeof asked);
    return rig->service.feed;
}

static void expect_text(struct feed *feed, unsigned format, struct feed_cursor *cursor,
                        const char *expected)
{
    char text[64];
    size_t length = 0;
    const char *got = feed_next(feed, &formats[format], cursor, ROLE_VIEWER, &length);
    (void)snprintf(text, sizeof text, "%.*s", (int)length, got ? got : "");
    assert_string_equal(text, expected);
}

static void feed_starts_a_cursor_at_now(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, false);
    assert_false(feed_has_next(feed, &cursor));
    expect_text(feed, 0, &cursor, "");
    protocol_rig_toggle(*state, 2);
    assert_true(feed_has_next(feed, &cursor));
    expect_text(feed, 0, &cursor, "0:5");
    expect_text(feed, 0, &cursor, "0:6");
    expect_text(feed, 0, &cursor, "");
    assert_false(feed_has_next(feed, &cursor));
}

static void feed_encodes_an_event_once_however_many_cursors_wait(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursors[50];
    for (size_t i = 0; i < 50; i++)
        cursors[i] = feed_begin(feed, NULL, false);
    protocol_rig_toggle(*state, 3);
    for (size_t i = 0; i < 50; i++) {
        expect_text(feed, 0, &cursors[i], "0:5");
        expect_text(feed, 0, &cursors[i], "0:6");
        expect_text(feed, 0, &cursors[i], "0:7");
    }
    assert_int_equal(asked[0].events, 3);
}

static void feed_encodes_an_event_once_for_each_format(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor first = feed_begin(feed, NULL, false);
    struct feed_cursor second = first;
    struct feed_cursor third = first;
    protocol_rig_toggle(*state, 1);
    expect_text(feed, 0, &first, "0:5");
    expect_text(feed, 1, &second, "1:5");
    expect_text(feed, 1, &third, "1:5");
    assert_int_equal(asked[0].events, 1);
    assert_int_equal(asked[1].events, 1);
}

static void feed_serves_more_formats_than_it_keeps_encoded(void **state)
{
    struct feed *feed = feed_of(state);
    for (unsigned i = 0; i < FORMATS_MAX; i++) {
        struct feed_cursor cursor = feed_begin(feed, NULL, false);
        char expected[8];
        protocol_rig_toggle(*state, 1);
        (void)snprintf(expected, sizeof expected, "%u:%u", i, RIG_LINES + 1 + i);
        expect_text(feed, i, &cursor, expected);
    }
}

static void feed_leaves_headroom_before_each_text(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, true);
    protocol_rig_toggle(*state, 1);
    for (int i = 0; i < 2; i++) {
        size_t length;
        char *text = feed_next(feed, &formats[1], &cursor, ROLE_VIEWER, &length);
        assert_non_null(text);
        memset(text - 16, 'x', 16);
        protocol_rig_toggle(*state, 1);
    }
}

static void feed_begins_with_a_snapshot_where_one_is_asked_for(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, true);
    assert_true(feed_has_next(feed, &cursor));
    expect_text(feed, 0, &cursor, "0:all for viewer");
    expect_text(feed, 0, &cursor, "");
    protocol_rig_toggle(*state, 1);
    expect_text(feed, 0, &cursor, "0:5");
}

static void feed_resumes_after_the_event_that_is_named(void **state)
{
    struct feed *feed = feed_of(state);
    protocol_rig_toggle(*state, 3);
    struct feed_cursor cursor = feed_begin(feed, RIG_RUN_ID "-5", false);
    expect_text(feed, 0, &cursor, "0:6");
    expect_text(feed, 0, &cursor, "0:7");
    expect_text(feed, 0, &cursor, "");
    assert_int_equal(asked[0].snapshots, 0);
}

static void feed_gives_a_snapshot_to_who_resumes_over_a_reload(void **state)
{
    struct feed *feed = feed_of(state);
    protocol_rig_toggle(*state, 2);
    feed_expect_renewal(feed);
    protocol_rig_toggle(*state, 1);
    feed_renew(feed);
    struct feed_cursor cursor = feed_begin(feed, RIG_RUN_ID "-6", false);
    expect_text(feed, 0, &cursor, "0:all for viewer");
    expect_text(feed, 0, &cursor, "");
    cursor = feed_begin(feed, RIG_RUN_ID "-7", false);
    assert_false(feed_has_next(feed, &cursor));
}

static void feed_resumes_from_the_beginning_and_from_the_end(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor first = feed_begin(feed, RIG_RUN_ID "-0", false);
    struct feed_cursor last = feed_begin(feed, RIG_RUN_ID "-4", false);
    expect_text(feed, 0, &first, "0:1");
    expect_text(feed, 0, &last, "");
}

static void feed_gives_a_snapshot_to_a_cursor_of_another_run(void **state)
{
    struct feed *feed = feed_of(state);
    static const char *const foreign[] = {"00000000-2", RIG_RUN_ID "-99", RIG_RUN_ID "-5",
                                          "9F3C61D2-2", RIG_RUN_ID "-99999999999999999999"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct feed_cursor cursor = feed_begin(feed, foreign[i], false);
        expect_text(feed, 0, &cursor, "0:all for viewer");
        expect_text(feed, 0, &cursor, "");
    }
}

static void feed_gives_a_snapshot_to_a_cursor_that_the_ring_has_passed(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, false);
    protocol_rig_toggle(*state, JOURNAL_EVENTS_MIN + 1);
    expect_text(feed, 0, &cursor, "0:all for viewer");
    expect_text(feed, 0, &cursor, "");
    assert_int_equal(asked[0].events, 0);
    protocol_rig_toggle(*state, 1);
    expect_text(feed, 0, &cursor, "0:22");
}

static void feed_reads_on_as_long_as_the_ring_has_the_next_event(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, false);
    protocol_rig_toggle(*state, JOURNAL_EVENTS_MIN);
    expect_text(feed, 0, &cursor, "0:5");
    assert_int_equal(asked[0].snapshots, 0);
}

static void feed_gives_a_snapshot_where_since_fell_out_of_the_ring(void **state)
{
    struct feed *feed = feed_of(state);
    protocol_rig_toggle(*state, JOURNAL_EVENTS_MIN + 1);
    struct feed_cursor gone = feed_begin(feed, RIG_RUN_ID "-4", false);
    struct feed_cursor kept = feed_begin(feed, RIG_RUN_ID "-5", false);
    assert_true(gone.needs_snapshot);
    assert_false(kept.needs_snapshot);
}

static void feed_counts_snapshots_of_cursors_that_fell_behind_only(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor asks = feed_begin(feed, NULL, true);
    struct feed_cursor lags = feed_begin(feed, NULL, false);
    expect_text(feed, 0, &asks, "0:all for viewer");
    assert_int_equal(feed_snapshots(feed), 0);
    protocol_rig_toggle(*state, JOURNAL_EVENTS_MIN + 1);
    expect_text(feed, 0, &lags, "0:all for viewer");
    assert_int_equal(feed_snapshots(feed), 1);
}

static void feed_gives_old_events_to_a_cursor_far_behind(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor slow = feed_begin(feed, NULL, false);
    struct feed_cursor fast = slow;
    protocol_rig_toggle(*state, 500);
    for (unsigned seq = 5; seq <= 504; seq++) {
        char expected[16];
        (void)snprintf(expected, sizeof expected, "0:%u", seq);
        expect_text(feed, 0, &fast, expected);
    }
    expect_text(feed, 0, &slow, "0:5");
    expect_text(feed, 0, &slow, "0:6");
    expect_text(feed, 0, &fast, "");
}

static void feed_keeps_recent_events_encoded_while_a_cursor_reads_old_ones(void **state)
{
    struct feed *feed = feed_of(state);
    size_t length;
    struct feed_cursor slow = feed_begin(feed, NULL, false);
    struct feed_cursor fast = slow;
    protocol_rig_toggle(*state, 100);
    while (feed_next(feed, &formats[0], &fast, ROLE_VIEWER, &length))
        ;
    for (int i = 0; i < 30; i++)
        assert_non_null(feed_next(feed, &formats[0], &slow, ROLE_VIEWER, &length));
    unsigned before = asked[0].events;
    struct feed_cursor last = feed_begin(feed, RIG_RUN_ID "-54", false);
    while (feed_next(feed, &formats[0], &last, ROLE_VIEWER, &length))
        ;
    assert_int_equal(asked[0].events, before);
}

static void feed_gives_the_snapshot_that_the_role_may_see(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, true);
    size_t length;
    const char *text = feed_next(feed, &formats[0], &cursor, ROLE_OPERATOR, &length);
    assert_int_equal(length, strlen("0:all for operator"));
    assert_memory_equal(text, "0:all for operator", length);
}

static void feed_keeps_the_cursor_before_an_event_that_could_not_be_encoded(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, false);
    protocol_rig_toggle(*state, 1);
    asked[0].error = -ENOMEM;
    expect_text(feed, 0, &cursor, "");
    assert_true(feed_has_next(feed, &cursor));
    asked[0].error = 0;
    expect_text(feed, 0, &cursor, "0:5");
}

/* ---- subscribers ---- */

static void count_call(void *context)
{
    ++*(unsigned *)context;
}

static void feed_tells_a_subscriber_once_a_turn_however_many_events(void **state)
{
    struct feed *feed = feed_of(state);
    unsigned calls = 0;
    struct feed_subscriber subscriber = {.ready = count_call, .context = &calls};
    protocol_rig_run_ms(*state, 1); /* the events of the start */
    feed_subscribe(feed, &subscriber);
    protocol_rig_toggle(*state, 100);
    assert_int_equal(calls, 0);
    protocol_rig_run_ms(*state, 1);
    assert_int_equal(calls, 1);
    feed_unsubscribe(&subscriber);
}

static void feed_tells_nobody_anything_without_events(void **state)
{
    struct feed *feed = feed_of(state);
    unsigned calls = 0;
    struct feed_subscriber subscriber = {.ready = count_call, .context = &calls};
    protocol_rig_run_ms(*state, 1);
    feed_subscribe(feed, &subscriber);
    protocol_rig_run_ms(*state, 5);
    assert_int_equal(calls, 0);
    feed_unsubscribe(&subscriber);
}

static void feed_tells_every_subscriber_and_no_former_one(void **state)
{
    struct feed *feed = feed_of(state);
    unsigned calls[3] = {0};
    struct feed_subscriber subscribers[3];
    protocol_rig_run_ms(*state, 1);
    for (int i = 0; i < 3; i++) {
        subscribers[i] = (struct feed_subscriber){.ready = count_call, .context = &calls[i]};
        feed_subscribe(feed, &subscribers[i]);
    }
    feed_unsubscribe(&subscribers[1]);
    protocol_rig_toggle(*state, 1);
    protocol_rig_run_ms(*state, 1);
    assert_int_equal(calls[0], 1);
    assert_int_equal(calls[1], 0);
    assert_int_equal(calls[2], 1);
    feed_unsubscribe(&subscribers[0]);
    feed_unsubscribe(&subscribers[2]);
}

static void set(void **state, uint16_t line, uint8_t value)
{
    const struct protocol_rig *rig = *state;
    struct command command = {
        .verb = COMMAND_SET, .line = line, .value = value, .by = {"test", ROLE_OPERATOR}};
    struct timestamps now = clock_now();
    struct outcome outcome;
    struct refusal refusal;
    assert_int_equal(circuit_command(rig->circuit, &command, &now, &outcome, &refusal), 0);
}

static const char *next_of_line(struct feed *feed, struct feed_cursor *cursor)
{
    static char text[64];
    size_t length = 0;
    const char *got = feed_next(feed, &line_format, cursor, ROLE_VIEWER, &length);
    (void)snprintf(text, sizeof text, "%.*s", (int)length, got ? got : "");
    return text;
}

static void feed_passes_over_events_of_other_lines(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, false);
    cursor.line = "green";
    protocol_rig_toggle(*state, 2);
    set(state, RIG_GREEN, 1);
    protocol_rig_toggle(*state, 1);
    set(state, RIG_GREEN, 0);
    protocol_rig_toggle(*state, 1);
    assert_string_equal(next_of_line(feed, &cursor), "0:7");
    assert_string_equal(next_of_line(feed, &cursor), "0:9");
    assert_string_equal(next_of_line(feed, &cursor), "");
    assert_false(feed_has_next(feed, &cursor));
    assert_int_equal(asked[0].events, 2);
}

static void feed_begins_a_line_anew_where_its_events_are_lost(void **state)
{
    struct feed *feed = feed_of(state);
    struct feed_cursor cursor = feed_begin(feed, NULL, false);
    cursor.line = "green";
    protocol_rig_toggle(*state, 100);
    assert_string_equal(next_of_line(feed, &cursor), "green as it is");
    assert_string_equal(next_of_line(feed, &cursor), "");
    set(state, RIG_GREEN, 1);
    assert_string_equal(next_of_line(feed, &cursor), "0:105");
}

#define FEED_TEST(name)                                                                            \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)
#define SMALL_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup_small, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FEED_TEST(feed_starts_a_cursor_at_now),
        FEED_TEST(feed_encodes_an_event_once_however_many_cursors_wait),
        FEED_TEST(feed_encodes_an_event_once_for_each_format),
        FEED_TEST(feed_serves_more_formats_than_it_keeps_encoded),
        FEED_TEST(feed_leaves_headroom_before_each_text),
        FEED_TEST(feed_begins_with_a_snapshot_where_one_is_asked_for),
        FEED_TEST(feed_resumes_after_the_event_that_is_named),
        FEED_TEST(feed_gives_a_snapshot_to_who_resumes_over_a_reload),
        FEED_TEST(feed_resumes_from_the_beginning_and_from_the_end),
        FEED_TEST(feed_gives_a_snapshot_to_a_cursor_of_another_run),
        SMALL_TEST(feed_gives_a_snapshot_to_a_cursor_that_the_ring_has_passed),
        SMALL_TEST(feed_reads_on_as_long_as_the_ring_has_the_next_event),
        SMALL_TEST(feed_gives_a_snapshot_where_since_fell_out_of_the_ring),
        SMALL_TEST(feed_counts_snapshots_of_cursors_that_fell_behind_only),
        FEED_TEST(feed_gives_old_events_to_a_cursor_far_behind),
        FEED_TEST(feed_keeps_recent_events_encoded_while_a_cursor_reads_old_ones),
        FEED_TEST(feed_gives_the_snapshot_that_the_role_may_see),
        FEED_TEST(feed_keeps_the_cursor_before_an_event_that_could_not_be_encoded),
        FEED_TEST(feed_tells_a_subscriber_once_a_turn_however_many_events),
        FEED_TEST(feed_tells_nobody_anything_without_events),
        FEED_TEST(feed_tells_every_subscriber_and_no_former_one),
        FEED_TEST(feed_passes_over_events_of_other_lines),
        SMALL_TEST(feed_begins_a_line_anew_where_its_events_are_lost),
    };
    return cmocka_run_group_tests_name("protocol_feed", tests, NULL, NULL);
}
