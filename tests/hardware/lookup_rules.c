#include "hardware_rules.h"

#include "base/owner.h"
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/gpio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Claims what must fail; returns the code. */
static int claim_fails(struct rig *rig, const struct gpio_line_config *config)
{
    int line = -7;
    int code = gpio_request_lines(rig->gpio, config, 1, &line, &rig->error);
    assert_true(code < 0);
    assert_int_equal(line, -7);
    assert_int_equal(rig->error.code, code);
    return code;
}

static void expect_words(const struct rig *rig, const char *words)
{
    if (!strstr(rig->error.message, words))
        fail_msg("\"%s\" is not in: %s", words, rig->error.message);
}

/* ---- found -------------------------------------------------------------------------------- */

static struct gpio_line_config at_offset(const char *chip, int offset)
{
    struct gpio_line_config config = an_output("");
    (void)snprintf(config.chip, sizeof config.chip, "%s", chip);
    config.name = "lamp";
    config.offset = offset;
    return config;
}

static void expect_found(struct rig *rig, const struct gpio_line_config *config, const char *device,
                         int offset)
{
    int line = rig_claim(rig, config);
    assert_string_equal(gpio_location(rig->gpio, line)->chip, sim_chip_name(device));
    assert_int_equal(gpio_location(rig->gpio, line)->offset, offset);
    rig_release(rig, line);
}

static void expect_all_ways_found(struct rig *rig)
{
    char path[64];
    struct gpio_line_config by_label = at_offset("expander", 3);
    struct gpio_line_config by_chip = at_offset(sim_chip_name(SIM_OTHER), 3);
    (void)snprintf(path, sizeof path, "/dev/%s", sim_chip_name(SIM_OTHER));
    struct gpio_line_config by_path = at_offset(path, 3);
    struct gpio_line_config by_name = an_output("X3");
    struct gpio_line_config by_both = an_output("X3");
    (void)snprintf(by_both.chip, sizeof by_both.chip, "expander");
    (void)unlink("/dev/gpio-expander");
    assert_int_equal(symlink(sim_chip_name(SIM_OTHER), "/dev/gpio-expander"), 0);
    struct gpio_line_config by_link = at_offset("/dev/gpio-expander", 3);
    expect_found(rig, &by_label, SIM_OTHER, 3);
    expect_found(rig, &by_chip, SIM_OTHER, 3);
    expect_found(rig, &by_path, SIM_OTHER, 3);
    expect_found(rig, &by_name, SIM_OTHER, 3);
    expect_found(rig, &by_both, SIM_OTHER, 3);
    expect_found(rig, &by_link, SIM_OTHER, 3);
    struct gpio_line_config pi = an_output("GPIO17");
    expect_found(rig, &pi, SIM_PI, 17);
    pi = at_offset("pinctrl-bcm2711", 17);
    expect_found(rig, &pi, SIM_PI, 17);
    assert_int_equal(unlink("/dev/gpio-expander"), 0);
}

static void lines_are_found_whatever_number_their_chip_has(void **state)
{
    struct rig *rig = *state;
    sim_make(SIM_OTHER, "expander", 8, 3, "X3");
    assert_string_equal(sim_chip_name(SIM_PI), "gpiochip0");
    expect_all_ways_found(rig);
    sim_plug(SIM_PI, false);
    sim_plug(SIM_OTHER, false);
    sim_plug(SIM_OTHER, true);
    sim_plug(SIM_PI, true);
    assert_string_equal(sim_chip_name(SIM_OTHER), "gpiochip0");
    assert_string_not_equal(sim_chip_name(SIM_PI), "gpiochip0");
    expect_all_ways_found(rig);
}

