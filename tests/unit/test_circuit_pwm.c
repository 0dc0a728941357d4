/* PWM by the kernel: the circuit tells duty and frequency once, and everything else that it promises of
 * PWM holds as it does for its own. */
#include "circuit_desk.h"

#include <errno.h>
#include <math.h>

enum { FAN, LAMP };

#define CHANNEL "/sys/class/pwm/pwmchip0/pwm0"

static struct {
    int calls;
    int line;
    double duty, hz;
    int error; /* what the next calls answer; 0 to succeed */
} told;

int gpio_set_pwm(struct gpio *gpio, int line, double duty, double hz)
{
    assert_true(gpio->lines[line].config.pwm[0]);
    told.calls++;
    if (told.error)
        return told.error;
    told.line = line;
    told.duty = duty;
    told.hz = hz;
    gpio->lines[line].level = duty > 0;
    return 0;
}

static struct circuit_line_options *fan_of(struct desk *desk)
{
    struct circuit_line_options *fan = desk_output(desk, "fan");
    (void)snprintf(fan->pwm_channel, sizeof fan->pwm_channel, CHANNEL);
    return fan;
}

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    memset(&told, 0, sizeof told);
    (void)fan_of(desk);
    (void)desk_output(desk, "lamp");
    return desk;
}

static struct command pwm(double duty, double hz)
{
    return (struct command){.verb = COMMAND_PWM, .duty = duty, .hz = hz};
}

static const struct command stop = {.verb = COMMAND_STOP};

static void expect_told(int calls, double duty, double hz)
{
    assert_int_equal(told.calls, calls);
    assert_true(fabs(told.duty - duty) < 1e-9);
    assert_true(fabs(told.hz - hz) < 1e-9);
}

/* The newest thing that the pin was told: a value, after so many calls for PWM. */
static void expect_value_written(const struct desk *desk, size_t writes, uint8_t value)
{
    assert_int_equal(desk->gpio.write_count, writes);
    assert_int_equal(desk->gpio.writes[writes - 1].line, FAN);
    assert_int_equal(desk->gpio.writes[writes - 1].level, value);
}

static void pwm_of_a_channel_is_told_once_and_needs_no_timer(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    assert_string_equal(desk->gpio.lines[FAN].config.pwm, CHANNEL);
    assert_string_equal(desk->gpio.lines[LAMP].config.pwm, "");
    desk_do(desk, pwm(0.25, 200));
    expect_told(1, 0.25, 200);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    desk_wait(desk, 10000);
    assert_int_equal(told.calls, 1);
    assert_int_equal(desk->gpio.write_count, writes);
    assert_int_equal(desk_value(desk, FAN), 1);
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_PWM);
}

static void line_without_a_channel_is_flipped_by_the_circuit(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    struct command command = pwm(0.25, 200);
    command.line = LAMP;
    desk_do(desk, command);
    assert_int_equal(circuit_due_ns(desk->circuit), desk->now.monotonic_ns + 1250000);
    desk_wait(desk, 1000);
    assert_int_equal(told.calls, 0);
    assert_true(desk->gpio.write_count > 400);
}

static void pwm_of_a_channel_tells_its_start_its_changes_and_its_end(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    uint64_t seq = desk_seq(desk);
    desk_do(desk, pwm(0.25, 200));
    desk_expect_event(desk, 0, FAN, 1, EVENT_PWM);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_PWM | EVENT_HAS_ACTION);
    desk_do(desk, pwm(0.5, 200));
    expect_told(2, 0.5, 200);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_PWM);
    desk_do(desk, pwm(0.5, 100));
    expect_told(3, 0.5, 100);
    desk_do(desk, stop);
    desk_expect_event(desk, 0, FAN, 0, EVENT_STOP);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_PWM | EVENT_HAS_ACTION);
    assert_int_equal(desk_seq(desk), seq + 4);
}

static void same_pwm_again_is_neither_written_nor_told(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, pwm(0.25, 200));
    uint64_t seq = desk_seq(desk);
    desk_do(desk, pwm(0.25, 200));
    assert_int_equal(told.calls, 1);
    assert_int_equal(desk_seq(desk), seq);
}

static void stop_switches_off_whatever_the_duty_was(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    desk_do(desk, pwm(0.01, 200));
    desk_do(desk, stop);
    expect_value_written(desk, writes + 1, 0);
    assert_int_equal(desk_value(desk, FAN), 0);
    desk_do(desk, pwm(0, 200));
    expect_told(2, 0, 200);
    assert_int_equal(desk_value(desk, FAN), 0);
    desk_do(desk, stop);
    expect_value_written(desk, writes + 2, 0);
    assert_int_equal(desk_value(desk, FAN), 0);
}

