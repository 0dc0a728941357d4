#include "wall_clock.h"

#include "base/civil_time.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/owner.h"
#include "loop/clock_watch.h"
#include "loop/loop.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#define POLL_NS (60 * CLOCK_NS_PER_SECOND)

struct wall_clock {
    struct loop *loop;
    struct clock_watch *watch;
    struct loop_timer timer;
    char *environment_zone; /* $TZ at the start; NULL for none */
    bool is_set, is_expected;
    void (*changed)(void *context, bool is_set);
    void *context;
};

static bool has_entries(const char *folder)
{
    DIR *entries = opendir(folder);
    bool any = false;
    for (const struct dirent *entry; entries && !any && (entry = readdir(entries));)
        any = entry->d_name[0] != '.';
    if (entries)
        (void)closedir(entries);
    return any;
}

/* Boards with a device tree have a clock chip where the kernel knows one; PCs and virtual machines have their
 * own way to the time. */
static bool has_clock_chip(void)
{
    return has_entries("/sys/class/rtc") || access("/sys/firmware/devicetree/base", F_OK) < 0;
}

bool wall_clock_is_set(void)
{
    struct timex state = {0};
    if (clock_wall_ns() / CLOCK_NS_PER_SECOND < GATEWAY_BUILD_TIME)
        return false;
    return has_clock_chip() || adjtimex(&state) != TIME_ERROR;
}

static void check(struct wall_clock *clock, bool is_stepped)
{
    bool is_set = wall_clock_is_set();
    if (is_set != clock->is_set && clock->is_expected)
        log_info("the clock is %s", is_set ? "set: rules by the clock begin" : "not set any more");
    bool has_changed = is_stepped || is_set != clock->is_set;
    clock->is_set = is_set;
    if (clock->is_expected && !is_set)
        (void)loop_timer_set(&clock->timer, loop_now_ns(clock->loop) + POLL_NS);
    else
        loop_timer_stop(&clock->timer);
    if (has_changed)
        clock->changed(clock->context, is_set);
}

static void on_stepped(void *context)
{
    check(context, true);
}

static void on_due(void *context)
{
    check(context, false);
}

int wall_clock_new(struct loop *loop, void (*changed)(void *context, bool is_set), void *context,
                   struct wall_clock **ret_clock)
{
    struct wall_clock *clock = calloc(1, sizeof *clock);
    const char *zone = getenv("TZ");
    if (!clock)
        return -ENOMEM;
    *clock = (struct wall_clock){
        .loop = loop, .is_set = wall_clock_is_set(), .changed = changed, .context = context};
    loop_timer_init(&clock->timer, loop, on_due, clock);
    clock->environment_zone = zone ? strdup(zone) : NULL;
    int error = zone && !clock->environment_zone
                    ? -ENOMEM
                    : clock_watch_new(loop, on_stepped, clock, &clock->watch);
    if (error) {
        wall_clock_free(clock);
        return error;
    }
    *ret_clock = clock;
    return 0;
}

void wall_clock_use_zone(struct wall_clock *clock, const char *zone)
{
    char value[CIVIL_ZONE_SIZE + 1];
    (void)snprintf(value, sizeof value, ":%s", zone);
    civil_use_zone(zone[0] ? value : clock->environment_zone);
}

void wall_clock_expect(struct wall_clock *clock, bool is_expected)
{
    if (is_expected && !clock->is_expected && !clock->is_set)
        log_warning("the clock is not set: rules by the clock wait until it is");
    clock->is_expected = is_expected;
    check(clock, false);
}

struct wall_clock *wall_clock_free(struct wall_clock *clock)
{
    if (!clock)
        return NULL;
    loop_timer_stop(&clock->timer);
    clock_watch_free(clock->watch);
    free(clock->environment_zone);
    free(clock);
    return NULL;
}
