/* Outputs that are channels of a PWM chip (Linux ABI, sysfs-class-pwm). The pin belongs to the
 * PWM; to request it as a line of a GPIO chip would take it away, so the backends do not get such a line.
 * A static value is a duty of 0 or 1. In the simulator no file is touched.
 *
 * A channel stays exported when its line is released or the program ends, and keeps its last
 * setting: unexporting it would switch it off. */
#ifndef GPIO_PWM_H
#define GPIO_PWM_H

#include "gpio/backend.h"

static inline bool pwm_drives(const struct gpio_line *line)
{
    return line->config.pwm[0] != '\0';
}

/* Fills the line's place from config.pwm: the chip "pwmchip0" and the channel's number. 0, or -EINVAL
 * with `error` when the text names no channel. */
int pwm_find(struct gpio_line *line, struct gpio_error *error);

/* As gpio_locate() of such a line. */
int pwm_locate(const struct gpio_options *options, const struct gpio_line_config *config,
               struct gpio_finding *ret_finding);

/* Exports the channel if needed, and waits up to half a second until udev(7) has granted
 * the permission. No pin changes. 0; -ENOENT (no such chip or channel); -EBUSY; -EACCES; -EROFS; any
 * errno of the file system. */
int pwm_open(const struct gpio *gpio, const struct gpio_line *line, struct gpio_error *error);

/* Sets the first value and enables the channel. KEEP takes over whether there is any duty. 0 or the
 * negative errno of the driver. */
int pwm_start(const struct gpio *gpio, struct gpio_line *line, struct gpio_error *error);

/* 0; -ENODEV when the channel is gone; any errno of the driver. */
int pwm_set(const struct gpio *gpio, struct gpio_line *line, uint8_t value);

#endif
