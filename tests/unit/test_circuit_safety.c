#include "circuit_desk.h"

enum { PUMP, LAMP };

static struct desk *put(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "pump");
    (void)desk_output(desk, "lamp");
    return desk;
}

static struct command leased(size_t line, uint8_t value, uint32_t lease_ms, uint32_t connection)
{
    struct command command = desk_set_command(line, value);
    command.lease_ms = lease_ms;
    command.lease_connection = connection;
    return command;
}

static struct command lock(const char *reason)
{
    struct command command = {.verb = COMMAND_LOCK, .by = {"http:operator", ROLE_OPERATOR}};
    (void)snprintf(command.reason, sizeof command.reason, "%s", reason);
    return command;
}

static const struct command unlock = {.verb = COMMAND_UNLOCK};

static void max_on_switches_off(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].max_on_ms = 1000;
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    desk_wait(desk, 600);
    desk_set(desk, PUMP, 1); /* asking again does not make it longer */
    desk_wait(desk, 399);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LIMIT);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "http:192.168.1.7:51514");
}

static void max_on_holds_for_pwm_and_for_the_start(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].max_on_ms = 1000;
    desk->lines[PUMP].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    desk_wait(desk, 1000);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LIMIT);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = PUMP, .duty = 0.5, .hz = 100});
    desk_wait(desk, 1000);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LIMIT);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION | EVENT_HAS_PWM);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void blink_within_max_on_is_not_cut(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].max_on_ms = 100;
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_BLINK, .on_ms = 100, .off_ms = 50});
    desk_wait(desk, 5000);
    assert_int_equal(desk_state(desk, PUMP).action, CIRCUIT_ACTION_BLINK);
    desk_do(desk, (struct command){.verb = COMMAND_BLINK, .on_ms = 200, .off_ms = 50});
    desk_wait(desk, 100);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LIMIT);
    assert_int_equal(desk_state(desk, PUMP).action, CIRCUIT_ACTION_NONE);
}

static void min_off_refuses_until_the_rest_is_over(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].min_off_ms = 1000;
    desk_start(desk);
    desk_wait(desk, 1000);
    desk_set(desk, PUMP, 1);
    desk_set(desk, PUMP, 0);
    desk_wait(desk, 400);
    desk_refused(desk, desk_set_command(PUMP, 1), REFUSAL_LIMIT);
    assert_int_equal(desk->refusal.retry_ms, 600);
    desk_wait(desk, 600);
    desk_set(desk, PUMP, 1);
}

static void start_counts_as_just_switched_off(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].min_off_ms = 1000;
    desk->lines[PUMP].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(desk_state(desk, PUMP).action, CIRCUIT_ACTION_GAP);
    desk_wait(desk, 999);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    desk_expect_event(desk, 0, PUMP, 1, EVENT_START);
}

static void actions_that_rest_too_shortly_are_refused(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].min_off_ms = 100;
    desk_start(desk);
    desk_wait(desk, 1000);
    struct command blink = {.verb = COMMAND_BLINK, .on_ms = 10, .off_ms = 99};
    desk_refused(desk, blink, REFUSAL_BAD_REQUEST);
    desk_refused(desk, (struct command){.verb = COMMAND_PWM, .duty = 0.5, .hz = 10},
                 REFUSAL_BAD_REQUEST);
    blink.off_ms = 100;
    desk_do(desk, blink);
}

static void lease_that_is_not_renewed_ends_in_safe(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, leased(PUMP, 1, 1000, 0));
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_LEASE);
    assert_true(desk_state(desk, PUMP).leased);
    assert_int_equal(desk_state(desk, PUMP).lease_ends_ns, desk->now.wall_ns + SECOND);
    desk_wait(desk, 900);
    desk_do(desk, leased(PUMP, 1, 1000, 0)); /* renewed, and no event of it */
    assert_int_equal(desk_seq(desk), 3);
    desk_wait(desk, 999);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LEASE);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_LEASE);
    assert_false(desk_state(desk, PUMP).leased);
}

