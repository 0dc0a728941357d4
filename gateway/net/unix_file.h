/* The file of a bound AF_UNIX socket (unix(7)): bind(2) makes it, the process that bound it removes it. */
#ifndef NET_UNIX_FILE_H
#define NET_UNIX_FILE_H

#include "net/address.h"

#include <sys/types.h>

struct socket;

/* Identifies the file; all zero for none. A member of its owner. */
struct unix_file {
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    dev_t device;
    ino_t inode;
};

/* Binds `socket` to the path with `mode` and, unless (gid_t)-1, `group`. A stale socket file is
 * removed first; a socket with a listener, or a file that is no socket, is -EADDRINUSE.
 * 0, or the negative errno of the call that is named in `*ret_call`. */
int unix_file_bind(struct socket *socket, const struct address *address, mode_t mode, gid_t group,
                   struct unix_file *ret_file, const char **ret_call);

/* Removes the file if it is still the one that was bound. Legal when nothing was bound. */
void unix_file_remove(struct unix_file *file);

#endif
