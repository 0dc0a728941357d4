/* Inputs that count pulses. */
#include "circuit_desk.h"

#include "circuit/counter.h"

enum { WATER, LAMP };

static struct desk *put(void **state, enum circuit_counter_edge counted)
{
    struct desk *desk = desk_of(state);
    desk_input(desk, "water")->counter =
        (struct circuit_counter_options){.counts = true, .edge = counted, .per_pulse = 0.45};
    (void)desk_output(desk, "lamp");
    return desk;
}

static struct desk *start(void **state)
{
    struct desk *desk = put(state, CIRCUIT_COUNTER_RISING);
    desk_start(desk);
    return desk;
}

static void pulse(struct desk *desk, int64_t on_ms)
{
    desk_press(desk, WATER, 1);
    desk_wait(desk, on_ms);
    desk_press(desk, WATER, 0);
}

/* `count` pulses, `gap_ms` from one rise to the next; the clock stands at the last rise. */
static void pulses(struct desk *desk, unsigned count, int64_t gap_ms)
{
    for (unsigned i = 0; i < count; i++) {
        desk_wait(desk, i > 0 ? gap_ms - 1 : 0);
        pulse(desk, 1);
    }
    desk_wait(desk, -1);
}

static uint64_t count_of(const struct desk *desk)
{
    return desk_state(desk, WATER).pulses;
}

static double rate_of(const struct desk *desk)
{
    return desk_state(desk, WATER).pulse_rate;
}

static void expect_rate(const struct desk *desk, double expected)
{
    if (rate_of(desk) < expected - 1e-9 || rate_of(desk) > expected + 1e-9)
        fail_msg("rate %g, not %g", rate_of(desk), expected);
}

static void counter_counts_each_pulse_once(void **state)
{
    struct desk *desk = start(state);
    for (int i = 0; i < 5; i++)
        pulse(desk, 20);
    assert_int_equal(count_of(desk), 5);
    assert_int_equal(desk_state(desk, WATER).edges, 10);
    desk_press(desk, WATER, 1);
    assert_int_equal(count_of(desk), 6);
}

static void counter_counts_the_edge_that_the_config_names(void **state)
{
    struct desk *desk = put(state, CIRCUIT_COUNTER_FALLING);
    desk_start(desk);
    desk_press(desk, WATER, 1);
    assert_int_equal(count_of(desk), 0);
    desk_press(desk, WATER, 0);
    assert_int_equal(count_of(desk), 1);
}

static void counter_is_told_by_each_event_of_its_line(void **state)
{
    struct desk *desk = start(state);
    assert_true(desk_event(desk, 1)->details & EVENT_HAS_COUNT); /* that of the start */
    pulse(desk, 1);
    pulse(desk, 1);
    for (uint64_t back = 0; back < 4; back++) {
        assert_true(desk_event(desk, back)->details & EVENT_HAS_COUNT);
        assert_int_equal(desk_event(desk, back)->count, 2 - back / 2);
    }
    desk_set(desk, LAMP, 1);
    assert_false(desk_event(desk, 0)->details & EVENT_HAS_COUNT);
}

/* The kernel numbers edges: where some were lost, the pulses among them are known. */
static void counter_counts_the_pulses_that_were_lost(void **state)
{
    static const struct {
        int before, value;
        uint32_t lost;
        uint64_t pulses;
    } rows[] = {
        {0, 1, 0, 1}, {0, 1, 2, 2}, {0, 0, 1, 1}, {0, 0, 3, 2},
        {1, 0, 0, 0}, {1, 0, 2, 1}, {1, 1, 1, 1}, {1, 1, 3, 2},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct desk *desk = start(state);
        desk_press(desk, WATER, rows[i].before);
        uint64_t before = count_of(desk);
        struct gpio_edge edge = {.line = WATER,
                                 .value = rows[i].value,
                                 .edge_ns = desk->now.monotonic_ns,
                                 .lost = rows[i].lost};
        circuit_edge(desk->circuit, &edge, &desk->now);
        if (count_of(desk) - before != rows[i].pulses)
            fail_msg("row %zu: %llu", i, (unsigned long long)(count_of(desk) - before));
        assert_int_equal(desk_close(state), 0);
        assert_int_equal(desk_open(state), 0);
    }
}

