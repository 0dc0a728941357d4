/* The file by which an AF_UNIX socket is found (unix(7)): made by bind(2), owned by who made it. */
#ifndef NET_UNIX_FILE_H
#define NET_UNIX_FILE_H

#include "net/address.h"

#include <sys/types.h>

struct socket;

/* Which file is ours; all zero for none. Lives in its owner. */
struct unix_file {
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    dev_t device;
    ino_t inode;
};

/* Binds `socket` to the path with `mode` and, unless (gid_t)-1, `group`. A stale socket file is
 * removed first; a living socket, or a file that is no socket, is -EADDRINUSE.
 * 0, or the negative errno of the call that is named in `*ret_call`. */
int unix_file_bind(struct socket *socket, const struct address *address, mode_t mode, gid_t group,
                   struct unix_file *ret_file, const char **ret_call);

/* Removes the file if it is still the one that was bound. Legal when there is none. */
void unix_file_remove(struct unix_file *file);

#endif
