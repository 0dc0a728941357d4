/* The circuit on its pins: joins gpio/, circuit/ and loop/. Edges go up, due times come back. */
#ifndef PINS_H
#define PINS_H

#include "circuit/circuit.h"

struct config;
struct loop;
struct pins;

/* Opens the backend, claims the lines, starts to watch. Logs what it found, the simulator first of
 * all. 0, or a negative errno with `error` filled. */
int pins_new(struct loop *loop, const struct config *config, const char *config_path,
             const struct circuit_memory *memory, struct pins **ret_pins, struct gpio_error *error);
struct pins *pins_free(struct pins *pins);

struct circuit *pins_circuit(const struct pins *pins);

/* Looks at the circuit's next due time again: after every command. */
void pins_touched(struct pins *pins);

#endif
