#include "net/unix_file.h"

#include "base/owner.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True for a socket file without a listener. */
static bool is_stale(struct socket *s, const struct address *address)
{
    struct stat status;
    if (lstat(address->un.sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return false;
    AUTO_FD probe = socket(AF_UNIX, s->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return false;
    int error = connect(probe, &address->any, address->length) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "connect", error, "connect(%d, unix:%s)", probe,
                  address->un.sun_path);
    return error == -ECONNREFUSED;
}

static int bind_over_stale(struct socket *s, const struct address *address)
{
    int error = socket_bind(s, address);
    if (error != -EADDRINUSE || !is_stale(s, address))
        return error;
    int removed = unlink(address->un.sun_path) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "unlink", removed, "unlink(%s)", address->un.sun_path);
    return removed ? error : socket_bind(s, address);
}

/* Nobody can connect before listen(2), so the mode is right from the first connection on. */
static int set_access(struct socket *s, const char *path, mode_t mode, gid_t group,
                      const char **ret_call)
{
    *ret_call = "chmod";
    int error = chmod(path, mode) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "chmod", error, "chmod(%s, %04o)", path, (unsigned)mode);
    if (error || group == (gid_t)-1)
        return error;
    *ret_call = "chown";
    error = chown(path, (uid_t)-1, group) < 0 ? -errno : 0;
    register_note(s, REGISTER_KEPT, "chown", error, "chown(%s, -1, %u)", path, group);
    return error;
}

int unix_file_bind(struct socket *s, const struct address *address, mode_t mode, gid_t group,
                   struct unix_file *ret_file, const char **ret_call)
{
    struct unix_file file = {0};
    struct stat status;
    *ret_call = "bind";
    int error = bind_over_stale(s, address);
    if (error)
        return error;
    (void)snprintf(file.path, sizeof file.path, "%s", address->un.sun_path);
    if (lstat(file.path, &status) == 0) {
        file.device = status.st_dev;
        file.inode = status.st_ino;
    }
    error = set_access(s, file.path, mode, group, ret_call);
    if (error)
        unix_file_remove(&file);
    else
        *ret_file = file;
    return error;
}

void unix_file_remove(struct unix_file *file)
{
    struct stat status;
    if (!file->path[0])
        return;
    if (lstat(file->path, &status) == 0 && status.st_dev == file->device &&
        status.st_ino == file->inode)
        (void)unlink(file->path);
    *file = (struct unix_file){0};
}
