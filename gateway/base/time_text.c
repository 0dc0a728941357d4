#include "base/time_text.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/owner.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { YEAR_MIN = 1970, YEAR_MAX = 2200, DAY_S = 24 * 60 * 60, OFFSET_MAX_H = 23 };

const char time_text_form[] =
    "a time as 2026-11-26T06:30:00+09:00 or 2026-11-26, \"today\", \"yesterday\", or -24h";

/* Reads `digits` of them, a number of min to max, and moves on. */
static bool take_number(const char **at, unsigned digits, int min, int max, int *ret_number)
{
    int number = 0;
    for (unsigned i = 0; i < digits; i++) {
        char digit = (*at)[i];
        if (digit < '0' || digit > '9')
            return false;
        number = number * 10 + (digit - '0');
    }
    *at += digits;
    *ret_number = number;
    return number >= min && number <= max;
}

static bool take_char(const char **at, const char *any)
{
    if (**at == '\0' || !strchr(any, **at))
        return false;
    (*at)++;
    return true;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leaps);
}

static bool take_date(const char **at, struct tm *when)
{
    int year;
    int month;
    int day;
    if (!take_number(at, 4, YEAR_MIN, YEAR_MAX, &year) || !take_char(at, "-") ||
        !take_number(at, 2, 1, 12, &month) || !take_char(at, "-") ||
        !take_number(at, 2, 1, days_of(year, month), &day))
        return false;
    when->tm_year = year - 1900;
    when->tm_mon = month - 1;
    when->tm_mday = day;
    return true;
}

/* ":30" and ":30.5" may be missing. */
static bool take_time(const char **at, struct tm *when, int64_t *ret_fraction_ns)
{
    if (!take_number(at, 2, 0, 23, &when->tm_hour) || !take_char(at, ":") ||
        !take_number(at, 2, 0, 59, &when->tm_min))
        return false;
    if (!take_char(at, ":"))
        return true;
    if (!take_number(at, 2, 0, 60, &when->tm_sec)) /* 60 in a leap second */
        return false;
    if (!take_char(at, "."))
        return true;
    const char *start = *at;
    int64_t unit = CLOCK_NS_PER_SECOND / 10;
    for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
        *ret_fraction_ns += (**at - '0') * unit;
    return *at > start;
}

/* "Z", "+09:00"; a blank is what a '+' becomes in a URL's query. Nothing: local time. */
static bool take_offset(const char **at, bool *ret_is_local, int *ret_offset_s)
{
    int hours;
    int minutes;
    int sign = **at == '-' ? -1 : 1;
    *ret_is_local = **at == '\0';
    if (*ret_is_local || take_char(at, "Zz"))
        return true;
    if (!take_char(at, "+- ") || !take_number(at, 2, 0, OFFSET_MAX_H, &hours) ||
        !take_char(at, ":") || !take_number(at, 2, 0, 59, &minutes))
        return false;
    *ret_offset_s = sign * (hours * 60 + minutes) * 60;
    return true;
}

static int read_date(const char *text, int64_t *ret_ns)
{
    struct tm when = {.tm_isdst = -1};
    int64_t fraction_ns = 0;
    bool is_local = true;
    int offset_s = 0;
    const char *at = text;
    if (!take_date(&at, &when))
        return -EINVAL;
    if (*at != '\0' && (!take_char(&at, "Tt ") || !take_time(&at, &when, &fraction_ns) ||
                        !take_offset(&at, &is_local, &offset_s) || *at != '\0'))
        return -EINVAL;
    time_t seconds = is_local ? mktime(&when) : timegm(&when) - offset_s;
    *ret_ns = seconds * CLOCK_NS_PER_SECOND + fraction_ns;
    return 0;
}

static int read_before(const char *text, int64_t now_ns, int64_t *ret_ns)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', DAY_S}, {'w', 7 * DAY_S}};
    size_t digits = strspn(text, "0123456789");
    char count_text[8] = "";
    int64_t count;
    if (digits == 0 || digits >= sizeof count_text || text[digits] == '\0' ||
        text[digits + 1] != '\0')
        return -EINVAL;
    memcpy(count_text, text, digits);
    if (number_parse(count_text, 0, 9999999, &count))
        return -EINVAL;
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (units[i].letter != text[digits])
            continue;
        *ret_ns = now_ns - count * units[i].seconds * CLOCK_NS_PER_SECOND;
        return 0;
    }
    return -EINVAL;
}

/* The beginning of a day, which need not be 24 hours after that of the one before. */
static int read_midnight(int days_ago, int64_t now_ns, int64_t *ret_ns)
{
    time_t now = now_ns / CLOCK_NS_PER_SECOND;
    struct tm when;
    if (!localtime_r(&now, &when))
        return -EINVAL;
    struct tm midnight = {.tm_year = when.tm_year,
                          .tm_mon = when.tm_mon,
                          .tm_mday = when.tm_mday - days_ago,
                          .tm_isdst = -1};
    *ret_ns = mktime(&midnight) * CLOCK_NS_PER_SECOND;
    return 0;
}

int time_text_read(const char *text, int64_t now_ns, int64_t *ret_ns)
{
    if (strcmp(text, "today") == 0)
        return read_midnight(0, now_ns, ret_ns);
    if (strcmp(text, "yesterday") == 0)
        return read_midnight(1, now_ns, ret_ns);
    if (text[0] == '-')
        return read_before(text + 1, now_ns, ret_ns);
    if (strcmp(text, "now") != 0)
        return read_date(text, ret_ns);
    *ret_ns = now_ns;
    return 0;
}
