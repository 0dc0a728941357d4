#include "mqtt/gateway_link.h"

#include "base/json.h"
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READ_BYTES = 16 * 1024 };

static void take_line(struct gateway_link *link, const char *text, size_t length)
{
    struct json *message = NULL;
    if (length == 0 || *text != '{' || json_parse(text, length, &message, NULL) != 0)
        return; /* "ok" of the text protocol */
    link->message(link->context, message);
    json_free(message);
}

static void take_lines(struct gateway_link *link)
{
    size_t taken = 0;
    for (;;) {
        const char *begin = link->in.data + taken;
        const char *end =
            link->in.length > taken ? memchr(begin, '\n', link->in.length - taken) : NULL;
        if (!end)
            break;
        take_line(link, begin, (size_t)(end - begin));
        taken += (size_t)(end - begin) + 1;
    }
    buffer_consume(&link->in, taken);
}

static void watch(struct gateway_link *link)
{
    (void)loop_source_set(link->source, link->out.length > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void pump(struct gateway_link *link)
{
    while (link->out.length > 0) {
        ssize_t written = write(link->fd, link->out.data, link->out.length);
        if (written <= 0)
            break;
        buffer_consume(&link->out, (size_t)written);
    }
    watch(link);
}

static void on_ready(void *context, uint32_t events)
{
    struct gateway_link *link = context;
    char *bytes = buffer_reserve(&link->in, READ_BYTES);
    ssize_t length = bytes ? read(link->fd, bytes, READ_BYTES) : 0;
    if (length == 0 || (length < 0 && errno != EAGAIN)) {
        link->closed(link->context);
        return;
    }
    if (length > 0) {
        buffer_commit(&link->in, (size_t)length);
        take_lines(link);
    }
    if (events & EPOLLOUT)
        pump(link);
}

int gateway_link_init(struct gateway_link *link, struct loop *loop, int fd)
{
    link->loop = loop;
    link->fd = fd;
    buffer_init(&link->in, LINK_LINE_MAX_BYTES + READ_BYTES);
    buffer_init(&link->out, LINK_SENDING_MAX_BYTES);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return loop_watch(loop, fd, EPOLLIN, on_ready, link, &link->source);
}

void gateway_link_done(struct gateway_link *link)
{
    link->source = loop_source_free(link->source);
    buffer_done(&link->in);
    buffer_done(&link->out);
}

int gateway_link_send(struct gateway_link *link, const char *text, size_t length)
{
    if (link->out.length + length + 1 > LINK_SENDING_MAX_BYTES)
        return -ENOBUFS;
    (void)buffer_append(&link->out, text, length);
    (void)buffer_append_char(&link->out, '\n');
    if (link->out.error)
        return link->out.error;
    pump(link);
    return 0;
}
