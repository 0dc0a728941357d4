/* A scan of all chips in the device folder with their lines, and the search for the line that a config
 * names. */
#ifndef GPIO_CHIP_SCAN_H
#define GPIO_CHIP_SCAN_H

#include "gpio/driver.h"

enum {
    CHIP_SCAN_CHIPS_MAX = 64
}; /* a Pi 5 has about 16; chips beyond that, with the highest numbers, are ignored */

struct chip_scan_chip {
    struct gpio_chip_report report;
    struct gpio_line_report *lines; /* owned; NULL when the chip could not be opened */
};

struct chip_scan {
    struct chip_scan_chip chips[CHIP_SCAN_CHIPS_MAX]; /* by number: gpiochip2 before gpiochip10 */
    size_t count;
};

/* Whether `folder` has any gpiochip*. */
bool chip_scan_has_chips(const char *folder);

/* Opens and describes every chip in `folder`; a chip that cannot be opened is listed with
 * its errno. 0 or -ENOMEM. */
int chip_scan_read(struct chip_scan *chip_scan, const struct gpio_driver *driver,
                   const char *folder);
void chip_scan_done(struct chip_scan *chip_scan);

/* Finds the line that `config` describes, on the chip it names, else on `default_chip`, else on any.
 * A chip matches by label, name or path. If no line has the name "GPIO4", it is offset 4 of
 * a Pi's own chip, which may name the line after another function. `*ret_chip` is borrowed from `chip_scan`.
 * 0; -ENOENT; -EACCES when it may be on a chip that cannot be opened; -EINVAL when two lines have
 * that name; `error` has the remedy. */
int chip_scan_find(const struct chip_scan *chip_scan, const struct gpio_line_config *config,
                   const char *default_chip, struct gpio_line_location *ret_location,
                   const struct chip_scan_chip **ret_chip, struct gpio_error *error);

#endif
