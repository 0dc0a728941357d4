/* A fade leads from the present brightness to another, is held there, and is PWM to everything else. */
#include "circuit_desk.h"

#include <math.h>

enum { LAMP, OTHER };

static struct command fade(double to, uint32_t ms)
{
    return (struct command){
        .verb = COMMAND_FADE, .line = LAMP, .duty = to, .for_ms = ms, .hz = 200};
}

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "lamp");
    (void)desk_output(desk, "other");
    return desk;
}

static double duty(const struct desk *desk)
{
    return desk_state(desk, LAMP).duty;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 0.05;
}

static void fade_leads_evenly_to_its_end_and_is_held(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, fade(0.8, 1000));
    assert_int_equal(desk_value(desk, LAMP), 1);
    desk_wait(desk, 250);
    assert_true(is_near(duty(desk), 0.2));
    desk_wait(desk, 500);
    assert_true(is_near(duty(desk), 0.6));
    desk_wait(desk, 10000);
    assert_true(fabs(duty(desk) - 0.8) < 1e-9);
    assert_int_equal(desk_state(desk, LAMP).action, CIRCUIT_ACTION_PWM);
}

static void fade_begins_with_the_brightness_that_there_is(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = LAMP, .duty = 0.4, .hz = 200});
    desk_do(desk, fade(0.2, 1000));
    desk_wait(desk, 500);
    assert_true(is_near(duty(desk), 0.3));
    desk_set(desk, LAMP, 1);
    desk_do(desk, fade(0.5, 1000));
    desk_wait(desk, 100);
    assert_true(is_near(duty(desk), 0.95));
}

static void fade_to_nothing_ends_off(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_set(desk, LAMP, 1);
    desk_do(desk, fade(0, 500));
    desk_wait(desk, 400);
    assert_int_equal(desk_value(desk, LAMP), 1);
    desk_wait(desk, 200);
    assert_int_equal(desk_value(desk, LAMP), 0);
    assert_int_equal(desk_pin(desk, LAMP), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void fade_to_full_power_ends_steady_on(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, fade(1, 500));
    desk_wait(desk, 600);
    assert_int_equal(desk_pin(desk, LAMP), 1);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void fade_makes_an_event_at_its_begin_and_one_at_its_end(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    uint64_t seq = desk_seq(desk);
    desk_do(desk, fade(0.5, 1000));
    desk_expect_event(desk, 0, LAMP, 1, EVENT_PWM);
    desk_wait(desk, 5000);
    desk_expect_event(desk, 0, LAMP, 1, EVENT_PWM);
    assert_int_equal(desk_seq(desk), seq + 2);
    desk_do(desk, fade(0.2, 1000)); /* it begins with the very brightness that is held */
    desk_expect_event(desk, 0, LAMP, 1, EVENT_PWM);
    desk_wait(desk, 5000);
    assert_int_equal(desk_seq(desk), seq + 4);
}

static void any_later_command_ends_a_fade(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, fade(1, 1000));
    desk_wait(desk, 500);
    desk_do(desk, (struct command){.verb = COMMAND_STOP, .line = LAMP});
    assert_int_equal(desk_pin(desk, LAMP), 0);
    desk_wait(desk, 2000);
    assert_int_equal(desk_value(desk, LAMP), 0);
    assert_int_equal(desk_state(desk, LAMP).action, CIRCUIT_ACTION_NONE);
}

static void a_lock_ends_a_fade_off(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, fade(1, 1000));
    desk_wait(desk, 500);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = LAMP, .reason = "repair"});
    desk_wait(desk, 2000);
    assert_int_equal(desk_value(desk, LAMP), 0);
    assert_int_equal(desk_pin(desk, LAMP), 0);
}

static void max_on_ms_cuts_a_fade_off(void **state)
{
    struct desk *desk = start(state);
    desk->lines[LAMP].max_on_ms = 300;
    desk_start(desk);
    desk_do(desk, fade(1, 1000));
    desk_wait(desk, 299);
    assert_int_equal(desk_value(desk, LAMP), 1);
    desk_wait(desk, 2);
    assert_int_equal(desk_value(desk, LAMP), 0);
    desk_wait(desk, 2000);
    assert_int_equal(desk_pin(desk, LAMP), 0);
}

static void a_lease_ends_a_fade(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    struct command command = fade(1, 1000);
    command.lease_ms = 200;
    desk_do(desk, command);
    desk_wait(desk, 300);
    assert_int_equal(desk_value(desk, LAMP), 0);
    assert_int_equal(desk_pin(desk, LAMP), 0);
}

static void an_interlock_refuses_a_fade(void **state)
{
    struct desk *desk = start(state);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, LAMP, OTHER);
    desk_start(desk);
    desk_set(desk, OTHER, 1);
    desk_refused(desk, fade(0.5, 100), REFUSAL_INTERLOCK);
}

static void a_line_with_a_minimum_off_time_cannot_fade(void **state)
{
    struct desk *desk = start(state);
    desk->lines[LAMP].min_off_ms = 10;
    desk_start(desk);
    desk_wait(desk, 20);
    desk_refused(desk, fade(0.5, 100), REFUSAL_BAD_REQUEST);
}

static void ranges_are_those_of_the_table(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_refused(desk, fade(1.1, 100), REFUSAL_BAD_REQUEST);
    desk_refused(desk, fade(0.5, 0), REFUSAL_BAD_REQUEST);
    desk_refused(desk, fade(0.5, COMMAND_DURATION_MAX_MS + 1), REFUSAL_BAD_REQUEST);
}

#define FADE_TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FADE_TEST(fade_leads_evenly_to_its_end_and_is_held),
        FADE_TEST(fade_begins_with_the_brightness_that_there_is),
        FADE_TEST(fade_to_nothing_ends_off),
        FADE_TEST(fade_to_full_power_ends_steady_on),
        FADE_TEST(fade_makes_an_event_at_its_begin_and_one_at_its_end),
        FADE_TEST(any_later_command_ends_a_fade),
        FADE_TEST(a_lock_ends_a_fade_off),
        FADE_TEST(max_on_ms_cuts_a_fade_off),
        FADE_TEST(a_lease_ends_a_fade),
        FADE_TEST(an_interlock_refuses_a_fade),
        FADE_TEST(a_line_with_a_minimum_off_time_cannot_fade),
        FADE_TEST(ranges_are_those_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
