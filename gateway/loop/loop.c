#include "loop/loop.h"

#include "base/clock.h"
#include "base/owner.h"

#include "loop/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    EVENTS_PER_TURN = 64,
    URGENT_EVENTS = 32,
};

/* The interval at which urgent_fd is polled during other work. */
#define URGENT_POLL_NS (CLOCK_NS_PER_MS / 2)

struct loop_source {
    struct loop *loop;
    struct list in_loop; /* in `sources`, or in `freed` once it was freed */
    int fd;
    int epoll_fd; /* that watches it */
    bool freed;
    loop_source_callback callback;
    void *context;
};

struct loop {
    int epoll_fd;
    int urgent_fd; /* a second epoll(7) set, inside the first: urgent sources can be polled alone */
    int timer_fd;
    int signal_fd;
    bool stopped;
    int64_t now_ns;
    int64_t armed_ns;           /* what timer_fd is set to */
    int64_t began_ns;           /* the work of this turn */
    struct loop_source *urgent; /* that of urgent_fd in the first set; freed with the loop */
    int64_t polled_ns;          /* when urgent_fd was polled last, or found to have nothing */
    bool is_in_urgent;
    struct histogram turns;
    struct heap timers, urgent_timers;
    struct list sources;
    struct list freed; /* released at the end of the turn, when no event of it can refer to them */
    struct list hooks;
    struct list *next_hook; /* where run_hooks() continues; hooks may be removed meanwhile */
    struct loop_source *timer_source;
    struct loop_source *signal_source;
    void (*signal_callback)(void *context, int number);
    void *signal_context;
};

static void on_timer_fd(void *context, uint32_t events)
{
    (void)events;
    struct loop *loop = context;
    uint64_t expirations;
    /* The heap decides what is due; the descriptor is read only to clear its readiness. */
    if (read(loop->timer_fd, &expirations, sizeof expirations) < 0)
        return;
    loop->armed_ns = LOOP_NEVER;
}

static void poll_urgent(struct loop *loop)
{
    struct epoll_event events[URGENT_EVENTS];
    loop->polled_ns = loop->now_ns;
    int count = epoll_wait(loop->urgent_fd, events, URGENT_EVENTS, 0);
    for (int i = 0; i < count; i++) {
        struct loop_source *source = events[i].data.ptr;
        if (!source->freed)
            source->callback(source->context, events[i].events);
    }
}

/* The first set reports that the second has events. */
static void on_urgent_fd(void *context, uint32_t events)
{
    (void)events;
    struct loop *loop = context;
    loop->is_in_urgent = true;
    poll_urgent(loop);
    loop->is_in_urgent = false;
}

int loop_new(struct loop **ret_loop)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return -ENOMEM;
    loop->timer_fd = loop->signal_fd = loop->urgent_fd = -1;
    loop->armed_ns = LOOP_NEVER;
    list_init(&loop->sources);
    list_init(&loop->freed);
    list_init(&loop->hooks);
    loop->now_ns = clock_monotonic_ns();
    int error = 0;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) {
        error = -errno;
        goto fail;
    }
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->timer_fd < 0) {
        error = -errno;
        goto fail;
    }
    loop->urgent_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->urgent_fd < 0) {
        error = -errno;
        goto fail;
    }
    error = loop_watch(loop, loop->urgent_fd, EPOLLIN, on_urgent_fd, loop, &loop->urgent);
    if (error)
        goto fail;
    error = loop_watch(loop, loop->timer_fd, EPOLLIN, on_timer_fd, loop, &loop->timer_source);
    if (error)
        goto fail;
    *ret_loop = loop;
    return 0;
fail:
    loop_free(loop);
    return error;
}

