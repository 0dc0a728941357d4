#include "net/inherit.h"

#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_FD = 3 };

static int describe(int fd, struct inherited *inherited)
{
    int type = 0;
    socklen_t size = sizeof type;
    struct address address = {.length = sizeof address.storage};
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return -errno;
    if (getsockname(fd, &address.any, &address.length) < 0)
        return -errno;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    address.kind = address.any.sa_family == AF_UNIX ? ADDRESS_UNIX
                   : type == SOCK_DGRAM             ? ADDRESS_UDP
                                                    : ADDRESS_TCP;
    inherited->sockets[inherited->count].fd = fd;
    inherited->sockets[inherited->count].type = type;
    inherited->sockets[inherited->count].address = address;
    inherited->count++;
    return 0;
}

static int read_count(int *ret_count)
{
    const char *pid_text = getenv("LISTEN_PID");
    const char *count_text = getenv("LISTEN_FDS");
    int64_t pid, count;
    *ret_count = 0;
    if (!pid_text || !count_text)
        return 0;
    if (number_parse(pid_text, 1, INT32_MAX, &pid) < 0)
        return -EINVAL;
    if (pid != getpid())
        return 0;
    if (number_parse(count_text, 0, INHERIT_MAX, &count) < 0)
        return -EINVAL;
    *ret_count = (int)count;
    return 0;
}

int inherit_read(struct inherited *ret_inherited)
{
    struct inherited inherited = {0};
    int count;
    int error = read_count(&count);
    if (error)
        return error;
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    for (int fd = FIRST_FD; fd < FIRST_FD + count; fd++) {
        error = describe(fd, &inherited);
        if (error)
            return error;
    }
    *ret_inherited = inherited;
    return 0;
}

int inherit_take(struct inherited *inherited, const struct address *address, int type)
{
    for (int i = 0; i < inherited->count; i++) {
        int fd = inherited->sockets[i].fd;
        if (fd < 0 || inherited->sockets[i].type != type ||
            !address_equals(&inherited->sockets[i].address, address))
            continue;
        inherited->sockets[i].fd = -1;
        return fd;
    }
    return -1;
}

int inherit_close_rest(struct inherited *inherited)
{
    int closed = 0;
    for (int i = 0; i < inherited->count; i++) {
        if (inherited->sockets[i].fd < 0)
            continue;
        (void)close(inherited->sockets[i].fd);
        inherited->sockets[i].fd = -1;
        closed++;
    }
    return closed;
}