static void lease_ends_with_its_connection(void **state)
{
    struct desk *desk = put(state);
    desk->lines[LAMP].safe = CIRCUIT_SAFE_1;
    desk_start(desk);
    desk_do(desk, leased(PUMP, 1, 0, 7));
    desk_do(desk, leased(LAMP, 0, 0, 7));
    circuit_disconnected(desk->circuit, 6, &desk->now);
    desk_wait(desk, 100000);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    assert_int_equal(desk_state(desk, PUMP).lease_ends_ns, 0);
    circuit_disconnected(desk->circuit, 7, &desk->now);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(desk_pin(desk, LAMP), 1);
    desk_expect_event(desk, 0, LAMP, 1, EVENT_LEASE);
    desk_expect_event(desk, 1, PUMP, 0, EVENT_LEASE);
}

static void line_that_needs_a_lease_gets_its_default(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].lease_ms = 2000;
    desk->lines[PUMP].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    desk_wait(desk, 2000);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LEASE);
    desk_set(desk, PUMP, 1);
    desk_wait(desk, 1999);
    desk_do(desk, (struct command){.verb = COMMAND_STOP});
    assert_int_equal(desk_pin(desk, PUMP), 1); /* stop is no way to keep it on */
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void lease_of_a_command_is_no_longer_than_the_lines(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].lease_ms = 2000;
    desk_start(desk);
    desk_do(desk, leased(PUMP, 1, 20000, 0));
    assert_int_equal(desk_state(desk, PUMP).lease_ms, 2000);
    desk_do(desk, leased(PUMP, 1, 0, 7)); /* of a connection that says nothing any more */
    assert_int_equal(desk_state(desk, PUMP).lease_ms, 2000);
    desk_wait(desk, 2000);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_do(desk, leased(PUMP, 1, 500, 0));
    desk_wait(desk, 500);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void reload_with_a_shorter_lease_shortens_the_running_one(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, leased(PUMP, 1, 3600000, 0));
    desk->lines[PUMP].lease_ms = 1000;
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void lease_of_a_line_that_holds_its_value_ends_off(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].safe = CIRCUIT_SAFE_HOLD;
    desk->lines[LAMP].safe = CIRCUIT_SAFE_HOLD;
    desk_start(desk);
    desk_do(desk, leased(PUMP, 1, 1000, 0));
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_do(desk, leased(PUMP, 1, 1000, 0));
    desk_set(desk, LAMP, 1);
    circuit_shutdown(desk->circuit, &desk->now);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(desk_pin(desk, LAMP), 1);
}

static void lease_ends_with_what_it_was_for(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, leased(PUMP, 1, 1000, 0));
    desk_set(desk, PUMP, 0);
    assert_false(desk_state(desk, PUMP).leased);
    desk_set(desk, PUMP, 1);
    desk_wait(desk, 10000);
    assert_int_equal(desk_pin(desk, PUMP), 1);
}

static void lease_that_ends_ends_the_action(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk,
            (struct command){.verb = COMMAND_BLINK, .on_ms = 100, .off_ms = 100, .lease_ms = 350});
    desk_wait(desk, 350); /* in the middle of an off time */
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LEASE);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION | EVENT_HAS_LEASE);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void locked_line_refuses_with_its_reason(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, lock("repairing the valve"));
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LOCK);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_LOCK);
    desk_refused(desk, desk_set_command(PUMP, 1), REFUSAL_LOCKED);
    assert_non_null(strstr(desk->refusal.message, "repairing the valve"));
    assert_string_equal(desk_state(desk, PUMP).lock_source, "http:operator");
    desk_do(desk, lock("repairing the valve")); /* nothing new */
    assert_int_equal(desk_seq(desk), 3);
    desk_do(desk, unlock);
    assert_null(desk_state(desk, PUMP).lock_reason);
    desk_set(desk, PUMP, 1);
}

