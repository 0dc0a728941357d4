#include "circuit_desk.h"

enum { UP, DOWN, OTHER };

static struct desk *put(void **state, enum circuit_interlock_mode mode, uint32_t gap_ms)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "up");
    (void)desk_output(desk, "down");
    (void)desk_output(desk, "other");
    desk_interlock(desk, mode, UP, DOWN)->gap_ms = gap_ms;
    return desk;
}

static struct desk *start(void **state, enum circuit_interlock_mode mode, uint32_t gap_ms)
{
    struct desk *desk = put(state, mode, gap_ms);
    desk_start(desk);
    desk_wait(desk, 1000);
    return desk;
}

static void interlock_names_the_line_that_blocks(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_REFUSE, 0);
    desk_set(desk, UP, 1);
    desk_refused(desk, desk_set_command(DOWN, 1), REFUSAL_INTERLOCK);
    assert_int_equal(desk->refusal.blocked_by, UP);
    assert_string_equal(desk_state(desk, DOWN).interlock, "lock");
    assert_null(desk_state(desk, OTHER).interlock);
    desk_set(desk, OTHER, 1);
    desk_set(desk, UP, 0);
    desk_set(desk, DOWN, 1);
}

/* A pump, and the float switch of its tank. */
enum { PUMP, FULL };

static struct desk *put_tank(void **state, enum circuit_interlock_mode mode)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "pump");
    (void)desk_input(desk, "full");
    desk_interlock(desk, mode, PUMP, FULL);
    return desk;
}

static void input_that_goes_on_switches_the_outputs_beside_it_off(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_REFUSE);
    desk_start(desk);
    const struct command running[] = {
        {.verb = COMMAND_SET, .value = 1},
        {.verb = COMMAND_PULSE, .for_ms = 1000},
        {.verb = COMMAND_BLINK, .on_ms = 100, .off_ms = 100},
        {.verb = COMMAND_PWM, .duty = 0.5, .hz = 10},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(running); i++) {
        desk_do(desk, running[i]);
        desk_press(desk, FULL, 1);
        assert_int_equal(desk_pin(desk, PUMP), 0);
        desk_expect_event(desk, 0, PUMP, 0, EVENT_INTERLOCK);
        assert_int_equal(desk_state(desk, PUMP).action, CIRCUIT_ACTION_NONE);
        desk_wait(desk, 2000);
        assert_int_equal(desk_pin(desk, PUMP), 0);
        desk_press(desk, FULL, 0);
    }
    desk_wait(desk, 2000);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void expect_refused_while_full(struct desk *desk)
{
    desk_start(desk);
    desk_wait(desk, 1000);
    desk_press(desk, FULL, 1);
    desk_refused(desk, desk_set_command(PUMP, 1), REFUSAL_INTERLOCK);
    assert_int_equal(desk->refusal.blocked_by, FULL);
    desk_press(desk, FULL, 0);
    desk_set(desk, PUMP, 1);
    assert_int_equal(desk_pin(desk, PUMP), 1);
}

static void input_that_is_on_refuses_the_outputs_beside_it(void **state)
{
    expect_refused_while_full(put_tank(state, CIRCUIT_INTERLOCK_REFUSE));
}

static void input_cannot_be_broken(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_BREAK);
    desk->interlocks[0].gap_ms = 100;
    expect_refused_while_full(desk);
}

static void input_that_was_on_at_the_start_has_no_gap_after_it(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_BREAK);
    desk->interlocks[0].gap_ms = 100;
    desk->gpio.pins[FULL] = 1;
    desk_start(desk);
    desk_wait(desk, 1000);
    desk_press(desk, FULL, 0);
    desk_set(desk, PUMP, 1);
    assert_int_equal(desk_pin(desk, PUMP), 1);
}

