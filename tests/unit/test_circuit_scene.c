#include "circuit_desk.h"

enum { RED, GREEN, BLUE };

static void add_step(struct desk *desk, uint32_t after_ms, size_t line, uint8_t value)
{
    struct circuit_scene_options *scene = &desk->scenes[desk->options.scene_count - 1];
    scene->steps[scene->count++] =
        (struct circuit_scene_step){.after_ms = after_ms, .line = (uint16_t)line, .value = value};
}

static struct desk *put(void **state)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "red");
    (void)desk_output(desk, "green");
    (void)desk_output(desk, "blue");
    desk->options.scene_count = 1;
    (void)snprintf(desk->scenes[0].name, sizeof desk->scenes[0].name, "evening");
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

static void scene_happens_in_its_steps(void **state)
{
    struct desk *desk = start(state);
    assert_int_equal(circuit_find_scene(desk->circuit, "evening"), 0);
    assert_int_equal(circuit_find_scene(desk->circuit, "morning"), -1);
    desk_do(desk, play);
    assert_int_equal(desk->gpio.set_calls, 1);
    desk_expect_event(desk, 1, RED, 1, EVENT_SET);
    desk_expect_event(desk, 0, GREEN, 1, EVENT_SET);
    desk_wait(desk, 99);
    assert_int_equal(desk_pin(desk, BLUE), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, BLUE), 1);
    desk_wait(desk, 200);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(desk_pin(desk, GREEN), 0);
    assert_int_equal(desk_pin(desk, BLUE), 1);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "http:192.168.1.7:51514");
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void scene_is_all_or_none(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = GREEN, .reason = "no"});
    desk_refused(desk, play, REFUSAL_LOCKED);
    assert_int_equal(desk_pin(desk, RED), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
    struct command other = play;
    other.line = 1;
    desk_refused(desk, other, REFUSAL_NO_SUCH_LINE);
}

static void command_on_a_line_that_waits_ends_the_scene(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk_set(desk, BLUE, 0);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, BLUE), 0);
    assert_int_equal(desk_pin(desk, RED), 1);
}

static void action_that_ends_by_itself_does_not_end_the_scene(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_PULSE, .line = BLUE, .for_ms = 50});
    desk_do(desk, play);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, BLUE), 1);
}

static void scene_that_is_refused_half_way_ends(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, play);
    desk->gpio.lines[BLUE].set_error = -EIO;
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, RED), 1);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

/* Red at once, blue 100 ms later. */
static struct desk *start_short(void **state)
{
    struct desk *desk = put(state);
    desk->lines[BLUE].safe = CIRCUIT_SAFE_HOLD;
    add_step(desk, 0, RED, 1);
    add_step(desk, 100, BLUE, 1);
    desk_start(desk);
    return desk;
}

static void off_ends_scenes(void **state)
{
    struct desk *desk = start_short(state);
    desk_do(desk, play);
    desk_do(desk, (struct command){.verb = COMMAND_OFF});
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, BLUE), 0);
}

static void scene_ends_with_the_connection_of_its_lease(void **state)
{
    struct desk *desk = start_short(state);
    struct command leased = play;
    leased.lease_connection = 7;
    desk_do(desk, leased);
    circuit_disconnected(desk->circuit, 7, &desk->now);
    desk_expect_event(desk, 0, RED, 0, EVENT_LEASE);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, BLUE), 0);
}

static void scene_goes_on_when_it_is_refused_a_second_time(void **state)
{
    struct desk *desk = start_short(state);
    desk_do(desk, play);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = RED, .reason = "no"});
    desk_refused(desk, play, REFUSAL_LOCKED);
    desk_wait(desk, 100);
    assert_int_equal(desk_pin(desk, BLUE), 1);
}

static void scene_may_come_back_to_its_own_lines(void **state)
{
    struct desk *desk = put(state);
    for (uint32_t i = 0; i < 6; i++)
        add_step(desk, i ? 100 : 0, RED, !(i % 2));
    desk_start(desk);
    desk_do(desk, play);
    desk_wait(desk, 1000);
    assert_int_equal(desk_state(desk, RED).edges, 6);
    desk_do(desk, play);
    desk_wait(desk, 150);
    desk_do(desk, play); /* from its beginning */
    desk_wait(desk, 499);
    assert_int_equal(desk_pin(desk, RED), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, RED), 0);
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
        DESK_TEST(scene_happens_in_its_steps),
        DESK_TEST(scene_goes_on_while_somebody_renews_a_lease),
        DESK_TEST(step_that_is_refused_is_reported_with_the_reason),
        DESK_TEST(scene_is_all_or_none),
        DESK_TEST(command_on_a_line_that_waits_ends_the_scene),
        DESK_TEST(action_that_ends_by_itself_does_not_end_the_scene),
        DESK_TEST(scene_that_is_refused_half_way_ends),
        DESK_TEST(off_ends_scenes),
        DESK_TEST(scene_ends_with_the_connection_of_its_lease),
        DESK_TEST(scene_goes_on_when_it_is_refused_a_second_time),
        DESK_TEST(scene_may_come_back_to_its_own_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
