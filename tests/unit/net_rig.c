#include "net_rig.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_deadline(void *context)
{
    struct net_rig *rig = context;
    loop_stop(rig->loop);
}

int net_rig_setup(void **state)
{
    static const struct net_limits limits = {
        .connections = 400, .connections_per_peer = 300, .backlog = 128};
    struct net_rig *rig = calloc(1, sizeof *rig);
    if (!rig || loop_new(&rig->loop) < 0 || net_new(rig->loop, &limits, &rig->net) < 0)
        return -1;
    loop_timer_init(&rig->deadline, rig->loop, on_deadline, rig);
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/net-rig-XXXXXX");
    *state = rig;
    return mkdtemp(rig->folder) ? 0 : -1;
}

void net_rig_limit(struct net_rig *rig, const struct net_limits *limits)
{
    net_free(rig->net);
    if (net_new(rig->loop, limits, &rig->net))
        abort();
}

int net_rig_teardown(void **state)
{
    struct net_rig *rig = *state;
    for (unsigned i = 0; i < rig->accepted; i++)
        stream_close(rig->streams[i]);
    listener_close(rig->listener);
    net_free(rig->net);
    loop_timer_stop(&rig->deadline);
    loop_free(rig->loop);
    int left = rmdir(rig->folder); /* a socket file that was left behind fails the test */
    free(rig);
    return left;
}

struct watch {
    struct net_rig *rig;
    bool (*done)(struct net_rig *rig);
    bool was_done;
};

static int64_t watch_due(void *context)
{
    (void)context;
    return 0;
}

static void watch_run(void *context)
{
    struct watch *watch = context;
    watch->was_done = watch->done(watch->rig);
    if (watch->was_done)
        loop_stop(watch->rig->loop);
}

bool net_rig_run_until(struct net_rig *rig, bool (*done)(struct net_rig *rig))
{
    struct watch watch = {.rig = rig, .done = done};
    struct loop_hook hook = {.due = watch_due, .run = watch_run, .context = &watch};
    loop_hook_add(rig->loop, &hook);
    (void)loop_timer_set(&rig->deadline, clock_monotonic_ns() + CLOCK_NS_PER_SECOND);
    (void)loop_run(rig->loop);
    loop_hook_remove(&hook);
    return watch.was_done;
}

void net_rig_run_ms(struct net_rig *rig, int ms)
{
    (void)loop_timer_set(&rig->deadline, clock_monotonic_ns() + ms * CLOCK_NS_PER_MS);
    (void)loop_run(rig->loop);
}

bool net_rig_accept(struct net_rig *rig, unsigned count)
{
    for (int i = 0; i < 100 && rig->accepted < count; i++)
        net_rig_run_ms(rig, 5);
    return rig->accepted == count;
}

static void on_accepted(void *context, struct stream *stream)
{
    struct net_rig *rig = context;
    rig->streams[rig->accepted++] = stream;
}

static void on_refused(void *context, struct stream *stream, const char *reason)
{
    struct net_rig *rig = context;
    rig->refused++;
    rig->refusal = reason;
    if (rig->refusal_text)
        (void)stream_write(stream, rig->refusal_text, strlen(rig->refusal_text));
}

int net_rig_listen(struct net_rig *rig, const char *text, const char **ret_call)
{
    struct address address;
    const struct listener_events events = {
        .context = rig, .accepted = on_accepted, .refused = on_refused};
    const struct listener_options options = {
        .owner = "line", .socket_mode = 0660, .socket_group = (gid_t)-1, .inherited_fd = -1};
    int error = address_parse(text, rig->folder, &address, NULL);
    if (error)
        return error;
    return listener_open(rig->net, &address, &options, &events, &rig->listener, ret_call);
}

int net_rig_connect(struct net_rig *rig)
{
    const struct address *address = listener_address(rig->listener);
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, &address->any, address->length) < 0) {
        int error = -errno;
        (void)close(fd);
        return error;
    }
    return fd;
}

char *net_rig_calls(struct net_rig *rig, uint32_t id, char *text, size_t size)
{
    struct socket_call calls[REGISTER_KEPT_MAX];
    int count = register_socket_calls(net_register(rig->net), id, calls, NULL);
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\n", calls[i].text);
    return text;
}

bool net_rig_was_called(struct net_rig *rig, const char *text)
{
    struct socket_call call;
    uint64_t next = 0;
    while (register_calls(net_register(rig->net), next, &call, 1, &next, NULL) == 1)
        if (strcmp(call.text, text) == 0)
            return true;
    return false;
}