static void input_switches_a_locked_output_off_too(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_REFUSE);
    desk_start(desk);
    desk_set(desk, PUMP, 1);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .reason = "do not touch"});
    desk_press(desk, FULL, 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void input_that_is_on_at_the_start_keeps_the_outputs_beside_it_off(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_REFUSE);
    desk->lines[PUMP].initial = CIRCUIT_INITIAL_1;
    desk->gpio.pins[FULL] = 1;
    desk->gpio.written = NULL;
    desk_start(desk);
    assert_int_equal(desk_value(desk, FULL), 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    for (size_t i = 0; i < desk->gpio.write_count; i++)
        assert_int_equal(desk->gpio.writes[i].level, 0);
}

static void output_starts_on_beside_an_input_that_is_off(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_REFUSE);
    desk->lines[PUMP].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, PUMP), 1);
}

static void input_that_a_reload_brings_into_the_group_switches_off(void **state)
{
    struct desk *desk = put_tank(state, CIRCUIT_INTERLOCK_REFUSE);
    desk->options.interlock_count = 0;
    desk_start(desk);
    desk_press(desk, FULL, 1);
    desk_set(desk, PUMP, 1);
    desk->options.interlock_count = 1;
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void interlock_is_taken_by_what_will_switch_itself_on(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_REFUSE, 0);
    desk_do(desk, (struct command){.verb = COMMAND_BLINK, .on_ms = 10, .off_ms = 1000});
    desk_wait(desk, 500);
    assert_int_equal(desk_pin(desk, UP), 0);
    desk_refused(desk, desk_set_command(DOWN, 1), REFUSAL_INTERLOCK);
    desk_set(desk, UP, 1);
    struct command command = desk_set_command(UP, 0);
    command.for_ms = 1000;
    desk_do(desk, command);
    desk_refused(desk, desk_set_command(DOWN, 1), REFUSAL_INTERLOCK);
    desk_do(desk, (struct command){.verb = COMMAND_STOP, .line = UP});
    desk_set(desk, DOWN, 1);
}

static void both_at_once_are_refused_and_a_change_over_is_not(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_REFUSE, 0);
    struct line_value values[] = {{UP, 1}, {DOWN, 1}};
    uint16_t changed[2];
    assert_int_equal(circuit_set_many(desk->circuit, values, 2,
                                      &(struct command){.by = {"http:a", ROLE_OPERATOR}},
                                      &desk->now, changed, &desk->refusal),
                     -1);
    assert_int_equal(desk->refusal.code, REFUSAL_INTERLOCK);
    desk_set(desk, UP, 1);
    values[0].value = 0;
    desk->gpio.write_count = 0;
    assert_int_equal(circuit_set_many(desk->circuit, values, 2,
                                      &(struct command){.by = {"http:a", ROLE_OPERATOR}},
                                      &desk->now, changed, &desk->refusal),
                     2);
    assert_int_equal(desk->gpio.write_count, 2);
    assert_int_equal(desk->gpio.writes[0].line, UP); /* off before on */
}

static void break_before_make_waits_for_the_gap(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 100);
    desk_set(desk, UP, 1);
    desk_set(desk, DOWN, 1);
    assert_int_equal(desk->outcome.value, 0);
    assert_int_equal(desk_pin(desk, UP), 0);
    desk_expect_event(desk, 1, UP, 0, EVENT_INTERLOCK);
    desk_expect_event(desk, 0, DOWN, 0, EVENT_SET);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_ACTION);
    assert_int_equal(desk->outcome.seq, desk_seq(desk));
    assert_int_equal(desk_state(desk, DOWN).action, CIRCUIT_ACTION_GAP);
    assert_int_equal(desk_state(desk, DOWN).action_ends_ns, desk->now.wall_ns + 100 * MS);
    desk_wait(desk, 99);
    assert_int_equal(desk_pin(desk, DOWN), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, DOWN), 1);
    desk_expect_event(desk, 0, DOWN, 1, EVENT_SET);
}

static void gap_counts_from_when_the_other_went_off(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 100);
    desk_set(desk, UP, 1);
    desk_set(desk, UP, 0);
    desk_wait(desk, 60);
    desk_set(desk, DOWN, 1);
    assert_int_equal(desk_pin(desk, DOWN), 0);
    desk_wait(desk, 40);
    assert_int_equal(desk_pin(desk, DOWN), 1);
}

