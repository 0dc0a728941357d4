/* What a program that ends early leaves its lines with, where its steps are commands. */
#include "circuit_desk.h"

enum { RED, GREEN };

static const struct command play = {.verb = COMMAND_SCENE};
static const struct command stop = {.verb = COMMAND_SCENE_STOP};

/* A program that switches red on and, 100 ms later, does `last`; its lines are on when they are safe. */
static struct desk *begin(void **state, struct command first, struct command last)
{
    struct desk *desk = desk_of(state);
    desk_output(desk, "red")->safe = CIRCUIT_SAFE_1;
    desk_output(desk, "green")->safe = CIRCUIT_SAFE_1;
    struct circuit_scene_options *program = desk_program(desk, "evening");
    struct circuit_scene_options *night = desk_program(desk, "night");
    night->is_program = false;
    desk_step(night, 0, GREEN, 1);
    desk_step(night, 0, RED, 0);
    desk_step_command(program, 0, first);
    desk_step_command(program, 100, last);
    desk_start(desk);
    desk_do(desk, play);
    return desk;
}

static const struct command red_on = {.verb = COMMAND_SET, .line = RED, .value = 1};

static void expect_red(void **state, struct command last, uint8_t pin)
{
    struct desk *desk = begin(state, red_on, last);
    desk_do(desk, stop);
    assert_int_equal(desk_pin(desk, RED), pin);
}

static void last_value_may_be_commanded(void **state)
{
    expect_red(state, (struct command){.verb = COMMAND_SET, .line = RED, .value = 0}, 0);
}

static void value_of_another_line_says_nothing(void **state)
{
    expect_red(state, (struct command){.verb = COMMAND_SET, .line = GREEN, .value = 0}, 1);
}

static void pulse_leaves_its_line_off(void **state)
{
    expect_red(state, (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 50}, 0);
}

static void value_for_a_time_says_nothing(void **state)
{
    expect_red(state, (struct command){.verb = COMMAND_SET, .line = RED, .value = 0, .for_ms = 50},
               1);
}

static void pwm_of_no_duty_leaves_its_line_off(void **state)
{
    expect_red(state, (struct command){.verb = COMMAND_PWM, .line = RED, .duty = 0, .hz = 100}, 0);
}

static void scene_that_a_step_applies_says_its_values(void **state)
{
    expect_red(state, (struct command){.verb = COMMAND_SCENE, .line = 1}, 0);
}

static void scene_that_a_step_applied_is_undone(void **state)
{
    struct desk *desk = begin(state, (struct command){.verb = COMMAND_SCENE, .line = 1},
                              (struct command){.verb = COMMAND_SET, .line = GREEN, .value = 0});
    assert_int_equal(desk_pin(desk, GREEN), 1);
    desk_do(desk, stop);
    assert_int_equal(desk_pin(desk, GREEN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(last_value_may_be_commanded),
        DESK_TEST(value_of_another_line_says_nothing),
        DESK_TEST(pulse_leaves_its_line_off),
        DESK_TEST(value_for_a_time_says_nothing),
        DESK_TEST(pwm_of_no_duty_leaves_its_line_off),
        DESK_TEST(scene_that_a_step_applies_says_its_values),
        DESK_TEST(scene_that_a_step_applied_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
