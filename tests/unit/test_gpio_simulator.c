#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/owner.h"
#include "gpio_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS CLOCK_NS_PER_MS

static void press(struct rig *rig, int line, int value)
{
    assert_int_equal(gpio_simulate(rig->gpio, line, value, clock_monotonic_ns()), 0);
}

static const struct bench person = {.kind = BENCH_SIMULATOR, .drive = press};

static int open_simulator(void **state)
{
    struct gpio_options options = {.backend = GPIO_BACKEND_SIMULATOR};
    struct rig *rig = malloc(sizeof *rig);
    rig_open(rig, &person, &options);
    *state = rig;
    return 0;
}

static int close_simulator(void **state)
{
    rig_close(*state);
    free(*state);
    return 0;
}

static int claim_button(struct rig *rig, uint32_t debounce_us)
{
    struct gpio_line_config config = {.name = "button",
                                      .gpio = "GPIO22",
                                      .offset = -1,
                                      .direction = GPIO_DIRECTION_INPUT,
                                      .debounce_us = debounce_us};
    return rig_claim(rig, &config);
}

static void simulate(struct rig *rig, int line, int value, int64_t now_ns)
{
    assert_int_equal(gpio_simulate(rig->gpio, line, value, now_ns), 0);
}

static void simulator_says_that_it_is_one(void **state)
{
    struct rig *rig = *state;
    assert_string_equal(gpio_backend_name(rig->gpio), "simulator");
    assert_string_equal(gpio_library_version(rig->gpio), "");
    const struct gpio_line_location *location = gpio_location(rig->gpio, claim_button(rig, 0));
    assert_string_equal(location->chip, "simulator");
    assert_string_equal(location->label, "simulator");
    assert_int_equal(location->offset, 22);
}

static void edge_is_told_before_simulate_returns(void **state)
{
    struct rig *rig = *state;
    simulate(rig, claim_button(rig, 0), 1, 5 * MS);
    assert_int_equal(rig->edge_count, 1);
    assert_true(rig->edges[0].edge_ns == 5 * MS);
}

static void change_counts_when_it_was_stable_for_the_debounce_time(void **state)
{
    struct rig *rig = *state;
    int line = claim_button(rig, 5000);
    simulate(rig, line, 1, 100 * MS);
    assert_true(rig->due_ns == 105 * MS);
    gpio_tick(rig->gpio, 104 * MS);
    assert_int_equal(rig->edge_count, 0);
    assert_int_equal(rig_get(rig, line), 0);
    gpio_tick(rig->gpio, 106 * MS);
    assert_int_equal(rig->edge_count, 1);
    assert_true(rig->edges[0].edge_ns == 105 * MS);
    assert_int_equal(rig_get(rig, line), 1);
    assert_true(rig->due_ns == INT64_MAX);
}

static void bounce_starts_the_debounce_time_anew(void **state)
{
    struct rig *rig = *state;
    int line = claim_button(rig, 5000);
    simulate(rig, line, 1, 100 * MS);
    simulate(rig, line, 0, 103 * MS);
    simulate(rig, line, 1, 104 * MS);
    gpio_tick(rig->gpio, 108 * MS);
    assert_int_equal(rig->edge_count, 0);
    gpio_tick(rig->gpio, 109 * MS);
    assert_int_equal(rig->edge_count, 1);
    assert_true(rig->edges[0].edge_ns == 109 * MS);
}

static void glitch_shorter_than_the_debounce_time_is_no_edge(void **state)
{
    struct rig *rig = *state;
    int line = claim_button(rig, 5000);
    simulate(rig, line, 1, 100 * MS);
    simulate(rig, line, 0, 102 * MS);
    gpio_tick(rig->gpio, 200 * MS);
    assert_int_equal(rig->edge_count, 0);
    assert_true(rig->due_ns == INT64_MAX);
}

