#include "circuit_desk.h"

enum { RED, GREEN, BUTTON };

static void put_lines(struct desk *desk)
{
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_input(desk, "button");
}

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    put_lines(desk);
    desk_start(desk);
    return desk;
}

static void start_tells_the_first_value_of_every_line(void **state)
{
    struct desk *desk = desk_of(state);
    put_lines(desk);
    desk->lines[GREEN].initial = CIRCUIT_INITIAL_1;
    desk->gpio.pins[BUTTON] = 1;
    desk_start(desk);
    assert_int_equal(desk_seq(desk), 3);
    desk_expect_event(desk, 2, RED, 0, EVENT_START);
    desk_expect_event(desk, 1, GREEN, 1, EVENT_START);
    desk_expect_event(desk, 0, BUTTON, 1, EVENT_START);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "start");
    assert_int_equal(desk_state(desk, GREEN).seq, 2);
}

static void start_claims_all_lines_in_one_request_with_their_values(void **state)
{
    struct desk *desk = desk_of(state);
    put_lines(desk);
    desk->lines[GREEN].initial = CIRCUIT_INITIAL_1;
    desk_start(desk);
    assert_int_equal(desk->gpio.claims, 1);
    assert_int_equal(desk->gpio.set_calls, 0);
    assert_int_equal(desk_pin(desk, GREEN), 1);
}

static void start_tells_which_line_cannot_be_claimed(void **state)
{
    struct desk *desk = desk_of(state);
    put_lines(desk);
    desk->gpio.claim_error = -EACCES;
    assert_int_equal(desk_try_start(desk), -EACCES);
    assert_null(desk->circuit);
    assert_string_equal(desk->error.line, "red");
}

static int recall(void *context, const char *line)
{
    return strcmp(line, "red") == 0 ? *(int *)context : -1;
}

static void remember(void *context, const char *line, int value)
{
    if (strcmp(line, "red") == 0)
        *(int *)context = value + 10;
}

static void initial_last_is_the_value_last_commanded(void **state)
{
    struct desk *desk = desk_of(state);
    int stored = 1;
    struct circuit_store store = {.context = &stored, .recall = recall, .remember = remember};
    desk->store = &store;
    put_lines(desk);
    desk->lines[RED].initial = CIRCUIT_INITIAL_LAST;
    desk->lines[GREEN].initial = CIRCUIT_INITIAL_LAST;
    desk_start(desk);
    assert_int_equal(desk_value(desk, RED), 1);
    assert_int_equal(desk_value(desk, GREEN), 0); /* nothing is stored */
}

static uint64_t recall_edges(void *context, const char *line)
{
    (void)context;
    return strcmp(line, "red") == 0 ? 41 : 0;
}

static void counter_of_edges_goes_on_where_the_run_before_ended(void **state)
{
    struct desk *desk = desk_of(state);
    struct circuit_store store = {.recall_edges = recall_edges};
    desk->store = &store;
    put_lines(desk);
    desk_start(desk);
    assert_int_equal(desk_state(desk, RED).edges, 41);
    desk_set(desk, RED, 1);
    assert_int_equal(desk_state(desk, RED).edges, 42);
    assert_int_equal(desk_state(desk, GREEN).edges, 0);
}

/* Red begins with what `memory` says; it is borrowed for as long as the desk is used. */
static struct desk *start_with_last(void **state, struct circuit_store *store)
{
    struct desk *desk = desk_of(state);
    desk->store = store;
    put_lines(desk);
    desk->lines[RED].initial = CIRCUIT_INITIAL_LAST;
    desk_start(desk);
    return desk;
}

static void store_gets_commands_that_last_only(void **state)
{
    int stored = 0;
    struct circuit_store store = {.context = &stored, .recall = recall, .remember = remember};
    struct desk *desk = start_with_last(state, &store);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 5});
    desk_do(desk, (struct command){.verb = COMMAND_SET, .line = RED, .value = 1, .for_ms = 5});
    assert_int_equal(stored, 0);
    desk_set(desk, RED, 1);
    assert_int_equal(stored, 11);
    stored = 0;
    desk_set(desk, RED, 1);
    circuit_shutdown(desk->circuit, &desk->now);
    assert_int_equal(stored, 0);
}

static void store_gets_off_so_that_a_power_cut_switches_nothing_on_again(void **state)
{
    int stored = 0;
    struct circuit_store store = {.context = &stored, .recall = recall, .remember = remember};
    struct desk *desk = start_with_last(state, &store);
    desk_set(desk, RED, 1);
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(stored, 10);
    desk_set(desk, RED, 1);
    desk->gpio.lines[RED].set_failures = 3; /* owed, and paid later */
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(stored, 10);
}

static void set_changes_the_pin_and_makes_an_event(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(desk->outcome.was, 0);
    assert_int_equal(desk->outcome.value, 1);
    assert_int_equal(desk->outcome.seq, 4);
    desk_expect_event(desk, 0, RED, 1, EVENT_SET);
    assert_int_equal(desk_event(desk, 0)->time_ns, desk->now.wall_ns);
    struct line_state red = desk_state(desk, RED);
    assert_int_equal(red.seq, 4);
    assert_int_equal(red.edges, 1);
    assert_string_equal(red.by->source, "http:192.168.1.7:51514");
}

