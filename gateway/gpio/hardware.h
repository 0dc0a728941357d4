/* The state of the hardware backend, shared by its three files: request.c finds lines and makes requests,
 * hardware.c uses them, hotplug.c handles chips that are removed and come back. */
#ifndef GPIO_HARDWARE_H
#define GPIO_HARDWARE_H

#include "gpio/backend.h"
#include "gpio/chip_scan.h"
#include "gpio/driver.h"

struct hardware {
    const struct gpio_driver *driver; /* for new requests */
    struct list requests;             /* struct gpio_request, owned */
    int folder_fd;                    /* inotify(7) on the device folder; -1 where there is none */
    int64_t due_ns; /* the next search for removed chips; INT64_MAX when there are none */
    bool untidy;    /* a line was released since the last tick */
};

/* request.c: gpio_backend.request_lines. */
int hardware_request_lines(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                           struct gpio_error *error);

/* The settings to request `line` with. */
struct gpio_line_settings hardware_line_settings(const struct gpio_line *line);

/* Makes the request in the kernel and watches its descriptors. 0, or the errno of the first
 * failure with nothing left open. */
int hardware_request(struct gpio *gpio, struct gpio_request *request);

/* Watches the descriptors of a request. 0 or the errno of the loop. */
int hardware_watch(struct gpio *gpio, const struct gpio_request *request);

/* Stops watching and releases the lines; the request can be made again. */
void hardware_let_go(struct gpio *gpio, struct gpio_request *request);

/* Whether all lines of the request were released. */
bool hardware_is_unused(const struct gpio_request *request);

/* Removes the request from the list and frees it. */
void hardware_drop(struct gpio *gpio, struct gpio_request *request);

/* hotplug.c: starts and ends watching the device folder. Without inotify a removed chip is found by its
 * errors, and searched once a second. */
void hotplug_open(struct gpio *gpio);
void hotplug_close(struct gpio *gpio);

/* Handles a change of the device folder. */
void hotplug_changed(struct gpio *gpio);

/* Handles the errno of a call on a request: when it means that the chip is removed, its lines become
 * unavailable in the next gpio_tick(), which is asked for. */
void hotplug_suspect(struct gpio *gpio, struct gpio_request *request, int code);

/* Reports lines of removed chips, and requests those of chips that are back. */
void hotplug_tick(struct gpio *gpio, int64_t now_ns);

#endif
