/* A port to the pins (gpio/gpio.h) on the loop, for trials: opened and closed at will. */
#ifndef PIN_PORT_H
#define PIN_PORT_H

#include "gpio/gpio.h"
#include "loop/loop.h"

enum { PIN_PORT_FDS_MAX = 68 }; /* 64 lines with libgpiod 1.6, and the watch of /dev */

struct pin_port;

/* A descriptor of the backend that the loop watches. */
struct pin_port_fd {
    struct pin_port *port;
    struct loop_source *source;
    int fd; /* -1 while free */
};

/* Lives in its owner. */
struct pin_port {
    struct loop *loop;
    struct gpio *gpio; /* NULL while closed */
    void (*edge)(void *context, const struct gpio_edge *edge);
    void *context;
    struct loop_timer timer;
    struct pin_port_fd fds[PIN_PORT_FDS_MAX];
};

/* Sets it up, closed; edges go to `edge`. */
void pin_port_init(struct pin_port *port, struct loop *loop,
                   void (*edge)(void *context, const struct gpio_edge *edge), void *context);

/* As gpio_new(). */
int pin_port_open(struct pin_port *port, const struct gpio_options *options,
                  struct gpio_error *error);

/* Gives back every line, each as it was set last. Legal while closed; not from `edge`. */
void pin_port_close(struct pin_port *port);

#endif
