#include "net/port_owner.h"

#include "base/number.h"
#include "base/owner.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The inode of a socket that is bound to `port`, as /proc/net/tcp and its siblings list them; 0 for none. */
static uint64_t find_inode(const char *path, unsigned port)
{
    char line[512];
    AUTO_FILE file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        unsigned local = 0;
        unsigned peer = 0;
        uint64_t inode = 0;
        int found = /* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
            sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %*x %*s %*s %*s %*u %*d %" SCNu64,
                   &local, &peer, &inode);
        if (found == 3 && local == port && peer == 0 && inode > 0)
            return inode;
    }
    return 0;
}

static bool has_socket(const char *pid, uint64_t inode)
{
    char path[PATH_MAX];
    char wanted[64];
    (void)snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    (void)snprintf(wanted, sizeof wanted, "socket:[%" PRIu64 "]", inode);
    DIR *folder = opendir(path);
    bool found = false;
    struct dirent *entry;
    while (folder && !found && (entry = readdir(folder))) {
        char target[64];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        found = strcmp(target, wanted) == 0;
    }
    if (folder)
        (void)closedir(folder);
    return found;
}

static pid_t find_process(uint64_t inode)
{
    DIR *folder = inode ? opendir("/proc") : NULL;
    struct dirent *entry;
    int64_t pid = 0;
    while (folder && pid == 0 && (entry = readdir(folder)))
        if (number_parse(entry->d_name, 1, INT_MAX, &pid) || !has_socket(entry->d_name, inode))
            pid = 0;
    if (folder)
        (void)closedir(folder);
    return (pid_t)pid;
}

/* SO_PEERCRED of a connected socket names the listening process (unix(7)). */
static pid_t find_listener(const struct address *address)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, &address->any, address->length) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return 0;
    return peer.pid;
}

pid_t port_owner(const struct address *address, char name[PORT_OWNER_NAME_SIZE])
{
    bool is_udp = address->kind == ADDRESS_UDP;
    pid_t pid;
    name[0] = '\0';
    if (address->kind == ADDRESS_UNIX) {
        pid = find_listener(address);
    } else {
        unsigned port = address_port(address);
        uint64_t inode = find_inode(is_udp ? "/proc/net/udp" : "/proc/net/tcp", port);
        if (!inode)
            inode = find_inode(is_udp ? "/proc/net/udp6" : "/proc/net/tcp6", port);
        pid = find_process(inode);
    }
    if (pid > 0) {
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
        AUTO_FILE file = fopen(path, "re");
        if (file && fgets(name, PORT_OWNER_NAME_SIZE, file))
            name[strcspn(name, "\n")] = '\0';
        /* cppcheck-suppress resourceLeak ; AUTO_FILE closes it */
    }
    return pid;
}
