#include "circuit_desk.h"

enum { RED, GREEN, BUTTON };

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_input(desk, "button");
    desk_start(desk);
    return desk;
}

struct told {
    size_t count;
    char lines[16][64];
};

static void tell(void *context, const char *line, const char *what)
{
    struct told *told = context;
    (void)snprintf(told->lines[told->count++], 64, "%s %s", line, what);
}

static bool was_told(const struct told *told, const char *text)
{
    for (size_t i = 0; i < told->count; i++)
        if (strcmp(told->lines[i], text) == 0)
            return true;
    return false;
}

static struct told reload(struct desk *desk)
{
    struct told told = {0};
    int code = circuit_reload(desk->circuit, &desk->options, &desk->now, tell, &told, &desk->error);
    if (code < 0)
        fail_msg("reload: %d", code);
    return told;
}

static void unchanged_lines_keep_request_value_and_action(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = GREEN, .for_ms = 1000});
    desk_wait(desk, 400);
    uint64_t seq = desk_seq(desk);
    desk->gpio.write_count = 0;
    struct told told = reload(desk);
    assert_int_equal(told.count, 3);
    assert_true(was_told(&told, "red kept") && was_told(&told, "button kept"));
    assert_int_equal(desk->gpio.releases, 0);
    assert_int_equal(desk->gpio.claims, 1);
    assert_int_equal(desk->gpio.write_count, 0);
    assert_int_equal(desk_seq(desk), seq);
    assert_int_equal(desk_state(desk, RED).seq, 4);
    desk_wait(desk, 599);
    assert_int_equal(desk_pin(desk, GREEN), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_value(desk, BUTTON), 1);
}

static void line_with_new_limits_keeps_its_pin_and_obeys_them(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_wait(desk, 10000);
    desk->lines[RED].max_on_ms = 15000;
    desk->lines[GREEN].lease_ms = 1000;
    desk_set(desk, GREEN, 1);
    struct told told = reload(desk);
    assert_true(was_told(&told, "red changed"));
    assert_int_equal(desk->gpio.releases, 0);
    assert_true(desk_state(desk, GREEN).leased);
    desk_wait(desk, 1000);
    desk_expect_event(desk, 0, GREEN, 0, EVENT_LEASE);
    desk_wait(desk, 4000);
    desk_expect_event(desk, 0, RED, 0, EVENT_LIMIT);
}

static void line_that_is_claimed_anew_keeps_its_value(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    struct told told = reload(desk);
    assert_true(was_told(&told, "red changed"));
    assert_int_equal(desk->gpio.releases, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(desk_value(desk, RED), 1);
    desk_expect_event(desk, 0, RED, 1, EVENT_RELOAD);
    desk_set(desk, RED, 0);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void new_lines_come_with_their_initial_value(void **state)
{
    struct desk *desk = start(state);
    desk_output(desk, "blue")->initial = CIRCUIT_INITIAL_1;
    struct told told = reload(desk);
    assert_true(was_told(&told, "blue added"));
    assert_int_equal(circuit_line_count(desk->circuit), 4);
    assert_int_equal(desk_pin(desk, 3), 1);
    desk_expect_event(desk, 0, 3, 1, EVENT_RELOAD);
    desk_set(desk, 3, 0);
}

static void lines_that_leave_leave_in_their_safe_state(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_set(desk, GREEN, 1);
    desk->lines[RED] = desk->lines[BUTTON];
    desk->options.line_count = 1; /* the button alone, at another place in the list */
    struct told told = reload(desk);
    assert_true(was_told(&told, "red removed") && was_told(&told, "green removed"));
    assert_true(was_told(&told, "button kept"));
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    assert_int_equal(desk->gpio.releases, 2);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->line_name), "green");
    desk_expect_event(desk, 0, GREEN, 0, EVENT_RELOAD);
    desk_press(desk, 0, 0);
    assert_int_equal(circuit_simulate(desk->circuit, 0, 1, &(struct origin){"a", ROLE_OPERATOR},
                                      &desk->now, &desk->refusal),
                     0);
    assert_int_equal(desk_value(desk, 0), 1);
}

