#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * CLOCK_NS_PER_SECOND + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
    return read_ns(CLOCK_REALTIME);
}

char *clock_format(int64_t wall_ns, char text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(wall_ns / CLOCK_NS_PER_SECOND);
    unsigned microseconds = (unsigned)(wall_ns % CLOCK_NS_PER_SECOND / 1000) % 1000000;
    struct tm utc = {0};
    char date[CLOCK_TEXT_SIZE] = "";
    if (gmtime_r(&seconds, &utc) && strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) > 0)
        (void)snprintf(text, CLOCK_TEXT_SIZE, "%.19s.%06uZ", date, microseconds);
    else
        (void)snprintf(text, CLOCK_TEXT_SIZE, "1970-01-01T00:00:00.000000Z");
    return text;
}
