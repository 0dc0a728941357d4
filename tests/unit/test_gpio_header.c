/* The header's table: pin numbers, buses, and which of them are in use. */
#include "gpio/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct header_pin *pin_of(int gpio)
{
    for (int number = 1; number <= HEADER_PINS; number++)
        if (header_pin_at(number)->gpio == gpio)
            return header_pin_at(number);
    fail();
    return header_pin_at(1);
}

static void every_pin_has_its_number_and_every_gpio_one_pin(void **state)
{
    bool seen[28] = {false};
    unsigned supply = 0;
    (void)state;
    for (int number = 1; number <= HEADER_PINS; number++) {
        const struct header_pin *pin = header_pin_at(number);
        char name[16];
        assert_int_equal(pin->number, number);
        if (pin->gpio < 0) {
            supply++;
            continue;
        }
        (void)snprintf(name, sizeof name, "GPIO%d", pin->gpio);
        assert_string_equal(pin->name, name);
        assert_true(pin->gpio < 28 && !seen[pin->gpio]);
        seen[pin->gpio] = true;
    }
    assert_int_equal(supply, 12);
    assert_int_equal(pin_of(17)->number, 11);
    assert_int_equal(pin_of(21)->number, 40);
}

static void buses_of_the_header_are_known_and_spi_1_is_no_reason_to_keep_off(void **state)
{
    static const int carriers[] = {0, 1, 2, 3, 7, 8, 9, 10, 11, 14, 15};
    (void)state;
    for (int gpio = 0, next = 0; gpio < 28; gpio++) {
        bool carries = next < 11 && carriers[next] == gpio;
        next += carries;
        assert_int_equal(header_carries_bus(pin_of(gpio)), carries);
    }
}

static void touch(const char *folder, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void bus_is_busy_where_its_device_is(void **state)
{
    char folder[] = "/tmp/header-XXXXXX";
    char path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_false(header_bus_is_busy(HEADER_BUS_I2C1, folder, "pinctrl-bcm2711"));
    assert_false(header_bus_is_busy(HEADER_BUS_NONE, folder, "pinctrl-bcm2711"));
    assert_true(header_bus_is_busy(HEADER_BUS_ID, folder, "pinctrl-bcm2711"));
    touch(folder, "i2c-1");
    touch(folder, "serial0");
    assert_true(header_bus_is_busy(HEADER_BUS_I2C1, folder, "pinctrl-bcm2711"));
    assert_false(header_bus_is_busy(HEADER_BUS_SPI0, folder, "pinctrl-bcm2711"));
    assert_true(header_bus_is_busy(HEADER_BUS_UART0, folder, "pinctrl-bcm2711"));
    assert_false(header_bus_is_busy(HEADER_BUS_UART0, folder, "pinctrl-rp1"));
    (void)snprintf(path, sizeof path, "%s/i2c-1", folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/serial0", folder);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void chips_of_every_pi_drive_the_header(void **state)
{
    (void)state;
    assert_true(header_is_of_chip("pinctrl-rp1"));
    assert_true(header_is_of_chip("pinctrl-bcm2835"));
    assert_false(header_is_of_chip("raspberrypi-exp-gpio"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pin_has_its_number_and_every_gpio_one_pin),
        cmocka_unit_test(buses_of_the_header_are_known_and_spi_1_is_no_reason_to_keep_off),
        cmocka_unit_test(bus_is_busy_where_its_device_is),
        cmocka_unit_test(chips_of_every_pi_drive_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
