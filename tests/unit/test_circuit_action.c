#include "circuit_desk.h"

#include <time.h>

enum { RED, GREEN, BLUE, FAN };

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_output(desk, "blue");
    (void)desk_output(desk, "fan");
    desk_start(desk);
    return desk;
}

static struct command set_for(size_t line, uint8_t value, uint32_t for_ms)
{
    struct command command = desk_set_command(line, value);
    command.for_ms = for_ms;
    return command;
}

static struct command pulse(size_t line, uint32_t ms)
{
    return (struct command){.verb = COMMAND_PULSE, .line = (uint16_t)line, .for_ms = ms};
}

static struct command blink(uint32_t on_ms, uint32_t off_ms, uint32_t count)
{
    return (struct command){
        .verb = COMMAND_BLINK, .on_ms = on_ms, .off_ms = off_ms, .count = count};
}

static struct command pwm(size_t line, double duty, double hz)
{
    return (struct command){.verb = COMMAND_PWM, .line = (uint16_t)line, .duty = duty, .hz = hz};
}

static const struct command stop = {.verb = COMMAND_STOP};

static void set_for_a_time_goes_back_afterwards(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, set_for(RED, 1, 500));
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION);
    assert_int_equal(desk_state(desk, RED).action, CIRCUIT_ACTION_FOR);
    assert_int_equal(desk_state(desk, RED).action_ends_ns, desk->now.wall_ns + 500 * MS);
    desk_wait(desk, 499);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_expect_event(desk, 0, RED, 0, EVENT_SET);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "http:192.168.1.7:51514");
    assert_int_equal(desk_event(desk, 0)->role, ROLE_OPERATOR);
    assert_int_equal(desk_state(desk, RED).action, CIRCUIT_ACTION_NONE);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void set_off_for_a_time_comes_on_again(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_do(desk, set_for(RED, 0, 500));
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_wait(desk, 500);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void pulse_is_on_for_its_length(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pulse(RED, 300));
    desk_expect_event(desk, 0, RED, 1, EVENT_PULSE);
    desk_wait(desk, 300);
    desk_expect_event(desk, 0, RED, 0, EVENT_PULSE);
    assert_int_equal(desk_seq(desk), 6);
}

static void second_pulse_prolongs_the_first_and_goes_back_to_the_value_before_both(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pulse(RED, 300));
    desk_wait(desk, 100);
    desk_do(desk, pulse(RED, 300));
    desk_wait(desk, 299);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 2);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void later_command_ends_what_was_running(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pulse(RED, 300));
    desk_wait(desk, 100);
    desk_set(desk, RED, 1);
    /* The value stays, the pulse is gone: clients learn that. */
    desk_expect_event(desk, 0, RED, 1, EVENT_SET);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION);
    assert_int_equal(desk->outcome.was, 1);
    desk_wait(desk, 10000);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void command_that_is_refused_ends_nothing(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pulse(RED, 300));
    desk->gpio.lines[RED].set_error = -EIO;
    desk_refused(desk, desk_set_command(RED, 0), REFUSAL_GPIO);
    desk->gpio.lines[RED].set_error = 0;
    desk_refused(desk, pwm(RED, 2, 100), REFUSAL_BAD_REQUEST);
    desk_wait(desk, 300);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void blink_flips_with_an_event_each_until_it_has_counted(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, blink(200, 300, 3));
    assert_int_equal(desk_state(desk, RED).action_ends_ns, desk->now.wall_ns + 1200 * MS);
    desk_wait(desk, 450);
    assert_int_equal(desk_state(desk, RED).action_ends_ns, desk->now.wall_ns + 750 * MS);
    desk_wait(desk, 749);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_seq(desk), 4 + 6);
    for (uint64_t back = 0; back < 6; back++)
        desk_expect_event(desk, back, RED, back % 2, EVENT_BLINK);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION);
    assert_int_equal(desk_event(desk, 1)->details, 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void blink_without_a_count_runs_until_stopped(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, blink(500, 500, 0));
    desk_wait(desk, 24 * 3600 * 1000); /* a day */
    assert_int_equal(desk_state(desk, RED).action, CIRCUIT_ACTION_BLINK);
    assert_int_equal(desk_state(desk, RED).edges, 2 * 24 * 3600 + 1);
    assert_int_equal(desk_state(desk, RED).action_ends_ns, 0);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_do(desk, stop);
    desk_expect_event(desk, 0, RED, 1, EVENT_STOP);
    desk_wait(desk, 10000);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_do(desk, stop); /* nothing runs: nothing to tell */
    assert_int_equal(desk_event(desk, 0)->seq, desk->outcome.seq);
}

static void late_blink_does_not_hurry_after_the_time(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, blink(10, 10, 0));
    uint64_t seq = desk_seq(desk);
    desk->now.monotonic_ns += 5 * SECOND; /* the machine slept */
    circuit_tick(desk->circuit, &desk->now);
    assert_int_equal(desk_seq(desk), seq + 1);
    assert_int_equal(circuit_due_ns(desk->circuit), desk->now.monotonic_ns + 10 * MS);
}

