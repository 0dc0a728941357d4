/* Requests whose descriptor is handed from one process to the next. */
#ifndef GPIO_FD_STORE_H
#define GPIO_FD_STORE_H

#include "gpio/driver.h"

/* Holds requests by the kernel's second ABI alone: outputs, and inputs that stand in a request with them
 * or were one of them in the process before. */
extern const struct gpio_driver gpio_fd_store_driver;

/* Lines in a request that shall be handed over: so many that fd_store_name() always fits. */
enum { FD_STORE_LINES_MAX = 40 };

/* "gpiochip0/17,27": the chip and the offsets in the request's order, since the kernel does not tell
 * which lines a descriptor holds. 0 or -ENAMETOOLONG. */
int fd_store_name(const struct gpio_request *request, char *name, size_t size);

/* Makes a request of a descriptor that came from an earlier process under `name`; all its lines are
 * released ones. `fd` is taken, also on failure. 0; -EINVAL when it is not what the name says or not
 * held by `consumer`; -ENODEV when the chip is gone; any errno of the ioctl. */
int fd_store_request(const char *name, int fd, const char *folder, const char *consumer,
                     struct gpio_request **ret_request);

#endif
