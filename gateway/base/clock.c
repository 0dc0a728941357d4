#include "base/clock.h"

#include "base/number.h"

#include <string.h>
#include <time.h>

#define DAYS_IN_400_YEARS INT64_C(146097)
#define SECONDS_PER_DAY INT64_C(86400)

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

struct timestamps clock_now(void)
{
    return (struct timestamps){.monotonic_ns = clock_monotonic_ns(), .wall_ns = clock_wall_ns()};
}

/* Writes the date of a day since 1970 as YYYY-MM-DD (the proleptic Gregorian calendar, whose years
 * begin in March here, so that a leap day is the last of them). */
static void format_date(int64_t days, char *text)
{
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    int64_t era = shifted / DAYS_IN_400_YEARS;
    int64_t day_of_era = shifted % DAYS_IN_400_YEARS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    unsigned day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1);
    month += month < 10 ? 3 : -9;
    unsigned year = (unsigned)(era * 400 + year_of_era + (month <= 2));
    number_print_pair(year / 100, text);
    number_print_pair(year % 100, text + 2);
    text[4] = '-';
    number_print_pair((unsigned)month, text + 5);
    text[7] = '-';
    number_print_pair(day, text + 8);
}

char *clock_format(int64_t wall_ns, char text[CLOCK_TEXT_SIZE])
{
    if (wall_ns < 0) /* no clock of ours stands before 1970 */
        wall_ns = 0;
    int64_t seconds = wall_ns / CLOCK_NS_PER_SECOND;
    unsigned of_day = (unsigned)(seconds % SECONDS_PER_DAY);
    unsigned microseconds = (unsigned)(wall_ns % CLOCK_NS_PER_SECOND / 1000);
    memcpy(text, "YYYY-MM-DDThh:mm:ss.uuuuuuZ", CLOCK_TEXT_SIZE);
    format_date(seconds / SECONDS_PER_DAY, text);
    number_print_pair(of_day / 3600, text + 11);
    number_print_pair(of_day / 60 % 60, text + 14);
    number_print_pair(of_day % 60, text + 17);
    number_print_pair(microseconds / 10000, text + 20);
    number_print_pair(microseconds / 100 % 100, text + 22);
    number_print_pair(microseconds % 100, text + 24);
    return text;
}
