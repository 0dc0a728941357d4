#include "sd_notify.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/owner.h"
#include "net/address.h"
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    STATE_SIZE = 320, /* the longest message and a name of 255 bytes */
    WRITABLE_WAIT_MS =
        100,               /* the longest wait for each message while the manager's queue is full */
    BARRIER_WAIT_MS = 500, /* the pins do not wait longer for a busy manager */
    NO_DESCRIPTOR = -1,
};

struct sd_notify {
    struct socket socket;
    bool has_failed; /* logged once */
};

/* "/run/systemd/notify", or "@name" in the abstract name space (unix(7)). */
static int read_address(const char *name, struct address *ret_address)
{
    struct address address = {.kind = ADDRESS_UNIX};
    size_t length = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof address.un.sun_path)
        return -EINVAL;
    address.un.sun_family = AF_UNIX;
    memcpy(address.un.sun_path, name, length);
    bool is_abstract = name[0] == '@';
    if (is_abstract)
        address.un.sun_path[0] = '\0';
    address.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + !is_abstract);
    *ret_address = address;
    return 0;
}

int sd_notify_new(struct socket_register *reg, struct sd_notify **ret_manager)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct address address;
    *ret_manager = NULL;
    if (!name)
        return 0;
    int error = read_address(name, &address);
    if (error)
        return error;
    struct sd_notify *manager = calloc(1, sizeof *manager);
    if (!manager)
        return -ENOMEM;
    error =
        socket_open(&manager->socket, reg, AF_UNIX, SOCK_DGRAM, 0, SOCKET_DATAGRAM, "sd_notify");
    if (!error)
        error = socket_connect(&manager->socket, &address);
    if (error) {
        sd_notify_free(manager);
        return error;
    }
    *ret_manager = manager;
    return 0;
}

struct sd_notify *sd_notify_free(struct sd_notify *manager)
{
    if (!manager)
        return NULL;
    socket_close(&manager->socket);
    free(manager);
    return NULL;
}

static void notify(struct sd_notify *manager, const char *state, int fd)
{
    if (!manager)
        return;
    ssize_t sent = socket_send_descriptor(&manager->socket, state, strlen(state), fd);
    if (sent == -EAGAIN) {
        struct pollfd writable = {.fd = manager->socket.fd, .events = POLLOUT};
        (void)poll(&writable, 1, WRITABLE_WAIT_MS);
        sent = socket_send_descriptor(&manager->socket, state, strlen(state), fd);
    }
    if (sent < 0 && !manager->has_failed)
        log_warning("the service manager could not be notified errno=%s", strerror((int)-sent));
    manager->has_failed = sent < 0;
}

void sd_notify_ready(struct sd_notify *manager)
{
    notify(manager, "READY=1", NO_DESCRIPTOR);
}

void sd_notify_reloading(struct sd_notify *manager)
{
    char state[64];
    /* The time distinguishes this reload from an earlier one. */
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
                   (long long)(clock_monotonic_ns() / 1000));
    notify(manager, state, NO_DESCRIPTOR);
}

void sd_notify_stopping(struct sd_notify *manager)
{
    notify(manager, "STOPPING=1", NO_DESCRIPTOR);
}

void sd_notify_keep(struct sd_notify *manager, const char *name, int fd)
{
    char state[STATE_SIZE];
    (void)snprintf(state, sizeof state, "FDSTORE=1\nFDNAME=%s", name);
    notify(manager, state, fd);
}

void sd_notify_forget(struct sd_notify *manager, const char *name)
{
    char state[STATE_SIZE];
    (void)snprintf(state, sizeof state, "FDSTOREREMOVE=1\nFDNAME=%s", name);
    notify(manager, state, NO_DESCRIPTOR);
}

bool sd_notify_failed(const struct sd_notify *manager)
{
    return manager && manager->has_failed;
}

void sd_notify_wait(struct sd_notify *manager)
{
    int ends[2];
    if (!manager || pipe2(ends, O_CLOEXEC) < 0)
        return;
    notify(manager, "BARRIER=1", ends[1]);
    (void)close(ends[1]);
    /* The manager closes its copy after it has read all messages before. */
    struct pollfd closed = {.fd = ends[0]};
    (void)poll(&closed, 1, BARRIER_WAIT_MS);
    (void)close(ends[0]);
}
