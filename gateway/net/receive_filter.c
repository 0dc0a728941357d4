#undef _FORTIFY_SOURCE /* the C library would have an inline recv(2) of its own */

#include "net/receive_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DROPS_MAX = 16 }; /* of 4 kB; who sends more waits for the next turn */

/* recv(2) has no argument that could lead to a context, so this is one of the few mutable globals. By
 * descriptor; those above `filter_room` have no filter. */
static struct {
    const struct receive_filter *filter; /* NULL for none */
} * filters;
static size_t filter_room;

static int grow(size_t needed)
{
    size_t room = filter_room ? filter_room : 64;
    while (room < needed)
        room *= 2;
    void *bigger = reallocarray(filters, room, sizeof *filters);
    if (!bigger)
        return -ENOMEM;
    filters = bigger;
    memset(filters + filter_room, 0, (room - filter_room) * sizeof *filters);
    filter_room = room;
    return 0;
}

int receive_filter_set(int fd, const struct receive_filter *filter)
{
    size_t place = (size_t)fd;
    if (place >= filter_room && !filter)
        return 0;
    if (place >= filter_room && grow(place + 1))
        return -ENOMEM;
    filters[place].filter = filter;
    return 0;
}

void receive_drop(int fd)
{
    char bytes[4096];
    for (int i = 0; i < DROPS_MAX; i++)
        if (recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, NULL, NULL) <= 0)
            return;
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    ssize_t received = recvfrom(fd, bytes, size, flags, NULL, NULL);
    if (received <= 0 || (size_t)fd >= filter_room || !filters[fd].filter || (flags & MSG_PEEK))
        return received;
    const struct receive_filter *filter = filters[fd].filter;
    size_t seen = filter->look(filter->context, bytes, (size_t)received);
    if (seen > 0)
        return (ssize_t)seen;
    errno = EAGAIN;
    return -1;
}
