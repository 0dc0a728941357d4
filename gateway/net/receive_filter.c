#undef _FORTIFY_SOURCE /* the C library would have an inline recv(2) of its own */

#include "net/receive_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DROPS_MAX = 16 }; /* of 4 kB; who sends more waits for the next turn */

/* recv(2) has no argument that could lead to a context, so this is one of the few mutable globals. By
 * descriptor; those above `filter_capacity` have no filter. */
static struct {
    struct receive_filter *filter; /* NULL for none */
} * filters;
static size_t filter_capacity;

static int grow(size_t needed)
{
    size_t capacity = filter_capacity ? filter_capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    void *bigger = reallocarray(filters, capacity, sizeof *filters);
    if (!bigger)
        return -ENOMEM;
    filters = bigger;
    memset(filters + filter_capacity, 0, (capacity - filter_capacity) * sizeof *filters);
    filter_capacity = capacity;
    return 0;
}

int receive_filter_set(int fd, struct receive_filter *filter)
{
    size_t index = (size_t)fd;
    if (index >= filter_capacity && !filter)
        return 0;
    if (index >= filter_capacity && grow(index + 1))
        return -ENOMEM;
    filters[index].filter = filter;
    return 0;
}

void receive_drop(int fd)
{
    char bytes[4096];
    for (int i = 0; i < DROPS_MAX; i++)
        if (recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, NULL, NULL) <= 0)
            return;
}

static size_t take_earlier(struct receive_filter *filter, void *bytes, size_t size)
{
    size_t length = filter->earlier_length < size ? filter->earlier_length : size;
    if (length == 0)
        return 0;
    memcpy(bytes, filter->earlier, length);
    filter->earlier += length;
    filter->earlier_length -= length;
    return length;
}

static ssize_t receive_filtered(struct receive_filter *filter, int fd, void *bytes, size_t size,
                                int flags)
{
    size_t length = take_earlier(filter, bytes, size);
    if (length < size) {
        ssize_t received = recvfrom(fd, (char *)bytes + length, size - length, flags, NULL, NULL);
        if (received <= 0 && length == 0)
            return received;
        length += received > 0 ? (size_t)received : 0;
    }
    size_t seen = filter->check(filter->context, bytes, length);
    if (seen == RECEIVE_END)
        return 0;
    if (seen > 0)
        return (ssize_t)seen;
    errno = EAGAIN;
    return -1;
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    if ((size_t)fd < filter_capacity && filters[fd].filter && !(flags & MSG_PEEK))
        return receive_filtered(filters[fd].filter, fd, bytes, size, flags);
    return recvfrom(fd, bytes, size, flags, NULL, NULL);
}