static void break_without_a_gap_changes_over_at_once(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 0);
    desk_set(desk, UP, 1);
    desk->gpio.write_count = 0;
    desk_set(desk, DOWN, 1);
    assert_int_equal(desk->outcome.value, 1);
    assert_int_equal(desk->gpio.writes[0].line, UP);
    assert_int_equal(desk->gpio.writes[1].line, DOWN);
    desk_expect_event(desk, 0, DOWN, 1, EVENT_SET);
}

static void action_after_a_gap_lasts_its_whole_time(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 100);
    desk_set(desk, UP, 1);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = DOWN, .for_ms = 500});
    desk_wait(desk, 100);
    assert_int_equal(desk_state(desk, DOWN).action, CIRCUIT_ACTION_PULSE);
    desk_expect_event(desk, 0, DOWN, 1, EVENT_PULSE);
    desk_wait(desk, 499);
    assert_int_equal(desk_pin(desk, DOWN), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, DOWN), 0);
}

static void turning_round_within_the_gap_ends_the_wait(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 100);
    desk_set(desk, UP, 1);
    desk_set(desk, DOWN, 1);
    desk_wait(desk, 50);
    desk_set(desk, UP, 1); /* nothing was on since: it need not wait */
    assert_int_equal(desk_pin(desk, UP), 1);
    assert_int_equal(desk_state(desk, DOWN).action, CIRCUIT_ACTION_NONE);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, DOWN), 0);
}

static void toggle_within_the_gap_takes_the_wait_back(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 100);
    const struct command toggle = {.verb = COMMAND_TOGGLE, .line = DOWN};
    desk_set(desk, UP, 1);
    desk_do(desk, toggle);
    desk_wait(desk, 50);
    desk_do(desk, toggle); /* it was about to be on */
    assert_int_equal(desk_state(desk, DOWN).action, CIRCUIT_ACTION_NONE);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, DOWN), 0);
    desk_do(desk, toggle);
    assert_int_equal(desk_pin(desk, DOWN), 1);
}

static void locked_line_is_not_broken(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 0);
    desk_set(desk, UP, 1);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = UP, .reason = "hold it"});
    desk_refused(desk, desk_set_command(DOWN, 1), REFUSAL_INTERLOCK);
    assert_int_equal(desk_pin(desk, UP), 1);
}

static void break_that_the_hardware_refuses_leaves_both_as_they_were(void **state)
{
    struct desk *desk = start(state, CIRCUIT_INTERLOCK_BREAK, 0);
    desk_set(desk, UP, 1);
    desk->gpio.lines[DOWN].set_error = -EIO;
    desk_refused(desk, desk_set_command(DOWN, 1), REFUSAL_GPIO);
    assert_int_equal(desk_pin(desk, UP), 1);
    assert_int_equal(desk_value(desk, UP), 1);
    assert_int_equal(desk_value(desk, DOWN), 0);
}

static void start_switches_on_one_line_of_an_interlock(void **state)
{
    struct desk *desk = put(state, CIRCUIT_INTERLOCK_REFUSE, 0);
    desk->lines[UP].initial = CIRCUIT_INITIAL_1;
    desk->lines[DOWN].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, UP), 1);
    for (size_t i = 0; i < desk->gpio.write_count; i++)
        assert_false(desk->gpio.writes[i].line == DOWN && desk->gpio.writes[i].level);
}

static void start_ends_what_stood_on_against_an_interlock(void **state)
{
    struct desk *desk = put(state, CIRCUIT_INTERLOCK_REFUSE, 0);
    desk->lines[UP].initial = CIRCUIT_INITIAL_KEEP;
    desk->lines[DOWN].initial = CIRCUIT_INITIAL_KEEP;
    desk->gpio.pins[UP] = desk->gpio.pins[DOWN] = 1;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, UP), 1);
    assert_int_equal(desk_pin(desk, DOWN), 0);
    desk_expect_event(desk, 0, DOWN, 0, EVENT_INTERLOCK);
}