static void pwm_tells_its_start_its_changes_and_its_end(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pwm(RED, 0.25, 200));
    desk_expect_event(desk, 0, RED, 1, EVENT_PWM);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_PWM | EVENT_HAS_ACTION);
    assert_true(desk_event(desk, 0)->duty > 0.249F && desk_event(desk, 0)->duty < 0.251F);
    desk_wait(desk, 1000);
    assert_int_equal(desk_seq(desk), 5);
    desk_do(desk, pwm(RED, 0.5, 200));
    desk_do(desk, pwm(RED, 0.5, 200));
    assert_int_equal(desk_seq(desk), 6);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_PWM);
    assert_true(desk_state(desk, RED).duty > 0.49);
    desk_set(desk, RED, 0);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_PWM | EVENT_HAS_ACTION);
    assert_true(desk_event(desk, 0)->hz < 0.1F);
    assert_int_equal(desk_pin(desk, RED), 0);
}

struct duty_meter {
    struct desk *desk;
    int64_t on_ns, since_ns;
    int flips;
};

static void measure(void *context, int line, uint8_t level)
{
    struct duty_meter *meter = context;
    int64_t now_ns = meter->desk->now.monotonic_ns;
    (void)line;
    meter->flips++;
    if (level)
        meter->since_ns = now_ns;
    else
        meter->on_ns += now_ns - meter->since_ns;
}

static void pwm_is_on_for_its_share_also_when_its_steps_come_late(void **state)
{
    struct desk *desk = start(state);
    struct duty_meter meter = {.desk = desk};
    desk->gpio.written = measure;
    desk->gpio.context = &meter;
    desk_do(desk, pwm(RED, 0.25, 200));
    int64_t end_ns = desk->now.monotonic_ns + 10 * SECOND;
    for (int i = 0; desk->now.monotonic_ns < end_ns; i++) {
        desk->now.monotonic_ns = circuit_due_ns(desk->circuit) + i * INT64_C(7919) % (MS / 2);
        circuit_tick(desk->circuit, &desk->now);
    }
    assert_in_range(meter.flips, 3990, 4010);
    assert_in_range(meter.on_ns, 2490 * MS, 2510 * MS);
}

