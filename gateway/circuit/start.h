/* The start: lines are requested with their first values, under the same rules as any command. */
#ifndef CIRCUIT_START_H
#define CIRCUIT_START_H

#include "circuit/state.h"

/* Has what is stored of a line under the name that it had before moved to its name of now. */
void start_rename(const struct circuit *circuit, const struct circuit_line_options *line);

/* What an input did while its pin was requested anew; `old` is what it was before, NULL for nothing. */
void start_count_unseen(struct line *line, const struct line *old, uint8_t value);

/* Prepares the lines from the circuit's options; they have no handles yet. */
void start_init_lines(struct circuit *circuit, const struct timestamps *now);

/* What an output is requested with; its value and pin are set to it. */
enum gpio_initial start_choose_initial(const struct circuit *circuit, struct line *line);

/* Requests all lines. 0, or the error of gpio/ with `error` filled and nothing requested.
 * Names in `error` are borrowed from `options`. */
int start_request_lines(struct circuit *circuit, const struct circuit_options *options,
                        struct gpio_error *error);

/* A value that the pin has already, from the request; journaled with `cause`. */
void start_take_value(struct circuit *circuit, struct line *line, uint8_t value,
                      enum event_cause cause, const struct origin *by,
                      const struct timestamps *now);

/* Switches on a line that wants to be on and was requested off: now, later, or not at all while an
 * interlocked one is on. Any other line is left alone. */
void start_switch_on(struct circuit *circuit, size_t index, enum event_cause cause,
                     const struct origin *by, const struct timestamps *now);

/* Takes the first values and does what could not be done with the request. 0, or the error of gpio/. */
int start_values(struct circuit *circuit, const struct timestamps *now, struct gpio_error *error);

#endif