static void counter_takes_bounces_for_no_pulses(void **state)
{
    struct desk *desk = put(state, CIRCUIT_COUNTER_RISING);
    desk->lines[WATER].gpio.debounce_us = 5000;
    desk->gpio.capabilities &= ~(unsigned)GPIO_CAN_DEBOUNCE;
    desk_start(desk);
    for (int i = 0; i < 9; i++) {
        struct gpio_edge edge = {
            .line = WATER, .value = !(i % 2), .edge_ns = desk->now.monotonic_ns, .lost = 7};
        circuit_edge(desk->circuit, &edge, &desk->now);
        desk_wait(desk, 1);
    }
    desk_wait(desk, 10);
    assert_int_equal(count_of(desk), 1);
}

static void command_sets_a_counter_and_tells_it(void **state)
{
    struct desk *desk = start(state);
    pulse(desk, 1);
    struct command command = {.verb = COMMAND_COUNT, .line = WATER, .pulses = 1234};
    desk_do(desk, command);
    assert_int_equal(count_of(desk), 1234);
    desk_expect_event(desk, 0, WATER, 0, EVENT_COUNT);
    assert_int_equal(desk_event(desk, 0)->count, 1234);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "http:192.168.1.7:51514");
    uint64_t seq = desk_seq(desk);
    desk_do(desk, command); /* it is so already */
    assert_int_equal(desk_seq(desk), seq);
    pulse(desk, 1);
    assert_int_equal(count_of(desk), 1235);
    command.has_expect = true;
    command.expect = seq;
    desk_refused(desk, command, REFUSAL_CONFLICT);
    command.expect = desk_seq(desk);
    command.pulses = 0;
    desk_do(desk, command);
    assert_int_equal(count_of(desk), 0);
}

static void command_that_counts_needs_a_counter(void **state)
{
    struct desk *desk = start(state);
    desk_refused(desk, (struct command){.verb = COMMAND_COUNT, .line = LAMP}, REFUSAL_CONFLICT);
    assert_non_null(strstr(desk->refusal.message, "lamp has no counter"));
    desk_refused(desk, (struct command){.verb = COMMAND_COUNT, .line = 2}, REFUSAL_NO_SUCH_LINE);
    desk_refused(desk,
                 (struct command){.verb = COMMAND_COUNT, .line = WATER, .pulses = COUNTER_MAX + 1},
                 REFUSAL_BAD_REQUEST);
    assert_int_equal(count_of(desk), 0);
}

static void rule_may_set_a_counter(void **state)
{
    struct desk *desk = put(state, CIRCUIT_COUNTER_RISING);
    (void)desk_rule(desk, "zero", LAMP, CIRCUIT_TRIGGER_RISING, COMMAND_COUNT, WATER);
    desk_start(desk);
    pulse(desk, 1);
    desk_set(desk, LAMP, 1);
    assert_int_equal(count_of(desk), 0);
}

static void counter_stays_at_the_largest_exact_number(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk,
            (struct command){.verb = COMMAND_COUNT, .line = WATER, .pulses = COUNTER_MAX - 1});
    pulse(desk, 1);
    pulse(desk, 1);
    assert_true(count_of(desk) == COUNTER_MAX);
}

/* ---- the rate ---- */

static void rate_is_that_of_the_last_minute_where_it_has_two_pulses(void **state)
{
    struct desk *desk = start(state);
    pulses(desk, 7, 10 * 1000); /* a minute from the first to the last, which counts */
    expect_rate(desk, 6);
    desk_wait(desk, 29 * 1000); /* 31 to 29 s ago, 3 pulses */
    expect_rate(desk, 4);
}

static void rate_of_few_pulses_is_that_of_the_last_gap(void **state)
{
    struct desk *desk = start(state);
    expect_rate(desk, 0);
    pulse(desk, 1);
    expect_rate(desk, 0); /* one pulse has no gap */
    desk_wait(desk, 120 * 1000 - 1);
    pulse(desk, 1);
    expect_rate(desk, 0.5);
    desk_wait(desk, 240 * 1000 - 1);
    pulse(desk, 1);
    expect_rate(desk, 0.25);
}

static void rate_is_nought_after_ten_gaps(void **state)
{
    struct desk *desk = start(state);
    pulses(desk, 3, 1000);
    expect_rate(desk, 3);
    desk_wait(desk, 10 * 1000);
    expect_rate(desk, 3);
    desk_wait(desk, 1);
    expect_rate(desk, 0);
    pulse(desk, 1);
    assert_true(rate_of(desk) > 0);
}

