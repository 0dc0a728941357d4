/* Tells when the wall clock is stepped: by NTP at the start of a machine without a clock chip, by a person, or after
 * a sleep of the machine. */
#ifndef LOOP_CLOCK_WATCH_H
#define LOOP_CLOCK_WATCH_H

struct loop;
struct clock_watch;

/* Calls `stepped` after each step. By a timerfd(2) far in the future that is cancelled then
 * (TFD_TIMER_CANCEL_ON_SET), so that nothing wakes up besides. 0 or a negative errno. */
int clock_watch_new(struct loop *loop, void (*stepped)(void *context), void *context,
                    struct clock_watch **ret_watch);

/* NULL is legal; returns NULL. */
struct clock_watch *clock_watch_free(struct clock_watch *watch);

#endif
