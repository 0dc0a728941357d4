#include "circuit_desk.h"

enum { RED, GREEN, BLUE, ZONE };

static void add_step(struct desk *desk, uint32_t after_ms, size_t line, uint8_t value)
{
    desk_step(&desk->scenes[0], after_ms, line, value);
}

static struct desk *put(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_output(desk, "blue");
    (void)desk_output(desk, "zone");
    (void)desk_program(desk, "evening");
    return desk;
}

static const struct command play = {.verb = COMMAND_SCENE};

/* Red and green at once, blue 100 ms later, all off 200 ms after that. */
static struct desk *start(void **state)
{
    struct desk *desk = put(state);
    add_step(desk, 0, RED, 1);
    add_step(desk, 0, GREEN, 1);
    add_step(desk, 100, BLUE, 1);
    add_step(desk, 200, RED, 0);
    add_step(desk, 0, GREEN, 0);
    desk_start(desk);
    return desk;
}

static void expect_scene_event(const struct desk *desk, uint64_t back, enum event_scene_state state,
                               unsigned step, const char *reason)
{
    const struct event *event = desk_event(desk, back);
    assert_int_equal(event->cause, EVENT_SCENE);
    assert_string_equal(event_scene_state_name(event->value), event_scene_state_name(state));
    assert_int_equal(event->step, step);
    assert_string_equal(desk_text(desk, event->line_name), "evening");
    assert_string_equal(desk_text(desk, event->rule), reason);
}

static struct scene_state state_of(const struct desk *desk, size_t scene)
{
    struct scene_state state;
    circuit_scene(desk->circuit, scene, &desk->now, &state);
    return state;
}

static void program_runs_its_steps(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    assert_int_equal(desk->gpio.set_calls, 1);
    desk_expect_event(desk, 2, RED, 1, EVENT_SET);
    desk_expect_event(desk, 1, GREEN, 1, EVENT_SET);
    expect_scene_event(desk, 0, SCENE_STARTED, 1, "");
    desk_wait(desk, 99);
    assert_int_equal(desk_pin(desk, BLUE), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, BLUE), 1);
    desk_wait(desk, 200);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    assert_int_equal(desk_pin(desk, BLUE), 1);
    expect_scene_event(desk, 0, SCENE_ENDED, 3, "");
    assert_string_equal(desk_text(desk, desk_event(desk, 1)->source), "http:192.168.1.7:51514");
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void program_describes_its_run(void **state)
{
    struct desk *desk = start(state);
    assert_false(state_of(desk, 0).running);
    assert_int_equal(state_of(desk, 0).steps, 3);
    desk_do(desk, play);
    int64_t started_ns = desk->now.wall_ns;
    desk_wait(desk, 150);
    struct scene_state now = state_of(desk, 0);
    assert_true(now.running);
    assert_int_equal(now.step, 2);
    assert_int_equal(now.started_at_ns, started_ns);
    assert_int_equal(now.ends_at_ns, started_ns + 300 * MS);
}

static void scene_is_all_or_none(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = GREEN, .reason = "no"});
    desk_refused(desk, play, REFUSAL_LOCKED);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    assert_int_not_equal(desk_event(desk, 0)->cause, EVENT_SCENE);
    struct command other = play;
    other.line = 1;
    desk_refused(desk, other, REFUSAL_NO_SUCH_LINE);
}

static void first_step_may_wait(void **state)
{
    struct desk *desk = put(state);
    add_step(desk, 2000, RED, 1);
    desk_start(desk);
    desk_do(desk, play);
    assert_int_equal(state_of(desk, 0).step, 0);
    desk_wait(desk, 1999);
    assert_int_equal(desk_pin(desk, RED), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void commanded_line_leaves_the_run_and_others_go_on(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_set(desk, RED, 0);
    desk_set(desk, RED, 1);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 1);   /* not touched again */
    assert_int_equal(desk_pin(desk, GREEN), 0); /* by the last step */
    assert_int_equal(desk_pin(desk, BLUE), 1);
}

static void line_that_waits_for_its_step_can_be_taken(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_set(desk, BLUE, 1);
    desk_set(desk, BLUE, 0);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, BLUE), 0);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void command_that_changes_nothing_takes_nothing(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_set(desk, RED, 1);
    desk_set(desk, BLUE, 0);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, BLUE), 1);
}

static void action_that_ends_by_itself_does_not_end_the_program(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = BLUE, .for_ms = 50});
    desk_do(desk, play);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, BLUE), 1);
}

static void refused_step_unwinds_the_run(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk->gpio.lines[BLUE].set_error = -EIO;
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    assert_int_equal(desk_event(desk, 0)->value, SCENE_FAILED);
    assert_non_null(strstr(desk_text(desk, desk_event(desk, 0)->rule), "blue"));
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void lock_on_a_later_line_unwinds_the_run(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = BLUE, .reason = "no"});
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_event(desk, 0)->value, SCENE_FAILED);
}

