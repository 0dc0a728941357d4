/* Requests whose descriptor is handed from one process to the next. */
#ifndef GPIO_FD_STORE_H
#define GPIO_FD_STORE_H

#include "gpio/driver.h"

/* Makes requests by the kernel's second ABI alone: of outputs, and of inputs that share a request with
 * outputs or were outputs in the process before. */
extern const struct gpio_driver gpio_fd_store_driver;

/* The most lines of a request that is handed over: fd_store_name() then always fits. */
enum { FD_STORE_LINES_MAX = 40 };

/* "gpiochip0/17,27": the chip and the offsets in the request's order, since the kernel does not report
 * the lines of a descriptor. 0 or -ENAMETOOLONG. */
int fd_store_name(const struct gpio_request *request, char *name, size_t size);

/* Makes a request of a descriptor that came from an earlier process under `name`; all its lines are
 * released. `fd` is taken, also on failure. 0; -EINVAL when it does not match the name or does not
 * belong to `consumer`; -ENODEV when the chip is gone; any errno of the ioctl. */
int fd_store_request(const char *name, int fd, const char *folder, const char *consumer,
                     struct gpio_request **ret_request);

#endif
