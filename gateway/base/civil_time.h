/* Dates and times of day in the process's time zone, by the C library's zones (tzset(3)). A *civil day* is
 * a date, counted in days since 1970-01-01; a *time of day* is in seconds since midnight by the clock on
 * the wall, 0 to 86,399. Moments are seconds since 1970 in UTC. */
#ifndef BASE_CIVIL_TIME_H
#define BASE_CIVIL_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CIVIL_ZONE_SIZE = 65, /* "America/Argentina/ComodRivadavia" and room */
    CIVIL_DAY_S = 24 * 60 * 60,
};

/* Whether the machine has the zone: an IANA name, "Asia/Seoul", of a file below $TZDIR or
 * /usr/share/zoneinfo (tzfile(5)). */
bool civil_zone_exists(const char *zone);

/* Makes a zone the process's: a value of $TZ as in tzset(3), ":Asia/Seoul"; NULL means the machine's own
 * (/etc/localtime). It changes the environment: not while another thread reads that or local times. */
void civil_use_zone(const char *zone);

/* The civil day of a moment, and its time of day (may be NULL). */
int64_t civil_day_of(int64_t moment_s, int32_t *ret_time_s);

/* 0 for Monday to 6 for Sunday. */
unsigned civil_weekday(int64_t day);

/* The moment at which the clock shows `time_s` on a civil day: the first one where it comes twice, and the
 * moment of the change where the clock skips it. */
int64_t civil_moment(int64_t day, int32_t time_s);

#endif
