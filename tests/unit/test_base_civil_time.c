#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil_time.h"

#include <time.h>

enum { HOUR = 3600 };

/* Days since 1970 of a date. */
static int64_t day_of(int year, unsigned month, unsigned day)
{
    struct tm date = {.tm_year = year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
    return timegm(&date) / CIVIL_DAY_S;
}

static void zone_is_found_by_its_name_alone(void **state)
{
    (void)state;
    assert_true(civil_zone_exists("Asia/Seoul"));
    assert_true(civil_zone_exists("UTC"));
    assert_false(civil_zone_exists("Asia/Soul"));
    assert_false(civil_zone_exists(""));
    assert_false(civil_zone_exists("Asia"));
    assert_false(civil_zone_exists("/etc/localtime"));
    assert_false(civil_zone_exists("../zoneinfo/UTC"));
    assert_false(civil_zone_exists("zone.tab"));
}

static void time_of_day_follows_the_zone(void **state)
{
    (void)state;
    int32_t time_s;
    civil_use_zone(":Asia/Seoul");
    assert_int_equal(civil_day_of(0, &time_s), 0);
    assert_int_equal(time_s, 9 * HOUR);
    assert_int_equal(civil_moment(0, 9 * HOUR), 0);
    assert_int_equal(civil_moment(day_of(2026, 11, 27), 6 * HOUR + 1800),
                     day_of(2026, 11, 26) * CIVIL_DAY_S + 21 * HOUR + 1800);
    civil_use_zone(":America/Los_Angeles");
    assert_int_equal(civil_day_of(0, &time_s), -1);
    assert_int_equal(time_s, 16 * HOUR);
}

static void weekdays_are_counted_from_monday(void **state)
{
    (void)state;
    assert_int_equal(civil_weekday(0), 3);
    assert_int_equal(civil_weekday(-4), 6);
    assert_int_equal(civil_weekday(-3), 0);
    assert_int_equal(civil_weekday(day_of(2026, 11, 27)), 4);
    assert_int_equal(civil_weekday(day_of(2028, 2, 29)), 1);
}

/* Berlin: 2026-03-29 02:00 becomes 03:00, at 01:00 UTC. */
static void skipped_time_is_the_moment_of_the_change(void **state)
{
    (void)state;
    int64_t day = day_of(2026, 3, 29);
    int64_t change = day * CIVIL_DAY_S + HOUR;
    civil_use_zone(":Europe/Berlin");
    assert_int_equal(civil_moment(day, 2 * HOUR - 1), change - 1);
    assert_int_equal(civil_moment(day, 2 * HOUR), change);
    assert_int_equal(civil_moment(day, 2 * HOUR + 1800), change);
    assert_int_equal(civil_moment(day, 3 * HOUR), change);
    assert_int_equal(civil_moment(day, 3 * HOUR + 1), change + 1);
}

/* Berlin: 2026-10-25 03:00 becomes 02:00, at 01:00 UTC. Adelaide changes by an hour at 03:00, Lord Howe by half
 * an hour at 02:00. */
static void time_that_comes_twice_is_the_first(void **state)
{
    (void)state;
    int64_t day = day_of(2026, 10, 25);
    int64_t change = day * CIVIL_DAY_S + HOUR;
    civil_use_zone(":Europe/Berlin");
    assert_int_equal(civil_moment(day, 2 * HOUR), change - HOUR);
    assert_int_equal(civil_moment(day, 2 * HOUR + 1800), change - 1800);
    assert_int_equal(civil_moment(day, 3 * HOUR), change + HOUR);
    civil_use_zone(":Australia/Lord_Howe");
    day = day_of(2026, 4, 5);
    change = (day - 1) * CIVIL_DAY_S + 15 * HOUR;
    assert_int_equal(civil_moment(day, HOUR + 1800), change - 1800);
    assert_int_equal(civil_moment(day, HOUR + 2700), change - 900);
    assert_int_equal(civil_moment(day, 2 * HOUR), change + 1800);
}

/* Samoa left out 2011-12-30. */
static void skipped_day_ends_at_its_change(void **state)
{
    (void)state;
    civil_use_zone(":Pacific/Apia");
    int64_t change = day_of(2011, 12, 30) * CIVIL_DAY_S + 10 * HOUR;
    assert_int_equal(civil_moment(day_of(2011, 12, 30), 12 * HOUR), change);
    assert_int_equal(civil_moment(day_of(2011, 12, 31), 0), change);
}

/* Every minute of every day of two years in zones that change: what comes out shows what was asked for, or
 * stands at a change. */
static void moments_show_the_time_that_was_asked_for(void **state)
{
    (void)state;
    static const char *const zones[] = {":Europe/Berlin", ":Australia/Lord_Howe", ":Asia/Seoul",
                                        ":America/St_Johns"};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        civil_use_zone(zones[i]);
        unsigned skipped = 0;
        for (int64_t day = day_of(2027, 1, 1); day < day_of(2029, 1, 1); day++)
            for (int32_t time_s = 0; time_s < CIVIL_DAY_S; time_s += 1800) {
                int32_t shown_s;
                int64_t moment = civil_moment(day, time_s);
                int64_t shown_day = civil_day_of(moment, &shown_s);
                skipped += shown_day != day || shown_s != time_s;
            }
        assert_true(skipped <= 4);
    }
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(zone_is_found_by_its_name_alone),
        cmocka_unit_test(time_of_day_follows_the_zone),
        cmocka_unit_test(weekdays_are_counted_from_monday),
        cmocka_unit_test(skipped_time_is_the_moment_of_the_change),
        cmocka_unit_test(time_that_comes_twice_is_the_first),
        cmocka_unit_test(skipped_day_ends_at_its_change),
        cmocka_unit_test(moments_show_the_time_that_was_asked_for),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
