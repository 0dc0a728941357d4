#include "gpio_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

#include <string.h>

static int on_watch(void *context, int fd, bool on)
{
    struct rig *rig = context;
    for (size_t i = 0; i < rig->fd_count; i++) {
        if (rig->fds[i].fd != fd)
            continue;
        assert_false(on);
        rig->fds[i] = rig->fds[--rig->fd_count];
        return 0;
    }
    assert_true(on);
    assert_true(rig->fd_count < RIG_FDS_MAX);
    rig->fds[rig->fd_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    return 0;
}

static void on_edge(void *context, const struct gpio_edge *edge)
{
    struct rig *rig = context;
    if (rig->edge_count < RIG_EDGES_MAX)
        rig->edges[rig->edge_count++] = *edge;
}

static void on_available(void *context, int line, bool available, int value, const char *reason)
{
    struct rig *rig = context;
    struct rig_availability *change = &rig->changes[rig->change_count];
    assert_true(rig->change_count < sizeof rig->changes / sizeof rig->changes[0]);
    change->line = line;
    change->available = available;
    change->value = value;
    (void)strncpy(change->reason, reason, sizeof change->reason - 1);
    rig->change_count++;
}

static void on_wake_at(void *context, int64_t due_ns)
{
    struct rig *rig = context;
    rig->due_ns = due_ns;
}

void rig_open(struct rig *rig, const struct bench *bench, const struct gpio_options *options)
{
    memset(rig, 0, sizeof *rig);
    rig->bench = bench;
    rig->due_ns = INT64_MAX;
    struct gpio_events listener = {
        .context = rig,
        .watch = on_watch,
        .edge = on_edge,
        .available = on_available,
        .wake_at = on_wake_at,
    };
    if (gpio_new(options, &listener, &rig->gpio, &rig->error))
        fail_msg("gpio_new: %s", rig->error.message);
}

void rig_close(struct rig *rig)
{
    rig->gpio = gpio_free(rig->gpio);
    assert_int_equal(rig->fd_count, 0);
}

int rig_claim(struct rig *rig, const struct gpio_line_config *config)
{
    int line = -1;
    if (gpio_request_lines(rig->gpio, config, 1, &line, &rig->error))
        fail_msg("gpio_claim: %s", rig->error.message);
    return line;
}

void rig_release(struct rig *rig, int line)
{
    gpio_release(rig->gpio, line);
    if (rig->due_ns <= clock_monotonic_ns())
        gpio_tick(rig->gpio, clock_monotonic_ns());
}

/* Readable descriptors are copied first: a dispatch may change the set. */
static void dispatch_ready(struct rig *rig)
{
    int ready[RIG_FDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < rig->fd_count; i++)
        if (rig->fds[i].revents)
            ready[count++] = rig->fds[i].fd;
    for (size_t i = 0; i < count; i++)
        gpio_dispatch(rig->gpio, ready[i]);
}

size_t rig_run(struct rig *rig, const size_t *count, size_t wanted, int timeout_ms)
{
    int64_t end_ns = clock_monotonic_ns() + timeout_ms * CLOCK_NS_PER_MS;
    for (;;) {
        int64_t now_ns = clock_monotonic_ns();
        int64_t next_ns = rig->due_ns < end_ns ? rig->due_ns : end_ns;
        if (*count >= wanted || now_ns >= end_ns)
            return *count;
        int64_t wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
        int wait_ms = (int)((wait_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS);
        if (poll(rig->fds, rig->fd_count, wait_ms) > 0)
            dispatch_ready(rig);
        if (clock_monotonic_ns() >= rig->due_ns)
            gpio_tick(rig->gpio, clock_monotonic_ns());
    }
}

int rig_get(struct rig *rig, int line)
{
    uint8_t value = 9;
    assert_int_equal(gpio_get(rig->gpio, &line, 1, &value), 0);
    return value;
}

void rig_set(struct rig *rig, int line, int value)
{
    uint8_t wanted = (uint8_t)value;
    assert_int_equal(gpio_set(rig->gpio, &line, &wanted, 1), 0);
}
