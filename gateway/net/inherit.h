/* Socket activation: descriptors that the service manager opened and passes at the start, from 3 on
 * (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS). */
#ifndef NET_INHERIT_H
#define NET_INHERIT_H

#include "net/address.h"

enum { INHERIT_MAX = 64 }; /* four times the listeners that a config may have */

/* What was passed and not yet used. Plain data; the descriptors in it are owned. */
struct inherited {
    int count;
    struct {
        int fd; /* -1 once taken */
        int type;
        struct address address;
    } sockets[INHERIT_MAX];
};

/* Reads and removes the environment's variables; every descriptor passed becomes close-on-exec.
 * No variables, or those of another process, give a count of 0. 0; -EINVAL for a number that is
 * none or above INHERIT_MAX; -ENOTSOCK for a descriptor that is no socket (nothing is kept then). */
int inherit_read(struct inherited *ret_inherited);

/* The descriptor that is bound to `address` and of `type` (SOCK_STREAM, SOCK_DGRAM), given away;
 * -1 when none is. */
int inherit_take(struct inherited *inherited, const struct address *address, int type);

/* Closes what nobody took. Returns how many those were. */
int inherit_close_rest(struct inherited *inherited);

#endif