static void gpio4_is_found_where_the_kernel_names_it_otherwise(void **state)
{
    static const char *const labels[] = {"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"};
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO4");
    for (size_t i = 0; i < ARRAY_LENGTH(labels); i++) {
        sim_plug(SIM_PI, false);
        sim_name_chip(SIM_PI, labels[i]);
        sim_name_line(SIM_PI, 4, "GPIO_GCLK");
        sim_plug(SIM_PI, true);
        expect_found(rig, &config, SIM_PI, 4);
        int line = rig_claim(rig, &config);
        assert_string_equal(gpio_location(rig->gpio, line)->name, "GPIO_GCLK");
        rig_release(rig, line);
    }
}

static void number_of_a_name_means_nothing_on_another_chip(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO4");
    sim_plug(SIM_PI, false);
    sim_name_chip(SIM_PI, "some-expander");
    sim_name_line(SIM_PI, 4, "GPIO_GCLK");
    sim_plug(SIM_PI, true);
    assert_int_equal(claim_fails(rig, &config), -ENOENT);
}

static void name_on_two_chips_needs_the_chip(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO17");
    sim_make(SIM_OTHER, "expander", 8, 3, "GPIO17");
    expect_found(rig, &config, SIM_PI, 17); /* a Pi's own chip is meant */
    sim_plug(SIM_PI, false);
    sim_name_chip(SIM_PI, "second-expander");
    sim_plug(SIM_PI, true);
    assert_int_equal(claim_fails(rig, &config), -EINVAL);
    expect_words(rig, "2 chips have a line GPIO17; choose one with \"chip\"");
    (void)snprintf(config.chip, sizeof config.chip, "expander");
    expect_found(rig, &config, SIM_OTHER, 3);
}

static void default_chip_is_where_lines_are_looked_for(void **state)
{
    struct rig *rig = *state;
    struct rig *other = malloc(sizeof *other);
    struct gpio_options options = {.chip = "expander"};
    struct gpio_line_config config = an_output("X3");
    struct gpio_line_config by_offset = at_offset("", 5);
    struct gpio_line_config elsewhere = an_output("GPIO17");
    sim_make(SIM_OTHER, "expander", 8, 3, "X3");
    rig_open(other, rig->bench, &options);
    expect_found(other, &config, SIM_OTHER, 3);
    expect_found(other, &by_offset, SIM_OTHER, 5);
    assert_int_equal(claim_fails(other, &elsewhere), -ENOENT);
    expect_words(other, "on expander");
    rig_close(other);
    free(other);
    assert_int_equal(claim_fails(rig, &by_offset), -EINVAL);
    expect_words(rig, "\"offset\" 5 needs a \"chip\"");
}

/* ---- not found, held, forbidden ------------------------------------------------------------ */

static void wrong_name_is_answered_with_the_nearest(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPOI17");
    config.name = "red";
    assert_int_equal(claim_fails(rig, &config), -ENOENT);
    assert_ptr_equal(rig->error.line, config.name);
    expect_words(rig, "line red: no line \"GPOI17\"; did you mean GPIO17");
    config = at_offset("pinctrl-bcm2771", 17);
    assert_int_equal(claim_fails(rig, &config), -ENOENT);
    expect_words(rig, "line lamp: no chip \"pinctrl-bcm2771\"; did you mean pinctrl-bcm2711");
    config = at_offset("pinctrl-bcm2711", 58);
    assert_int_equal(claim_fails(rig, &config), -ENOENT);
    expect_words(rig, "has the offsets 0 to 57, not 58");
    config = an_output("doorbell");
    assert_int_equal(claim_fails(rig, &config), -ENOENT);
    expect_words(rig, "gpio-gateway doctor");
}

static void held_line_is_named_with_its_consumer(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config configs[] = {an_output("GPIO27"), an_output("GPIO17")};
    int lines[2];
    configs[1].name = "red";
    AUTO_FD held = sim_hold(17, "kettle");
    (void)held; /* until this scope ends */
    assert_int_equal(gpio_request_lines(rig->gpio, configs, 2, lines, &rig->error), -EBUSY);
    assert_ptr_equal(rig->error.line, configs[1].name);
    expect_words(rig,
                 "line red: GPIO17 (gpiochip0 offset 17) is in use by \"kettle\"; stop it first");
    assert_false(sim_flags(27) & GPIO_V2_LINE_FLAG_USED);
}