static void start_looks_at_what_stands_on_before_it_switches_on(void **state)
{
    struct desk *desk = put(state, CIRCUIT_INTERLOCK_REFUSE, 0);
    desk->lines[UP].initial = CIRCUIT_INITIAL_1;
    desk->lines[DOWN].initial = CIRCUIT_INITIAL_KEEP;
    desk->gpio.pins[DOWN] = 1;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, DOWN), 1);
    for (size_t i = 0; i < desk->gpio.write_count; i++)
        assert_false(desk->gpio.writes[i].line == UP && desk->gpio.writes[i].level);
}

static void start_waits_for_the_gap_too(void **state)
{
    struct desk *desk = put(state, CIRCUIT_INTERLOCK_BREAK, 100);
    desk->lines[UP].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    assert_int_equal(desk_pin(desk, UP), 0);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, UP), 1);
}

static void off_keeps_interlocks_among_lines_that_are_safe_when_on(void **state)
{
    struct desk *desk = put(state, CIRCUIT_INTERLOCK_BREAK, 100);
    desk->lines[UP].safe = CIRCUIT_SAFE_1;
    desk_start(desk);
    desk_wait(desk, 1000);
    desk_set(desk, DOWN, 1);
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(desk_pin(desk, DOWN), 0);
    assert_int_equal(desk_pin(desk, UP), 0);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, UP), 1);
}

static void off_waits_with_what_is_safe_when_on_until_the_other_is_off(void **state)
{
    struct desk *desk = put(state, CIRCUIT_INTERLOCK_BREAK, 0);
    desk->lines[UP].safe = CIRCUIT_SAFE_1;
    desk_start(desk);
    desk_set(desk, DOWN, 1);
    desk->gpio.lines[DOWN].set_error = -EIO;
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(desk_pin(desk, DOWN), 1);
    assert_int_equal(desk_pin(desk, UP), 0);
    desk_wait(desk, 5000);
    assert_int_equal(desk_pin(desk, UP), 0);
    desk->gpio.lines[DOWN].set_error = 0;
    desk_wait(desk, 2000);
    assert_int_equal(desk_pin(desk, DOWN), 0);
    assert_int_equal(desk_pin(desk, UP), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(interlock_names_the_line_that_blocks),
        DESK_TEST(interlock_is_taken_by_what_will_switch_itself_on),
        DESK_TEST(both_at_once_are_refused_and_a_change_over_is_not),
        DESK_TEST(break_before_make_waits_for_the_gap),
        DESK_TEST(gap_counts_from_when_the_other_went_off),
        DESK_TEST(break_without_a_gap_changes_over_at_once),
        DESK_TEST(action_after_a_gap_lasts_its_whole_time),
        DESK_TEST(turning_round_within_the_gap_ends_the_wait),
        DESK_TEST(toggle_within_the_gap_takes_the_wait_back),
        DESK_TEST(locked_line_is_not_broken),
        DESK_TEST(break_that_the_hardware_refuses_leaves_both_as_they_were),
        DESK_TEST(start_switches_on_one_line_of_an_interlock),
        DESK_TEST(start_ends_what_stood_on_against_an_interlock),
        DESK_TEST(start_looks_at_what_stands_on_before_it_switches_on),
        DESK_TEST(start_waits_for_the_gap_too),
        DESK_TEST(input_that_goes_on_switches_the_outputs_beside_it_off),
        DESK_TEST(input_that_is_on_refuses_the_outputs_beside_it),
        DESK_TEST(input_cannot_be_broken),
        DESK_TEST(input_that_was_on_at_the_start_has_no_gap_after_it),
        DESK_TEST(input_switches_a_locked_output_off_too),
        DESK_TEST(input_that_is_on_at_the_start_keeps_the_outputs_beside_it_off),
        DESK_TEST(output_starts_on_beside_an_input_that_is_off),
        DESK_TEST(input_that_a_reload_brings_into_the_group_switches_off),
        DESK_TEST(off_waits_with_what_is_safe_when_on_until_the_other_is_off),
        DESK_TEST(off_keeps_interlocks_among_lines_that_are_safe_when_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
