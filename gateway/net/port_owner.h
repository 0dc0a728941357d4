/* Finds the process that uses a port, for the message of a start that fails with EADDRINUSE. */
#ifndef NET_PORT_OWNER_H
#define NET_PORT_OWNER_H

#include "net/address.h"

#include <sys/types.h>

enum { PORT_OWNER_NAME_SIZE = 17 }; /* /proc/PID/comm */

/* The process that is bound to the port of `address` (TCP or UDP, any host), or listens at its path. Only root
 * sees the sockets of other users (proc(5)). 0 when it cannot be found. `name` is its command, "" if unknown. */
pid_t port_owner(const struct address *address, char name[PORT_OWNER_NAME_SIZE]);

#endif