static void interlock_does_not_end_the_run_before_a_step_is_refused(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, BLUE, ZONE);
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, BLUE), 1);
    desk_set(desk, ZONE, 1); /* forces blue off */
    assert_int_equal(desk_pin(desk, BLUE), 0);
    assert_true(state_of(desk, 0).running);
    desk_wait(desk, 200);
    assert_int_equal(desk_pin(desk, RED), 0);
    expect_scene_event(desk, 0, SCENE_ENDED, 3, "");
}

static const struct command stop = {.verb = COMMAND_SCENE_STOP,
                                    .by = {"http:192.168.1.9:1", ROLE_OPERATOR}};

static void stopped_program_unwinds_at_once(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_wait(desk, 150);
    desk_do(desk, stop);
    for (size_t i = RED; i <= BLUE; i++)
        assert_int_equal(desk_pin(desk, i), 0);
    expect_scene_event(desk, 0, SCENE_STOPPED, 2, "command");
    uint64_t seq = desk_seq(desk);
    desk_do(desk, stop); /* it does not run: nothing to do */
    assert_int_equal(desk_seq(desk), seq);
}

static void line_that_was_on_before_stays_on_when_a_run_unwinds(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, RED, 1);
    desk_do(desk, play);
    desk_do(desk, stop);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(desk_pin(desk, GREEN), 0);
}

static void line_that_holds_goes_to_the_last_value_of_the_program(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].safe = desk->lines[GREEN].safe = CIRCUIT_SAFE_HOLD;
    add_step(desk, 0, RED, 1);
    add_step(desk, 0, GREEN, 1);
    add_step(desk, 100, RED, 0);
    add_step(desk, 100, RED, 1);
    desk_start(desk);
    desk_do(desk, play);
    desk_do(desk, stop);
    assert_int_equal(desk_pin(desk, RED), 1);   /* as the program would have left it */
    assert_int_equal(desk_pin(desk, GREEN), 0); /* the program never switches it off */
}

static void off_ends_programs(void **state)
{
    struct desk *desk = start(state);
    desk->lines[BLUE].safe = CIRCUIT_SAFE_HOLD;
    desk_do(desk, play);
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    desk_wait(desk, 1000);
    for (size_t i = RED; i <= BLUE; i++)
        assert_int_equal(desk_pin(desk, i), 0);
    assert_false(state_of(desk, 0).running);
}

static void end_of_the_gateway_unwinds(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].safe = CIRCUIT_SAFE_HOLD;
    add_step(desk, 0, RED, 1);
    add_step(desk, 100, RED, 0);
    desk_start(desk);
    desk_do(desk, play);
    circuit_shutdown(desk->circuit, &desk->now);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void program_ends_with_the_connection_of_its_lease(void **state)
{
    struct desk *desk = start(state);
    struct command leased = play;
    leased.lease_connection = 7;
    desk_do(desk, leased);
    circuit_disconnected(desk->circuit, 7, &desk->now);
    assert_int_equal(desk_pin(desk, RED), 0);
    expect_scene_event(desk, 0, SCENE_STOPPED, 1, "lease");
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, BLUE), 0);
}

static void program_started_again_is_refused_and_goes_on(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_wait(desk, 50);
    desk_refused(desk, play, REFUSAL_CONFLICT);
    desk_wait(desk, 250);
    expect_scene_event(desk, 0, SCENE_ENDED, 3, "");
}

static void program_may_be_restarted_or_go_on(void **state)
{
    struct desk *desk = put(state);
    add_step(desk, 0, RED, 1);
    add_step(desk, 300, RED, 0);
    desk->scenes[0].again = CIRCUIT_AGAIN_RESTART;
    desk_start(desk);
    desk_do(desk, play);
    desk_wait(desk, 200);
    desk_do(desk, play);
    assert_int_equal(desk_state(desk, RED).edges, 3); /* off, and on again */
    desk_wait(desk, 299);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk->scenes[0].again = CIRCUIT_AGAIN_IGNORE;
    assert_int_equal(desk_reload(desk), 0);
    uint64_t seq = desk_seq(desk);
    desk_do(desk, play);
    assert_int_equal(desk_seq(desk), seq);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void program_repeats(void **state)
{
    struct desk *desk = put(state);
    add_step(desk, 0, RED, 1);
    add_step(desk, 100, RED, 0);
    add_step(desk, 100, GREEN, 0);
    desk->scenes[0].repeat = 3;
    desk_start(desk);
    desk_do(desk, play);
    assert_int_equal(state_of(desk, 0).ends_at_ns, desk->now.wall_ns + 600 * MS);
    desk_wait(desk, 600);
    assert_int_equal(desk_state(desk, RED).edges, 6);
    assert_false(state_of(desk, 0).running);
    desk->scenes[0].repeat = 0;
    assert_int_equal(desk_reload(desk), 0);
    desk_do(desk, play);
    assert_int_equal(state_of(desk, 0).ends_at_ns, 0);
    desk_wait(desk, 100000);
    assert_true(state_of(desk, 0).running);
    desk_do(desk, stop);
    assert_int_equal(desk_pin(desk, RED), 0);
}

static void step_may_do_any_command(void **state)
{
    struct desk *desk = put(state);
    struct circuit_scene_options *program = &desk->scenes[0];
    desk_step_command(program, 0,
                      (struct command){.verb = COMMAND_PULSE, .line = RED, .for_ms = 50});
    desk_step_command(
        program, 100,
        (struct command){.verb = COMMAND_BLINK, .line = GREEN, .on_ms = 10, .off_ms = 10});
    desk_step_command(program, 100, (struct command){.verb = COMMAND_SCENE, .line = 1});
    desk_step(program, 1000, BLUE, 0);
    struct circuit_scene_options *all = desk_program(desk, "all");
    all->is_program = false;
    desk_step(all, 0, BLUE, 1);
    desk_step(all, 0, ZONE, 1);
    desk_start(desk);
    desk_do(desk, play);
    assert_int_equal(desk_state(desk, RED).action, CIRCUIT_ACTION_PULSE);
    desk_wait(desk, 100);
    assert_int_equal(desk_state(desk, GREEN).action, CIRCUIT_ACTION_BLINK);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, ZONE), 1);
    desk_do(desk, stop);
    for (size_t i = RED; i <= ZONE; i++)
        assert_int_equal(desk_pin(desk, i), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

/* A rule switches red on because the program does so with zone, and the program switches both off. */
static void rule_that_the_run_sets_off_does_not_end_it(void **state)
{
    struct desk *desk = put(state);
    add_step(desk, 0, ZONE, 1);
    add_step(desk, 500, ZONE, 0);
    add_step(desk, 0, RED, 0);
    desk_rule(desk, "pump", ZONE, CIRCUIT_TRIGGER_RISING, COMMAND_SET, RED)->value = 1;
    desk_start(desk);
    desk_do(desk, play);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 500);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, ZONE), 0);
}

