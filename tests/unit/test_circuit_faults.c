/* What must hold when the hardware refuses, lies or goes away. */
#include "circuit_desk.h"

enum { RED, GREEN, BUTTON };

static struct desk *put(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_input(desk, "button");
    return desk;
}

static void pulse_during_an_owed_return_ends(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 1000});
    desk->gpio.lines[RED].set_error = -EIO;
    desk_wait(desk, 1000);
    desk->gpio.lines[RED].set_error = 0;
    desk_wait(desk, 300);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 1000});
    desk_wait(desk, 100000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void reload_with_a_lease_keeps_the_debt(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 1000});
    desk->gpio.lines[RED].set_error = -EIO;
    desk_wait(desk, 1000);
    desk->lines[RED].lease_ms = 3600000;
    assert_int_equal(desk_reload(desk), 0);
    desk->gpio.lines[RED].set_error = 0;
    desk_wait(desk, 10000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void reload_that_claims_anew_keeps_the_debt(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_SET, .line = RED, .value = 1, .lease_ms = 1000});
    desk->gpio.lines[RED].set_error = -EIO;
    desk_wait(desk, 1000);
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 100000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void reload_that_claims_anew_lets_a_pulse_end(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 1000});
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 100000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void reload_that_claims_anew_does_not_turn_pwm_into_full_power(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = RED, .duty = 0.01, .hz = 1});
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 100000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void lost_edges_are_told_under_debounce(void **state)
{
    struct desk *desk = put(state);
    desk->gpio.capabilities &= ~(unsigned)GPIO_CAN_DEBOUNCE;
    desk->lines[BUTTON].gpio.debounce_us = 5000;
    desk_start(desk);
    uint64_t seq = desk_seq(desk);
    struct gpio_edge edge = {
        .line = BUTTON, .value = 1, .edge_ns = desk->now.monotonic_ns, .lost = 1, .overrun = true};
    circuit_edge(desk->circuit, &edge, &desk->now);
    edge.value = 0;
    edge.lost = 0;
    edge.edge_ns += 1000000;
    circuit_edge(desk->circuit, &edge, &desk->now);
    desk_wait(desk, 100);
    assert_int_equal(desk_state(desk, BUTTON).lost, 1);
    assert_true(desk_seq(desk) > seq);
}
static void lost_edges_are_in_the_event_under_debounce(void **state)
{
    struct desk *desk = put(state);
    desk->gpio.capabilities &= ~(unsigned)GPIO_CAN_DEBOUNCE;
    desk->lines[BUTTON].gpio.debounce_us = 5000;
    desk_start(desk);
    struct gpio_edge edge = {
        .line = BUTTON, .value = 1, .edge_ns = desk->now.monotonic_ns, .lost = 3};
    circuit_edge(desk->circuit, &edge, &desk->now);
    desk_wait(desk, 100);
    assert_int_equal(desk_state(desk, BUTTON).lost, 3);
    assert_int_equal(desk_event(desk, 0)->lost, 3);
}

static void reads_as_off(void *context, int line, uint8_t level)
{
    struct desk *desk = context;
    (void)level;
    if (!desk->circuit) /* during the claim */
        desk->gpio.lines[line].level = 0;
}
static void output_that_reads_back_as_off_is_switched_off_all_the_same(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].initial = CIRCUIT_INITIAL_1;
    desk->gpio.written = reads_as_off;
    desk_start(desk);
    desk->gpio.written = NULL;
    assert_int_equal(desk->gpio.pins[RED], 1); /* driven */
    desk_set(desk, RED, 0);
    circuit_shutdown(desk->circuit, &desk->now);
    assert_int_equal(desk->gpio.pins[RED], 0);
}

static void output_that_was_kept_is_written_even_where_it_read_as_wished(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].initial = CIRCUIT_INITIAL_KEEP;
    desk_start(desk);
    size_t writes = desk->gpio.write_count;
    desk_set(desk, RED, 0);
    assert_int_equal(desk->gpio.write_count, writes + 1);
    desk_set(desk, RED, 0);
    assert_int_equal(desk->gpio.write_count, writes + 1);
}

static void limit_does_not_end_a_scene(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].max_on_ms = 1000;
    struct circuit_scene_options *scene = desk_program(desk, "water");
    desk_step(scene, 0, RED, 1);
    desk_step(scene, 0, GREEN, 1);
    desk_step(scene, 5000, RED, 0);
    desk_step(scene, 0, GREEN, 0);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_SCENE, .line = 0});
    assert_int_equal(desk_pin(desk, GREEN), 1);
    desk_wait(desk, 100000);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 0);
}

static void lock_that_is_refused_changes_nothing(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, RED, 1);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = RED, .reason = "first"});
    desk->gpio.lines[RED].set_error = -EIO;
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    uint64_t seq = desk_seq(desk);
    desk_refused(desk, (struct command){.verb = COMMAND_LOCK, .line = RED, .reason = "second"},
                 REFUSAL_GPIO);
    assert_int_equal(desk_seq(desk), seq);
    assert_string_equal(desk_state(desk, RED).lock_reason, "first");
}

