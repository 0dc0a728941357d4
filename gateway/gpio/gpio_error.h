/* Messages: what failed, where, and the remedy. */
#ifndef GPIO_GPIO_ERROR_H
#define GPIO_GPIO_ERROR_H

#include "gpio/gpio.h"

/* Fills `error` and returns `code` (a negative errno). `line` is borrowed, or NULL for none; with a
 * line the message starts with "line NAME: ". A long message is cut. */
int gpio_fail(struct gpio_error *error, int code, const char *line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes the name of the group that owns `path` (stat(2), getgrgid(3)), its number where it has no
 * name, "" where there is no such file. */
void gpio_group_of(const char *path, char *group, size_t size);

/* -EACCES: the device, its group, and the command that gives access to this user or container. */
int gpio_fail_access(struct gpio_error *error, const char *line, const char *path);

/* -ENODEV: no chip in `folder`; what to switch on, or to pass to the container. */
int gpio_fail_no_chip(struct gpio_error *error, const char *folder);

/* -EBUSY: `what` (as "GPIO17 of gpiochip0") is in use by `consumer`, "" if unknown. */
int gpio_fail_busy(struct gpio_error *error, const char *line, const char *what,
                   const char *consumer);

/* -ENOENT: no `kind` ("line", "chip") of that name `where`; up to three of `names` that are near. */
int gpio_fail_unknown(struct gpio_error *error, const char *line, const char *kind,
                      const char *name, const char *where, const char *const *names, size_t count);

#endif
