/* Times as people write them. */
#ifndef BASE_TIME_TEXT_H
#define BASE_TIME_TEXT_H

#include <stdint.h>

/* What time_text_read() takes, for messages and descriptions. */
extern const char time_text_form[];

/* Reads a time: RFC 3339 as "2026-11-26T06:30:00+09:00" or with "Z"; without an offset it is the machine's
 * local time (TZ, localtime(3)), and seconds, minutes or the time of day may be missing. Or "now", "today",
 * "yesterday" (their beginning), or a time before now as "-90s", "-15m", "-24h", "-7d".
 * `now_ns` and `*ret_ns` are nanoseconds of the wall clock since 1970. 0, or -EINVAL for anything else. */
int time_text_read(const char *text, int64_t now_ns, int64_t *ret_ns);

#endif
