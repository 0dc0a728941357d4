/* Connects gpio/, circuit/ and loop/: passes edges to the circuit, and due times to the loop.
 *
 * Under a service manager ($NOTIFY_SOCKET) the outputs outlive the process: the manager keeps a copy of
 * each descriptor of outputs, and passes it to the next process, which continues with the value of the
 * pin. So a crash, or `kill -9` and the restart after it, changes no output. On an orderly end (SIGTERM)
 * every output is first set to its `safe` value; the manager keeps it there until the next process sets
 * `initial`; an output whose `safe` is "hold" keeps its value throughout. What ran on a line (a pulse, a
 * blink, a lease) continues from its record in the state folder. When the unit is stopped, the manager
 * closes its descriptors, and the driver decides about the lines. */
#ifndef GPIO_LOOP_H
#define GPIO_LOOP_H

#include "circuit/circuit.h"

struct config;
struct inherited;
struct loop;
struct gpio_loop;
struct sd_notify;

/* Opens the backend, takes over the lines that an earlier process left in `inherited` (those are taken
 * from it), requests the lines, starts to watch. `manager` is borrowed; NULL without a service manager.
 * Logs the backend, the simulator before anything else.
 * 0, or a negative errno with `error` filled. */
int gpio_loop_new(struct loop *loop, const struct config *config, const char *config_path,
                  struct inherited *inherited, const struct circuit_store *line_store,
                  struct sd_notify *manager, struct gpio_loop **ret_gpio_loop,
                  struct gpio_error *error);

/* Releases the lines; the service manager keeps its copies. NULL is legal; returns NULL. */
struct gpio_loop *gpio_loop_free(struct gpio_loop *gpio_loop);

/* The end of the program: sets outputs to their safe values (circuit_shutdown()), and records for the next
 * process that this one ended in order. */
void gpio_loop_shutdown(struct gpio_loop *gpio_loop);

/* Why another process could not go on with the outputs as they are: a sentence with the remedy, or NULL
 * when it could. */
const char *gpio_loop_handover_obstacle(struct gpio_loop *gpio_loop);

/* The end of a hand-over: no output changes (see circuit_hand_over()), and the service manager has every
 * descriptor when this returns. To the next process this was no end in order, so it goes on. */
void gpio_loop_hand_over(struct gpio_loop *gpio_loop);

struct circuit *gpio_loop_circuit(const struct gpio_loop *gpio_loop);

/* Reads the circuit's next due time again, and passes new descriptors to the service manager. Call it after
 * every command and every reload. */
void gpio_loop_touched(struct gpio_loop *gpio_loop);

#endif