static void line_with_a_new_name_takes_over_the_pin(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    (void)snprintf(desk->lines[RED].name, CIRCUIT_NAME_SIZE, "rot");
    struct told told = reload(desk);
    assert_true(was_told(&told, "rot added") && was_told(&told, "red removed"));
    assert_int_equal(circuit_find(desk->circuit, "red"), -1);
    desk_set(desk, RED, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void reload_that_fails_changes_nothing(void **state)
{
    struct desk *desk = start(state);
    struct told told = {0};
    desk_set(desk, RED, 1);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = GREEN, .for_ms = 1000});
    uint64_t seq = desk_seq(desk);
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    (void)desk_output(desk, "blue");
    desk->lines[3].gpio.offset = BUTTON; /* taken */
    desk->lines[3].gpio.gpio[0] = '\0';
    assert_int_equal(
        circuit_reload(desk->circuit, &desk->options, &desk->now, tell, &told, &desk->error),
        -EBUSY);
    assert_int_equal(told.count, 0);
    assert_string_equal(desk->error.line, "red");
    assert_int_equal(desk_seq(desk), seq);
    assert_int_equal(circuit_line_count(desk->circuit), 3);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(desk_state(desk, RED).options->gpio.drive, GPIO_DRIVE_PUSH_PULL);
    desk_set(desk, RED, 0);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, GREEN), 0);
}

static void new_interlock_ends_what_stands_against_it(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_set(desk, GREEN, 1);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, RED, GREEN);
    (void)reload(desk);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    desk_expect_event(desk, 0, GREEN, 0, EVENT_INTERLOCK);
}

static void pwm_waits_for_a_gap_that_the_reload_brought(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = RED, .duty = 0.5, .hz = 100});
    desk_set(desk, GREEN, 1);
    desk_wait(desk, 7); /* 5 ms on, then off */
    desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, RED, GREEN)->gap_ms = 100;
    (void)reload(desk);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    desk_wait(desk, 99);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void line_that_is_claimed_anew_loses_a_lease_it_does_not_need(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk,
            (struct command){
                .verb = COMMAND_BLINK, .line = RED, .on_ms = 10, .off_ms = 100, .lease_ms = 1000});
    desk_wait(desk, 50);
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    (void)reload(desk);
    assert_int_equal(desk_state(desk, RED).action, CIRCUIT_ACTION_NONE);
    assert_false(desk_state(desk, RED).leased);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void line_that_cannot_be_claimed_back_is_unavailable(void **state)
{
    struct desk *desk = start(state);
    struct told told = {0};
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    desk->gpio.claim_error = -EBUSY;
    desk->gpio.claim_errors_more = 1;
    assert_int_equal(
        circuit_reload(desk->circuit, &desk->options, &desk->now, tell, &told, &desk->error),
        -EBUSY);
    assert_false(desk_state(desk, RED).available);
    assert_string_equal(desk_state(desk, RED).unavailable_reason, "taken");
    assert_int_equal(desk_state(desk, RED).location->offset, -1);
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_GPIO);
    (void)reload(desk); /* the next one may succeed */
    desk_set(desk, RED, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void locks_stay(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = RED, .reason = "no"});
    (void)desk_output(desk, "blue");
    (void)reload(desk);
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_LOCKED);
}

static void rules_are_the_new_ones(void **state)
{
    struct desk *desk = start(state);
    (void)desk_rule(desk, "light", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, RED);
    (void)reload(desk);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk->options.rule_count = 0;
    (void)reload(desk);
    desk_press(desk, BUTTON, 0);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

/* Red on now, and off 300 ms later. */
static struct desk *start_with_scene(void **state)
{
    struct desk *desk = start(state);
    struct circuit_scene_options *scene = desk_program(desk, "evening");
    desk_step(scene, 0, RED, 1);
    desk_step(scene, 300, RED, 0);
    (void)reload(desk);
    desk_do(desk, (struct command){.verb = COMMAND_SCENE});
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, RED), 1);
    return desk;
}

