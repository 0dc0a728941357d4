#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

#include <time.h>

static void clock_writes_utc_with_microseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } pairs[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {INT64_C(1), "1970-01-01T00:00:00.000000Z"},
        {INT64_C(1792231200123456789), "2026-10-17T10:00:00.123456Z"},
        {INT64_C(951782400) * CLOCK_NS_PER_SECOND, "2000-02-29T00:00:00.000000Z"},
        {INT64_C(4102444799999999999), "2099-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[CLOCK_TEXT_SIZE];
        assert_string_equal(clock_format(pairs[i].ns, text), pairs[i].text);
    }
}

static void clock_knows_every_day_that_nanoseconds_reach(void **state)
{
    (void)state;
    for (int64_t seconds = 86399; seconds < INT64_MAX / CLOCK_NS_PER_SECOND; seconds += 86400) {
        char text[CLOCK_TEXT_SIZE];
        char expected[CLOCK_TEXT_SIZE];
        time_t time = (time_t)seconds;
        struct tm utc;
        assert_non_null(gmtime_r(&time, &utc));
        assert_true(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000000Z", &utc) > 0);
        assert_string_equal(clock_format(seconds * CLOCK_NS_PER_SECOND, text), expected);
    }
}

static void clock_writes_something_of_the_same_length_for_any_time(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MAX, INT64_MIN, -1, -CLOCK_NS_PER_SECOND};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char text[CLOCK_TEXT_SIZE];
        (void)clock_format(times[i], text);
        assert_int_equal(text[CLOCK_TEXT_SIZE - 2], 'Z');
        assert_int_equal(text[CLOCK_TEXT_SIZE - 1], '\0');
    }
}

static void clock_never_runs_backwards(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ns();
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_monotonic_ns();
        assert_true(now >= before);
        before = now;
    }
    assert_true(clock_wall_ns() > INT64_C(1600000000) * CLOCK_NS_PER_SECOND);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(clock_writes_utc_with_microseconds),
        cmocka_unit_test(clock_knows_every_day_that_nanoseconds_reach),
        cmocka_unit_test(clock_writes_something_of_the_same_length_for_any_time),
        cmocka_unit_test(clock_never_runs_backwards),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
