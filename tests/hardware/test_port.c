/* The port on a real character device: gpio-sim. Runs as root on the kernel of tests/lab/uml.
 * `test_port` runs every rule, `test_port --list` names them, `test_port RULE` runs one. */
#include "hardware_rules.h"

#include "gpio_rules.h"
#include "sim.h"

#include <linux/gpio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void drive(struct rig *rig, int line, int value)
{
    const struct gpio_line_location *location = gpio_location(rig->gpio, line);
    bool low = sim_flags((unsigned)location->offset) & GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    sim_pull((unsigned)location->offset, (value != 0) != low);
}

static int level(const char *gpio)
{
    return sim_level((unsigned)strtol(gpio + strlen("GPIO"), NULL, 10));
}

static const struct bench gpio_sim = {.kind = BENCH_GPIO_SIM, .drive = drive, .level = level};

/* The chip is as on a Pi, all its pins are pulled down, and no other chip is there. */
static int open_hardware(void **state)
{
    struct gpio_options options = {.backend = GPIO_BACKEND_AUTO};
    struct rig *rig = malloc(sizeof *rig);
    sim_choose(SIM_PI);
    sim_remove(SIM_OTHER);
    sim_remove(SIM_THIRD);
    sim_plug(SIM_PI, false);
    sim_name_chip(SIM_PI, "pinctrl-bcm2711");
    sim_name_line(SIM_PI, 4, "GPIO4");
    sim_plug(SIM_PI, true);
    rig_open(rig, &gpio_sim, &options);
    *state = rig;
    return 0;
}

static int close_hardware(void **state)
{
    rig_close(*state);
    free(*state);
    sim_remove(SIM_OTHER);
    sim_remove(SIM_THIRD);
    return 0;
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[GPIO_RULES_MAX + 5 * HARDWARE_RULES_MAX];
    size_t count = gpio_rules(tests, open_hardware, close_hardware);
    size_t common = count;
    count += output_rules(&tests[count]);
    count += input_rules(&tests[count]);
    count += location_rules(&tests[count]);
    count += handover_rules(&tests[count]);
    count += hotplug_rules(&tests[count]);
    for (size_t i = common; i < count; i++) {
        tests[i].setup_func = open_hardware;
        tests[i].teardown_func = close_hardware;
    }
    for (size_t i = 0; argc > 1 && strcmp(argv[1], "--list") == 0 && i < count; i++)
        (void)puts(tests[i].name);
    if (argc > 1 && strcmp(argv[1], "--list") == 0)
        return 0;
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("gpio port", tests, count, NULL, NULL);
}
