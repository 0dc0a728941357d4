/* The interface of a GPIO library below the hardware backend: describe a chip, and make requests. A *request*
 * is a set of lines of one chip that the kernel grants together, with one descriptor or, with edges and
 * libgpiod 1.6, one for each line. An index identifies a line of a request, a mask of indices a set of them. */
#ifndef GPIO_DRIVER_H
#define GPIO_DRIVER_H

#include "gpio/gpio.h"

#include "base/list.h"

enum {
    REQUEST_LINES_MAX = 64,   /* GPIO_V2_LINES_MAX, GPIOHANDLES_MAX, and the bits of a mask */
    REQUEST_EDGES_MAX = 256,  /* edges read in one gpio_dispatch() */
    REQUEST_QUEUE_MAX = 1024, /* edges the kernel keeps for a v2 request, its own maximum */
};

/* The settings of one line of a request; plain data. */
struct gpio_line_settings {
    unsigned offset;
    enum gpio_direction direction;
    enum gpio_bias bias;
    enum gpio_drive drive;
    bool active_low;
    bool quiet;    /* inputs: edges are not needed */
    bool keep;     /* outputs: take over the value of the pin; false once the line is requested */
    uint8_t value; /* outputs: logical */
    uint32_t debounce_us;
};

struct gpio_driver;

struct gpio_request {
    struct list member;               /* member of the backend's list */
    const struct gpio_driver *driver; /* the library that made it */
    void *kernel_request;             /* private to the library; NULL while the chip is removed */
    bool restored;                    /* handed over by an earlier process */
    char path[GPIO_PATH_SIZE];        /* of the chip */
    unsigned count;
    struct gpio_line_settings all_settings[REQUEST_LINES_MAX];
    int lines[REQUEST_LINES_MAX];          /* handles; -1 for one that was released */
    uint32_t sequences[REQUEST_LINES_MAX]; /* of the last edge; 0 before the first */
};

/* An edge as the library reports it. */
struct gpio_edge_event {
    unsigned index;
    uint8_t value; /* logical, after the edge */
    bool overrun;  /* the kernel's queue was full: edges after this one may be missing */
    uint32_t
        sequence;    /* the line's count of edges, from 1; 0 where the library does not report it */
    int64_t edge_ns; /* monotonic */
};

/* One library. All errors are negative errnos. */
struct gpio_driver {
    const char *(*version)(void);
    unsigned capabilities;

    bool
        shows_descriptor; /* descriptor() also returns one for outputs, which is the whole request */

    /* Opens the chip at `path`, describes it and, unless `ret_lines` is NULL, each of its lines;
     * `*ret_lines` is the caller's to free(). `report` has its path and group already. NULL in a
     * driver that only uses requests. */
    int (*describe)(const char *path, struct gpio_chip_report *report,
                    struct gpio_line_report **ret_lines);

    /* Whether `wanted` may join the lines of `request`. */
    bool (*joins)(const struct gpio_request *request, const struct gpio_line_settings *wanted);

    /* Requests the lines from the kernel; sets `kernel_request`, and the value of each line that keeps its own. */
    int (*request)(struct gpio_request *request, const char *consumer);

    /* Reconfigures the requested lines without releasing them. -EOPNOTSUPP where the library can only
     * give all lines the same configuration. */
    int (*reconfigure)(struct gpio_request *request);

    /* Releases all lines; `kernel_request` is NULL afterwards. */
    void (*release)(struct gpio_request *request);

    /* Reads, or sets, the lines of `mask`; bit i of `bits` belongs to index i. */
    int (*get)(struct gpio_request *request, uint64_t mask, uint64_t *ret_bits);
    int (*set)(struct gpio_request *request, uint64_t mask, uint64_t bits);

    /* The descriptor that becomes readable with an edge of line `index`, -1 when it has none; the
     * same for all lines or one for each. Borrowed until release(). */
    int (*descriptor)(const struct gpio_request *request, unsigned index);

    /* Reads up to REQUEST_EDGES_MAX waiting edges from such a descriptor; how many, or an error.
     * -EAGAIN when none waits, -ENODEV when the chip is gone. */
    int (*read)(struct gpio_request *request, int fd, struct gpio_edge_event *edge_events);
};

/* For joins() with the kernel's second ABI: same direction, and no more different settings than a
 * request has attributes (GPIO_V2_LINE_NUM_ATTRS_MAX) beside the values. */
bool driver_fits(const struct gpio_request *request, const struct gpio_line_settings *wanted);

/* The library of this build; NULL without one. */
const struct gpio_driver *gpio_driver_library(void);

#endif