static void value_ends_pwm_also_where_it_was_on_before(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    for (uint8_t value = 0; value <= 1; value++) {
        desk_do(desk, pwm(0.5, 200));
        desk_set(desk, FAN, value);
        expect_value_written(desk, writes + 1 + value, value);
        assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_NONE);
    }
}

static void pwm_ends_at_max_on(void **state)
{
    struct desk *desk = start(state);
    desk->lines[FAN].max_on_ms = 1000;
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    desk_wait(desk, 600);
    desk_do(desk, pwm(0.75, 200));
    desk_wait(desk, 399);
    assert_int_equal(desk_value(desk, FAN), 1);
    desk_wait(desk, 1);
    desk_expect_event(desk, 0, FAN, 0, EVENT_LIMIT);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(desk->gpio.lines[FAN].level, 0);
}

static void pwm_ends_with_its_lease(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    struct command command = pwm(0.5, 200);
    command.lease_ms = 500;
    desk_do(desk, command);
    desk_wait(desk, 499);
    assert_int_equal(desk->gpio.lines[FAN].level, 1);
    desk_wait(desk, 1);
    desk_expect_event(desk, 0, FAN, 0, EVENT_LEASE);
    assert_int_equal(desk->gpio.lines[FAN].level, 0);
    command.lease_ms = 0;
    command.lease_connection = 7;
    desk_do(desk, command);
    circuit_disconnected(desk->circuit, 7, &desk->now);
    assert_int_equal(desk->gpio.lines[FAN].level, 0);
}

static void off_brings_the_safe_value(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(desk->gpio.lines[FAN].level, 0);
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_NONE);
}

static void safe_on_is_full_on(void **state)
{
    struct desk *desk = start(state);
    desk->lines[FAN].safe = CIRCUIT_SAFE_1;
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    desk_do(desk, pwm(0.5, 200));
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    expect_value_written(desk, writes + 1, 1);
}

static void end_of_the_program_leaves_a_held_line_at_a_value(void **state)
{
    struct desk *desk = start(state);
    desk->lines[FAN].safe = CIRCUIT_SAFE_HOLD;
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    desk_do(desk, pwm(0.5, 200));
    circuit_shutdown(desk->circuit, &desk->now);
    expect_value_written(desk, writes + 1, 0);
}

static void lock_ends_pwm_as_stop_does(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    desk_do(desk, pwm(0.5, 200));
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .reason = "repair"});
    expect_value_written(desk, writes + 1, 0);
    desk_refused(desk, pwm(0.5, 200), REFUSAL_LOCKED);
    assert_int_equal(told.calls, 1);
}

static void refusal_of_the_driver_changes_nothing(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    uint64_t seq = desk_seq(desk);
    told.error = -EINVAL;
    desk_refused(desk, pwm(0.5, 0.1), REFUSAL_GPIO);
    assert_int_equal(desk->refusal.errno_code, EINVAL);
    told.error = 0;
    assert_int_equal(desk_seq(desk), seq);
    assert_true(fabs(desk_state(desk, FAN).hz - 200) < 1e-9);
    /* What the pin carries is not known now: the same command is written. */
    int calls = told.calls;
    desk_do(desk, pwm(0.5, 200));
    expect_told(calls + 1, 0.5, 200);
}

static void pwm_that_fails_with_another_line_goes_back_to_what_it_was(void **state)
{
    struct desk *desk = start(state);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, FAN, LAMP);
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    int calls = told.calls;
    desk->gpio.lines[LAMP].set_error = -EIO;
    desk_refused(desk, desk_set_command(LAMP, 1), REFUSAL_GPIO);
    expect_told(calls + 1, 0.5, 200);
    assert_int_equal(desk->gpio.lines[FAN].level, 1);
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_PWM);
}

static void pwm_that_waits_for_a_gap_begins_after_it(void **state)
{
    struct desk *desk = start(state);
    desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, FAN, LAMP)->gap_ms = 300;
    desk_start(desk);
    desk_wait(desk, 300);
    desk_set(desk, LAMP, 1);
    desk_do(desk, pwm(0.5, 200));
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_GAP);
    desk_wait(desk, 299);
    assert_int_equal(told.calls, 0);
    assert_int_equal(desk_pin(desk, LAMP), 0);
    desk_wait(desk, 1);
    expect_told(1, 0.5, 200);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

