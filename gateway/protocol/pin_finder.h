/* Pins as clients list and try them: which are free, which wire goes where. The composition root fills
 * these functions, since only it knows the chips and opens them. */
#ifndef PROTOCOL_PIN_FINDER_H
#define PROTOCOL_PIN_FINDER_H

#include "protocol/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer;
struct pin_notices;

enum {
    PIN_NAME_SIZE = 33,     /* as GPIO_NAME_SIZE */
    PINS_WATCHED_MAX = 64,  /* in one watch: a header has 28, one request of the kernel 64 */
    PINS_NAMED_MAX = 40,    /* by one call */
    PIN_WIGGLE_MIN_MS = 50, /* shorter is no blink that anybody sees */
    PIN_WIGGLE_MAX_MS = 10000,
    PIN_WATCH_MAX_S = 60,
};

/* How the watched pins are pulled; the names are those of a line's "bias". */
enum pin_bias { PIN_BIAS_PULL_UP, PIN_BIAS_PULL_DOWN, PIN_BIAS_AS_IS, PIN_BIAS_DISABLED };

extern const char *const pin_bias_names[]; /* by pin_bias, NULL at the end */

struct pin_watch {
    uint32_t seconds; /* 1 to PIN_WATCH_MAX_S */
    enum pin_bias bias;
    size_t pin_count; /* 0: every free pin that carries no bus */
    char pins[PINS_NAMED_MAX][PIN_NAME_SIZE];
};

struct pin_finder {
    void *context;
    struct pin_notices *notices; /* what a watch has seen, for those who follow it; borrowed */
    /* Writes the pins: the members of an object that is open. */
    void (*list)(void *context, struct json_writer *writer);
    /* Switches a free pin on and off for `ms`; then it is an input again. 0, or -1 with `problem`. */
    int (*wiggle)(void *context, const char *pin, uint32_t ms, bool anyway,
                  struct problem *problem);
    /* Reads free pins for a while; ends a watch or a wiggle that is under way. 0, or -1 with `problem`. */
    int (*watch)(void *context, const struct pin_watch *watch, struct problem *problem);
    /* Writes "watching" and "ends_at" of the watch that was begun last: members of an object. */
    void (*write_watch)(void *context, struct json_writer *writer);
    /* Moves a free pin of the simulator to a level, 0 or 1. 0, or -1 with `problem`. */
    int (*simulate)(void *context, const char *pin, int level, struct problem *problem);
};

#endif
