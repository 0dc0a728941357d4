#include "circuit_desk.h"

enum { BUTTON, RED, GREEN, BLUE };

static struct desk *put(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_input(desk, "button");
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_output(desk, "blue");
    return desk;
}

static void click(struct desk *desk)
{
    desk_press(desk, BUTTON, 1);
    desk_press(desk, BUTTON, 0);
}

static void rule_that_is_refused_is_reported_with_the_reason(void **state)
{
    struct desk *desk = put(state);
    (void)desk_rule(desk, "light", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, RED);
    desk_start(desk);
    const struct circuit_rule_report *report = circuit_rule_report(desk->circuit);
    click(desk);
    assert_int_equal(report->refused, 0);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = RED, .reason = "wet paint"});
    click(desk);
    assert_int_equal(report->refused, 1);
    assert_string_equal(report->name, "light");
    assert_non_null(strstr(report->message, "wet paint"));
}

static void rule_runs_its_command_under_its_own_name(void **state)
{
    struct desk *desk = put(state);
    (void)desk_rule(desk, "light", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, RED);
    desk_start(desk);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_expect_event(desk, 1, BUTTON, 1, EVENT_EDGE);
    desk_expect_event(desk, 0, RED, 1, EVENT_RULE);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "rule:light");
    assert_int_equal(desk_event(desk, 0)->role, ROLE_NONE);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->rule), "light");
    desk_press(desk, BUTTON, 0);
    assert_int_equal(desk_pin(desk, RED), 1);
    click(desk);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void rule_waits_for_its_edge(void **state)
{
    struct desk *desk = put(state);
    (void)desk_rule(desk, "a", BUTTON, CIRCUIT_TRIGGER_FALLING, COMMAND_TOGGLE, RED);
    (void)desk_rule(desk, "b", BUTTON, CIRCUIT_TRIGGER_BOTH, COMMAND_TOGGLE, GREEN);
    desk_start(desk);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 1);
    desk_press(desk, BUTTON, 0);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(desk_pin(desk, GREEN), 0);
}

static void what_a_rule_began_ends_in_its_name(void **state)
{
    struct desk *desk = put(state);
    struct command *command =
        desk_rule(desk, "stairs", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_SET, RED);
    command->value = 1;
    command->for_ms = 60000;
    desk_start(desk);
    click(desk);
    desk_wait(desk, 60000);
    desk_expect_event(desk, 0, RED, 0, EVENT_RULE);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->rule), "stairs");
}

static void held_runs_once_when_it_was_on_for_long_enough(void **state)
{
    struct desk *desk = put(state);
    (void)desk_rule(desk, "hold", BUTTON, CIRCUIT_TRIGGER_HELD, COMMAND_TOGGLE, RED);
    desk->rules[0].when.held_ms = 800;
    desk_start(desk);
    desk_press(desk, BUTTON, 1);
    desk_wait(desk, 799);
    desk_press(desk, BUTTON, 0);
    desk_wait(desk, 5000);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_press(desk, BUTTON, 1);
    desk_wait(desk, 800);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 5000);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void double_press_is_two_within_400_ms(void **state)
{
    struct desk *desk = put(state);
    (void)desk_rule(desk, "twice", BUTTON, CIRCUIT_TRIGGER_DOUBLE_PRESS, COMMAND_TOGGLE, RED);
    desk_start(desk);
    click(desk);
    desk_wait(desk, 401);
    click(desk);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_wait(desk, 400);
    click(desk);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 100);
    click(desk); /* the third is a first one */
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 100);
    click(desk);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void rules_are_held_by_interlocks_and_locks(void **state)
{
    struct desk *desk = put(state);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, RED, GREEN);
    (void)desk_rule(desk, "light", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, RED);
    desk_start(desk);
    desk_set(desk, GREEN, 1);
    click(desk);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_set(desk, GREEN, 0);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = RED, .reason = "no"});
    click(desk);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void rules_follow_each_other_over_outputs(void **state)
{
    struct desk *desk = put(state);
    desk_rule(desk, "a", RED, CIRCUIT_TRIGGER_RISING, COMMAND_SET, GREEN)->value = 1;
    desk_rule(desk, "b", GREEN, CIRCUIT_TRIGGER_RISING, COMMAND_SET, BLUE)->value = 1;
    desk_start(desk);
    desk_set(desk, RED, 1);
    assert_int_equal(desk->outcome.value, 1);
    desk_expect_event(desk, 2, RED, 1, EVENT_SET);
    desk_expect_event(desk, 1, GREEN, 1, EVENT_RULE);
    desk_expect_event(desk, 0, BLUE, 1, EVENT_RULE);
}

static void rules_hear_what_time_and_limits_do(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].max_on_ms = 500;
    desk_rule(desk, "a", RED, CIRCUIT_TRIGGER_FALLING, COMMAND_SET, GREEN)->value = 1;
    desk_start(desk);
    desk_set(desk, RED, 1);
    desk_wait(desk, 500);
    assert_int_equal(desk_pin(desk, GREEN), 1);
}