/* ---- reload ------------------------------------------------------------------------------- */

static void forget(void *context, const char *line, const char *what)
{
    (void)context, (void)line, (void)what;
}

static int reload(struct desk *desk)
{
    return circuit_reload(desk->circuit, &desk->options, &desk->now, forget, NULL, &desk->error);
}

static void reload_keeps_a_running_channel_untouched(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    size_t writes = desk->gpio.write_count;
    desk->lines[FAN].max_on_ms = 60000;
    assert_int_equal(reload(desk), 0);
    assert_int_equal(told.calls, 1);
    assert_int_equal(desk->gpio.write_count, writes);
    assert_int_equal(desk->gpio.releases, 0);
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_PWM);
}

static void another_channel_is_claimed_anew(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    (void)snprintf(desk->lines[FAN].pwm_channel, GPIO_PWM_SIZE, CHANNEL "1");
    assert_int_equal(reload(desk), 0);
    assert_int_equal(desk->gpio.releases, 1);
    assert_string_equal(desk->gpio.lines[FAN].config.pwm, CHANNEL "1");
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_NONE);
    desk->lines[FAN].pwm_channel[0] = '\0';
    assert_int_equal(reload(desk), 0);
    assert_string_equal(desk->gpio.lines[FAN].config.pwm, "");
}

static void line_that_leaves_leaves_no_pwm_behind(void **state)
{
    struct desk *desk = start(state);
    desk->lines[FAN].safe = CIRCUIT_SAFE_HOLD;
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    size_t writes = desk->gpio.write_count;
    desk->lines[FAN] = desk->lines[LAMP];
    desk->options.line_count = 1;
    assert_int_equal(reload(desk), 0);
    expect_value_written(desk, writes + 1, 1);
}

static void channel_under_another_name_is_released_before_it_is_claimed(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_set(desk, FAN, 1);
    (void)snprintf(desk->lines[FAN].name, CIRCUIT_NAME_SIZE, "ventilator");
    (void)snprintf(desk->lines[FAN].gpio.gpio, GPIO_NAME_SIZE, "GPIO18");
    size_t writes = desk->gpio.write_count;
    assert_int_equal(reload(desk), 0);
    expect_value_written(desk, writes + 2, 0);
    assert_int_equal(desk->gpio.writes[writes].line, FAN);
}

static void reload_that_fails_has_the_channel_run_again(void **state)
{
    struct desk *desk = start(state);
    desk_start(desk);
    desk_do(desk, pwm(0.5, 200));
    (void)snprintf(desk->lines[FAN].pwm_channel, GPIO_PWM_SIZE, CHANNEL "1");
    desk->gpio.claim_error = -EBUSY;
    assert_int_equal(reload(desk), -EBUSY);
    assert_string_equal(desk->gpio.lines[FAN].config.pwm, CHANNEL);
    expect_told(2, 0.5, 200);
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_PWM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(pwm_of_a_channel_is_told_once_and_needs_no_timer),
        DESK_TEST(line_without_a_channel_is_flipped_by_the_circuit),
        DESK_TEST(pwm_of_a_channel_tells_its_start_its_changes_and_its_end),
        DESK_TEST(same_pwm_again_is_neither_written_nor_told),
        DESK_TEST(stop_switches_off_whatever_the_duty_was),
        DESK_TEST(value_ends_pwm_also_where_it_was_on_before),
        DESK_TEST(pwm_ends_at_max_on),
        DESK_TEST(pwm_ends_with_its_lease),
        DESK_TEST(off_brings_the_safe_value),
        DESK_TEST(safe_on_is_full_on),
        DESK_TEST(end_of_the_program_leaves_a_held_line_at_a_value),
        DESK_TEST(lock_ends_pwm_as_stop_does),
        DESK_TEST(refusal_of_the_driver_changes_nothing),
        DESK_TEST(pwm_that_fails_with_another_line_goes_back_to_what_it_was),
        DESK_TEST(pwm_that_waits_for_a_gap_begins_after_it),
        DESK_TEST(reload_keeps_a_running_channel_untouched),
        DESK_TEST(another_channel_is_claimed_anew),
        DESK_TEST(line_that_leaves_leaves_no_pwm_behind),
        DESK_TEST(channel_under_another_name_is_released_before_it_is_claimed),
        DESK_TEST(reload_that_fails_has_the_channel_run_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
