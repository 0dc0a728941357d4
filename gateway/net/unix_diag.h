/* The queue of a listening AF_UNIX socket, which getsockopt(2) does not report (sock_diag(7), unix_diag). */
#ifndef NET_UNIX_DIAG_H
#define NET_UNIX_DIAG_H

#include <stdint.h>

/* Returns the count of connections that wait for accept4(2), and its maximum. 0, or a negative errno: -ENOENT where the
 * kernel was built without CONFIG_UNIX_DIAG. */
int unix_diag_queue(int fd, uint32_t *ret_now, uint32_t *ret_max);

#endif