static void setting_a_value_that_is_there_makes_no_event(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_set(desk, RED, 1);
    assert_int_equal(desk->outcome.was, 1);
    assert_int_equal(desk->outcome.value, 1);
    assert_int_equal(desk->outcome.seq, 4);
    assert_int_equal(desk_seq(desk), 4);
}

static void toggle_turns_the_value_over(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_TOGGLE, .line = RED});
    desk_expect_event(desk, 0, RED, 1, EVENT_TOGGLE);
    desk_do(desk, (struct command){.verb = COMMAND_TOGGLE, .line = RED});
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk->outcome.was, 1);
}

static void expect_refuses_when_the_line_has_changed(void **state)
{
    struct desk *desk = start(state);
    struct command command = desk_set_command(RED, 1);
    command.has_expect = true;
    command.expect = 2; /* green's */
    desk_refused(desk, command, REFUSAL_CONFLICT);
    command.expect = 1;
    desk_do(desk, command);
    desk_refused(desk, command, REFUSAL_CONFLICT);
    assert_int_equal(desk_seq(desk), 4);
}

static void commands_name_an_output_that_exists(void **state)
{
    struct desk *desk = start(state);
    desk_refused(desk, desk_set_command(BUTTON, 1), REFUSAL_NOT_AN_OUTPUT);
    desk_refused(desk, desk_set_command(3, 1), REFUSAL_NO_SUCH_LINE);
    desk_refused(desk, desk_set_command(RED, 2), REFUSAL_BAD_REQUEST);
    assert_int_equal(circuit_find(desk->circuit, "green"), GREEN);
    assert_int_equal(circuit_find(desk->circuit, "purple"), -1);
}

static void what_the_hardware_refuses_has_not_happened(void **state)
{
    struct desk *desk = start(state);
    desk->gpio.lines[RED].set_error = -EIO;
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_GPIO);
    assert_int_equal(desk->refusal.errno_code, EIO);
    assert_false(desk->refusal.unavailable);
    assert_int_equal(desk_value(desk, RED), 0);
    assert_int_equal(desk_seq(desk), 3);
    desk->gpio.lines[RED].set_error = -ENODEV;
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_GPIO);
    assert_true(desk->refusal.unavailable);
    desk->gpio.lines[RED].set_error = 0;
    desk_set(desk, RED, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void pin_that_may_be_wrong_after_a_failure_is_written_again(void **state)
{
    struct desk *desk = start(state);
    desk->gpio.lines[RED].set_error = -EIO;
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_GPIO);
    desk->gpio.lines[RED].set_error = 0;
    desk->gpio.pins[RED] = 1; /* it had gone through after all */
    desk_set(desk, RED, 0);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static int set_both(struct desk *desk, uint8_t red, uint8_t green, uint16_t changed[2])
{
    struct line_value values[] = {{RED, red}, {GREEN, green}};
    return circuit_set_many(desk->circuit, values, 2,
                            &(struct command){.by = {"http:a", ROLE_OPERATOR}}, &desk->now, changed,
                            &desk->refusal);
}

static void several_lines_are_set_at_once(void **state)
{
    struct desk *desk = start(state);
    uint16_t changed[2];
    assert_int_equal(set_both(desk, 1, 1, changed), 2);
    assert_int_equal(desk->gpio.set_calls, 1);
    assert_int_equal(desk_seq(desk), 5);
    assert_int_equal(set_both(desk, 1, 0, changed), 1);
    assert_int_equal(changed[0], GREEN);
}

static void several_lines_are_set_all_or_none(void **state)
{
    struct desk *desk = start(state);
    uint16_t changed[2];
    desk->gpio.lines[GREEN].set_error = -EIO;
    assert_int_equal(set_both(desk, 1, 1, changed), -1);
    assert_int_equal(desk->refusal.code, REFUSAL_GPIO);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_value(desk, RED), 0);
    assert_int_equal(desk_seq(desk), 3);
    struct line_value values[] = {{RED, 1}, {BUTTON, 1}};
    assert_int_equal(circuit_set_many(desk->circuit, values, 2,
                                      &(struct command){.by = {"http:a", ROLE_OPERATOR}},
                                      &desk->now, changed, &desk->refusal),
                     -1);
    assert_int_equal(desk->refusal.code, REFUSAL_NOT_AN_OUTPUT);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void several_lines_expect_that_none_has_changed_since(void **state)
{
    struct desk *desk = start(state);
    struct line_value values[] = {{RED, 1}, {GREEN, 1}};
    struct command command = {.has_expect = true, .expect = 3};
    uint16_t changed[2];
    desk_set(desk, GREEN, 1);
    assert_int_equal(
        circuit_set_many(desk->circuit, values, 2, &command, &desk->now, changed, &desk->refusal),
        -1);
    assert_int_equal(desk->refusal.code, REFUSAL_CONFLICT);
    assert_non_null(strstr(desk->refusal.message, "green has changed since 3: its seq is 4"));
    assert_int_equal(desk_pin(desk, RED), 0);
    command.expect = 4;
    assert_int_equal(
        circuit_set_many(desk->circuit, values, 2, &command, &desk->now, changed, &desk->refusal),
        1);
}

static void one_line_twice_in_a_set_is_refused(void **state)
{
    struct desk *desk = start(state);
    struct line_value values[] = {{RED, 1}, {RED, 0}};
    uint16_t changed[2];
    assert_int_equal(circuit_set_many(desk->circuit, values, 2,
                                      &(struct command){.by = {"http:a", ROLE_OPERATOR}},
                                      &desk->now, changed, &desk->refusal),
                     -1);
    assert_int_equal(desk->refusal.code, REFUSAL_BAD_REQUEST);
}

static void off_brings_every_output_to_its_safe_value(void **state)
{
    struct desk *desk = desk_of(state);
    put_lines(desk);
    desk->lines[GREEN].safe = CIRCUIT_SAFE_1;
    desk_output(desk, "held")->safe = CIRCUIT_SAFE_HOLD;
    desk_start(desk);
    desk_set(desk, RED, 1);
    desk_set(desk, 3, 1);
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 1);
    assert_int_equal(desk_pin(desk, 3), 1);
}

