#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time_text.h"

#include "base/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

/* 2026-11-27T01:00:00Z: ten in the morning in Seoul. */
static const int64_t now_ns = INT64_C(1795741200) * NS_PER_S;

static int in_seoul(void **state)
{
    (void)state;
    int error = setenv("TZ", "Asia/Seoul", 1);
    tzset();
    return error;
}

static int in_berlin(void **state)
{
    (void)state;
    int error = setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return error;
}

struct row {
    const char *text;
    int64_t seconds;
};

static void expect(const struct row *rows, size_t count, int64_t at_ns)
{
    for (size_t i = 0; i < count; i++) {
        int64_t ns = -1;
        if (time_text_read(rows[i].text, at_ns, &ns) || ns != rows[i].seconds * NS_PER_S)
            fail_msg("\"%s\": %lld, not %lld", rows[i].text, (long long)(ns / NS_PER_S),
                     (long long)rows[i].seconds);
    }
}

static void time_text_takes_rfc_3339(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"2026-11-27T01:00:00Z", 1795741200},
        {"2026-11-27t01:00:00z", 1795741200},
        {"2026-11-27 01:00:00Z", 1795741200},
        {"2026-11-27T10:00:00+09:00", 1795741200},
        {"2026-11-27T10:00:00 09:00", 1795741200},
        {"2026-11-26T20:30:00-04:30", 1795741200},
        {"1970-01-01T00:00:00Z", 0},
        {"2024-02-29T12:00:00Z", 1709208000},
        {"2016-12-31T23:59:60Z", 1483228800},
        {"2026-11-27T01:00Z", 1795741200},
    };
    expect(rows, ARRAY_LENGTH(rows), now_ns);
    int64_t ns;
    assert_int_equal(time_text_read("1970-01-01T00:00:01.25Z", now_ns, &ns), 0);
    assert_true(ns == NS_PER_S + NS_PER_S / 4);
    assert_int_equal(time_text_read("1970-01-01T00:00:00.123456789123Z", now_ns, &ns), 0);
    assert_true(ns == 123456789);
}

static void time_text_without_an_offset_is_local(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"2026-11-27T10:00:00", 1795741200},
        {"2026-11-27 10:00", 1795741200},
        {"2026-11-27", 1795705200},
    };
    expect(rows, ARRAY_LENGTH(rows), now_ns);
}

static void time_text_counts_back_from_now(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"now", 1795741200},           {"-0s", 1795741200},
        {"-90s", 1795741200 - 90},     {"-15m", 1795741200 - 900},
        {"-24h", 1795741200 - 86400},  {"-7d", 1795741200 - 7 * 86400},
        {"-2w", 1795741200 - 1209600},
    };
    expect(rows, ARRAY_LENGTH(rows), now_ns);
}

static void time_text_knows_today_and_yesterday(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"today", 1795705200},
        {"yesterday", 1795705200 - 86400},
    };
    expect(rows, ARRAY_LENGTH(rows), now_ns);
}

/* On 2026-10-25 the clocks of Berlin go back: that day has 25 hours, 2026-03-29 has 23. */
static void time_text_days_are_as_long_as_they_are(void **state)
{
    (void)state;
    static const struct row autumn[] = {{"today", 1792969200}, {"yesterday", 1792969200 - 90000}};
    static const struct row spring[] = {{"today", 1774821600}, {"yesterday", 1774821600 - 82800}};
    expect(autumn, ARRAY_LENGTH(autumn), INT64_C(1793000000) * NS_PER_S);
    expect(spring, ARRAY_LENGTH(spring), INT64_C(1774850000) * NS_PER_S);
}

static void time_text_refuses_anything_else(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "tomorrow",
        "Today",
        "2026",
        "2026-11",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-04-31",
        "1969-12-31",
        "2026-11-27T",
        "2026-11-27T24:00:00Z",
        "2026-11-27T10:60:00Z",
        "2026-11-27T10:00:61Z",
        "2026-11-27T10:00:00.Z",
        "2026-11-27T10:00:00+9:00",
        "2026-11-27T10:00:00+0900",
        "2026-11-27T10:00:00+24:00",
        "2026-11-27T10:00:00+09:60",
        "2026-11-27T10:00:00ZZ",
        "2026-11-27T10:00:00Z ",
        "27.11.2026",
        "1795741200",
        "-",
        "-5",
        "-h",
        "-1.5h",
        "--1h",
        "-1hh",
        "-1y",
        "-99999999s",
        "+1h",
        "1h",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        int64_t ns = 7;
        if (time_text_read(texts[i], now_ns, &ns) != -EINVAL || ns != 7)
            fail_msg("taken: \"%s\"", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(time_text_takes_rfc_3339),
        cmocka_unit_test_setup(time_text_without_an_offset_is_local, in_seoul),
        cmocka_unit_test(time_text_counts_back_from_now),
        cmocka_unit_test_setup(time_text_knows_today_and_yesterday, in_seoul),
        cmocka_unit_test_setup(time_text_days_are_as_long_as_they_are, in_berlin),
        cmocka_unit_test(time_text_refuses_anything_else),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
