/* The rules that every backend keeps, simulated or real. A group's setup must leave an open
 * `struct rig` in `*state`; the lines GPIO4, GPIO17, GPIO22, GPIO23, GPIO24 and GPIO27 must exist. */
#ifndef TEST_GPIO_RULES_H
#define TEST_GPIO_RULES_H

#include "gpio_rig.h"

struct CMUnitTest;

/* Makes one cmocka test of each rule, all with the same setup and teardown; returns how many.
 * `tests` has room for GPIO_RULES_MAX. */
enum { GPIO_RULES_MAX = 32 };
size_t gpio_rules(struct CMUnitTest *tests, int (*setup)(void **state),
                  int (*teardown)(void **state));

#endif
