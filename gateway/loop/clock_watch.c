#include "loop/clock_watch.h"

#include "loop/loop.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* 30 years are never; the kernel's own end of time would be counted over. */
#define FAR_S INT64_C(946080000)

struct clock_watch {
    struct loop_source *source;
    int fd;
    void (*stepped)(void *context);
    void *context;
};

static int arm(const struct clock_watch *watch)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return -errno;
    const struct itimerspec far = {.it_value = {.tv_sec = now.tv_sec + (time_t)FAR_S}};
    int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    return timerfd_settime(watch->fd, flags, &far, NULL) < 0 ? -errno : 0;
}

static void on_ready(void *context, uint32_t events)
{
    const struct clock_watch *watch = context;
    uint64_t times;
    (void)events;
    (void)!read(watch->fd, &times, sizeof times); /* fails with ECANCELED: that is the news */
    (void)arm(watch);
    watch->stepped(watch->context);
}

int clock_watch_new(struct loop *loop, void (*stepped)(void *context), void *context,
                    struct clock_watch **ret_watch)
{
    struct clock_watch *watch = malloc(sizeof *watch);
    if (!watch)
        return -ENOMEM;
    *watch = (struct clock_watch){.stepped = stepped, .context = context};
    watch->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    int error = watch->fd < 0 ? -errno : arm(watch);
    if (!error)
        error = loop_watch(loop, watch->fd, EPOLLIN, on_ready, watch, &watch->source);
    if (error) {
        clock_watch_free(watch);
        return error;
    }
    *ret_watch = watch;
    return 0;
}

struct clock_watch *clock_watch_free(struct clock_watch *watch)
{
    if (!watch)
        return NULL;
    loop_source_free(watch->source);
    if (watch->fd >= 0)
        (void)close(watch->fd);
    free(watch);
    return NULL;
}
