/* The circuit on its pins: joins gpio/, circuit/ and loop/. Edges go up, due times come back.
 *
 * Under a service manager ($NOTIFY_SOCKET) the outputs outlive the process: the manager keeps a copy of
 * each descriptor that holds some, and hands it to the next process, which goes on with the value that
 * the pin has. So a crash, or `kill -9` and the restart after it, changes no output. An end in order
 * (SIGTERM) keeps the rule that every output goes to its `safe` value first; the manager then holds it
 * there until the next process has it begin with `initial`; one that holds rides through. What ran on a
 * line (a pulse, a blink, a lease) is not known to the next process: limits and leases begin anew.
 * When the unit is stopped, the manager closes what it kept, and the lines are the driver's. */
#ifndef GPIO_LOOP_H
#define GPIO_LOOP_H

#include "circuit/circuit.h"

struct config;
struct inherited;
struct loop;
struct gpio_loop;
struct sd_notify;

/* Opens the backend, takes over the lines that an earlier process left in `inherited` (those are taken
 * from it), requests the lines, starts to watch. `manager` is borrowed; NULL where nobody keeps lines. Logs what it found, the simulator first of all.
 * 0, or a negative errno with `error` filled. */
int gpio_loop_new(struct loop *loop, const struct config *config, const char *config_path,
                  struct inherited *inherited, const struct circuit_memory *line_store,
                  struct sd_notify *manager, struct gpio_loop **ret_gpio_loop,
                  struct gpio_error *error);

/* Lets go of the lines; what the service manager keeps stays with it. NULL is legal; returns NULL. */
struct gpio_loop *gpio_loop_free(struct gpio_loop *gpio_loop);

/* The end of the program: outputs go to their safe values (circuit_shutdown()), and the next process
 * is told that this one ended in order. */
void gpio_loop_shutdown(struct gpio_loop *gpio_loop);

/* Why another process could not go on with the outputs as they are: a sentence with the remedy, or NULL
 * when it could. */
const char *gpio_loop_handover_obstacle(struct gpio_loop *gpio_loop);

/* The end of a hand-over: no output changes (see circuit_hand_over()), and the service manager has every
 * descriptor when this returns. To the next process this was no end in order, so it goes on. */
void gpio_loop_hand_over(struct gpio_loop *gpio_loop);

struct circuit *gpio_loop_circuit(const struct gpio_loop *gpio_loop);

/* Looks at the circuit's next due time again, and at descriptors that the service manager does not
 * have yet: after every command and every reload. */
void gpio_loop_touched(struct gpio_loop *gpio_loop);

#endif
