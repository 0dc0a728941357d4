#include "pin_port.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>

static void on_fd(void *context, uint32_t events)
{
    const struct pin_port_fd *watched = context;
    (void)events;
    gpio_dispatch(watched->port->gpio, watched->fd);
}

static struct pin_port_fd *find_fd(struct pin_port *port, int fd)
{
    for (size_t i = 0; i < PIN_PORT_FDS_MAX; i++)
        if (port->fds[i].fd == fd)
            return &port->fds[i];
    return NULL;
}

static int on_watch(void *context, int fd, bool on)
{
    struct pin_port *port = context;
    struct pin_port_fd *watched = find_fd(port, on ? -1 : fd);
    if (!watched)
        return on ? -ENOSPC : 0;
    if (!on) {
        watched->source = loop_source_free(watched->source);
        watched->fd = -1;
        return 0;
    }
    int error = loop_watch(port->loop, fd, EPOLLIN, on_fd, watched, &watched->source);
    if (!error)
        watched->fd = fd;
    return error;
}

static void on_available(void *context, int line, bool available, int value, const char *reason)
{
    (void)context;
    (void)line;
    (void)available;
    (void)value;
    (void)reason;
}

static void on_wake_at(void *context, int64_t due_ns)
{
    struct pin_port *port = context;
    (void)loop_timer_set(&port->timer, due_ns);
}

static void on_due(void *context)
{
    const struct pin_port *port = context;
    if (port->gpio)
        gpio_tick(port->gpio, clock_now().monotonic_ns);
}

void pin_port_init(struct pin_port *port, struct loop *loop,
                   void (*edge)(void *context, const struct gpio_edge *edge), void *context)
{
    *port = (struct pin_port){.loop = loop, .edge = edge, .context = context};
    loop_timer_init(&port->timer, loop, on_due, port);
    for (size_t i = 0; i < PIN_PORT_FDS_MAX; i++)
        port->fds[i] = (struct pin_port_fd){.port = port, .fd = -1};
}

static void on_edge(void *context, const struct gpio_edge *edge)
{
    const struct pin_port *port = context;
    port->edge(port->context, edge);
}

int pin_port_open(struct pin_port *port, const struct gpio_options *options,
                  struct gpio_error *error)
{
    struct gpio_events events = {.context = port,
                                 .watch = on_watch,
                                 .edge = on_edge,
                                 .available = on_available,
                                 .wake_at = on_wake_at};
    return gpio_new(options, &events, &port->gpio, error);
}

void pin_port_close(struct pin_port *port)
{
    loop_timer_stop(&port->timer);
    port->gpio = gpio_free(port->gpio);
}
