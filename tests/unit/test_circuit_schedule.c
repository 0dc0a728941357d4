#include "circuit_desk.h"

#include "base/civil_time.h"
#include "circuit/schedule.h"

#include <string.h>

enum { LAMP, PUMP, BUTTON };

#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* 2026-10-17 10:00 UTC, a Saturday: 19:00 in Seoul. */
static struct desk *begin(void **state)
{
    struct desk *desk = desk_of(state);
    civil_use_zone(":Asia/Seoul");
    (void)desk_output(desk, "lamp");
    (void)desk_output(desk, "pump");
    (void)desk_input(desk, "button");
    desk->now.wall_ns = INT64_C(1792231200) * SECOND;
    return desk;
}

/* A rule that toggles the lamp at a time of day. */
static struct circuit_rule_options *at_time(struct desk *desk, int hours, int minutes)
{
    (void)desk_rule(desk, "clock", 0, CIRCUIT_TRIGGER_TIME, COMMAND_TOGGLE, LAMP);
    struct circuit_rule_options *rule = &desk->rules[desk->options.rule_count - 1];
    rule->when.time_count = 1;
    rule->when.times_s[0] = hours * 3600 + minutes * 60;
    return rule;
}

static struct rule_description described(const struct desk *desk, size_t rule)
{
    struct rule_description description;
    circuit_rule(desk->circuit, rule, &description);
    return description;
}

static void step_clock(struct desk *desk, int64_t by_ns)
{
    desk->now.wall_ns += by_ns;
    circuit_clock_changed(desk->circuit, true, &desk->now);
    desk_wait(desk, 0);
}

static void rule_is_due_at_its_time_of_day(void **state)
{
    struct desk *desk = begin(state);
    (void)at_time(desk, 19, 30);
    desk_start(desk);
    assert_int_equal(circuit_due_ns(desk->circuit), desk->now.monotonic_ns + 30 * MINUTE);
    desk_wait_ns(desk, 30 * MINUTE - 1);
    assert_int_equal(desk_pin(desk, LAMP), 0);
    desk_wait_ns(desk, 1);
    assert_int_equal(desk_pin(desk, LAMP), 1);
    desk_expect_event(desk, 0, LAMP, 1, EVENT_RULE);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "rule:clock");
    assert_int_equal(circuit_due_ns(desk->circuit), desk->now.monotonic_ns + 24 * HOUR);
}

/* Between two times nothing is due. */
static void forty_rules_wake_up_once_each(void **state)
{
    struct desk *desk = begin(state);
    for (int i = 0; i < 40; i++) {
        struct circuit_rule_options *rule = at_time(desk, 20 + i / 20, i % 20 * 3);
        (void)snprintf(rule->name, sizeof rule->name, "rule-%d", i);
    }
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    int64_t end_ns = desk->now.monotonic_ns + 24 * HOUR;
    unsigned wakes = 0;
    for (int64_t due_ns; (due_ns = circuit_due_ns(desk->circuit)) < end_ns; wakes++)
        desk_wait_ns(desk, due_ns - desk->now.monotonic_ns);
    assert_int_equal(wakes, 40);
    assert_int_equal(desk_seq(desk) - before, 40);
}

static void days_keep_a_rule_to_its_weekdays(void **state)
{
    struct desk *desk = begin(state);
    at_time(desk, 6, 30)->when.days = 1 << 0 | 1 << 1; /* Monday and Tuesday */
    desk_start(desk);
    /* From Saturday 19:00 to Monday 06:30. */
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns,
                     (24 + 11) * HOUR + 30 * MINUTE);
    desk_wait_ns(desk, 36 * HOUR);
    assert_int_equal(desk_pin(desk, LAMP), 1);
    desk_wait_ns(desk, 24 * HOUR);
    assert_int_equal(desk_pin(desk, LAMP), 0);
    assert_int_equal(described(desk, 0).next_at_ns - desk->now.wall_ns,
                     (5 * 24 + 23) * HOUR + 30 * MINUTE);
}

static void several_times_are_each_of_them(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_rule_options *rule = at_time(desk, 23, 0);
    rule->when.times_s[rule->when.time_count++] = 20 * 3600;
    rule->when.times_s[rule->when.time_count++] = 20 * 3600 + 15;
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    desk_wait_ns(desk, 24 * HOUR);
    assert_int_equal(desk_seq(desk) - before, 3);
}