static void lock_ends_a_blink_off(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_BLINK, .on_ms = 100, .off_ms = 100});
    desk_wait(desk, 250);
    desk_do(desk, lock("look at it"));
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION | EVENT_HAS_LOCK);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void lock_leaves_a_steady_line_on_and_safety_goes_on(void **state)
{
    struct desk *desk = put(state);
    desk->lines[PUMP].max_on_ms = 1000;
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    desk_do(desk, lock("look at it"));
    desk_refused(desk, desk_set_command(PUMP, 0), REFUSAL_LOCKED);
    assert_non_null(strstr(desk->refusal.message, "It is on."));
    desk_wait(desk, 999);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    desk_wait(desk, 1);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LIMIT);
}

static void lock_with_off_switches_off(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    desk_do(desk, lock("look at it"));
    struct command off = lock("look at it");
    off.off = true;
    desk_do(desk, off);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_LOCK);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void locked_line_goes_back_after_its_time(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = PUMP, .for_ms = 1000});
    desk_wait(desk, 400);
    desk_do(desk, lock("look at it"));
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_LOCK);
    desk_wait(desk, 599);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_expect_event(desk, 0, PUMP, 0, EVENT_PULSE); /* of who began it, not of who locked it */
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "http:192.168.1.7:51514");
}

static void locked_line_does_not_go_on_after_its_time(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    struct command off = desk_set_command(PUMP, 0);
    off.for_ms = 5000;
    desk_do(desk, off);
    desk_do(desk, lock("somebody is inside"));
    desk_wait(desk, 10000);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void line_whose_chip_is_away_can_be_locked(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = PUMP, .duty = 0.5, .hz = 1});
    circuit_available(desk->circuit, PUMP, false, 0, "gone", &desk->now);
    desk_do(desk, lock("it stutters"));
    assert_string_equal(desk_state(desk, PUMP).lock_reason, "it stutters");
    circuit_available(desk->circuit, PUMP, true, desk->gpio.lines[PUMP].level, "", &desk->now);
    desk_wait(desk, 5000);
    assert_int_equal(desk_value(desk, PUMP), 0);
}

static void off_works_on_locked_lines(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    desk_do(desk, lock("do not touch"));
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_non_null(desk_state(desk, PUMP).lock_reason);
}

static void off_switches_off_what_it_can_when_a_line_fails(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    desk_set(desk, LAMP, 1);
    desk->gpio.lines[PUMP].set_error = -EIO;
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(desk_pin(desk, LAMP), 0);
    assert_int_equal(desk_value(desk, LAMP), 0);
    assert_int_equal(desk_value(desk, PUMP), 1);
    desk->gpio.lines[PUMP].set_error = 0;
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(max_on_switches_off),
        DESK_TEST(max_on_holds_for_pwm_and_for_the_start),
        DESK_TEST(blink_within_max_on_is_not_cut),
        DESK_TEST(min_off_refuses_until_the_rest_is_over),
        DESK_TEST(start_counts_as_just_switched_off),
        DESK_TEST(actions_that_rest_too_shortly_are_refused),
        DESK_TEST(lease_that_is_not_renewed_ends_in_safe),
        DESK_TEST(lease_ends_with_its_connection),
        DESK_TEST(line_that_needs_a_lease_gets_its_default),
        DESK_TEST(lease_of_a_command_is_no_longer_than_the_lines),
        DESK_TEST(reload_with_a_shorter_lease_shortens_the_running_one),
        DESK_TEST(lease_of_a_line_that_holds_its_value_ends_off),
        DESK_TEST(lease_ends_with_what_it_was_for),
        DESK_TEST(lease_that_ends_ends_the_action),
        DESK_TEST(locked_line_refuses_with_its_reason),
        DESK_TEST(lock_ends_a_blink_off),
        DESK_TEST(lock_leaves_a_steady_line_on_and_safety_goes_on),
        DESK_TEST(lock_with_off_switches_off),
        DESK_TEST(locked_line_goes_back_after_its_time),
        DESK_TEST(locked_line_does_not_go_on_after_its_time),
        DESK_TEST(line_whose_chip_is_away_can_be_locked),
        DESK_TEST(off_works_on_locked_lines),
        DESK_TEST(off_switches_off_what_it_can_when_a_line_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
