#include "net/inherit.h"

#include "base/log.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_FD = 3 };

static int describe(int fd, struct inherited *inherited)
{
    int type = -1;
    socklen_t size = sizeof type;
    struct address address = {.length = sizeof address.un};
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0) {
        if (getsockname(fd, &address.any, &address.length) < 0)
            return -errno;
        address.kind = address.any.sa_family == AF_UNIX ? ADDRESS_UNIX
                       : type == SOCK_DGRAM             ? ADDRESS_UDP
                                                        : ADDRESS_TCP;
    } else if (errno != ENOTSOCK) {
        return -errno;
    }
    inherited->descriptors[inherited->count].fd = fd;
    inherited->descriptors[inherited->count].type = type;
    inherited->descriptors[inherited->count].address = address;
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

/* Splits "http:gpiochip0/17,27": one name for each descriptor, in their order. */
static int read_names(struct inherited *inherited, int count)
{
    const char *names = getenv("LISTEN_FDNAMES");
    if (!names || count == 0)
        return 0;
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(names, ":");
        if (length >= INHERIT_NAME_SIZE || (names[length] == ':') != (i + 1 < count))
            return -EINVAL;
        memcpy(inherited->descriptors[i].name, names, length);
        names += length + 1;
    }
    return 0;
}

int inherit_read(struct inherited *ret_inherited)
{
    struct inherited inherited = {0};
    int count;
    int error = read_count(&count);
    if (!error)
        error = read_names(&inherited, count);
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

static int give_away(struct inherited *inherited, int index)
{
    int fd = inherited->descriptors[index].fd;
    inherited->descriptors[index].fd = -1;
    return fd;
}

int inherit_take(struct inherited *inherited, const struct address *address, int type)
{
    for (int i = 0; i < inherited->count; i++)
        if (inherited->descriptors[i].fd >= 0 && inherited->descriptors[i].type == type &&
            address_equals(&inherited->descriptors[i].address, address))
            return give_away(inherited, i);
    return -1;
}

int inherit_take_named(struct inherited *inherited, const char *prefix,
                       char ret_name[INHERIT_NAME_SIZE])
{
    for (int i = 0; i < inherited->count; i++) {
        const char *name = inherited->descriptors[i].name;
        if (inherited->descriptors[i].fd < 0 || strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        memcpy(ret_name, name, INHERIT_NAME_SIZE);
        return give_away(inherited, i);
    }
    return -1;
}

int inherit_close_rest(struct inherited *inherited)
{
    int closed = 0;
    for (int i = 0; i < inherited->count; i++) {
        if (inherited->descriptors[i].fd < 0)
            continue;
        log_warning("descriptor of the service manager closed: nothing here uses it name=\"%s\" "
                    "is=%s",
                    inherited->descriptors[i].name,
                    inherited->descriptors[i].type < 0 ? "no-socket" : "socket");
        (void)close(give_away(inherited, i));
        closed++;
    }
    return closed;
}
