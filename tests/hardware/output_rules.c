#include "hardware_rules.h"

#include "base/clock.h"
#include "base/owner.h"
#include "calls.h"
#include "sim.h"

#include <errno.h>
#include <linux/gpio.h>
#include <string.h>

struct gpio_line_config an_output(const char *gpio)
{
    struct gpio_line_config config = {
        .name = gpio, .offset = -1, .direction = GPIO_DIRECTION_OUTPUT};
    (void)snprintf(config.gpio, sizeof config.gpio, "%s", gpio);
    return config;
}

struct gpio_line_config an_input(const char *gpio)
{
    struct gpio_line_config config = an_output(gpio);
    config.direction = GPIO_DIRECTION_INPUT;
    return config;
}

void request_all(struct rig *rig, const struct gpio_line_config *configs, size_t count, int *lines)
{
    if (gpio_request_lines(rig->gpio, configs, count, lines, &rig->error))
        fail_msg("gpio_claim: %s", rig->error.message);
}

static void every_bias_and_drive_reaches_the_kernel(void **state)
{
    static const unsigned long long biases[] = {0, GPIO_V2_LINE_FLAG_BIAS_DISABLED,
                                                GPIO_V2_LINE_FLAG_BIAS_PULL_UP,
                                                GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN};
    static const unsigned long long drives[] = {0, GPIO_V2_LINE_FLAG_OPEN_DRAIN,
                                                GPIO_V2_LINE_FLAG_OPEN_SOURCE};
    struct rig *rig = *state;
    for (unsigned bias = 0; bias < ARRAY_LENGTH(biases); bias++)
        for (unsigned drive = 0; drive < ARRAY_LENGTH(drives); drive++)
            for (unsigned low = 0; low < 2; low++) {
                struct gpio_line_config config = an_output("GPIO17");
                config.bias = (enum gpio_bias)bias;
                config.drive = (enum gpio_drive)drive;
                config.active_low = low;
                int line = rig_claim(rig, &config);
                unsigned long long flags = sim_flags(17);
                assert_true(flags & GPIO_V2_LINE_FLAG_OUTPUT);
                assert_true(flags & GPIO_V2_LINE_FLAG_USED);
                assert_int_equal(flags & (GPIO_V2_LINE_FLAG_BIAS_DISABLED |
                                          GPIO_V2_LINE_FLAG_BIAS_PULL_UP |
                                          GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN),
                                 biases[bias]);
                assert_int_equal(flags &
                                     (GPIO_V2_LINE_FLAG_OPEN_DRAIN | GPIO_V2_LINE_FLAG_OPEN_SOURCE),
                                 drives[drive]);
                assert_int_equal(!!(flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW), low);
                rig_release(rig, line);
            }
}

static void lines_set_in_one_call_change_together(void **state)
{
    struct rig *rig = *state;
    const char *names[] = {"GPIO5", "GPIO6", "GPIO12", "GPIO13", "GPIO16", "GPIO17"};
    struct gpio_line_config configs[ARRAY_LENGTH(names)];
    int lines[ARRAY_LENGTH(names)];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        configs[i] = an_output(names[i]);
    request_all(rig, configs, ARRAY_LENGTH(names), lines);
    calls_start(17);
    assert_int_equal(gpio_set(rig->gpio, lines, (uint8_t[]){1, 1, 0, 1, 0, 1}, ARRAY_LENGTH(names)),
                     0);
    calls_stop();
    assert_int_equal(calls.count, 1);
    assert_int_equal(sim_level(5) + sim_level(6) + sim_level(13) + sim_level(17), 4);
    assert_int_equal(sim_level(12) + sim_level(16), 0);
}

