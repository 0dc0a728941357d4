/* The hardware backend's own state, shared by its three files: request.c finds lines and makes
 * requests, hardware.c uses them, hotplug.c notices chips that go away and come back. */
#ifndef GPIO_HARDWARE_H
#define GPIO_HARDWARE_H

#include "gpio/backend.h"
#include "gpio/chip_scan.h"
#include "gpio/driver.h"

struct hardware {
    const struct gpio_driver *driver; /* for new requests */
    struct list requests;             /* struct gpio_request, owned */
    int folder_fd;                    /* inotify(7) on the device folder; -1 where there is none */
    int64_t due_ns; /* next look for chips that are away; INT64_MAX when none is */
    bool untidy;    /* a line was released since the last tick */
};

/* request.c: gpio_backend.claim. */
int hardware_request_lines(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                           struct gpio_error *error);

/* What `line` wants of the kernel when it is claimed. */
struct gpio_line_settings hardware_line_settings(const struct gpio_line *line);

/* Asks the kernel for the whole request and watches its descriptors. 0, or the errno of the first
 * failure with nothing left open. */
int hardware_request(struct gpio *gpio, struct gpio_request *request);

/* Watches the descriptors of a request that is held. 0 or the errno of the loop. */
int hardware_watch(struct gpio *gpio, const struct gpio_request *request);

/* Stops watching and lets go; the request can be asked for again. */
void hardware_let_go(struct gpio *gpio, struct gpio_request *request);

/* Whether all lines of the request were released. */
bool hardware_is_unused(const struct gpio_request *request);

/* Takes the request out of the list and frees it. */
void hardware_drop(struct gpio *gpio, struct gpio_request *request);

/* hotplug.c: starts and ends watching the device folder. Without inotify there is only the retry
 * once a second, and a chip's going is noticed by its errors. */
void hotplug_open(struct gpio *gpio);
void hotplug_close(struct gpio *gpio);

/* Something happened in the device folder. */
void hotplug_changed(struct gpio *gpio);

/* A request answered with `code`: when that says that the chip is gone, its lines become
 * unavailable in the gpio_tick() that is asked for. */
void hotplug_suspect(struct gpio *gpio, struct gpio_request *request, int code);

/* Reports lines of chips that are gone, and takes back those of chips that are here again. */
void hotplug_tick(struct gpio *gpio, int64_t now_ns);

#endif