static void reap(struct loop *loop)
{
    LIST_FOR_EACH (member, &loop->freed) {
        list_remove(member);
        free(CONTAINER_OF(member, struct loop_source, in_loop));
    }
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

struct loop *loop_free(struct loop *loop)
{
    if (!loop)
        return NULL;
    LIST_FOR_EACH (member, &loop->sources)
        loop_source_free(CONTAINER_OF(member, struct loop_source, in_loop));
    reap(loop);
    close_if_open(loop->signal_fd);
    close_if_open(loop->timer_fd);
    close_if_open(loop->urgent_fd);
    close_if_open(loop->epoll_fd);
    heap_done(&loop->timers);
    heap_done(&loop->urgent_timers);
    free(loop);
    return NULL;
}

int64_t loop_now_ns(const struct loop *loop)
{
    return loop->now_ns;
}

const struct histogram *loop_turns(const struct loop *loop)
{
    return &loop->turns;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

static int watch(struct loop *loop, int epoll_fd, int fd, uint32_t events,
                 loop_source_callback callback, void *context, struct loop_source **ret_source)
{
    struct loop_source *source = calloc(1, sizeof *source);
    if (!source)
        return -ENOMEM;
    *source = (struct loop_source){
        .loop = loop, .fd = fd, .epoll_fd = epoll_fd, .callback = callback, .context = context};
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        int error = -errno;
        free(source);
        return error;
    }
    list_append(&loop->sources, &source->in_loop);
    *ret_source = source;
    return 0;
}

int loop_watch(struct loop *loop, int fd, uint32_t events, loop_source_callback callback,
               void *context, struct loop_source **ret_source)
{
    return watch(loop, loop->epoll_fd, fd, events, callback, context, ret_source);
}

int loop_watch_urgent(struct loop *loop, int fd, uint32_t events, loop_source_callback callback,
                      void *context, struct loop_source **ret_source)
{
    return watch(loop, loop->urgent_fd, fd, events, callback, context, ret_source);
}

int loop_source_set(struct loop_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(source->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) < 0)
        return -errno;
    return 0;
}

struct loop_source *loop_source_free(struct loop_source *source)
{
    if (!source || source->freed)
        return NULL;
    /* The owner's library may have closed the descriptor already; then there is nothing to do. */
    (void)epoll_ctl(source->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    source->freed = true;
    list_remove(&source->in_loop);
    list_append(&source->loop->freed, &source->in_loop);
    return NULL;
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_callback callback,
                     void *context)
{
    *timer = (struct loop_timer){
        .loop = loop, .callback = callback, .context = context, .due_ns = LOOP_NEVER};
}

void loop_timer_make_urgent(struct loop_timer *timer)
{
    assert(timer->heap_slot == 0);
    timer->is_urgent = true;
}

static struct heap *heap_of(const struct loop_timer *timer)
{
    return timer->is_urgent ? &timer->loop->urgent_timers : &timer->loop->timers;
}

int loop_timer_set(struct loop_timer *timer, int64_t due_ns)
{
    if (due_ns == LOOP_NEVER) {
        loop_timer_stop(timer);
        return 0;
    }
    /* Timers that were due when the turn began run in it. A timer that is set to the past meanwhile runs in
     * the next turn; otherwise one that always does so would block all others. */
    int64_t now_ns = timer->loop->now_ns;
    timer->due_ns = due_ns > now_ns ? due_ns : now_ns + 1;
    if (timer->heap_slot > 0) {
        heap_moved(heap_of(timer), timer);
        return 0;
    }
    return heap_push(heap_of(timer), timer);
}

void loop_timer_stop(struct loop_timer *timer)
{
    if (timer->heap_slot > 0)
        heap_remove(heap_of(timer), timer);
    timer->due_ns = LOOP_NEVER;
}

void loop_hook_add(struct loop *loop, struct loop_hook *hook)
{
    hook->loop = loop;
    list_append(&loop->hooks, &hook->in_loop);
}

void loop_hook_remove(struct loop_hook *hook)
{
    struct loop *loop = hook->loop;
    if (loop && loop->next_hook == &hook->in_loop)
        loop->next_hook = hook->in_loop.next;
    list_remove(&hook->in_loop);
}

static void on_signal_fd(void *context, uint32_t events)
{
    (void)events;
    struct loop *loop = context;
    struct signalfd_siginfo info;
    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        loop->signal_callback(loop->signal_context, (int)info.ssi_signo);
}

int loop_signals(struct loop *loop, const sigset_t *signals,
                 void (*callback)(void *context, int number), void *context)
{
    assert(loop->signal_fd < 0);
    if (sigprocmask(SIG_BLOCK, signals, NULL) < 0)
        return -errno;
    loop->signal_fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->signal_fd < 0)
        return -errno;
    loop->signal_callback = callback;
    loop->signal_context = context;
    return loop_watch(loop, loop->signal_fd, EPOLLIN, on_signal_fd, loop, &loop->signal_source);
}