/* Berlin on 2027-03-28: 02:30 is skipped, the clock goes from 02:00 to 03:00 at 01:00 UTC. */
static void skipped_time_is_made_up_for_at_the_change(void **state)
{
    struct desk *desk = begin(state);
    civil_use_zone(":Europe/Berlin");
    desk->now.wall_ns = INT64_C(1806192000) * SECOND; /* 2027-03-28 00:00 UTC */
    (void)at_time(desk, 2, 30);
    desk_start(desk);
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns, HOUR);
    desk_wait_ns(desk, 2 * HOUR);
    assert_int_equal(desk_pin(desk, LAMP), 1);
    /* The next one is at 02:30 of summer time, 00:30 UTC. */
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns,
                     22 * HOUR + 30 * MINUTE);
}

/* Berlin on 2026-10-25: 02:30 comes twice, at 00:30 and 01:30 UTC. */
static void time_that_comes_twice_happens_once(void **state)
{
    struct desk *desk = begin(state);
    civil_use_zone(":Europe/Berlin");
    desk->now.wall_ns = INT64_C(1792886400) * SECOND; /* 2026-10-25 00:00 UTC */
    (void)at_time(desk, 2, 30);
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    desk_wait_ns(desk, 30 * MINUTE);
    assert_int_equal(desk_seq(desk) - before, 1);
    desk_wait_ns(desk, 5 * HOUR);
    assert_int_equal(desk_seq(desk) - before, 1);
    /* Started in between, it is over for today. */
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns, 20 * HOUR);
}

static void leap_day_is_a_day(void **state)
{
    struct desk *desk = begin(state);
    desk->now.wall_ns = INT64_C(1835276400) * SECOND; /* 2028-02-27 11:00 UTC */
    (void)at_time(desk, 19, 0);
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    desk_wait_ns(desk, 3 * 24 * HOUR);
    assert_int_equal(desk_seq(desk) - before, 3);
}

/* ---- steps of the clock ---- */

static void short_step_happens_once(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_rule_options *rule = at_time(desk, 19, 1);
    rule->when.times_s[rule->when.time_count++] = 19 * 3600 + 75;
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    step_clock(desk, 90 * SECOND);
    assert_int_equal(desk_seq(desk) - before, 1);
    desk_wait_ns(desk, HOUR);
    assert_int_equal(desk_seq(desk) - before, 1);
}

static void long_step_is_passed_over(void **state)
{
    struct desk *desk = begin(state);
    (void)at_time(desk, 19, 1);
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    step_clock(desk, 91 * SECOND);
    desk_wait_ns(desk, HOUR);
    assert_int_equal(desk_seq(desk) - before, 0);
    assert_int_equal(described(desk, 0).next_at_ns / SECOND, 1792231200 + 24 * 3600 + 60);
}

static void missed_run_makes_up_for_a_long_step(void **state)
{
    struct desk *desk = begin(state);
    at_time(desk, 19, 1)->runs_missed = true;
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    step_clock(desk, 3 * 24 * HOUR);
    assert_int_equal(desk_seq(desk) - before, 1);
}

/* What happened at 19:01 does not happen again when the clock is put back from 19:01:30 to 19:00:30. */
static void step_back_repeats_nothing(void **state)
{
    struct desk *desk = begin(state);
    (void)at_time(desk, 19, 1);
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    desk_wait_ns(desk, 90 * SECOND);
    assert_int_equal(desk_seq(desk) - before, 1);
    step_clock(desk, -60 * SECOND);
    desk_wait_ns(desk, HOUR);
    assert_int_equal(desk_seq(desk) - before, 1);
    step_clock(desk, -24 * HOUR); /* that is another day */
    desk_wait_ns(desk, 25 * HOUR);
    assert_int_equal(desk_seq(desk) - before, 2);
}

/* The next tick sees the step without circuit_clock_changed(), too. */
static void step_is_seen_without_a_word(void **state)
{
    struct desk *desk = begin(state);
    (void)at_time(desk, 22, 0);
    desk_start(desk);
    desk->now.wall_ns += 2 * HOUR;
    circuit_tick(desk->circuit, &desk->now);
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns, HOUR);
}

static void unset_clock_makes_rules_wait(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_store store = {.clock_is_unset = true};
    desk->store = &store;
    (void)at_time(desk, 19, 1);
    desk->rules[0].runs_missed = true;
    desk->now.wall_ns = 0;
    desk_start(desk);
    assert_false(circuit_clock_is_set(desk->circuit));
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    assert_int_equal(described(desk, 0).next_at_ns, 0);
    desk->now.wall_ns = INT64_C(1792231200) * SECOND;
    circuit_clock_changed(desk->circuit, true, &desk->now);
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns, MINUTE);
}

/* ---- the other kinds ---- */

