/* Inputs: edges, their debounce where the kernel has none, and what is counted of them. */
#ifndef CIRCUIT_INPUT_H
#define CIRCUIT_INPUT_H

#include "circuit/state.h"

/* An edge that gpio/ reported. */
void input_edge(struct circuit *circuit, struct line *line, const struct gpio_edge *edge,
                const struct timestamps *now);

/* The debounce of a line is over. */
void input_settle(struct circuit *circuit, struct line *line, const struct timestamps *now);

#endif
