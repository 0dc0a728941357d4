#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gpio/pin_name.h"

#include "base/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *text, *hint;
};

static void expect(const struct row *rows, size_t count, enum pin_name expected)
{
    for (size_t i = 0; i < count; i++) {
        char hint[PIN_NAME_HINT_SIZE];
        enum pin_name found = pin_name_read(rows[i].text, hint);
        if (found != expected || strcmp(hint, rows[i].hint) != 0)
            fail_msg("\"%s\": %d, \"%s\"", rows[i].text, (int)found, hint);
    }
}

static void pin_name_tells_the_kernels_name_of_what_people_write(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"BCM17", "did you mean \"GPIO17\"?"},
        {"bcm 4", "did you mean \"GPIO4\"?"},
        {"BCM_04", "did you mean \"GPIO4\"?"},
        {"GPIO 17", "did you mean \"GPIO17\"?"},
        {" GPIO17", "did you mean \"GPIO17\"?"},
        {"GPIO17 ", "did you mean \"GPIO17\"?"},
        {"gpio 17", "did you mean \"GPIO17\"?"},
        {"pin 11", "did you mean \"GPIO17\"?"},
        {"Pin 11", "did you mean \"GPIO17\"?"},
        {"pin11", "did you mean \"GPIO17\"?"},
        {"pin #40", "did you mean \"GPIO21\"?"},
        {"physical 3", "did you mean \"GPIO2\"?"},
        {"BOARD11", "did you mean \"GPIO17\"?"},
        {"J8:27", "did you mean \"GPIO0\"?"},
        {"#0", "did you mean \"GPIO0\"?"},
        {"0", "did you mean \"GPIO0\"?"},
        {"45", "did you mean \"GPIO45\"?"},
        {"17", "did you mean \"GPIO17\"?"},
        {"11", "did you mean \"GPIO11\"? Pin 11 of the header is \"GPIO17\""},
    };
    expect(rows, ARRAY_LENGTH(rows), PIN_NAME_CERTAIN);
}

static void pin_name_tells_what_is_no_line(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"pin 1", "pin 1 of the header is 3.3 V"},
        {"pin 4", "pin 4 of the header is 5 V"},
        {"pin 39", "pin 39 of the header is ground"},
        {"pin 0", "the header has the pins 1 to 40"},
        {"pin 41", "the header has the pins 1 to 40"},
        {"BCM99", "a Raspberry Pi has GPIO0 to GPIO57"},
    };
    expect(rows, ARRAY_LENGTH(rows), PIN_NAME_CERTAIN);
}

static void pin_name_is_unsure_of_what_another_board_may_have(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"gpio17", "did you mean \"GPIO17\"?"},  {"GPIO_17", "did you mean \"GPIO17\"?"},
        {"GPIO017", "did you mean \"GPIO17\"?"}, {"GP4", "did you mean \"GPIO4\"?"},
        {"IO4", "did you mean \"GPIO4\"?"},      {"D4", "did you mean \"GPIO4\"?"},
        {"PIN_11", "did you mean \"GPIO17\"?"},
    };
    expect(rows, ARRAY_LENGTH(rows), PIN_NAME_LIKELY);
}

static void pin_name_leaves_the_kernels_own_names_alone(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"GPIO17", ""}, {"GPIO0", ""},  {"GPIO99", ""},  {"ID_SDA", ""},       {"P9_12", ""},
        {"PA17", ""},   {"PAA.00", ""}, {"GPIO17B", ""}, {"pinctrl3x", ""},    {"GPIO", ""},
        {"", ""},       {"pin", ""},    {"1.5", ""},     {"123456789012", ""}, {"-", ""},
    };
    expect(rows, ARRAY_LENGTH(rows), PIN_NAME_UNKNOWN);
}

/* https://www.raspberrypi.com/documentation/computers/raspberry-pi.html#gpio: each of GPIO0 to GPIO27 has one
 * pin, the other twelve carry power. */
static void pin_name_finds_each_gpio_of_the_header_once(void **state)
{
    (void)state;
    unsigned found[28] = {0};
    unsigned supplies = 0;
    for (int pin = 1; pin <= 40; pin++) {
        char text[16];
        char hint[PIN_NAME_HINT_SIZE];
        (void)snprintf(text, sizeof text, "pin %d", pin);
        assert_int_equal(pin_name_read(text, hint), PIN_NAME_CERTAIN);
        const char *name = strstr(hint, "did you mean \"GPIO");
        if (name) {
            unsigned long gpio = strtoul(name + strlen("did you mean \"GPIO"), NULL, 10);
            assert_in_range(gpio, 0, 27);
            found[gpio]++;
        } else {
            supplies++;
        }
    }
    assert_int_equal(supplies, 12);
    for (size_t i = 0; i < ARRAY_LENGTH(found); i++)
        assert_int_equal(found[i], 1);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(pin_name_tells_the_kernels_name_of_what_people_write),
        cmocka_unit_test(pin_name_tells_what_is_no_line),
        cmocka_unit_test(pin_name_is_unsure_of_what_another_board_may_have),
        cmocka_unit_test(pin_name_leaves_the_kernels_own_names_alone),
        cmocka_unit_test(pin_name_finds_each_gpio_of_the_header_once),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