static void sun_moves_through_the_year(void **state)
{
    struct desk *desk = begin(state);
    desk->options.place = (struct sun_place){37.57, 126.98};
    (void)desk_rule(desk, "dusk", 0, CIRCUIT_TRIGGER_SUN, COMMAND_TOGGLE, LAMP);
    desk->rules[0].when.sun = CIRCUIT_SUNSET;
    desk->rules[0].when.offset_min = -30;
    desk_start(desk);
    /* Sunset of the next day, 2026-10-18, is about 17:51 in Seoul. */
    int64_t next_s = described(desk, 0).next_at_ns / SECOND;
    assert_in_range(next_s, 1792231200 + (22 * 60 + 18) * 60, 1792231200 + (22 * 60 + 24) * 60);
    uint64_t before = desk_seq(desk);
    desk_wait_ns(desk, 365 * 24 * HOUR);
    assert_in_range(desk_seq(desk) - before, 365, 366);
}

static void polar_night_waits_for_the_sun(void **state)
{
    struct desk *desk = begin(state);
    desk->options.place = (struct sun_place){69.65, 18.96};
    desk->now.wall_ns = INT64_C(1796083200) * SECOND; /* 2026-12-01 */
    (void)desk_rule(desk, "dawn", 0, CIRCUIT_TRIGGER_SUN, COMMAND_TOGGLE, LAMP);
    desk_start(desk);
    int64_t next_s = described(desk, 0).next_at_ns / SECOND;
    assert_in_range(next_s, 1799884800, 1800403200); /* about 2027-01-15 */
}

static void interval_counts_from_the_start(void **state)
{
    struct desk *desk = begin(state);
    (void)desk_rule(desk, "beat", 0, CIRCUIT_TRIGGER_EVERY, COMMAND_TOGGLE, LAMP);
    desk->rules[0].when.every_ms = 600;
    desk_start(desk);
    uint64_t before = desk_seq(desk);
    desk_wait(desk, 599);
    assert_int_equal(desk_seq(desk) - before, 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_seq(desk) - before, 1);
    desk_wait(desk, 6000);
    assert_int_equal(desk_seq(desk) - before, 11);
    /* Late by several intervals: once, then on the beat again. */
    desk->now.monotonic_ns += 2000 * MS;
    desk->now.wall_ns += 2000 * MS;
    desk_wait(desk, 0);
    assert_int_equal(desk_seq(desk) - before, 12);
    assert_int_equal((circuit_due_ns(desk->circuit) - 1000 * SECOND) % (600 * MS), 0);
}

static void start_happens_once(void **state)
{
    struct desk *desk = begin(state);
    (void)desk_rule(desk, "hello", 0, CIRCUIT_TRIGGER_START, COMMAND_TOGGLE, LAMP);
    desk_start(desk);
    assert_int_equal(desk_pin(desk, LAMP), 1);
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(desk_pin(desk, LAMP), 1);
}

static void outputs_that_were_handed_over_go_on_without_a_start(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_store store = {.goes_on = true};
    (void)desk_rule(desk, "hello", 0, CIRCUIT_TRIGGER_START, COMMAND_TOGGLE, LAMP);
    desk->store = &store;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, LAMP), 0);
}

static void reload_takes_another_time(void **state)
{
    struct desk *desk = begin(state);
    (void)at_time(desk, 20, 0);
    desk_start(desk);
    desk->rules[0].when.times_s[0] = 19 * 3600 + 60;
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns, MINUTE);
    civil_use_zone(":Europe/Berlin");
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(circuit_due_ns(desk->circuit) - desk->now.monotonic_ns, 7 * HOUR + MINUTE);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        DESK_TEST(rule_is_due_at_its_time_of_day),
        DESK_TEST(forty_rules_wake_up_once_each),
        DESK_TEST(days_keep_a_rule_to_its_weekdays),
        DESK_TEST(several_times_are_each_of_them),
        DESK_TEST(skipped_time_is_made_up_for_at_the_change),
        DESK_TEST(time_that_comes_twice_happens_once),
        DESK_TEST(leap_day_is_a_day),
        DESK_TEST(short_step_happens_once),
        DESK_TEST(long_step_is_passed_over),
        DESK_TEST(missed_run_makes_up_for_a_long_step),
        DESK_TEST(step_back_repeats_nothing),
        DESK_TEST(step_is_seen_without_a_word),
        DESK_TEST(unset_clock_makes_rules_wait),
        DESK_TEST(sun_moves_through_the_year),
        DESK_TEST(polar_night_waits_for_the_sun),
        DESK_TEST(interval_counts_from_the_start),
        DESK_TEST(start_happens_once),
        DESK_TEST(outputs_that_were_handed_over_go_on_without_a_start),
        DESK_TEST(reload_takes_another_time),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
