/* The outside of the chip: gpio-sim's folders, as Documentation/admin-guide/gpio/gpio-sim.rst of Linux
 * describes them. A *device* is a folder in configfs with one bank. Every failure fails the test. */
#ifndef TEST_SIM_H
#define TEST_SIM_H

#include <stdbool.h>
#include <stddef.h>

/* The device that tests/lab/uml-init makes: label pinctrl-bcm2711, 58 lines, GPIO2 to GPIO27. */
#define SIM_PI "pi"

/* Plugs a device in or out; does nothing when it is so already. */
void sim_plug(const char *device, bool in);

/* Makes a device with one line that has a name; plugs it in. */
void sim_make(const char *device, const char *label, unsigned lines, unsigned offset,
              const char *name);
void sim_remove(const char *device);

/* Changes a line's name or the chip's label; the device must be out. */
void sim_name_line(const char *device, unsigned offset, const char *name);
void sim_name_chip(const char *device, const char *label);

/* "gpiochip0" of a device that is in. */
const char *sim_chip_name(const char *device);

/* The pins that the functions below are about; the pi's after the start. */
void sim_choose(const char *device);

/* The level that an outside signal gives to a pin; and the level that is seen there. */
void sim_pull(unsigned offset, bool up);
int sim_level(unsigned offset);

/* A descriptor of the file that pulls a pin, for many writes; the caller closes it. */
int sim_open_pull(unsigned offset);

/* Edges that the kernel has served so far on all pins (/proc/interrupts). Two changes of a pin before
 * it looked are none. */
unsigned long sim_served(void);

/* Flags that the kernel reports for a line (GPIO_V2_LINE_FLAG_…), whoever holds it. */
unsigned long long sim_flags(unsigned offset);

/* Another program claims a line as an input; its descriptor, for the caller to close. */
int sim_hold(unsigned offset, const char *consumer);

#endif
