#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "gpio_rules.h"

#include <errno.h>
#include <string.h>

static struct gpio_line_config output(const char *gpio)
{
    struct gpio_line_config config = {
        .name = gpio, .offset = -1, .direction = GPIO_DIRECTION_OUTPUT};
    (void)strncpy(config.gpio, gpio, sizeof config.gpio - 1);
    return config;
}

static struct gpio_line_config input(const char *gpio)
{
    struct gpio_line_config config = output(gpio);
    config.direction = GPIO_DIRECTION_INPUT;
    return config;
}

static int claim(struct rig *rig, struct gpio_line_config config)
{
    return rig_claim(rig, &config);
}

/* What an observer of the pin sees, where there is one. */
static void expect_level(struct rig *rig, const char *gpio, int level)
{
    if (rig->bench->level)
        assert_int_equal(rig->bench->level(gpio), level);
}

/* ---- outputs ------------------------------------------------------------------------------ */

static void output_carries_what_it_was_set_to(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, output("GPIO17"));
    assert_int_equal(rig_get(rig, line), 0);
    expect_level(rig, "GPIO17", 0);
    rig_set(rig, line, 1);
    assert_int_equal(rig_get(rig, line), 1);
    expect_level(rig, "GPIO17", 1);
    rig_set(rig, line, 0);
    assert_int_equal(rig_get(rig, line), 0);
    expect_level(rig, "GPIO17", 0);
}

static void output_starts_with_its_initial_value(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = output("GPIO17");
    config.initial = GPIO_INITIAL_ACTIVE;
    int line = claim(rig, config);
    assert_int_equal(rig_get(rig, line), 1);
    expect_level(rig, "GPIO17", 1);
}

static void active_low_output_is_inverted_at_the_pin(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = output("GPIO17");
    config.active_low = true;
    int line = claim(rig, config);
    assert_int_equal(rig_get(rig, line), 0);
    expect_level(rig, "GPIO17", 1);
    rig_set(rig, line, 1);
    assert_int_equal(rig_get(rig, line), 1);
    expect_level(rig, "GPIO17", 0);
}

static void several_outputs_are_set_in_one_call(void **state)
{
    struct rig *rig = *state;
    const char *names[] = {"GPIO17", "GPIO27", "GPIO23"};
    struct gpio_line_config configs[3];
    int lines[3];
    uint8_t values[3];
    for (int i = 0; i < 3; i++)
        configs[i] = output(names[i]);
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 3, lines, &rig->error), 0);
    assert_int_equal(gpio_set(rig->gpio, lines, (uint8_t[]){1, 0, 1}, 3), 0);
    assert_int_equal(gpio_get(rig->gpio, lines, 3, values), 0);
    assert_memory_equal(values, ((uint8_t[]){1, 0, 1}), 3);
    expect_level(rig, "GPIO17", 1);
    expect_level(rig, "GPIO27", 0);
    expect_level(rig, "GPIO23", 1);
}

static void setting_one_line_leaves_the_others_of_its_request(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {output("GPIO17"), output("GPIO27")};
    int lines[2];
    configs[0].initial = GPIO_INITIAL_ACTIVE;
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 2, lines, &rig->error), 0);
    rig_set(rig, lines[1], 1);
    assert_int_equal(rig_get(rig, lines[0]), 1);
    rig_set(rig, lines[0], 0);
    assert_int_equal(rig_get(rig, lines[1]), 1);
    expect_level(rig, "GPIO17", 0);
    expect_level(rig, "GPIO27", 1);
}

/* A line stands twice in one call: the last word counts. */
static void last_value_of_a_line_in_one_call_counts(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, output("GPIO17"));
    assert_int_equal(gpio_set(rig->gpio, (int[]){line, line}, (uint8_t[]){0, 1}, 2), 0);
    assert_int_equal(rig_get(rig, line), 1);
}

static void any_value_but_0_is_1(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, output("GPIO17"));
    rig_set(rig, line, 255);
    assert_int_equal(rig_get(rig, line), 1);
}

static void input_is_not_set(void **state)
{
    struct rig *rig = *state;
    int lines[] = {claim(rig, output("GPIO17")), claim(rig, input("GPIO22"))};
    assert_int_equal(gpio_set(rig->gpio, lines, (uint8_t[]){1, 1}, 2), -EPERM);
    assert_int_equal(rig_get(rig, lines[0]), 0);
}

