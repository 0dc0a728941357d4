/* What people call a pin of a Raspberry Pi, and the kernel's name of its line: "17", "BCM17", "GPIO 17"
 * and "pin 11" are all GPIO17 (https://pinout.xyz). */
#ifndef GPIO_PIN_NAME_H
#define GPIO_PIN_NAME_H

#include <stddef.h>

enum {
    PIN_NAME_GPIO_MAX = 57,  /* the BCM2835 has GPIO0 to 53, the BCM2711 to 57, the RP1 to 53 */
    PIN_NAME_HINT_SIZE = 96, /* the longest hint and its NUL */
};

enum pin_name {
    PIN_NAME_UNKNOWN, /* nothing that people call a pin; or the kernel's own name */
    PIN_NAME_LIKELY,  /* "gpio17", "PIN_11": a line of another board may be called so */
    PIN_NAME_CERTAIN, /* "17", "BCM17", "pin 11": the kernel has no such line names */
};

/* Reads what somebody wrote in place of the kernel's name. Unless it is UNKNOWN, `hint` becomes what to
 * write, as `did you mean "GPIO17"?`; of UNKNOWN it is "". */
enum pin_name pin_name_read(const char *text, char hint[PIN_NAME_HINT_SIZE]);

#endif