/* Libgpiod 1.6 has one configuration for a whole request: such lines must not share one. */
static void lines_that_differ_in_one_setting_keep_their_own(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO5"),  an_output("GPIO6"),
                                         an_output("GPIO12"), an_output("GPIO13"),
                                         an_input("GPIO16"),  an_input("GPIO17")};
    int lines[6];
    configs[1].active_low = true;
    configs[2].bias = GPIO_BIAS_PULL_UP;
    configs[3].drive = GPIO_DRIVE_OPEN_DRAIN;
    configs[5].active_low = true;
    request_all(rig, configs, 6, lines);
    assert_int_equal(sim_flags(5), GPIO_V2_LINE_FLAG_USED | GPIO_V2_LINE_FLAG_OUTPUT);
    assert_int_equal(sim_flags(6), sim_flags(5) | GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    assert_int_equal(sim_flags(12), sim_flags(5) | GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
    assert_int_equal(sim_flags(13), sim_flags(5) | GPIO_V2_LINE_FLAG_OPEN_DRAIN);
    assert_false(sim_flags(16) & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    assert_true(sim_flags(17) & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    assert_int_equal(sim_level(5), 0);
    assert_int_equal(sim_level(6), 1);
}

/* ---- no glitch ---------------------------------------------------------------------------- */

static void expect_no_level(int unwanted)
{
    assert_true(calls.count > 0);
    for (size_t i = 0; i < calls.count; i++)
        assert_int_not_equal(calls.levels[i], unwanted);
}

static void direction_and_initial_value_are_one_request(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("GPIO27")};
    int lines[2];
    configs[0].initial = GPIO_INITIAL_ACTIVE;
    sim_pull(17, true);
    calls_start(17);
    request_all(rig, configs, 2, lines);
    calls_stop();
    assert_int_equal(calls.claims, 1);
    assert_int_equal(calls.count, 1);
    expect_no_level(0);
    assert_int_equal(sim_level(27), 0);
}

static void inactive_active_low_output_never_shows_0(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO17");
    config.active_low = true;
    sim_pull(17, true);
    calls_start(17);
    (void)rig_claim(rig, &config);
    calls_stop();
    expect_no_level(0);
}

static void keep_takes_over_the_value_of_the_pin(void **state)
{
    struct rig *rig = *state;
    for (int up = 0; up < 2; up++)
        for (int low = 0; low < 2; low++) {
            struct gpio_line_config config = an_output("GPIO17");
            config.initial = GPIO_INITIAL_KEEP;
            config.active_low = low;
            sim_pull(17, up);
            calls_start(17);
            int line = rig_claim(rig, &config);
            calls_stop();
            expect_no_level(!up);
            assert_int_equal(rig_get(rig, line), up ^ low);
            assert_true(sim_flags(17) & GPIO_V2_LINE_FLAG_OUTPUT);
            sim_pull(17, !up); /* it is driven now */
            assert_int_equal(sim_level(17), up);
            rig_release(rig, line);
        }
}

static void keep_stands_beside_lines_that_do_not(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("GPIO27"),
                                         an_output("GPIO23"), an_input("GPIO22")};
    int lines[4];
    configs[0].initial = configs[2].initial = GPIO_INITIAL_KEEP;
    configs[1].initial = GPIO_INITIAL_ACTIVE;
    configs[2].drive = GPIO_DRIVE_OPEN_DRAIN;
    sim_pull(17, true);
    request_all(rig, configs, 4, lines);
    assert_int_equal(rig_get(rig, lines[0]), 1);
    assert_int_equal(rig_get(rig, lines[1]), 1);
    assert_int_equal(rig_get(rig, lines[2]), 0);
    assert_true(sim_flags(23) & GPIO_V2_LINE_FLAG_OPEN_DRAIN);
    rig_set(rig, lines[1], 0);
    assert_int_equal(sim_level(17), 1);
}

/* ---- requests ----------------------------------------------------------------------------- */

static void tick(struct rig *rig)
{
    assert_int_equal(rig->due_ns, 0);
    gpio_tick(rig->gpio, clock_monotonic_ns());
    assert_true(rig->due_ns == INT64_MAX);
}

/* gpio-sim forgets an output with its descriptor; what a Pi does is said in the README. */
static void released_output_is_the_drivers_again(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO17");
    config.initial = GPIO_INITIAL_ACTIVE;
    int line = rig_claim(rig, &config);
    assert_int_equal(sim_level(17), 1);
    gpio_release(rig->gpio, line);
    tick(rig);
    assert_int_equal(sim_level(17), 0);
    assert_false(sim_flags(17) & GPIO_V2_LINE_FLAG_USED);
}

static void line_claimed_again_at_once_is_changed_in_place(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO17");
    config.initial = GPIO_INITIAL_ACTIVE;
    gpio_release(rig->gpio, rig_claim(rig, &config));
    calls_start(17);
    int line = rig_claim(rig, &config);
    calls_stop();
    assert_int_equal(calls.count, 0);
    gpio_release(rig->gpio, line);
    config.active_low = true;
    config.initial = GPIO_INITIAL_INACTIVE;
    line = rig_claim(rig, &config);
    tick(rig);
    assert_int_equal(sim_level(17), 1);
    assert_int_equal(rig_get(rig, line), 0);
}

static bool is_first_libgpiod(const struct rig *rig)
{
    return gpio_library_version(rig->gpio)[0] == '1';
}

/* The kernel takes back whole requests: libgpiod 2 can change one line in place, libgpiod 1.6 not. */
static void one_line_of_a_request_can_be_released(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("GPIO27")};
    int lines[2];
    configs[0].initial = configs[1].initial = GPIO_INITIAL_ACTIVE;
    request_all(rig, configs, 2, lines);
    gpio_release(rig->gpio, lines[0]);
    tick(rig);
    assert_int_equal(sim_level(27), 1);
    assert_int_equal(!(sim_flags(17) & GPIO_V2_LINE_FLAG_OUTPUT), !is_first_libgpiod(rig));
    lines[0] = rig_claim(rig, &configs[0]);
    assert_true(sim_flags(17) & GPIO_V2_LINE_FLAG_OUTPUT);
    assert_int_equal(sim_level(17), 1);
    gpio_release(rig->gpio, lines[0]);
    gpio_release(rig->gpio, lines[1]);
    tick(rig);
    assert_false(sim_flags(17) & GPIO_V2_LINE_FLAG_USED);
    assert_false(sim_flags(27) & GPIO_V2_LINE_FLAG_USED);
}