/* ---- inputs ------------------------------------------------------------------------------- */

static void input_starts_inactive(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, input("GPIO22"));
    assert_int_equal(rig_get(rig, line), 0);
    assert_int_equal(rig->edge_count, 0);
}

static void edge_reaches_the_listener_with_the_kernels_time(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, input("GPIO22"));
    /* A kernel that counts time in ticks may stamp an edge with the tick that was. */
    int64_t before_ns = clock_monotonic_ns() - 10 * CLOCK_NS_PER_MS;
    rig->bench->drive(rig, line, 1);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
    assert_int_equal(rig->edges[0].line, line);
    assert_int_equal(rig->edges[0].value, 1);
    assert_int_equal(rig->edges[0].lost, 0);
    assert_false(rig->edges[0].overrun);
    assert_true(rig->edges[0].edge_ns >= before_ns);
    assert_true(rig->edges[0].edge_ns <= clock_monotonic_ns());
    assert_int_equal(rig_get(rig, line), 1);
    rig->bench->drive(rig, line, 0);
    assert_int_equal(rig_run(rig, &rig->edge_count, 2, 2000), 2);
    assert_int_equal(rig->edges[1].value, 0);
    assert_int_equal(rig->edges[1].lost, 0);
}

static void same_value_makes_no_edge(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, input("GPIO22"));
    rig->bench->drive(rig, line, 0);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 30), 0);
}

static void active_low_input_reports_logical_values(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = input("GPIO22");
    config.active_low = true;
    config.bias = GPIO_BIAS_PULL_UP;
    int line = claim(rig, config);
    rig->bench->drive(rig, line, 0);
    (void)rig_run(rig, &rig->edge_count, 1, 30);
    rig->edge_count = 0;
    rig->bench->drive(rig, line, 1);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
    assert_int_equal(rig->edges[0].value, 1);
    assert_int_equal(rig_get(rig, line), 1);
}

static void edges_of_several_inputs_are_told_apart(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {input("GPIO22"), input("GPIO24"), input("GPIO4")};
    int lines[3];
    configs[2].bias = GPIO_BIAS_PULL_DOWN;
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 3, lines, &rig->error), 0);
    for (size_t i = 0; i < 3; i++) {
        rig->bench->drive(rig, lines[2 - i], 1);
        assert_int_equal(rig_run(rig, &rig->edge_count, i + 1, 2000), i + 1);
        assert_int_equal(rig->edges[i].line, lines[2 - i]);
    }
}

static void bounce(struct rig *rig, int line, int changes)
{
    for (int i = 0; i < changes; i++)
        rig->bench->drive(rig, line, i % 2 == 0);
}

static void debounce_swallows_bounces_where_the_backend_can(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = input("GPIO22");
    config.debounce_us = 100000;
    int line = claim(rig, config);
    if (!(gpio_capabilities(rig->gpio) & GPIO_CAN_DEBOUNCE)) {
        rig->bench->drive(rig, line, 1); /* every change is told, for the circuit to judge */
        assert_int_equal(rig_run(rig, &rig->edge_count, 1, 50), 1);
        return;
    }
    bounce(rig, line, 6);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 300), 0);
    bounce(rig, line, 5);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
    assert_int_equal(rig->edges[0].value, 1);
    assert_int_equal(rig->edges[0].lost, 0);
    assert_int_equal(rig_run(rig, &rig->edge_count, 2, 300), 1);
    assert_int_equal(rig_get(rig, line), 1);
}

/* ---- claiming and releasing --------------------------------------------------------------- */

static void claim_tells_where_the_line_is(void **state)
{
    struct rig *rig = *state;
    int line = claim(rig, output("GPIO17"));
    const struct gpio_line_location *location = gpio_location(rig->gpio, line);
    assert_int_equal(location->offset, 17);
    assert_string_equal(location->name, "GPIO17");
    assert_true(location->chip[0] && location->label[0]);
}

