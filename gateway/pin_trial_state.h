/* A trial from inside, shared by its two files: pin_trial.c wiggles and ends, pin_watch.c watches. */
#ifndef PIN_TRIAL_STATE_H
#define PIN_TRIAL_STATE_H

#include "pin_trial.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "pin_port.h"
#include "pin_scan.h"
#include "protocol/pin_notices.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIAL_HEADER_GPIOS = 28, /* GPIO0 to GPIO27 */
    TRIAL_LEVEL_FREE = -1,   /* of a simulated pin that nobody drives */
};

enum pin_trial_kind { TRIAL_NONE, TRIAL_WIGGLE, TRIAL_WATCH };

/* A pin of the trial's port. */
struct tried_pin {
    char name[PIN_NAME_SIZE];
    char chip[GPIO_NAME_SIZE];
    int offset;
    int handle;
    uint8_t rest, value;
    unsigned moves;
    int64_t moved_ns;
};

struct pin_trial {
    struct pin_finder finder;
    struct pin_notices notices;
    struct loop *loop;
    struct circuit *circuit;
    const struct gpio_options *options;
    struct pin_port port;    /* closed while nothing is tried */
    struct loop_timer timer; /* the next step, or the end */
    enum pin_trial_kind kind;
    enum pin_bias bias;
    bool is_arming; /* what moves now is no person's doing */
    uint8_t level;  /* of the wiggled pin */
    uint32_t blink_ms;
    int64_t began_ns, ends_ns; /* monotonic */
    int64_t ends_wall_ns;
    size_t count;
    struct tried_pin pins[PINS_WATCHED_MAX];
    int levels[TRIAL_HEADER_GPIOS]; /* the simulator's free pins: 0, 1 or TRIAL_LEVEL_FREE */
};

/* Opens the port of a trial; closes it, and forgets its pins. */
int pin_trial_open(struct pin_trial *trial, struct gpio_error *error);
void pin_trial_close(struct pin_trial *trial);

/* The pins as they are but for what this trial does to them. 0 or -ENOMEM. */
int pin_trial_scan(const struct pin_trial *trial, struct pin_scan *ret_pin_scan);

/* Adds a pin to those that are tried; there must be room. */
void pin_trial_add(struct pin_trial *trial, const struct pin *pin);

/* How the port is asked for it. Borrows from `pin`. */
struct gpio_line_config pin_trial_config(const struct tried_pin *pin);

/* Fills `problem` with what the port reported. -1. */
int pin_trial_fail(struct problem *problem, const struct gpio_error *error);

/* pin_watch.c: the functions of struct pin_finder, and what the port reports. */
int pin_watch_begin(void *context, const struct pin_watch *watch, struct problem *problem);
void pin_watch_write(void *context, struct json_writer *writer);
void pin_watch_edge(void *context, const struct gpio_edge *edge);

#endif
