#include "lab/stage.h"

#include "base/clock.h"
#include "net/packet.h"
#include "net/register.h"
#include "net/report.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { RECEIVE_MAX = 64 * 1024 }; /* the largest datagram fits */

static const char owner[] = "lesson";

void stage_begin(struct stage *stage, struct socket_register *reg, struct packet *packet,
                 struct demonstration *result)
{
    *stage = (struct stage){.reg = reg,
                            .result = result,
                            .next_call = register_next(reg),
                            .packet = packet,
                            .failed = "socket"};
    stage->until_ns = clock_monotonic_ns() + DEMONSTRATION_MAX_MS * CLOCK_NS_PER_MS;
    for (size_t i = 0; i < DEMONSTRATION_ACTORS_MAX; i++)
        stage->sockets[i].fd = -1;
}

void stage_end(struct stage *stage)
{
    for (size_t i = 0; i < DEMONSTRATION_ACTORS_MAX; i++)
        socket_close(&stage->sockets[i]);
}

unsigned stage_add(struct stage *stage, const char *name, unsigned number, bool is_server)
{
    struct demonstration *result = stage->result;
    unsigned index = (unsigned)result->actor_count++;
    result->actors[index] = (struct demonstration_actor){name, number, is_server};
    return index;
}

/* ---- recording ---- */

static struct demonstration_state state_of(const struct stage *stage, unsigned actor)
{
    struct socket_report report;
    if (stage->sockets[actor].fd < 0 ||
        register_report(stage->reg, stage->sockets[actor].id, &report) < 0)
        return (struct demonstration_state){0};
    return (struct demonstration_state){.state = report.state,
                                        .has_queue = report.has_queue,
                                        .queue_now = report.queue_now,
                                        .queue_max = report.queue_max,
                                        .in_bytes = report.has_buffers ? report.in_bytes : 0,
                                        .out_bytes = report.has_buffers ? report.out_bytes : 0};
}

/* The next row, with the kernel's state as it is now; NULL when there is no room. */
static struct demonstration_call *add(struct stage *stage, unsigned actor)
{
    struct demonstration *result = stage->result;
    if (result->call_count == DEMONSTRATION_CALLS_MAX)
        return NULL;
    struct demonstration_call *row = &result->calls[result->call_count++];
    row->actor = actor;
    for (unsigned i = 0; i < result->actor_count; i++)
        row->after[i] = state_of(stage, i);
    return row;
}

