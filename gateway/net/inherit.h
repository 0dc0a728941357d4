/* Descriptors that the service manager passes at the start, from 3 on (sd_listen_fds(3): LISTEN_PID,
 * LISTEN_FDS, LISTEN_FDNAMES): sockets that it opened (socket activation), and descriptors that an
 * earlier process stored there. Sockets are found by their address, other descriptors by their name. */
#ifndef NET_INHERIT_H
#define NET_INHERIT_H

#include "net/address.h"

enum {
    INHERIT_MAX =
        128, /* four times the listeners of a config, and the 64 of the descriptor store */
    INHERIT_NAME_SIZE = 256, /* FDNAME_MAX of sd_pid_notify_with_fds(3), and a NUL */
};

/* Descriptors that were passed and are not used yet. Plain data; the descriptors in it are owned. */
struct inherited {
    int count;
    struct {
        int fd;   /* -1 once taken */
        int type; /* SOCK_STREAM, SOCK_DGRAM and so on; -1 for a descriptor that is not a socket */
        struct address address;       /* of a socket */
        char name[INHERIT_NAME_SIZE]; /* "" when the manager passes no names */
    } descriptors[INHERIT_MAX];
};

/* Reads and removes the environment's variables; every descriptor passed becomes close-on-exec.
 * Without the variables, or with those of another process, the count is 0.
 * 0; -EINVAL for a malformed number or one above INHERIT_MAX, for another count of names than of
 * descriptors, and for a name that is too long; -EBADF for a descriptor that is not open (the count is
 * then 0). */
int inherit_read(struct inherited *ret_inherited);

/* Returns the socket of `type` (SOCK_STREAM, SOCK_DGRAM) that is bound to `address`, which the caller
 * then owns; -1 when there is none. */
int inherit_take(struct inherited *inherited, const struct address *address, int type);

/* Returns a descriptor whose name begins with `prefix`, which the caller then owns, and its name; -1 when
 * none is left. */
int inherit_take_named(struct inherited *inherited, const char *prefix,
                       char ret_name[INHERIT_NAME_SIZE]);

/* Closes the descriptors that nobody took, and logs each. Returns their count. */
int inherit_close_rest(struct inherited *inherited);

#endif