static void one_line_of_a_request_can_be_claimed_otherwise(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("GPIO27")};
    struct gpio_line_config again = an_output("GPIO17");
    int lines[2];
    int line;
    request_all(rig, configs, 2, lines);
    rig_set(rig, lines[1], 1);
    gpio_release(rig->gpio, lines[0]);
    again.active_low = true;
    int code = gpio_request_lines(rig->gpio, &again, 1, &line, &rig->error);
    if (is_first_libgpiod(rig)) {
        assert_int_equal(code, -EBUSY);
        assert_non_null(strstr(rig->error.message, "restart the gateway"));
        return;
    }
    assert_int_equal(code, 0);
    assert_int_equal(sim_level(17), 1);
    rig_set(rig, line, 1);
    assert_int_equal(sim_level(17), 0);
    assert_int_equal(sim_level(27), 1);
}

static void open_drain_output_tells_what_was_set(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO17");
    config.drive = GPIO_DRIVE_OPEN_DRAIN;
    config.initial = GPIO_INITIAL_ACTIVE;
    int line = rig_claim(rig, &config);
    assert_int_equal(sim_level(17), 0); /* released, and pulled down from outside */
    assert_int_equal(rig_get(rig, line), 1);
    rig_set(rig, line, 0);
    assert_int_equal(rig_get(rig, line), 0);
}

static void chip_with_more_lines_than_a_request_carries(void **state)
{
    enum { COUNT = 130 };
    struct rig *rig = *state;
    static struct gpio_line_config configs[COUNT];
    int lines[COUNT];
    uint8_t values[COUNT];
    uint8_t seen[COUNT];
    sim_make(SIM_OTHER, "wide", COUNT, 0, "FIRST");
    for (int i = 0; i < COUNT; i++) {
        configs[i] = an_output("");
        configs[i].offset = i;
        (void)snprintf(configs[i].chip, sizeof configs[i].chip, "wide");
        values[i] = i % 3 == 0;
    }
    request_all(rig, configs, COUNT, lines);
    calls_start(17);
    assert_int_equal(gpio_set(rig->gpio, lines, values, COUNT), 0);
    calls_stop();
    assert_int_equal(calls.count, 3);
    assert_int_equal(gpio_get(rig->gpio, lines, COUNT, seen), 0);
    assert_memory_equal(seen, values, COUNT);
    for (int i = 0; i < COUNT; i++)
        rig_release(rig, lines[i]);
}

static void more_kinds_of_lines_than_a_request_carries(void **state)
{
    enum { COUNT = 14 };
    struct rig *rig = *state;
    struct gpio_line_config configs[COUNT];
    int lines[COUNT];
    for (int i = 0; i < COUNT; i++) {
        configs[i] = an_input("");
        configs[i].offset = 5 + i;
        (void)snprintf(configs[i].chip, sizeof configs[i].chip, "pinctrl-bcm2711");
        configs[i].debounce_us = (uint32_t)(1000 * (i + 1));
        configs[i].active_low = i % 2;
        configs[i].bias = (enum gpio_bias)(i % 4);
    }
    request_all(rig, configs, COUNT, lines);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(!!(sim_flags((unsigned)(5 + i)) & GPIO_V2_LINE_FLAG_ACTIVE_LOW), i % 2);
}

size_t output_rules(struct CMUnitTest *tests)
{
    RULES(
        RULE(every_bias_and_drive_reaches_the_kernel), RULE(lines_set_in_one_call_change_together),
        RULE(lines_that_differ_in_one_setting_keep_their_own),
        RULE(direction_and_initial_value_are_one_request),
        RULE(inactive_active_low_output_never_shows_0), RULE(keep_takes_over_the_value_of_the_pin),
        RULE(keep_stands_beside_lines_that_do_not), RULE(released_output_is_the_drivers_again),
        RULE(line_claimed_again_at_once_is_changed_in_place),
        RULE(one_line_of_a_request_can_be_released),
        RULE(one_line_of_a_request_can_be_claimed_otherwise),
        RULE(open_drain_output_tells_what_was_set),
        RULE(chip_with_more_lines_than_a_request_carries),
        RULE(more_kinds_of_lines_than_a_request_carries));
}
