/* Descriptors that the service manager passes at the start, from 3 on (sd_listen_fds(3): LISTEN_PID,
 * LISTEN_FDS, LISTEN_FDNAMES): sockets that it opened (socket activation), and what an earlier process
 * gave it to keep. Each is taken by who knows it: a socket by its address, anything by its name. */
#ifndef NET_INHERIT_H
#define NET_INHERIT_H

#include "net/address.h"

enum {
    INHERIT_MAX = 128,       /* four times the listeners of a config, and the 64 that are kept */
    INHERIT_NAME_SIZE = 256, /* FDNAME_MAX of sd_pid_notify_with_fds(3), and a NUL */
};

/* What was passed and not yet used. Plain data; the descriptors in it are owned. */
struct inherited {
    int count;
    struct {
        int fd;                 /* -1 once taken */
        int type;               /* SOCK_STREAM, SOCK_DGRAM and so on; -1 for what is no socket */
        struct address address; /* of a socket */
        char name[INHERIT_NAME_SIZE]; /* "" when the manager tells no names */
    } descriptors[INHERIT_MAX];
};

/* Reads and removes the environment's variables; every descriptor passed becomes close-on-exec.
 * No variables, or those of another process, give a count of 0. 0; -EINVAL for a number that is
 * none or above INHERIT_MAX, and for more or fewer names than descriptors, or too long ones; -EBADF
 * for a descriptor that is not open (nothing is kept then). */
int inherit_read(struct inherited *ret_inherited);

/* The socket that is bound to `address` and of `type` (SOCK_STREAM, SOCK_DGRAM), given away;
 * -1 when none is. */
int inherit_take(struct inherited *inherited, const struct address *address, int type);

/* A descriptor whose name begins with `prefix`, given away, with its name; -1 when none is left. */
int inherit_take_named(struct inherited *inherited, const char *prefix,
                       char ret_name[INHERIT_NAME_SIZE]);

/* Closes what nobody took, with a line in the log for each. Returns how many those were. */
int inherit_close_rest(struct inherited *inherited);

#endif