static int check(struct desk *desk, char message[128])
{
    return circuit_check_rules(&desk->options, message, 128);
}

static void loop_of_rules_is_found_and_named(void **state)
{
    struct desk *desk = put(state);
    char message[128] = "";
    (void)desk_rule(desk, "in", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, RED);
    (void)desk_rule(desk, "a", RED, CIRCUIT_TRIGGER_BOTH, COMMAND_TOGGLE, GREEN);
    (void)desk_rule(desk, "b", GREEN, CIRCUIT_TRIGGER_RISING, COMMAND_PULSE, BLUE);
    assert_int_equal(check(desk, message), 0);
    (void)desk_rule(desk, "c", BLUE, CIRCUIT_TRIGGER_FALLING, COMMAND_TOGGLE, RED);
    assert_int_equal(check(desk, message), -ELOOP);
    assert_non_null(strstr(message, "a → b → c → a"));
}

static void rules_that_only_look_like_a_loop_are_not(void **state)
{
    struct desk *desk = put(state);
    char message[128] = "";
    /* Red on brings green on; green off brings red off. */
    desk_rule(desk, "a", RED, CIRCUIT_TRIGGER_RISING, COMMAND_SET, GREEN)->value = 1;
    desk_rule(desk, "b", GREEN, CIRCUIT_TRIGGER_FALLING, COMMAND_SET, RED)->value = 0;
    /* A command on an input's rule moves no input. */
    (void)desk_rule(desk, "c", BUTTON, CIRCUIT_TRIGGER_BOTH, COMMAND_TOGGLE, RED);
    assert_int_equal(check(desk, message), 0);
}

static void loops_over_limits_scenes_interlocks_and_off_are_found(void **state)
{
    struct desk *desk = put(state);
    char message[128] = "";
    desk_rule(desk, "again", RED, CIRCUIT_TRIGGER_FALLING, COMMAND_SET, RED)->value = 1;
    assert_int_equal(check(desk, message), 0);
    desk->lines[RED].max_on_ms = 1000; /* on, cut, on, cut … */
    assert_int_equal(check(desk, message), -ELOOP);
    desk->lines[RED].max_on_ms = 0;
    desk_rule(desk, "swap", RED, CIRCUIT_TRIGGER_RISING, COMMAND_SET, GREEN)->value = 1;
    assert_int_equal(check(desk, message), 0);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, RED, GREEN);
    assert_int_equal(check(desk, message), -ELOOP);
    desk->options.interlock_count = 0;
    (void)desk_rule(desk, "end", GREEN, CIRCUIT_TRIGGER_RISING, COMMAND_OFF, 0);
    assert_int_equal(check(desk, message), -ELOOP);
    desk->rules[2].commands.list[0].verb = COMMAND_SCENE;
    desk->options.scene_count = 1;
    desk->scenes[0].count = 1;
    desk->scenes[0].steps[0] = (struct circuit_scene_step){.line = BLUE, .value = 0};
    assert_int_equal(check(desk, message), 0);
    desk->scenes[0].steps[0].line = RED;
    assert_int_equal(check(desk, message), -ELOOP);
}

static void loop_that_nobody_checked_is_cut(void **state)
{
    struct desk *desk = put(state);
    (void)desk_rule(desk, "a", RED, CIRCUIT_TRIGGER_BOTH, COMMAND_TOGGLE, GREEN);
    (void)desk_rule(desk, "b", GREEN, CIRCUIT_TRIGGER_BOTH, COMMAND_TOGGLE, RED);
    desk_start(desk);
    desk_set(desk, RED, 1);
    assert_in_range(desk_seq(desk), 5, 300);
    uint64_t seq = desk_seq(desk);
    desk_wait(desk, 10000);
    assert_int_equal(desk_seq(desk), seq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(rule_that_is_refused_is_reported_with_the_reason),
        DESK_TEST(rule_runs_its_command_under_its_own_name),
        DESK_TEST(rule_waits_for_its_edge),
        DESK_TEST(what_a_rule_began_ends_in_its_name),
        DESK_TEST(held_runs_once_when_it_was_on_for_long_enough),
        DESK_TEST(double_press_is_two_within_400_ms),
        DESK_TEST(rules_are_held_by_interlocks_and_locks),
        DESK_TEST(rules_follow_each_other_over_outputs),
        DESK_TEST(rules_hear_what_time_and_limits_do),
        DESK_TEST(loop_of_rules_is_found_and_named),
        DESK_TEST(rules_that_only_look_like_a_loop_are_not),
        DESK_TEST(loops_over_limits_scenes_interlocks_and_off_are_found),
        DESK_TEST(loop_that_nobody_checked_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