/* What a user without rights is told; run in a child, which never comes back as root. */
static void message_for_nobody(char *message, size_t size, mode_t mode, gid_t group)
{
    int ends[2];
    assert_int_equal(chown("/dev/gpiochip0", 0, group), 0);
    assert_int_equal(chmod("/dev/gpiochip0", mode), 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        struct gpio_options options = {.backend = GPIO_BACKEND_AUTO};
        struct gpio_events listener = {0};
        struct gpio_error error = {0};
        struct gpio *gpio;
        int code = setgroups(0, NULL) || setgid(65534) || setuid(65534)
                       ? 0
                       : gpio_new(&options, &listener, &gpio, &error);
        if (code == -EACCES)
            (void)!write(ends[1], error.message, strlen(error.message));
        _exit(0);
    }
    (void)close(ends[1]);
    ssize_t got = read(ends[0], message, size - 1);
    message[got > 0 ? got : 0] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void missing_permission_names_device_group_and_command(void **state)
{
    struct group *group = getgrnam("dialout");
    char message[GPIO_MESSAGE_SIZE];
    (void)state;
    assert_non_null(group);
    message_for_nobody(message, sizeof message, 0660, group->gr_gid);
    assert_string_equal(message,
                        "no permission for /dev/gpiochip0 (group dialout); "
                        "sudo usermod -aG dialout nobody, then log in again; in a container: "
                        "--device /dev/gpiochip0 --group-add dialout");
    message_for_nobody(message, sizeof message, 0600, 0);
    assert_non_null(strstr(message, "(group root)"));
    assert_non_null(strstr(message, "sudo usermod -aG gpio nobody"));
}

/* ---- the survey --------------------------------------------------------------------------- */

struct survey {
    unsigned chips, lines;
    struct gpio_chip_report chip;
    struct gpio_line_report line17;
};

static void on_chip(void *context, const struct gpio_chip_report *report)
{
    struct survey *survey = context;
    survey->chips++;
    survey->chip = *report;
}

static void on_line(void *context, const struct gpio_chip_report *chip,
                    const struct gpio_line_report *report)
{
    struct survey *survey = context;
    (void)chip;
    survey->lines++;
    if (report->offset == 17)
        survey->line17 = *report;
}

static void survey_tells_chips_lines_and_consumers(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config config = an_output("GPIO17");
    struct survey survey = {0};
    config.active_low = true;
    (void)rig_claim(rig, &config);
    assert_int_equal(gpio_scan_chips(NULL, on_chip, on_line, &survey), 0);
    assert_int_equal(survey.chips, 1);
    assert_int_equal(survey.lines, 58);
    assert_string_equal(survey.chip.name, "gpiochip0");
    assert_string_equal(survey.chip.path, "/dev/gpiochip0");
    assert_string_equal(survey.chip.label, "pinctrl-bcm2711");
    assert_string_equal(survey.chip.group, "root");
    assert_string_equal(survey.line17.name, "GPIO17");
    assert_string_equal(survey.line17.consumer, "gpio-gateway");
    assert_true(survey.line17.used && survey.line17.output && survey.line17.active_low);
    assert_int_equal(gpio_scan_chips("/nonexistent", on_chip, on_line, &survey), -ENOENT);
}

size_t location_rules(struct CMUnitTest *tests)
{
    RULES(RULE(lines_are_found_whatever_number_their_chip_has),
          RULE(gpio4_is_found_where_the_kernel_names_it_otherwise),
          RULE(number_of_a_name_means_nothing_on_another_chip),
          RULE(name_on_two_chips_needs_the_chip), RULE(default_chip_is_where_lines_are_looked_for),
          RULE(wrong_name_is_answered_with_the_nearest), RULE(held_line_is_named_with_its_consumer),
          RULE(missing_permission_names_device_group_and_command),
          RULE(survey_tells_chips_lines_and_consumers));
}
