/* The wall clock and its zone, for rules that are set off by it: whether the clock is set, when that changes, when
 * it is stepped. */
#ifndef WALL_CLOCK_H
#define WALL_CLOCK_H

#include <stdbool.h>

struct circuit;
struct loop;
struct wall_clock;

/* Whether the clock can be believed: it is not before the day on which the program was built, and on a machine
 * that has no clock chip (a Raspberry Pi before the 5) the kernel says that it is synchronised (adjtimex(2)). */
bool wall_clock_is_set(void);

/* Watches the clock for as long as it lives. `changed` is called when it was stepped, and when it was set. Remembers
 * the zone that the environment has. 0 or a negative errno. */
int wall_clock_new(struct loop *loop, void (*changed)(void *context, bool is_set), void *context,
                   struct wall_clock **ret_clock);

/* Times of day are those of `zone` from now on, an IANA name; "" for the environment's or the machine's. */
void wall_clock_use_zone(struct wall_clock *clock, const char *zone);

/* Whether somebody waits for the clock to be set: it is checked each minute then, while it is not. */
void wall_clock_expect(struct wall_clock *clock, bool is_expected);

/* NULL is legal; returns NULL. */
struct wall_clock *wall_clock_free(struct wall_clock *clock);

#endif
