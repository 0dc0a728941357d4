/* A claimed circuit under test: the port with a listener that writes down what it hears, and a small
 * loop around poll(2). Backends differ in how a test drives a pin from outside: see struct bench. */
#ifndef TEST_GPIO_RIG_H
#define TEST_GPIO_RIG_H

#include "gpio/gpio.h"

#include <poll.h>

enum { RIG_EDGES_MAX = 32768, RIG_FDS_MAX = 2 * GPIO_LINES_MAX };

struct rig;

/* What stands outside of the gateway: a person at the simulator, or gpio-sim's files. */
struct bench {
    enum { BENCH_SIMULATOR, BENCH_GPIO_SIM } kind;
    /* Puts the pin of an input to a logical value, as an outside signal would. */
    void (*drive)(struct rig *rig, int line, int value);
    /* The level of an output's pin, seen from outside; NULL where nobody can see it. */
    int (*level)(const char *gpio);
};

struct rig_availability {
    int line;
    bool available;
    int value;
    char reason[128];
};

struct rig {
    const struct bench *bench;
    struct gpio *gpio;
    struct gpio_error error;
    struct pollfd fds[RIG_FDS_MAX];
    size_t fd_count;
    int64_t due_ns;
    struct gpio_edge edges[RIG_EDGES_MAX];
    size_t edge_count;
    struct rig_availability changes[64];
    size_t change_count;
};

/* Opens the port, or fails the test. */
void rig_open(struct rig *rig, const struct bench *bench, const struct gpio_options *options);
void rig_close(struct rig *rig);

/* Claims one line and returns its handle, or fails the test with the port's message. */
int rig_claim(struct rig *rig, const struct gpio_line_config *config);

/* Releases a line and does what is due then: the kernel has it back, where it can be. */
void rig_release(struct rig *rig, int line);

/* Runs the loop until `*count` is at least `wanted` or the time is over; returns `*count`. */
size_t rig_run(struct rig *rig, const size_t *count, size_t wanted, int timeout_ms);

int rig_get(struct rig *rig, int line);
void rig_set(struct rig *rig, int line, int value);

#endif