static void shutdown_tells_each_output_that_changes_and_takes_no_more_commands(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, GREEN, 1);
    circuit_shutdown(desk->circuit, &desk->now);
    assert_int_equal(desk_seq(desk), 5);
    desk_expect_event(desk, 0, GREEN, 0, EVENT_STOP);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "stop");
    assert_int_equal(desk_pin(desk, GREEN), 0);
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_GPIO);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void chip_that_goes_and_comes_back_is_told(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    circuit_available(desk->circuit, RED, false, 0, "the chip is gone", &desk->now);
    desk_expect_event(desk, 0, RED, 1, EVENT_AVAILABILITY);
    assert_int_equal(desk_event(desk, 0)->details, EVENT_HAS_AVAILABLE);
    assert_false(desk_state(desk, RED).available);
    assert_string_equal(desk_state(desk, RED).unavailable_reason, "the chip is gone");
    desk_refused(desk, desk_set_command(RED, 1), REFUSAL_GPIO); /* nobody knows what it carries */
    desk_refused(desk, desk_set_command(RED, 0), REFUSAL_GPIO);
    assert_true(desk->refusal.unavailable);
    circuit_available(desk->circuit, RED, true, 1, NULL, &desk->now);
    assert_int_equal(desk_seq(desk), 6);
    assert_null(desk_state(desk, RED).unavailable_reason);
    desk_set(desk, RED, 0);
}

static void what_was_owed_is_done_when_the_chip_is_back(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    circuit_available(desk->circuit, RED, false, 0, "gone", &desk->now);
    desk->gpio.lines[RED].set_error = -ENODEV;
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    desk_wait(desk, 10000);
    assert_int_equal(desk_value(desk, RED), 1);
    desk->gpio.lines[RED].set_error = 0;
    circuit_available(desk->circuit, RED, true, 1, NULL, &desk->now);
    desk_wait(desk, 0);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_value(desk, RED), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(start_tells_the_first_value_of_every_line),
        DESK_TEST(start_claims_all_lines_in_one_request_with_their_values),
        DESK_TEST(start_tells_which_line_cannot_be_claimed),
        DESK_TEST(initial_last_is_the_value_last_commanded),
        DESK_TEST(counter_of_edges_goes_on_where_the_run_before_ended),
        DESK_TEST(store_gets_commands_that_last_only),
        DESK_TEST(store_gets_off_so_that_a_power_cut_switches_nothing_on_again),
        DESK_TEST(set_changes_the_pin_and_makes_an_event),
        DESK_TEST(setting_a_value_that_is_there_makes_no_event),
        DESK_TEST(toggle_turns_the_value_over),
        DESK_TEST(expect_refuses_when_the_line_has_changed),
        DESK_TEST(commands_name_an_output_that_exists),
        DESK_TEST(what_the_hardware_refuses_has_not_happened),
        DESK_TEST(pin_that_may_be_wrong_after_a_failure_is_written_again),
        DESK_TEST(several_lines_are_set_at_once),
        DESK_TEST(several_lines_are_set_all_or_none),
        DESK_TEST(several_lines_expect_that_none_has_changed_since),
        DESK_TEST(one_line_twice_in_a_set_is_refused),
        DESK_TEST(off_brings_every_output_to_its_safe_value),
        DESK_TEST(shutdown_tells_each_output_that_changes_and_takes_no_more_commands),
        DESK_TEST(chip_that_goes_and_comes_back_is_told),
        DESK_TEST(what_was_owed_is_done_when_the_chip_is_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
