#include "circuit_desk.h"

enum { BUTTON, LED };

static struct desk *start(void **state)
{
    struct desk *desk = desk_of(state);
    desk_input(desk, "button")->gpio.debounce_us = 5000;
    (void)desk_output(desk, "led");
    desk_start(desk);
    return desk;
}

/* An edge that the kernel saw `ago_us` before now. */
static void edge(struct desk *desk, int value, int64_t ago_us, uint32_t lost)
{
    struct gpio_edge seen = {.line = BUTTON,
                             .value = value,
                             .edge_ns = desk->now.monotonic_ns - 1000 * ago_us,
                             .lost = lost};
    circuit_edge(desk->circuit, &seen, &desk->now);
}

static void edge_becomes_an_event_with_the_kernels_time(void **state)
{
    struct desk *desk = start(state);
    desk_wait(desk, 10);
    edge(desk, 1, 300, 0);
    desk_expect_event(desk, 0, BUTTON, 1, EVENT_EDGE);
    const struct event *event = desk_event(desk, 0);
    assert_int_equal(event->edge_ns, desk->now.monotonic_ns - 300000);
    assert_int_equal(event->time_ns, desk->now.wall_ns - 300000);
    assert_string_equal(desk_text(desk, event->source), "gpio");
    assert_int_equal(desk_state(desk, BUTTON).edges, 1);
}

static void events_do_not_go_back_in_time(void **state)
{
    struct desk *desk = start(state);
    desk_wait(desk, 10);
    desk_set(desk, LED, 1);
    int64_t time_ns = desk_event(desk, 0)->time_ns;
    edge(desk, 1, 5000, 0);
    assert_int_equal(desk_event(desk, 0)->time_ns, time_ns);
    assert_int_equal(desk_event(desk, 0)->edge_ns, desk->now.monotonic_ns - 5 * MS);
}

static void simulated_edge_names_who_made_it(void **state)
{
    struct desk *desk = start(state);
    desk_press(desk, BUTTON, 1);
    desk_expect_event(desk, 0, BUTTON, 1, EVENT_EDGE);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "http:192.168.1.7:51514");
    assert_int_equal(circuit_simulate(desk->circuit, LED, 1, &(struct origin){"a", ROLE_OPERATOR},
                                      &desk->now, &desk->refusal),
                     -1);
    assert_int_equal(desk->refusal.code, REFUSAL_NOT_SIMULATED);
    desk->gpio.capabilities = 0;
    assert_int_equal(circuit_simulate(desk->circuit, BUTTON, 0,
                                      &(struct origin){"a", ROLE_OPERATOR}, &desk->now,
                                      &desk->refusal),
                     -1);
    assert_int_equal(desk->refusal.code, REFUSAL_NOT_SIMULATED);
}

static void edges_that_were_lost_are_counted(void **state)
{
    struct desk *desk = start(state);
    edge(desk, 1, 0, 0);
    edge(desk, 1, 0, 3);
    assert_int_equal(desk_event(desk, 0)->lost, 3);
    assert_int_equal(desk_state(desk, BUTTON).lost, 3);
    assert_int_equal(desk_state(desk, BUTTON).edges, 1);
    uint64_t seq = desk_seq(desk);
    edge(desk, 1, 0, 0); /* tells nothing new */
    assert_int_equal(desk_seq(desk), seq);
}

static void bouncing_is_waited_out_where_the_kernel_does_not(void **state)
{
    struct desk *desk = start(state);
    uint64_t seq = desk_seq(desk);
    desk->gpio.capabilities = 0;
    for (int i = 0; i < 8; i++) {
        edge(desk, !(i % 2), 0, 0);
        desk_wait(desk, 1);
    }
    edge(desk, 1, 0, 0);
    desk_wait_ns(desk, 5 * MS - 1);
    assert_int_equal(desk_seq(desk), seq);
    desk_wait_ns(desk, 1);
    assert_int_equal(desk_seq(desk), seq + 1);
    desk_expect_event(desk, 0, BUTTON, 1, EVENT_EDGE);
    assert_int_equal(desk_event(desk, 0)->edge_ns, desk->now.monotonic_ns);
}

static void spike_shorter_than_the_debounce_is_no_edge(void **state)
{
    struct desk *desk = start(state);
    uint64_t seq = desk_seq(desk);
    desk->gpio.capabilities = 0;
    edge(desk, 1, 0, 0);
    desk_wait(desk, 2);
    edge(desk, 0, 0, 0);
    desk_wait(desk, 100);
    assert_int_equal(desk_seq(desk), seq);
}

