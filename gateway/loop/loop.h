/* The event loop: one epoll(7) set, one timerfd(2), one thread.
 *
 * A *source* is a watched descriptor, a *timer* a point in monotonic time, a *hook* a module with a due
 * time of its own (a library with its own epoll set, a queue that is emptied once a turn).
 * Callbacks may add, change and free any source, timer or hook, their own included.
 *
 * Sources and timers that protect people are *urgent*: they run first in each turn, and again after every
 * other callback. A callback with several steps calls loop_run_urgent() between them. Other work has a budget
 * of time for each turn; the rest runs in the next turn, after urgent work. */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "base/histogram.h"
#include "base/list.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define LOOP_NEVER INT64_MAX

/* The budget of non-urgent work in one turn. */
#define LOOP_TURN_NS INT64_C(2000000)

struct loop;
struct loop_source;

typedef void (*loop_source_callback)(void *context, uint32_t events);
typedef void (*loop_timer_callback)(void *context);

/* Makes a loop. 0 or a negative errno of epoll_create1(2) or timerfd_create(2). */
int loop_new(struct loop **ret_loop);

/* Frees the loop; sources still in it are freed, their descriptors are not closed. NULL is legal. */
struct loop *loop_free(struct loop *loop);

/* Runs until loop_stop(). 0, or a negative errno when epoll_wait(2) itself fails. */
int loop_run(struct loop *loop);

/* Makes loop_run() return after the current turn. */
void loop_stop(struct loop *loop);

/* The monotonic time of the current turn in nanoseconds: read when it begins, and when urgent work is done. */
int64_t loop_now_ns(const struct loop *loop);

/* How long turns have taken, without the wait before them. Borrowed as long as the loop. */
const struct histogram *loop_turns(const struct loop *loop);

/* Watches `fd` (borrowed: close it after loop_source_free()) for EPOLLIN, EPOLLOUT, EPOLLRDHUP …,
 * level-triggered. 0, -ENOMEM, or a negative errno of epoll_ctl(2). */
int loop_watch(struct loop *loop, int fd, uint32_t events, loop_source_callback callback,
               void *context, struct loop_source **ret_source);

/* As loop_watch(), for a descriptor whose events are urgent. */
int loop_watch_urgent(struct loop *loop, int fd, uint32_t events, loop_source_callback callback,
                      void *context, struct loop_source **ret_source);

/* Runs urgent work that is due. Call it between steps of a long callback, where outputs may change. Inside an
 * urgent callback it does nothing. Takes some tens of nanoseconds when nothing is due. */
void loop_run_urgent(struct loop *loop);

/* True when the work of this turn has taken LOOP_TURN_NS: a callback that can continue later should return. */
bool loop_is_over_budget(const struct loop *loop);

/* Changes the events of a source. 0 or a negative errno of epoll_ctl(2). */
int loop_source_set(struct loop_source *source, uint32_t events);

/* Ends the watch. Its callback is not called again, not even for an event of this turn.
 * NULL is legal; returns NULL. */
struct loop_source *loop_source_free(struct loop_source *source);

/* A timer is a member of its owner: initialize it once, then set and stop it any number of times. */
struct loop_timer {
    struct loop *loop;
    loop_timer_callback callback;
    void *context;
    int64_t due_ns;
    size_t heap_slot; /* 1 + index in its heap; 0 while stopped */
    bool is_urgent;
};
void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_callback callback,
                     void *context);

/* Makes a stopped timer urgent. */
void loop_timer_make_urgent(struct loop_timer *timer);

/* Fires once at `due_ns` (monotonic); LOOP_NEVER stops it. A time in the past fires in the next
 * turn. 0, or -ENOMEM when the heap cannot grow (the timer is then stopped). */
int loop_timer_set(struct loop_timer *timer, int64_t due_ns);
void loop_timer_stop(struct loop_timer *timer);

/* A hook is a member of its owner. Before every wait the loop calls `due`, which returns a monotonic time, 0
 * for "now", or LOOP_NEVER for "only after a source is ready". The loop calls `run` at that time. */
struct loop_hook {
    struct list in_loop;
    struct loop *loop; /* set by loop_hook_add() */
    int64_t (*due)(void *context);
    void (*run)(void *context);
    void *context;
};
void loop_hook_add(struct loop *loop, struct loop_hook *hook);
void loop_hook_remove(struct loop_hook *hook);

/* Blocks `signals` for the process and hands each to `callback` inside the loop (signalfd(2)).
 * Once for a loop. 0 or a negative errno. */
int loop_signals(struct loop *loop, const sigset_t *signals,
                 void (*callback)(void *context, int number), void *context);

#endif
