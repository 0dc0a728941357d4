/* Time: monotonic nanoseconds inside the program, the wall clock only for what people read. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_NS_PER_SECOND INT64_C(1000000000)
#define CLOCK_NS_PER_MS INT64_C(1000000)

enum { CLOCK_TEXT_SIZE = 28 }; /* "2026-11-22T10:00:00.123456Z" and its NUL */

/* One moment on both clocks, in nanoseconds. Code that needs the time gets one of these. */
struct timestamps {
    int64_t monotonic_ns;
    int64_t wall_ns;
};

/* Both clocks, read now. */
struct timestamps clock_now(void);

/* CLOCK_MONOTONIC in nanoseconds (clock_gettime(2)); the clock of kernel GPIO edges, too. */
int64_t clock_monotonic_ns(void);

/* CLOCK_REALTIME in nanoseconds since 1970. */
int64_t clock_wall_ns(void);

/* Writes `wall_ns` as RFC 3339 in UTC with microseconds; returns `text`. */
char *clock_format(int64_t wall_ns, char text[CLOCK_TEXT_SIZE]);

#endif