/* The minute begins with a slice of half a second. */
static void rate_of_many_pulses_is_within_a_slice(void **state)
{
    struct desk *desk = start(state);
    pulses(desk, 12001, 10);
    assert_true(rate_of(desk) > 5949 && rate_of(desk) < 6001);
    assert_int_equal(count_of(desk), 12001);
}

/* ---- over a restart ---- */

struct stored {
    bool is_stored;
    uint64_t count;
    uint8_t value;
};

static bool recall_counter(void *context, const char *line, uint64_t *ret_count, uint8_t *ret_value)
{
    const struct stored *stored = context;
    if (strcmp(line, "water") != 0)
        return false;
    *ret_count = stored->count;
    *ret_value = stored->value;
    return stored->is_stored;
}

static void contact_that_moved_while_nobody_looked_counts_once(void **state)
{
    static const struct {
        struct stored stored;
        uint8_t level;
        enum circuit_counter_edge counted;
        uint64_t count;
    } rows[] = {
        {{true, 7, 0}, 0, CIRCUIT_COUNTER_RISING, 7},
        {{true, 7, 1}, 1, CIRCUIT_COUNTER_RISING, 7},
        {{true, 7, 0}, 1, CIRCUIT_COUNTER_RISING, 8},
        {{true, 7, 1}, 0, CIRCUIT_COUNTER_RISING, 7},
        {{true, 7, 0}, 1, CIRCUIT_COUNTER_FALLING, 7},
        {{true, 7, 1}, 0, CIRCUIT_COUNTER_FALLING, 8},
        {{false, 7, 0}, 1, CIRCUIT_COUNTER_RISING, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct stored stored = rows[i].stored;
        struct circuit_store store = {.context = &stored, .recall_counter = recall_counter};
        struct desk *desk = put(state, rows[i].counted);
        desk->store = &store;
        desk->gpio.pins[WATER] = rows[i].level;
        desk_start(desk);
        if (count_of(desk) != rows[i].count)
            fail_msg("row %zu: %llu", i, (unsigned long long)count_of(desk));
        expect_rate(desk, 0);
        assert_int_equal(desk_close(state), 0);
        assert_int_equal(desk_open(state), 0);
    }
}

static void reload_keeps_the_count_of_a_pin_that_is_requested_anew(void **state)
{
    struct desk *desk = start(state);
    pulse(desk, 1);
    desk_press(desk, WATER, 1);
    desk->gpio.pins[WATER] = 0;                       /* it falls while the pin is free, */
    desk->lines[WATER].gpio.bias = GPIO_BIAS_PULL_UP; /* which is requested anew */
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(count_of(desk), 2);
    desk->gpio.pins[WATER] = 1;
    desk->lines[WATER].gpio.bias = GPIO_BIAS_DISABLED;
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(count_of(desk), 3);
}

static void chip_that_comes_back_with_another_level_counts_once(void **state)
{
    struct desk *desk = start(state);
    circuit_available(desk->circuit, WATER, false, 0, "gone", &desk->now);
    circuit_available(desk->circuit, WATER, true, 1, NULL, &desk->now);
    assert_int_equal(count_of(desk), 1);
    circuit_available(desk->circuit, WATER, false, 0, "gone", &desk->now);
    circuit_available(desk->circuit, WATER, true, 1, NULL, &desk->now);
    assert_int_equal(count_of(desk), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(counter_counts_each_pulse_once),
        DESK_TEST(counter_counts_the_edge_that_the_config_names),
        DESK_TEST(counter_is_told_by_each_event_of_its_line),
        DESK_TEST(counter_counts_the_pulses_that_were_lost),
        DESK_TEST(counter_takes_bounces_for_no_pulses),
        DESK_TEST(command_sets_a_counter_and_tells_it),
        DESK_TEST(command_that_counts_needs_a_counter),
        DESK_TEST(rule_may_set_a_counter),
        DESK_TEST(counter_stays_at_the_largest_exact_number),
        DESK_TEST(rate_is_that_of_the_last_minute_where_it_has_two_pulses),
        DESK_TEST(rate_of_few_pulses_is_that_of_the_last_gap),
        DESK_TEST(rate_is_nought_after_ten_gaps),
        DESK_TEST(rate_of_many_pulses_is_within_a_slice),
        DESK_TEST(contact_that_moved_while_nobody_looked_counts_once),
        DESK_TEST(reload_keeps_the_count_of_a_pin_that_is_requested_anew),
        DESK_TEST(chip_that_comes_back_with_another_level_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
