/* Tries free pins: one goes on and off so that a person sees which wire it is, or all are read until one
 * moves. It has a port of its own (gpio/gpio.h) beside the circuit's, open as long as a trial lasts: the
 * kernel hands out a line once, so what the circuit or another program holds cannot be touched. One
 * trial at a time; a new one ends the one before. Fills the functions of protocol/pin_finder.h. */
#ifndef PIN_TRIAL_H
#define PIN_TRIAL_H

#include "protocol/pin_finder.h"

struct circuit;
struct gpio_options;
struct loop;
struct pin_trial;

/* All are borrowed; `options` are those of the circuit's port. 0 or -ENOMEM. */
int pin_trial_new(struct loop *loop, struct circuit *circuit, const struct gpio_options *options,
                  struct pin_trial **ret_trial);

/* Ends a trial first. NULL is legal; returns NULL. */
struct pin_trial *pin_trial_free(struct pin_trial *trial);

/* What the servers are given. */
const struct pin_finder *pin_trial_finder(const struct pin_trial *trial);

/* Ends what is under way, for `reason`, a literal: before a reload, which may need the pins, and before
 * the end. The wiggled pin is an input afterwards. */
void pin_trial_stop(struct pin_trial *trial, const char *reason);

#endif