/* The owner's timer was late: the change was stable in time, and the next one is another edge. */
static void late_tick_loses_no_edge(void **state)
{
    struct rig *rig = *state;
    int line = claim_button(rig, 5000);
    simulate(rig, line, 1, 100 * MS);
    simulate(rig, line, 0, 120 * MS);
    gpio_tick(rig->gpio, 140 * MS);
    assert_int_equal(rig->edge_count, 2);
    assert_true(rig->edges[0].edge_ns == 105 * MS);
    assert_true(rig->edges[1].edge_ns == 125 * MS);
}

static void debounces_end_in_the_order_of_time(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = {.name = "slow",
                                      .gpio = "GPIO5",
                                      .offset = -1,
                                      .direction = GPIO_DIRECTION_INPUT,
                                      .debounce_us = 9000};
    int slow = rig_claim(rig, &config);
    int quick = claim_button(rig, 2000);
    simulate(rig, slow, 1, 100 * MS);
    simulate(rig, quick, 1, 101 * MS);
    assert_true(rig->due_ns == 103 * MS);
    gpio_tick(rig->gpio, 200 * MS);
    assert_int_equal(rig->edges[0].line, quick);
    assert_int_equal(rig->edges[1].line, slow);
}

static void released_line_no_longer_wakes(void **state)
{
    struct rig *rig = *state;
    int line = claim_button(rig, 5000);
    simulate(rig, line, 1, 100 * MS);
    gpio_release(rig->gpio, line);
    assert_true(rig->due_ns == INT64_MAX);
    gpio_tick(rig->gpio, 200 * MS);
    assert_int_equal(rig->edge_count, 0);
}

static void keep_takes_over_the_value_that_the_pin_had(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = {
        .name = "red", .gpio = "GPIO17", .offset = -1, .direction = GPIO_DIRECTION_OUTPUT};
    int line = rig_claim(rig, &config);
    rig_set(rig, line, 1);
    gpio_release(rig->gpio, line);
    config.initial = GPIO_INITIAL_KEEP;
    line = rig_claim(rig, &config);
    assert_int_equal(rig_get(rig, line), 1);
    gpio_release(rig->gpio, line);
    config.active_low = true;
    assert_int_equal(rig_get(rig, rig_claim(rig, &config)), 0);
}

static void output_is_not_simulated(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = {
        .name = "red", .gpio = "GPIO17", .offset = -1, .direction = GPIO_DIRECTION_OUTPUT};
    assert_int_equal(gpio_simulate(rig->gpio, rig_claim(rig, &config), 1, 0), -EPERM);
}

static void every_name_is_found(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {
        {.name = "a", .gpio = "doorbell", .offset = -1, .direction = GPIO_DIRECTION_INPUT},
        {.name = "b", .gpio = "PIN17", .offset = -1, .direction = GPIO_DIRECTION_INPUT},
        {.name = "c", .gpio = "GPIO17", .offset = -1, .direction = GPIO_DIRECTION_INPUT},
        {.name = "d", .chip = "gpiochip3", .offset = 5, .direction = GPIO_DIRECTION_INPUT},
    };
    int lines[4];
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 4, lines, &rig->error), 0);
    assert_int_equal(gpio_location(rig->gpio, lines[2])->offset, 17);
    assert_int_equal(gpio_location(rig->gpio, lines[3])->offset, 5);
    assert_string_equal(gpio_location(rig->gpio, lines[0])->name, "doorbell");
}

static void as_many_lines_as_the_interface_allows(void **state)
{
    struct rig *rig = *state;
    static struct gpio_line_config configs[GPIO_LINES_MAX];
    int lines[GPIO_LINES_MAX + 1];
    for (int i = 0; i < GPIO_LINES_MAX; i++)
        configs[i] = (struct gpio_line_config){
            .name = "n", .chip = "any", .offset = i, .direction = GPIO_DIRECTION_OUTPUT};
    assert_int_equal(gpio_request_lines(rig->gpio, configs, GPIO_LINES_MAX, lines, &rig->error), 0);
    configs[0].offset = GPIO_LINES_MAX;
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 1, lines, &rig->error), -EINVAL);
    assert_non_null(strstr(rig->error.message, "256"));
}

