#include "net/receive_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* recv(2) has no argument that could lead to a context, so this is one of the few mutable globals. By
 * descriptor; those above `filter_room` have no filter. */
static const struct receive_filter **filters;
static size_t filter_room;

static int grow(size_t needed)
{
    size_t room = filter_room ? filter_room : 64;
    while (room < needed)
        room *= 2;
    const struct receive_filter **bigger = reallocarray(filters, room, sizeof *bigger);
    if (!bigger)
        return -ENOMEM;
    memset(bigger + filter_room, 0, (room - filter_room) * sizeof *bigger);
    filters = bigger;
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
    filters[place] = filter;
    return 0;
}

#undef recv /* a macro or an inline function of _FORTIFY_SOURCE */
ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    ssize_t received = recvfrom(fd, bytes, size, flags, NULL, NULL);
    if (received <= 0 || (size_t)fd >= filter_room || !filters[fd] || (flags & MSG_PEEK))
        return received;
    const struct receive_filter *filter = filters[fd];
    size_t seen = filter->look(filter->context, bytes, (size_t)received);
    if (seen > 0)
        return (ssize_t)seen;
    errno = EAGAIN;
    return -1;
}
