/* On a small chip beside the pi: Linux 6.1 never gives back the numbers of a chip that went away with
 * lines in use, and has 512 of them. */
#include "hardware_rules.h"

#include "base/owner.h"
#include "sim.h"

#include <errno.h>
#include <linux/gpio.h>
#include <string.h>

static void expect_change(const struct rig *rig, size_t index, int line, bool available)
{
    assert_int_equal(rig->changes[index].line, line);
    assert_int_equal(rig->changes[index].available, available);
}

static void plug_in_expander(void)
{
    sim_make(SIM_OTHER, "expander", 8, 0, "X0");
    sim_plug(SIM_OTHER, false);
    sim_name_line(SIM_OTHER, 1, "X1");
    sim_name_line(SIM_OTHER, 2, "X2");
    sim_plug(SIM_OTHER, true);
    sim_choose(SIM_OTHER);
}

static void expect_changes(struct rig *rig, size_t count)
{
    assert_int_equal(rig_run(rig, &rig->change_count, count, 3000), count);
}

static void line_of_a_chip_that_goes_is_unavailable_with_the_reason(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("X0");
    char reason[64];
    plug_in_expander();
    int line = rig_claim(rig, &config);
    (void)snprintf(reason, sizeof reason, "/dev/%s is gone", sim_chip_name(SIM_OTHER));
    sim_plug(SIM_OTHER, false);
    expect_changes(rig, 1);
    expect_change(rig, 0, line, false);
    assert_string_equal(rig->changes[0].reason, reason);
    assert_int_equal(gpio_set(rig->gpio, &line, &(uint8_t){1}, 1), -ENODEV);
    assert_int_equal(gpio_get(rig->gpio, &line, 1, &(uint8_t){0}), -ENODEV);
    assert_int_equal(rig_run(rig, &rig->change_count, 2, 300), 1);
}

static void chip_that_is_gone_is_noticed_by_setting_a_line(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("X0");
    plug_in_expander();
    int line = rig_claim(rig, &config);
    sim_plug(SIM_OTHER, false);
    assert_int_equal(gpio_set(rig->gpio, &line, &(uint8_t){1}, 1), -ENODEV);
    assert_int_equal(rig_run(rig, &rig->change_count, 1, 100), 1);
    expect_change(rig, 0, line, false);
}

static void chip_that_returns_brings_back_config_and_values(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("X0"), an_output("X1"), an_input("X2")};
    int lines[3];
    plug_in_expander();
    configs[0].active_low = true;
    configs[0].initial = GPIO_INITIAL_KEEP;
    configs[1].drive = GPIO_DRIVE_OPEN_SOURCE;
    configs[2].bias = GPIO_BIAS_PULL_UP;
    request_all(rig, configs, 3, lines);
    assert_int_equal(gpio_set(rig->gpio, lines, (uint8_t[]){0, 1}, 2), 0);
    sim_plug(SIM_OTHER, false);
    expect_changes(rig, 3);
    rig->change_count = 0;
    sim_plug(SIM_OTHER, true);
    expect_changes(rig, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(rig->changes[i].available);
        assert_int_equal(rig->changes[i].value, rig->changes[i].line != lines[0]);
    }
    assert_int_equal(sim_level(0), 1);
    assert_int_equal(sim_level(1), 1);
    assert_true(sim_flags(0) & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    assert_true(sim_flags(1) & GPIO_V2_LINE_FLAG_OPEN_SOURCE);
    assert_true(sim_flags(2) & GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
    rig_set(rig, lines[0], 1);
    assert_int_equal(sim_level(0), 0);
    sim_pull(2, false);
    assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
}

/* Also where it is back before anybody could look. */
static void chip_that_goes_again_and_again_is_taken_back(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_input("X0");
    plug_in_expander();
    (void)rig_claim(rig, &config);
    for (size_t i = 0; i < 5; i++) {
        rig->change_count = rig->edge_count = 0;
        sim_plug(SIM_OTHER, false);
        if (i % 2)
            expect_changes(rig, 1);
        sim_plug(SIM_OTHER, true);
        expect_changes(rig, 2);
        sim_pull(0, true);
        assert_int_equal(rig_run(rig, &rig->edge_count, 1, 2000), 1);
    }
}

static void chip_that_returns_under_another_number_is_found(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("X0");
    char before[GPIO_NAME_SIZE];
    plug_in_expander();
    int line = rig_claim(rig, &config);
    (void)snprintf(before, sizeof before, "%s", gpio_location(rig->gpio, line)->chip);
    assert_string_equal(before, sim_chip_name(SIM_OTHER));
    sim_plug(SIM_OTHER, false);
    expect_changes(rig, 1);
    sim_make(SIM_THIRD, "third", 4, 0, "Y0");
    sim_plug(SIM_OTHER, true);
    expect_changes(rig, 2);
    assert_string_not_equal(before, sim_chip_name(SIM_OTHER));
    assert_string_equal(gpio_location(rig->gpio, line)->chip, sim_chip_name(SIM_OTHER));
    rig_set(rig, line, 1);
    assert_int_equal(sim_level(0), 1);
}

static void lines_of_the_other_chip_go_on(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("X0")};
    int lines[2];
    plug_in_expander();
    request_all(rig, configs, 2, lines);
    sim_plug(SIM_OTHER, false);
    expect_changes(rig, 1);
    expect_change(rig, 0, lines[1], false);
    sim_choose(SIM_PI);
    rig_set(rig, lines[0], 1);
    assert_int_equal(sim_level(17), 1);
    assert_int_equal(gpio_set(rig->gpio, lines, (uint8_t[]){0, 1}, 2), -ENODEV);
    assert_int_equal(sim_level(17), 1);
}

static void line_released_while_its_chip_is_away_stays_released(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("X0"), an_output("X1")};
    int lines[2];
    plug_in_expander();
    request_all(rig, configs, 2, lines);
    rig_set(rig, lines[1], 1);
    sim_plug(SIM_OTHER, false);
    expect_changes(rig, 2);
    gpio_release(rig->gpio, lines[0]);
    sim_plug(SIM_OTHER, true);
    expect_changes(rig, 3);
    expect_change(rig, 2, lines[1], true);
    assert_int_equal(rig->changes[2].value, 1);
    assert_int_equal(sim_level(1), 1);
    assert_false(sim_flags(0) & GPIO_V2_LINE_FLAG_USED);
}

static void idle_port_asks_for_no_wake_up(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_input("GPIO22")};
    int lines[2];
    request_all(rig, configs, 2, lines);
    assert_true(rig->due_ns == INT64_MAX);
    assert_int_equal(poll(rig->fds, rig->fd_count, 1200), 0);
}

size_t hotplug_rules(struct CMUnitTest *tests)
{
    RULES(RULE(line_of_a_chip_that_goes_is_unavailable_with_the_reason),
          RULE(chip_that_is_gone_is_noticed_by_setting_a_line),
          RULE(chip_that_returns_brings_back_config_and_values),
          RULE(chip_that_goes_again_and_again_is_taken_back),
          RULE(chip_that_returns_under_another_number_is_found),
          RULE(lines_of_the_other_chip_go_on),
          RULE(line_released_while_its_chip_is_away_stays_released),
          RULE(idle_port_asks_for_no_wake_up));
}