/* ---- the choice of the backend ------------------------------------------------------------ */

static void ignore_wake(void *context, int64_t due_ns)
{
    (void)context;
    (void)due_ns;
}

static int open_with(struct gpio_options options, struct gpio **gpio, struct gpio_error *error)
{
    struct gpio_events listener = {.wake_at = ignore_wake};
    *gpio = NULL;
    return gpio_new(&options, &listener, gpio, error);
}

static void auto_takes_the_simulator_where_no_chip_exists(void **state)
{
    struct gpio *gpio;
    struct gpio_error error;
    (void)state;
    char folder[] = "/tmp/gpio-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct gpio_options options = {.backend = GPIO_BACKEND_AUTO, .device_folder = folder};
    assert_int_equal(open_with(options, &gpio, &error), 0);
    assert_string_equal(gpio_backend_name(gpio), "simulator");
    gpio_free(gpio);
    assert_int_equal(rmdir(folder), 0);
}

static void gpiod_without_a_chip_is_refused_with_a_remedy(void **state)
{
    struct gpio *gpio;
    struct gpio_error error;
    (void)state;
    struct gpio_options options = {.backend = GPIO_BACKEND_GPIOD, .device_folder = "/nonexistent"};
    assert_int_equal(open_with(options, &gpio, &error), -ENODEV);
    assert_int_equal(error.code, -ENODEV);
    assert_non_null(strstr(error.message, "/nonexistent/gpiochip"));
    assert_non_null(strstr(error.message, "simulator"));
    assert_null(gpio);
    assert_null(gpio_free(NULL));
}

/* A chip that cannot be used is an error, never a reason to simulate. */
static void auto_does_not_simulate_where_a_chip_exists(void **state)
{
    struct gpio *gpio;
    struct gpio_error error;
    (void)state;
    char folder[] = "/tmp/gpio-test-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/gpiochip0", folder);
    AUTO_FILE file = fopen(path, "we");
    assert_non_null(file);
    struct gpio_options options = {.backend = GPIO_BACKEND_AUTO, .device_folder = folder};
    assert_int_equal(open_with(options, &gpio, &error), -ENODEV);
    assert_true(error.message[0]);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

#define RULE(name)                                                                                 \
    {                                                                                              \
#name, name, open_simulator, close_simulator, NULL                                         \
    }

int main(void)
{
    static const struct CMUnitTest own[] = {
        RULE(simulator_says_that_it_is_one),
        RULE(edge_is_told_before_simulate_returns),
        RULE(change_counts_when_it_was_stable_for_the_debounce_time),
        RULE(bounce_starts_the_debounce_time_anew),
        RULE(glitch_shorter_than_the_debounce_time_is_no_edge),
        RULE(late_tick_loses_no_edge),
        RULE(debounces_end_in_the_order_of_time),
        RULE(released_line_no_longer_wakes),
        RULE(keep_takes_over_the_value_that_the_pin_had),
        RULE(output_is_not_simulated),
        RULE(every_name_is_found),
        RULE(as_many_lines_as_the_interface_allows),
        cmocka_unit_test(auto_takes_the_simulator_where_no_chip_exists),
        cmocka_unit_test(gpiod_without_a_chip_is_refused_with_a_remedy),
        cmocka_unit_test(auto_does_not_simulate_where_a_chip_exists),
    };
    struct CMUnitTest tests[GPIO_RULES_MAX + ARRAY_LENGTH(own)];
    size_t count = gpio_rules(tests, open_simulator, close_simulator);
    memcpy(&tests[count], own, sizeof own);
    count += ARRAY_LENGTH(own);
    return _cmocka_run_group_tests("gpio simulator", tests, count, NULL, NULL);
}
