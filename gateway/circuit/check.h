/* Checks of what a command asks for, before it is planned. Each returns 0, or -1 with `refusal`. */
#ifndef CIRCUIT_CHECK_H
#define CIRCUIT_CHECK_H

#include "circuit/state.h"

/* The line exists and is an output. */
int check_line(const struct circuit *circuit, size_t line, struct refusal *refusal);

/* The command's values are in their ranges, and fit the line's minimum off time. */
int check_ranges(const struct line *line, const struct command *command, struct refusal *refusal);

/* For commands on one line: its seq is the one that the command expects. */
int check_expect(const struct line *line, const struct command *command, struct refusal *refusal);

/* For commands on several lines: the line has not changed since what the command expects. */
int check_unchanged(const struct circuit *circuit, size_t line, const struct command *command,
                    struct refusal *refusal);

#endif
