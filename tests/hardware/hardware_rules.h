/* The rules that only real chips can show, in five files. Each starts with an open rig in `*state`,
 * on a chip like a Pi's with all pins pulled down. */
#ifndef TEST_HARDWARE_RULES_H
#define TEST_HARDWARE_RULES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gpio_rig.h"

/* More devices, for the rules that need them. */
#define SIM_OTHER "other"
#define SIM_THIRD "third"

enum { HARDWARE_RULES_MAX = 32 };

/* Writes its tests to `tests`, without setup; returns how many. */
size_t output_rules(struct CMUnitTest *tests);
size_t input_rules(struct CMUnitTest *tests);
size_t hotplug_rules(struct CMUnitTest *tests);
size_t location_rules(struct CMUnitTest *tests);
size_t handover_rules(struct CMUnitTest *tests);

#define RULE(name)                                                                                 \
    {                                                                                              \
#name, name, NULL, NULL, NULL                                                              \
    }
#define RULES(...)                                                                                 \
    static const struct CMUnitTest rules[] = {__VA_ARGS__};                                        \
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)                                    \
        tests[i] = rules[i];                                                                       \
    return sizeof rules / sizeof rules[0]

/* Line configs named as their GPIO. */
struct gpio_line_config an_output(const char *gpio);
struct gpio_line_config an_input(const char *gpio);

/* Claims several, or fails the test with the port's message. */
void request_all(struct rig *rig, const struct gpio_line_config *configs, size_t count, int *lines);

#endif