static void arm_timer_fd(struct loop *loop)
{
    const struct loop_timer *first = heap_first(&loop->timers);
    const struct loop_timer *urgent = heap_first(&loop->urgent_timers);
    int64_t due_ns = first ? first->due_ns : LOOP_NEVER;
    if (urgent && urgent->due_ns < due_ns)
        due_ns = urgent->due_ns;
    if (due_ns == loop->armed_ns)
        return;
    struct itimerspec when = {0};
    if (due_ns != LOOP_NEVER) {
        int64_t at_ns = due_ns > 0
                            ? due_ns
                            : 1; /* a time of zero would disarm the timer (timerfd_settime(2)) */
        when.it_value.tv_sec = at_ns / CLOCK_NS_PER_SECOND;
        when.it_value.tv_nsec = at_ns % CLOCK_NS_PER_SECOND;
    }
    int result = timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    assert(result == 0);
    (void)result;
    loop->armed_ns = due_ns;
}

/* Runs the timers of `heap` that are due at `until_ns`, with urgent work between them. Urgent work does not
 * nest: loop_run_urgent() returns at once while it runs already. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void run_timers(struct loop *loop, struct heap *heap, int64_t until_ns)
{
    for (;;) {
        struct loop_timer *timer = heap_first(heap);
        if (!timer || timer->due_ns > until_ns)
            return;
        loop_timer_stop(timer);
        timer->callback(timer->context);
        loop_run_urgent(loop);
    }
}

/* `is_quiet`: no urgent source has events. */
/* NOLINTNEXTLINE(misc-no-recursion): see run_timers() */
static void run_urgent(struct loop *loop, bool is_quiet)
{
    if (loop->is_in_urgent)
        return;
    loop->is_in_urgent = true;
    loop->now_ns = clock_monotonic_ns();
    run_timers(loop, &loop->urgent_timers, loop->now_ns);
    if (is_quiet)
        loop->polled_ns = loop->now_ns;
    else if (loop->now_ns - loop->polled_ns >= URGENT_POLL_NS)
        poll_urgent(loop);
    loop->is_in_urgent = false;
}

/* NOLINTNEXTLINE(misc-no-recursion): see run_timers() */
void loop_run_urgent(struct loop *loop)
{
    run_urgent(loop, false);
}

bool loop_is_over_budget(const struct loop *loop)
{
    return clock_monotonic_ns() - loop->began_ns > LOOP_TURN_NS;
}

static int wait_ms(struct loop *loop)
{
    int64_t due_ns = LOOP_NEVER;
    LIST_FOR_EACH (member, &loop->hooks) {
        struct loop_hook *hook = CONTAINER_OF(member, struct loop_hook, in_loop);
        int64_t hook_ns = hook->due(hook->context);
        if (hook_ns < due_ns)
            due_ns = hook_ns;
    }
    if (due_ns == LOOP_NEVER)
        return -1;
    int64_t left_ns = due_ns - clock_monotonic_ns();
    if (due_ns == 0 || left_ns <= 0)
        return 0;
    int64_t left_ms = (left_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS;
    return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

static void run_hooks(struct loop *loop)
{
    loop->next_hook = loop->hooks.next;
    while (loop->next_hook != &loop->hooks) {
        struct loop_hook *hook = CONTAINER_OF(loop->next_hook, struct loop_hook, in_loop);
        loop->next_hook = hook->in_loop.next;
        if (hook->due(hook->context) <= loop->now_ns)
            hook->run(hook->context);
        loop_run_urgent(loop);
    }
    loop->next_hook = NULL;
}

/* The first set would have reported the second. It reports no more than so many at a time. */
static bool is_quiet(const struct loop *loop, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr == loop->urgent)
            return false;
    return count >= 0 && count < EVENTS_PER_TURN;
}

static int turn(struct loop *loop)
{
    arm_timer_fd(loop);
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, wait_ms(loop));
    if (count < 0 && errno != EINTR)
        return -errno;
    loop->polled_ns = 0;
    run_urgent(loop, is_quiet(loop, events, count));
    loop->began_ns = loop->now_ns;
    /* Sources beyond the budget are ready in the next turn, behind those that were not served yet. */
    for (int i = 0; i < count && !loop_is_over_budget(loop); i++) {
        struct loop_source *source = events[i].data.ptr;
        if (!source->freed)
            source->callback(source->context, events[i].events);
        loop_run_urgent(loop);
    }
    run_timers(loop, &loop->timers, loop->now_ns);
    run_hooks(loop);
    /* The clock was read behind the last callback, whatever that was. */
    histogram_note(&loop->turns, loop->now_ns - loop->began_ns);
    reap(loop);
    return 0;
}

int loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped) {
        int error = turn(loop);
        if (error)
            return error;
    }
    return 0;
}