static void pwm_changes_its_duty_without_a_jump(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pwm(RED, 0.5, 100));
    desk_wait(desk, 6); /* off since 5 ms */
    size_t writes = desk->gpio.write_count;
    desk_do(desk, pwm(RED, 0.25, 100));
    desk_wait_ns(desk, 4 * MS - 1);
    assert_int_equal(desk->gpio.write_count, writes);
    desk_wait_ns(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait_ns(desk, 5 * MS / 2);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void pwm_of_nothing_and_of_all_does_not_flip(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pwm(RED, 0, 200));
    assert_int_equal(desk_value(desk, RED), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    desk_do(desk, pwm(RED, 1, 200));
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    desk_do(desk, pwm(RED, 0.5, 200));
    desk_wait_ns(desk, 3 * MS);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void stop_keeps_the_value_of_the_moment(void **state)
{
    struct desk *desk = start(state);
    for (int value = 0; value <= 1; value++) {
        desk_do(desk, blink(500, 500, 0));
        desk_wait(desk, value ? 100 : 600);
        desk_do(desk, stop);
        assert_int_equal(desk->outcome.value, value);
        desk_wait(desk, 1000);
        assert_int_equal(desk_pin(desk, RED), value);
    }
}

static void stop_ends_pwm_off_in_whatever_phase_it_is(void **state)
{
    struct desk *desk = start(state);
    for (int ms = 0; ms < 10; ms++) {
        desk_do(desk, pwm(RED, 0.5, 100));
        desk_wait_ns(desk, ms * MS);
        desk_do(desk, stop);
        assert_int_equal(desk->outcome.was, 1);
        assert_int_equal(desk->outcome.value, 0);
        assert_int_equal(desk_pin(desk, RED), 0);
    }
}

static void timed_set_goes_back_to_the_value_before_a_blink_or_pwm(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, blink(500, 500, 0));
    desk_wait(desk, 100);
    desk_do(desk, set_for(RED, 1, 1000));
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_do(desk, pwm(RED, 0.5, 100));
    desk_wait(desk, 100);
    desk_do(desk, pulse(RED, 1000));
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_set(desk, RED, 1);
    desk_do(desk, pwm(RED, 0.5, 100));
    desk_do(desk, set_for(RED, 0, 1000));
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void ranges_are_checked(void **state)
{
    struct desk *desk = start(state);
    desk_refused(desk, pulse(RED, 0), REFUSAL_BAD_REQUEST);
    desk_refused(desk, pulse(RED, COMMAND_DURATION_MAX_MS + 1), REFUSAL_BAD_REQUEST);
    desk_refused(desk, set_for(RED, 1, COMMAND_DURATION_MAX_MS + 1), REFUSAL_BAD_REQUEST);
    desk_refused(desk, blink(0, 1, 1), REFUSAL_BAD_REQUEST);
    desk_refused(desk, blink(1, 0, 1), REFUSAL_BAD_REQUEST);
    desk_refused(desk, pwm(RED, -0.01, 100), REFUSAL_BAD_REQUEST);
    desk_refused(desk, pwm(RED, 0.0 / 0.0, 100), REFUSAL_BAD_REQUEST);
    desk_refused(desk, pwm(RED, 0.5, 0.09), REFUSAL_BAD_REQUEST);
    desk_refused(desk, pwm(RED, 0.5, 501), REFUSAL_BAD_REQUEST);
    desk_do(desk, pwm(RED, 0.5, 500));
    desk_do(desk, pwm(RED, 0.5, 0.1));
}

static void return_that_the_hardware_refuses_is_tried_until_it_is_done(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pulse(RED, 100));
    desk->gpio.lines[RED].set_error = -EIO;
    desk_wait(desk, 5000);
    assert_int_equal(desk_value(desk, RED), 1);
    assert_int_equal(desk_state(desk, RED).action, CIRCUIT_ACTION_NONE);
    desk->gpio.lines[RED].set_error = 0;
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_expect_event(desk, 0, RED, 0, EVENT_PULSE);
}

/* The circuit's own share; what the pins and the timer cost, the gateway's bench measures. */
static void four_fans_at_200_hz_take_little_of_a_core(void **state)
{
    struct desk *desk = start(state);
    struct timespec before, after;
    for (size_t line = RED; line <= FAN; line++)
        desk_do(desk, pwm(line, 0.1 + 0.2 * (double)line, 200));
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
    desk_wait(desk, 60 * 1000);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
    double seconds = (double)(after.tv_sec - before.tv_sec) +
                     (double)(after.tv_nsec - before.tv_nsec) / (double)SECOND;
    print_message("four lines at 200 Hz: %.3f %% of a core\n", seconds / 60 * 100);
    assert_true(seconds < 60 * 0.02);
}

static void shorter_second_pulse_does_not_cut_the_first(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, pulse(RED, 3000));
    desk_wait(desk, 200);
    desk_do(desk, pulse(RED, 300));
    desk_wait(desk, 2799);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void pulse_on_a_line_that_is_on_switches_it_off_after_its_time(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_do(desk, pulse(RED, 300));
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION);
    desk_wait(desk, 299);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void action_ends_when_its_limit_does(void **state)
{
    struct desk *desk = start(state);
    desk->lines[RED].max_on_ms = 1000;
    assert_int_equal(desk_reload(desk), 0);
    desk_do(desk, pulse(RED, 3000));
    assert_int_equal(desk_state(desk, RED).action_ends_ns, desk->now.wall_ns + 1000 * MS);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = RED, .duty = 0.5, .hz = 10});
    assert_int_equal(desk_state(desk, RED).action_ends_ns, desk->now.wall_ns + 1000 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(shorter_second_pulse_does_not_cut_the_first),
        DESK_TEST(pulse_on_a_line_that_is_on_switches_it_off_after_its_time),
        DESK_TEST(action_ends_when_its_limit_does),
        DESK_TEST(set_for_a_time_goes_back_afterwards),
        DESK_TEST(set_off_for_a_time_comes_on_again),
        DESK_TEST(pulse_is_on_for_its_length),
        DESK_TEST(second_pulse_prolongs_the_first_and_goes_back_to_the_value_before_both),
        DESK_TEST(later_command_ends_what_was_running),
        DESK_TEST(command_that_is_refused_ends_nothing),
        DESK_TEST(blink_flips_with_an_event_each_until_it_has_counted),
        DESK_TEST(blink_without_a_count_runs_until_stopped),
        DESK_TEST(late_blink_does_not_hurry_after_the_time),
        DESK_TEST(pwm_tells_its_start_its_changes_and_its_end),
        DESK_TEST(pwm_is_on_for_its_share_also_when_its_steps_come_late),
        DESK_TEST(pwm_changes_its_duty_without_a_jump),
        DESK_TEST(pwm_of_nothing_and_of_all_does_not_flip),
        DESK_TEST(stop_keeps_the_value_of_the_moment),
        DESK_TEST(stop_ends_pwm_off_in_whatever_phase_it_is),
        DESK_TEST(timed_set_goes_back_to_the_value_before_a_blink_or_pwm),
        DESK_TEST(ranges_are_checked),
        DESK_TEST(return_that_the_hardware_refuses_is_tried_until_it_is_done),
        DESK_TEST(four_fans_at_200_hz_take_little_of_a_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