static void plain_scene_tells_of_its_lines_alone(void **state)
{
    struct desk *desk = put(state);
    desk->scenes[0].is_program = false;
    add_step(desk, 0, RED, 1);
    desk_start(desk);
    uint64_t seq = desk_seq(desk);
    desk_do(desk, play);
    assert_int_equal(desk_seq(desk), seq + 1);
    desk_expect_event(desk, 0, RED, 1, EVENT_SET);
    assert_false(state_of(desk, 0).running);
}

static void scene_goes_on_while_somebody_renews_a_lease(void **state)
{
    struct desk *desk = put(state);
    desk->lines[RED].lease_ms = 6000;
    add_step(desk, 0, GREEN, 1);
    add_step(desk, 5000, RED, 0);
    add_step(desk, 1000, GREEN, 0);
    desk_start(desk);
    desk_set(desk, RED, 1);
    struct command renewal = desk_set_command(RED, 1);
    renewal.has_expect = true;
    renewal.expect = desk_state(desk, RED).seq;
    desk_do(desk, play);
    for (int i = 0; i < 5; i++) {
        desk_wait(desk, 2000);
        (void)desk_try(desk, renewal); /* refused once the scene has switched red off */
    }
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 0);
}

static void step_that_is_refused_is_reported_with_the_reason(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk->gpio.lines[BLUE].set_error = -EIO;
    desk_wait(desk, 1000);
    const struct circuit_rule_report *report = circuit_rule_report(desk->circuit);
    assert_int_equal(report->refused, 1);
    assert_true(report->by_scene);
    assert_string_equal(report->name, "evening");
    assert_non_null(strstr(report->message, "blue"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(program_runs_its_steps),
        DESK_TEST(program_describes_its_run),
        DESK_TEST(scene_is_all_or_none),
        DESK_TEST(first_step_may_wait),
        DESK_TEST(commanded_line_leaves_the_run_and_others_go_on),
        DESK_TEST(line_that_waits_for_its_step_can_be_taken),
        DESK_TEST(command_that_changes_nothing_takes_nothing),
        DESK_TEST(action_that_ends_by_itself_does_not_end_the_program),
        DESK_TEST(refused_step_unwinds_the_run),
        DESK_TEST(lock_on_a_later_line_unwinds_the_run),
        DESK_TEST(interlock_does_not_end_the_run_before_a_step_is_refused),
        DESK_TEST(stopped_program_unwinds_at_once),
        DESK_TEST(line_that_was_on_before_stays_on_when_a_run_unwinds),
        DESK_TEST(line_that_holds_goes_to_the_last_value_of_the_program),
        DESK_TEST(off_ends_programs),
        DESK_TEST(end_of_the_gateway_unwinds),
        DESK_TEST(program_ends_with_the_connection_of_its_lease),
        DESK_TEST(program_started_again_is_refused_and_goes_on),
        DESK_TEST(program_may_be_restarted_or_go_on),
        DESK_TEST(program_repeats),
        DESK_TEST(step_may_do_any_command),
        DESK_TEST(rule_that_the_run_sets_off_does_not_end_it),
        DESK_TEST(plain_scene_tells_of_its_lines_alone),
        DESK_TEST(scene_goes_on_while_somebody_renews_a_lease),
        DESK_TEST(step_that_is_refused_is_reported_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