static void line_cannot_be_claimed_twice(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {output("GPIO17"), input("GPIO17")};
    int lines[] = {-7, -7};
    configs[1].name = "again";
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 2, lines, &rig->error), -EINVAL);
    assert_ptr_equal(rig->error.line, configs[1].name);
    assert_non_null(strstr(rig->error.message, "line again: "));
    assert_int_equal(lines[0], -7);
    lines[0] = claim(rig, configs[0]);
    assert_int_equal(gpio_request_lines(rig->gpio, &configs[1], 1, lines, &rig->error), -EINVAL);
}

static void failed_claim_claims_nothing(void **state)
{
    struct rig *rig = *state;
    int held = claim(rig, output("GPIO23"));
    struct gpio_line_config configs[] = {output("GPIO17"), output("GPIO23")};
    int lines[2];
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 2, lines, &rig->error), -EINVAL);
    int line = claim(rig, configs[0]);
    assert_int_not_equal(line, held);
}

static void released_handle_is_used_again(void **state)
{
    struct rig *rig = *state;
    int first = claim(rig, output("GPIO17"));
    int second = claim(rig, output("GPIO27"));
    assert_int_not_equal(first, second);
    gpio_release(rig->gpio, first);
    assert_int_equal(claim(rig, output("GPIO23")), first);
}

static void released_line_can_be_claimed_the_other_way(void **state)
{
    struct rig *rig = *state;
    gpio_release(rig->gpio, claim(rig, output("GPIO22")));
    int line = claim(rig, input("GPIO22"));
    rig->bench->drive(rig, line, 1);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
}

static void released_line_reports_no_edge(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {input("GPIO22"), input("GPIO24")};
    int lines[2];
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 2, lines, &rig->error), 0);
    rig->bench->drive(rig, lines[0], 1);
    gpio_release(rig->gpio, lines[0]);
    rig->edge_count = 0;
    rig->bench->drive(rig, lines[1], 1);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
    assert_int_equal(rig->edges[0].line, lines[1]);
}

static void impossible_configs_are_refused(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config nowhere = output("");
    struct gpio_line_config driven = input("GPIO22");
    struct gpio_line_config debounced = output("GPIO17");
    int line = -7;
    driven.drive = GPIO_DRIVE_OPEN_DRAIN;
    debounced.debounce_us = 1;
    /* The simulator has a place for a line that names none. */
    if (!(gpio_capabilities(rig->gpio) & GPIO_CAN_SIMULATE))
        assert_int_equal(gpio_request_lines(rig->gpio, &nowhere, 1, &line, &rig->error), -EINVAL);
    assert_int_equal(gpio_request_lines(rig->gpio, &driven, 1, &line, &rig->error), -EINVAL);
    assert_int_equal(gpio_request_lines(rig->gpio, &debounced, 1, &line, &rig->error), -EINVAL);
    assert_int_equal(line, -7);
}

#define RULE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

size_t gpio_rules(struct CMUnitTest *tests, int (*setup)(void **state),
                  int (*teardown)(void **state))
{
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } rules[] = {
        RULE(output_carries_what_it_was_set_to),
        RULE(output_starts_with_its_initial_value),
        RULE(active_low_output_is_inverted_at_the_pin),
        RULE(several_outputs_are_set_in_one_call),
        RULE(setting_one_line_leaves_the_others_of_its_request),
        RULE(last_value_of_a_line_in_one_call_counts),
        RULE(any_value_but_0_is_1),
        RULE(input_is_not_set),
        RULE(input_starts_inactive),
        RULE(edge_reaches_the_listener_with_the_kernels_time),
        RULE(same_value_makes_no_edge),
        RULE(active_low_input_reports_logical_values),
        RULE(edges_of_several_inputs_are_told_apart),
        RULE(debounce_swallows_bounces_where_the_backend_can),
        RULE(claim_tells_where_the_line_is),
        RULE(line_cannot_be_claimed_twice),
        RULE(failed_claim_claims_nothing),
        RULE(released_handle_is_used_again),
        RULE(released_line_can_be_claimed_the_other_way),
        RULE(released_line_reports_no_edge),
        RULE(impossible_configs_are_refused),
    };
    size_t count = sizeof rules / sizeof rules[0];
    for (size_t i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){rules[i].name, rules[i].test, setup, teardown, NULL};
    return count;
}
