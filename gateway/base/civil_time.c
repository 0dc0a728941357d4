#include "base/civil_time.h"

#include "base/owner.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool civil_zone_exists(const char *zone)
{
    static const char magic[] = "TZif"; /* RFC 8536 §3.1 */
    const char *folder = getenv("TZDIR");
    char path[PATH_MAX];
    char begins[sizeof magic - 1];
    if (!zone[0] || zone[0] == '/' || strstr(zone, ".."))
        return false;
    if (snprintf(path, sizeof path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", zone) >=
        (int)sizeof path)
        return false;
    AUTO_FD file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return file >= 0 && read(file, begins, sizeof begins) == (ssize_t)sizeof begins &&
           memcmp(begins, magic, sizeof begins) == 0;
}

void civil_use_zone(const char *zone)
{
    if (zone)
        (void)setenv("TZ", zone, 1);
    else
        (void)unsetenv("TZ");
    tzset();
}

/* What the clock on the wall is ahead of UTC at a moment, in seconds. */
static int64_t offset_at(int64_t moment_s)
{
    time_t moment = (time_t)moment_s;
    struct tm local;
    return localtime_r(&moment, &local) ? local.tm_gmtoff : 0;
}

/* The quotient that is rounded down: days before 1970 count, too. */
static int64_t days_of(int64_t seconds)
{
    return seconds / CIVIL_DAY_S - (seconds % CIVIL_DAY_S < 0);
}

int64_t civil_day_of(int64_t moment_s, int32_t *ret_time_s)
{
    int64_t shown = moment_s + offset_at(moment_s);
    int64_t day = days_of(shown);
    if (ret_time_s)
        *ret_time_s = (int32_t)(shown - day * CIVIL_DAY_S);
    return day;
}

unsigned civil_weekday(int64_t day)
{
    return (unsigned)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* The first moment of the range (after `before`, up to `after`) that has another offset than `before`. */
static int64_t find_change(int64_t before, int64_t after)
{
    int64_t offset = offset_at(before);
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (offset_at(middle) == offset)
            before = middle;
        else
            after = middle;
    }
    return after;
}

/* No clock changes by more than a day, nor twice within two. */
int64_t civil_moment(int64_t day, int32_t time_s)
{
    int64_t shown = day * CIVIL_DAY_S + time_s;
    int64_t before = shown - offset_at(shown - CIVIL_DAY_S);
    int64_t after = shown - offset_at(shown + CIVIL_DAY_S);
    if (before + offset_at(before) == shown)
        return before;
    if (after + offset_at(after) == shown)
        return after;
    return find_change(shown - CIVIL_DAY_S, shown + CIVIL_DAY_S);
}