/* A motion sensor: on at once, off once it was quiet for three seconds. Whether the kernel can debounce makes
 * no difference. */
static struct desk *start_asymmetric(void **state, uint32_t on_ms, uint32_t off_ms,
                                     unsigned capabilities)
{
    struct desk *desk = desk_of(state);
    struct circuit_line_options *button = desk_input(desk, "button");
    button->debounce_on_us = 1000 * on_ms;
    button->debounce_off_us = 1000 * off_ms;
    desk->gpio.capabilities = capabilities;
    desk_start(desk);
    return desk;
}

static void each_capability(void **state, uint32_t on_ms, uint32_t off_ms,
                            void (*rule)(struct desk *desk))
{
    static const unsigned capabilities[] = {0, GPIO_CAN_DEBOUNCE};
    for (size_t i = 0; i < ARRAY_LENGTH(capabilities); i++) {
        rule(start_asymmetric(state, on_ms, off_ms, capabilities[i]));
        assert_int_equal(desk_close(state), 0);
        assert_int_equal(desk_open(state), 0);
    }
}

static void slow_off_rule(struct desk *desk)
{
    uint64_t seq = desk_seq(desk);
    edge(desk, 1, 0, 0);
    assert_int_equal(desk_value(desk, BUTTON), 1);
    assert_int_equal(desk_event(desk, 0)->edge_ns, desk->now.monotonic_ns);
    for (int i = 0; i < 4; i++) { /* each new motion begins the rest anew */
        edge(desk, 0, 0, 0);
        desk_wait(desk, 2999);
        assert_int_equal(desk_value(desk, BUTTON), 1);
        edge(desk, 1, 0, 0);
        desk_wait(desk, 5000);
    }
    assert_int_equal(desk_seq(desk), seq + 1);
    edge(desk, 0, 0, 0);
    desk_wait(desk, 2999);
    assert_int_equal(desk_value(desk, BUTTON), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_value(desk, BUTTON), 0);
    assert_int_equal(desk_seq(desk), seq + 2);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void line_that_is_slow_to_go_off_goes_on_at_once(void **state)
{
    each_capability(state, 0, 3000, slow_off_rule);
}

static void slow_on_rule(struct desk *desk)
{
    uint64_t seq = desk_seq(desk);
    edge(desk, 1, 0, 0);
    desk_wait(desk, 49);
    edge(desk, 0, 0, 0);
    desk_wait(desk, 1000);
    assert_int_equal(desk_seq(desk), seq); /* a spike */
    edge(desk, 1, 0, 0);
    desk_wait(desk, 50);
    assert_int_equal(desk_value(desk, BUTTON), 1);
    edge(desk, 0, 0, 0);
    assert_int_equal(desk_value(desk, BUTTON), 0);
    assert_int_equal(desk_seq(desk), seq + 2);
}

static void line_that_is_slow_to_go_on_goes_off_at_once(void **state)
{
    each_capability(state, 50, 0, slow_on_rule);
}

static void different_times_rule(struct desk *desk)
{
    edge(desk, 1, 0, 0);
    desk_wait(desk, 19);
    assert_int_equal(desk_value(desk, BUTTON), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_value(desk, BUTTON), 1);
    edge(desk, 0, 0, 0);
    desk_wait(desk, 39);
    assert_int_equal(desk_value(desk, BUTTON), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_value(desk, BUTTON), 0);
}

static void line_waits_out_each_direction_in_its_own_time(void **state)
{
    each_capability(state, 20, 40, different_times_rule);
}

/* Read in one go, long after: each edge is judged by its own time. */
static void late_rule(struct desk *desk)
{
    desk_wait(desk, 10 * 1000);
    uint64_t seq = desk_seq(desk);
    edge(desk, 1, 9 * 1000 * 1000, 0);
    edge(desk, 0, 8 * 1000 * 1000, 0);
    edge(desk, 1, 7 * 1000 * 1000, 0); /* within the three seconds */
    edge(desk, 0, 6 * 1000 * 1000, 0);
    edge(desk, 1, 1 * 1000 * 1000, 0); /* after them */
    desk_wait_ns(desk, 0);
    assert_int_equal(desk_seq(desk), seq + 3);
    assert_int_equal(desk_event(desk, 1)->edge_ns, desk->now.monotonic_ns - 3 * SECOND);
    assert_int_equal(desk_value(desk, BUTTON), 1);
}

static void edges_of_a_slow_line_are_judged_by_their_own_times(void **state)
{
    each_capability(state, 0, 3000, late_rule);
}

static void edges_read_late_are_judged_by_their_own_times(void **state)
{
    struct desk *desk = start(state);
    uint64_t seq = desk_seq(desk);
    desk->gpio.capabilities = 0;
    desk_wait(desk, 100);
    edge(desk, 1, 50000, 0); /* a press of 20 ms, read long after */
    edge(desk, 0, 30000, 0);
    desk_wait(desk, 0);
    assert_int_equal(desk_seq(desk), seq + 2);
    assert_int_equal(desk_event(desk, 1)->edge_ns, desk->now.monotonic_ns - 45 * MS);
    assert_int_equal(desk_event(desk, 0)->edge_ns, desk->now.monotonic_ns - 25 * MS);
}

static void last_press_and_held_tell_how_long_it_is_on(void **state)
{
    struct desk *desk = start(state);
    edge(desk, 1, 0, 0);
    desk_wait(desk, 1000);
    assert_false(desk_state(desk, BUTTON).held);
    desk_wait(desk, 1);
    assert_true(desk_state(desk, BUTTON).held);
    assert_int_equal(desk_state(desk, BUTTON).last_press_ns, 0);
    edge(desk, 0, 0, 0);
    assert_false(desk_state(desk, BUTTON).held);
    assert_int_equal(desk_state(desk, BUTTON).last_press_ns, 1001 * MS);
}

static void hz_and_duty_are_those_of_the_last_ten_seconds(void **state)
{
    struct desk *desk = start(state);
    for (int i = 0; i < 400; i++) { /* 20 s of 20 Hz, on for a fifth of it */
        edge(desk, 1, 0, 0);
        desk_wait(desk, 10);
        edge(desk, 0, 0, 0);
        desk_wait(desk, 40);
    }
    struct line_state button = desk_state(desk, BUTTON);
    assert_true(button.input_hz > 19.9 && button.input_hz < 20.1);
    assert_true(button.input_duty > 0.199 && button.input_duty < 0.201);
    desk_wait(desk, 5000);
    assert_true(desk_state(desk, BUTTON).input_hz < 11);
    desk_wait(desk, 5000);
    assert_true(desk_state(desk, BUTTON).input_hz < 0.001);
    edge(desk, 1, 0, 0);
    desk_wait(desk, 60000);
    assert_true(desk_state(desk, BUTTON).input_duty > 0.999);
    edge(desk, 0, 0, 0);
    desk_wait(desk, 4900);
    button = desk_state(desk, BUTTON);
    assert_true(button.input_duty > 0.45 && button.input_duty < 0.55);
}

static void input_that_changed_while_its_chip_was_away_is_told(void **state)
{
    struct desk *desk = start(state);
    circuit_available(desk->circuit, BUTTON, false, 0, "gone", &desk->now);
    circuit_available(desk->circuit, BUTTON, true, 1, NULL, &desk->now);
    desk_expect_event(desk, 0, BUTTON, 1, EVENT_AVAILABILITY);
    assert_int_equal(desk_state(desk, BUTTON).edges, 1);
}

static void edges_of_lines_that_are_not_there_are_ignored(void **state)
{
    struct desk *desk = start(state);
    uint64_t seq = desk_seq(desk);
    struct gpio_edge stray = {.line = 77, .value = 1};
    circuit_edge(desk->circuit, &stray, &desk->now);
    stray.line = -1;
    circuit_edge(desk->circuit, &stray, &desk->now);
    stray.line = LED;
    circuit_edge(desk->circuit, &stray, &desk->now);
    assert_int_equal(desk_seq(desk), seq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(edge_becomes_an_event_with_the_kernels_time),
        DESK_TEST(events_do_not_go_back_in_time),
        DESK_TEST(simulated_edge_names_who_made_it),
        DESK_TEST(edges_that_were_lost_are_counted),
        DESK_TEST(bouncing_is_waited_out_where_the_kernel_does_not),
        DESK_TEST(spike_shorter_than_the_debounce_is_no_edge),
        DESK_TEST(line_that_is_slow_to_go_off_goes_on_at_once),
        DESK_TEST(line_that_is_slow_to_go_on_goes_off_at_once),
        DESK_TEST(line_waits_out_each_direction_in_its_own_time),
        DESK_TEST(edges_of_a_slow_line_are_judged_by_their_own_times),
        DESK_TEST(edges_read_late_are_judged_by_their_own_times),
        DESK_TEST(last_press_and_held_tell_how_long_it_is_on),
        DESK_TEST(hz_and_duty_are_those_of_the_last_ten_seconds),
        DESK_TEST(input_that_changed_while_its_chip_was_away_is_told),
        DESK_TEST(edges_of_lines_that_are_not_there_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