static void scene_that_waits_goes_on(void **state)
{
    struct desk *desk = start_with_scene(state);
    (void)desk_output(desk, "blue");
    desk->scenes[1] = desk->scenes[0]; /* at another place in the list */
    (void)snprintf(desk->scenes[0].name, sizeof desk->scenes[0].name, "morning");
    desk->options.scene_count = 2;
    (void)reload(desk);
    desk_wait(desk, 199);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void program_with_other_steps_unwinds(void **state)
{
    struct desk *desk = start_with_scene(state);
    desk->scenes[0].steps[1].after_ms = 301;
    (void)reload(desk);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->rule), "reload");
}

static void program_on_a_line_that_is_requested_anew_unwinds(void **state)
{
    struct desk *desk = start_with_scene(state);
    desk->lines[RED].gpio.drive = GPIO_DRIVE_OPEN_DRAIN;
    (void)reload(desk);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_value(desk, RED), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static struct desk *start_with_rule(void **state, enum circuit_trigger trigger)
{
    struct desk *desk = start(state);
    (void)desk_rule(desk, "light", BUTTON, trigger, COMMAND_TOGGLE, RED);
    desk->rules[0].when.held_ms = 300;
    (void)reload(desk);
    desk_press(desk, BUTTON, 1);
    desk_wait(desk, 100);
    return desk;
}

static void rule_waits_on_for_a_line_that_is_held(void **state)
{
    struct desk *desk = start_with_rule(state, CIRCUIT_TRIGGER_HELD);
    desk->rules[1] = desk->rules[0];
    (void)snprintf(desk->rules[0].name, sizeof desk->rules[0].name, "other");
    desk->rules[0].when.held_ms = 5000;
    desk->options.rule_count = 2;
    (void)reload(desk);
    desk_wait(desk, 199);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void rule_with_another_time_waits_no_more(void **state)
{
    struct desk *desk = start_with_rule(state, CIRCUIT_TRIGGER_HELD);
    desk->rules[0].when.held_ms = 301;
    (void)reload(desk);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void rule_on_a_line_that_is_claimed_anew_waits_no_more(void **state)
{
    struct desk *desk = start_with_rule(state, CIRCUIT_TRIGGER_HELD);
    desk->lines[BUTTON].gpio.bias = GPIO_BIAS_PULL_UP;
    desk->gpio.pins[BUTTON] = 1; /* it is still pressed */
    (void)reload(desk);
    assert_int_equal(desk_value(desk, BUTTON), 1);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void rule_waits_on_for_the_second_press(void **state)
{
    struct desk *desk = start_with_rule(state, CIRCUIT_TRIGGER_DOUBLE_PRESS);
    desk_press(desk, BUTTON, 0);
    (void)reload(desk);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(unchanged_lines_keep_request_value_and_action),
        DESK_TEST(line_with_new_limits_keeps_its_pin_and_obeys_them),
        DESK_TEST(line_that_is_claimed_anew_keeps_its_value),
        DESK_TEST(new_lines_come_with_their_initial_value),
        DESK_TEST(lines_that_leave_leave_in_their_safe_state),
        DESK_TEST(line_with_a_new_name_takes_over_the_pin),
        DESK_TEST(reload_that_fails_changes_nothing),
        DESK_TEST(new_interlock_ends_what_stands_against_it),
        DESK_TEST(pwm_waits_for_a_gap_that_the_reload_brought),
        DESK_TEST(line_that_is_claimed_anew_loses_a_lease_it_does_not_need),
        DESK_TEST(line_that_cannot_be_claimed_back_is_unavailable),
        DESK_TEST(locks_stay),
        DESK_TEST(rules_are_the_new_ones),
        DESK_TEST(scene_that_waits_goes_on),
        DESK_TEST(program_with_other_steps_unwinds),
        DESK_TEST(program_on_a_line_that_is_requested_anew_unwinds),
        DESK_TEST(rule_waits_on_for_a_line_that_is_held),
        DESK_TEST(rule_with_another_time_waits_no_more),
        DESK_TEST(rule_on_a_line_that_is_claimed_anew_waits_no_more),
        DESK_TEST(rule_waits_on_for_the_second_press),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
