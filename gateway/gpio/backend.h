/* The interface of the backends: a requested line, and the functions of a backend. */
#ifndef GPIO_BACKEND_H
#define GPIO_BACKEND_H

#include "gpio/gpio.h"

struct gpio_request;

/* A requested line. `config.name` points to `name`; the backend fills `location` and what is below it. */
struct gpio_line {
    int handle;
    struct gpio_line_config config;
    char name[GPIO_NAME_SIZE];
    struct gpio_line_location location;
    bool available;
    uint8_t
        value; /* logical: of an output the value set last, of an input the value reported last */

    struct gpio_request *request; /* hardware: the request that contains it; NULL before that */
    unsigned index;               /* hardware: the line's place in `request` */
    bool taken_over;              /* hardware: `request` came from an earlier process */

    int64_t due_ns; /* simulator: when the debounce ends; INT64_MAX when nothing bounces */
    uint8_t level;  /* simulator: logical, before the debounce */
};

struct gpio_backend;

struct gpio {
    const struct gpio_backend *backend;
    void *state; /* private to the backend */
    struct gpio_events events;
    char consumer[GPIO_CONSUMER_SIZE];
    char chip[GPIO_PATH_SIZE]; /* default chip, "" for any */
    const char *device_folder; /* borrowed */
    const char *pwm_folder;    /* borrowed; NULL for the kernel's */
    bool store_fds; /* request outputs so that gpio_store_fds() can report their descriptors */
    struct gpio_line *lines[GPIO_LINES_MAX]; /* by handle; NULL where the handle is free */
};

/* One backend. Every member but the last two is set; `state` is made by open() and freed by close(). */
struct gpio_backend {
    const char *name;
    const char *(*version)(void);
    unsigned (*capabilities)(void);

    /* 0, or a negative errno with `error` filled and nothing left open. */
    int (*open)(struct gpio *gpio, struct gpio_error *error);
    void (*close)(struct gpio *gpio);

    /* Finds and requests the lines, all or none; in `error` the line is named by the line's `name`. */
    int (*request_lines)(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                         struct gpio_error *error);
    void (*release)(struct gpio *gpio, struct gpio_line *line);

    int (*get)(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
               uint8_t *ret_values);
    int (*set)(struct gpio *gpio, struct gpio_line *const *lines, const uint8_t *values,
               size_t count);

    /* As gpio_set_on_return(); NULL for a backend whose chips never go away. */
    void (*set_on_return)(struct gpio *gpio, struct gpio_line *line, uint8_t value);

    void (*dispatch)(struct gpio *gpio, int fd);
    void (*tick)(struct gpio *gpio, int64_t now_ns);
    int (*simulate)(struct gpio *gpio, struct gpio_line *line, int value, int64_t now_ns);

    /* NULL for a backend without descriptors. */
    void (*store_fds)(struct gpio *gpio, void (*report)(void *context, const char *name, int fd),
                      void *context);
    int (*restore_fd)(struct gpio *gpio, const char *name, int fd);
};

extern const struct gpio_backend gpio_simulator;
extern const struct gpio_backend gpio_hardware;

/* -EINVAL with a message when two lines of `lines`, or one of them and one that is requested already,
 * are the same line of a chip; else 0. For backends, after they have located the lines. */
int gpio_check_locations(const struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                         struct gpio_error *error);

#endif