static void reload_of_a_line_whose_chip_is_away_is_refused_and_the_line_comes_back(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    circuit_available(desk->circuit, RED, false, 0, "gone", &desk->now);
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    assert_int_equal(desk_reload(desk), -ENODEV);
    assert_non_null(strstr(desk->error.message, "red is changed, and its chip is away"));
    circuit_available(desk->circuit, RED, true, 0, "", &desk->now);
    assert_true(desk_state(desk, RED).available);
    assert_int_equal(desk_reload(desk), 0);
}

static void simulate_on_an_unclaimed_line_is_refused(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk->lines[BUTTON].gpio.bias = GPIO_BIAS_PULL_UP;
    desk->gpio.claim_error = -ENOMEM;
    desk->gpio.claim_errors_more = 1;
    assert_int_equal(desk_reload(desk), -ENOMEM);
    assert_false(desk_state(desk, BUTTON).available);
    struct origin by = {"a", ROLE_OPERATOR};
    assert_int_equal(circuit_simulate(desk->circuit, BUTTON, 1, &by, &desk->now, &desk->refusal),
                     -1);
}

static void blink_of_centuries_has_no_end(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_BLINK,
                                   .line = RED,
                                   .on_ms = COMMAND_DURATION_MAX_MS,
                                   .off_ms = COMMAND_DURATION_MAX_MS,
                                   .count = 1000000});
    assert_int_equal(desk_state(desk, RED).action_ends_ns, 0);
}

static void end_tries_again_what_the_hardware_refused(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, RED, 1);
    desk->gpio.lines[RED].set_failures = 3; /* in one call with others, alone, and once more */
    circuit_shutdown(desk->circuit, &desk->now);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static struct desk *watched;
static bool both;
static void look(void *context, int line, uint8_t level)
{
    (void)context, (void)line, (void)level;
    both = both || (watched->gpio.pins[RED] && watched->gpio.pins[GREEN]);
}
static void start_beside_a_taken_over_line_keeps_the_interlock(void **state)
{
    struct desk *desk = put(state);
    struct circuit_store store = {.goes_on = true};
    desk->store = &store;
    desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, RED, GREEN);
    desk->lines[RED].initial =
        CIRCUIT_INITIAL_1; /* new in the config, or a PWM channel: not handed over */
    desk->gpio.handed_over[GREEN] = true;
    desk->gpio.pins[GREEN] = 1;
    watched = desk;
    both = false;
    desk->gpio.written = look;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, GREEN), 1); /* a crash changes no output */
    assert_false(both);
}

static void chip_that_returns_does_not_bring_back_what_is_owed_off(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].max_on_ms = 1000;
    desk_start(desk);
    desk_set(desk, RED, 1);
    circuit_available(desk->circuit, RED, false, 1, "gone", &desk->now);
    desk_wait(desk, 5000);
    /* the backend asks for the line with what was set last */
    assert_int_equal(desk->gpio.lines[RED].level, 0);
}

static void reload_shortens_a_default_lease(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].lease_ms = 3600000;
    desk_start(desk);
    desk_set(desk, RED, 1);
    desk->lines[RED].lease_ms = 1000;
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 2000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void line_that_leaves_against_the_hardware_is_not_told_off(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    desk_set(desk, RED, 1);
    desk->gpio.lines[RED].set_error = -EIO;
    desk->lines[RED] = desk->lines[GREEN];
    desk->lines[GREEN] = desk->lines[BUTTON];
    desk->options.line_count = 2;
    int code = desk_reload(desk);
    assert_true(code < 0 || desk_pin(desk, RED) == desk_event(desk, 0)->value);
}

static void line_of_a_chip_that_is_gone_may_move_to_another_pin(void **state)
{
    struct desk *desk = put(state);
    desk_start(desk);
    circuit_available(desk->circuit, RED, false, 0, "gone", &desk->now);
    (void)snprintf(desk->lines[RED].gpio.gpio, sizeof desk->lines[RED].gpio.gpio, "GPIO5");
    assert_int_equal(desk_reload(desk), 0);
    desk_set(desk, RED, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(pulse_during_an_owed_return_ends),
        DESK_TEST(reload_with_a_lease_keeps_the_debt),
        DESK_TEST(reload_that_claims_anew_keeps_the_debt),
        DESK_TEST(reload_that_claims_anew_lets_a_pulse_end),
        DESK_TEST(reload_that_claims_anew_does_not_turn_pwm_into_full_power),
        DESK_TEST(lost_edges_are_told_under_debounce),
        DESK_TEST(lost_edges_are_in_the_event_under_debounce),
        DESK_TEST(output_that_reads_back_as_off_is_switched_off_all_the_same),
        DESK_TEST(output_that_was_kept_is_written_even_where_it_read_as_wished),
        DESK_TEST(limit_does_not_end_a_scene),
        DESK_TEST(lock_that_is_refused_changes_nothing),
        DESK_TEST(reload_of_a_line_whose_chip_is_away_is_refused_and_the_line_comes_back),
        DESK_TEST(line_of_a_chip_that_is_gone_may_move_to_another_pin),
        DESK_TEST(blink_of_centuries_has_no_end),
        DESK_TEST(end_tries_again_what_the_hardware_refused),
        DESK_TEST(start_beside_a_taken_over_line_keeps_the_interlock),
        DESK_TEST(chip_that_returns_does_not_bring_back_what_is_owed_off),
        DESK_TEST(reload_shortens_a_default_lease),
        DESK_TEST(line_that_leaves_against_the_hardware_is_not_told_off),
        DESK_TEST(simulate_on_an_unclaimed_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