static void copy_text(struct demonstration_call *row, const char *bytes, ssize_t length)
{
    size_t shown = length < 0 ? 0 : (size_t)length;
    if (shown >= sizeof row->data)
        shown = sizeof row->data - 1;
    for (size_t i = 0; i < shown; i++)
        row->data[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : ' ';
    row->data[shown] = '\0';
}

/* Writes down the segments that the last call brought about: on loopback they have passed when it returns. */
static void record_segments(struct stage *stage)
{
    struct demonstration *result = stage->result;
    struct segment segment;
    if (!stage->packet || result->port == 0 || result->call_count == 0)
        return;
    packet_receive(stage->packet);
    while (result->segment_count < DEMONSTRATION_SEGMENTS_MAX &&
           packet_segments(stage->packet, stage->next_segment, &segment, 1, &stage->next_segment) >
               0)
        result->segments[result->segment_count++] =
            (struct demonstration_segment){(unsigned)result->call_count - 1, segment};
}

/* Writes down what the register has noted since the last time, as the calls of `actor`. */
static void record(struct stage *stage, unsigned actor, const char *bytes, ssize_t length)
{
    struct socket_call call;
    while (register_calls(stage->reg, stage->next_call, &call, 1, &stage->next_call, NULL) > 0) {
        struct demonstration_call *row = add(stage, actor);
        if (!row)
            continue;
        row->call = call;
        if (bytes && length > 0)
            copy_text(row, bytes, length);
    }
    record_segments(stage);
}

/* A call that the register leaves out, since a busy server makes it all the time. */
static void record_again(struct stage *stage, unsigned actor, const char *name,
                         const char *arguments)
{
    struct demonstration_call *row = add(stage, actor);
    if (!row)
        return;
    row->call = (struct socket_call){.time_ns = clock_wall_ns(),
                                     .socket = stage->sockets[actor].id,
                                     .result = -EAGAIN,
                                     .name = name};
    (void)snprintf(row->call.text, sizeof row->call.text, "%s(%d%s) = EAGAIN", name,
                   stage->sockets[actor].fd, arguments);
}

/* Ends the scene when `error` is one. */
static void need(struct stage *stage, const char *call, int error)
{
    if (error >= 0 || stage->error)
        return;
    stage->error = error;
    stage->failed = call;
}

/* On loopback most is done when a call returns; a short poll(2) covers a busy kernel. */
static void wait_for(const struct stage *stage, unsigned actor, short events)
{
    struct pollfd waiting = {.fd = stage->sockets[actor].fd, .events = events};
    for (int i = 0; i < 2 && clock_monotonic_ns() < stage->until_ns; i++)
        if (poll(&waiting, 1, 1) != 0)
            return;
}

/* ---- the calls ---- */

void stage_open(struct stage *stage, unsigned actor, int type)
{
    bool is_listener = type == SOCK_STREAM && stage->result->actors[actor].is_server;
    enum socket_role role = is_listener           ? SOCKET_LISTENER
                            : type == SOCK_STREAM ? SOCKET_CONNECTION
                                                  : SOCKET_DATAGRAM;
    if (stage->error)
        return;
    need(stage, "socket",
         socket_open(&stage->sockets[actor], stage->reg, AF_INET, type, 0, role, owner));
    record(stage, actor, NULL, 0);
}

int stage_bind_at(struct stage *stage, unsigned actor, const struct address *address)
{
    if (stage->error)
        return stage->error;
    int error = socket_bind(&stage->sockets[actor], address);
    record(stage, actor, NULL, 0);
    return error;
}

void stage_bind(struct stage *stage, unsigned actor)
{
    struct address loopback;
    (void)address_parse("127.0.0.1:0", NULL, &loopback, NULL);
    need(stage, "bind", stage_bind_at(stage, actor, &loopback));
    if (stage->error)
        return;
    need(stage, "getsockname", socket_name(&stage->sockets[actor]));
    record(stage, actor, NULL, 0);
    if (!stage->result->actors[actor].is_server || stage->result->port > 0)
        return;
    stage->result->port = address_port(&stage->sockets[actor].local);
    uint16_t port = (uint16_t)stage->result->port;
    if (stage->packet)
        (void)packet_set_ports(stage->packet, &port, 1);
}

int stage_set(struct stage *stage, unsigned actor, int option, int value)
{
    if (stage->error)
        return stage->error;
    int error = socket_set(&stage->sockets[actor], SOL_SOCKET, option, value);
    record(stage, actor, NULL, 0);
    return error;
}

void stage_listen(struct stage *stage, unsigned actor, int backlog)
{
    if (stage->error)
        return;
    need(stage, "listen", socket_listen(&stage->sockets[actor], backlog));
    record(stage, actor, NULL, 0);
}

int stage_connect(struct stage *stage, unsigned actor, unsigned server, bool is_waiting)
{
    if (stage->error)
        return stage->error;
    int error = socket_connect(&stage->sockets[actor], &stage->sockets[server].local);
    record(stage, actor, NULL, 0);
    if (error == -EINPROGRESS && is_waiting) {
        wait_for(stage, actor, POLLOUT);
        error = socket_finish_connect(&stage->sockets[actor]);
        record(stage, actor, NULL, 0);
    }
    if (error == 0) {
        need(stage, "getsockname", socket_name(&stage->sockets[actor]));
        record(stage, actor, NULL, 0);
    }
    return error;
}

int stage_accept(struct stage *stage, unsigned server, unsigned connection)
{
    if (stage->error)
        return stage->error;
    wait_for(stage, server, POLLIN);
    int error = socket_accept(&stage->sockets[server], &stage->sockets[connection]);
    if (error == -EAGAIN)
        record_again(stage, server, "accept4", "");
    record(stage, server, NULL, 0);
    return error;
}

ssize_t stage_send(struct stage *stage, unsigned actor, const char *text)
{
    if (stage->error)
        return stage->error;
    ssize_t sent = socket_send(&stage->sockets[actor], text, strlen(text));
    if (sent == -EAGAIN)
        record_again(stage, actor, "send", "");
    record(stage, actor, text, sent);
    return sent;
}

ssize_t stage_receive(struct stage *stage, unsigned actor, size_t size)
{
    char bytes[RECEIVE_MAX];
    if (stage->error)
        return stage->error;
    wait_for(stage, actor, POLLIN);
    ssize_t received =
        socket_receive(&stage->sockets[actor], bytes, size < sizeof bytes ? size : sizeof bytes);
    if (received == -EAGAIN)
        record_again(stage, actor, "recv", "");
    record(stage, actor, bytes, received);
    return received;
}

ssize_t stage_send_to(struct stage *stage, unsigned actor, const void *bytes, size_t length,
                      const struct address *to)
{
    if (stage->error)
        return stage->error;
    ssize_t sent = socket_send_to(&stage->sockets[actor], bytes, length, to);
    record(stage, actor, bytes, sent);
    return sent;
}

ssize_t stage_receive_from(struct stage *stage, unsigned actor, size_t size,
                           struct address *ret_from)
{
    char bytes[RECEIVE_MAX];
    struct socket_sender sender = {0};
    if (stage->error)
        return stage->error;
    wait_for(stage, actor, POLLIN);
    size_t most = size < sizeof bytes ? size : sizeof bytes;
    ssize_t received = socket_receive_from(&stage->sockets[actor], bytes, most, &sender);
    if (received == -EAGAIN)
        record_again(stage, actor, "recvmsg", "");
    record(stage, actor, bytes, received > (ssize_t)most ? (ssize_t)most : received);
    if (received >= 0 && ret_from)
        *ret_from = sender.address;
    return received;
}

void stage_shut_write(struct stage *stage, unsigned actor)
{
    if (stage->error)
        return;
    need(stage, "shutdown", socket_shut_write(&stage->sockets[actor]));
    record(stage, actor, NULL, 0);
}

void stage_close(struct stage *stage, unsigned actor)
{
    if (stage->error)
        return;
    socket_close(&stage->sockets[actor]);
    record(stage, actor, NULL, 0);
}
