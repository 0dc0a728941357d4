#include "base/log.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static enum log_level threshold = LOG_LEVEL_INFO;

static const struct {
    const char *name;
    const char *priority; /* sd-daemon(3) */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", "<3>"},
    [LOG_LEVEL_WARNING] = {"warning", "<4>"},
    [LOG_LEVEL_INFO] = {"info", "<6>"},
    [LOG_LEVEL_DEBUG] = {"debug", "<7>"},
};

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_write(enum log_level level, const char *format, ...)
{
    if (level > threshold)
        return;
    int saved_errno = errno;
    char line[LINE_MAX_BYTES];
    char time[CLOCK_TEXT_SIZE];
    int used;
    if (getenv("JOURNAL_STREAM"))
        used = snprintf(line, sizeof line, "%s", levels[level].priority);
    else
        used = snprintf(line, sizeof line, "%s %-7s ", clock_format(clock_wall_ns(), time),
                        levels[level].name);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line + used, sizeof line - (size_t)used - 1, format, arguments);
    va_end(arguments);
    size_t length = strlen(line);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[length++] = '\n';
    /* One write, so that lines of several processes do not mix; a full pipe loses the line: nobody who
     * reads slowly may hold the circuit up. */
    struct pollfd writable = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&writable, 1, 0) == 1 && write(STDERR_FILENO, line, length) < 0)
        errno = 0;
    errno = saved_errno;
}

bool log_limit_take(struct log_limit *limit, int64_t now_ns, uint64_t *ret_left_out)
{
    if (now_ns < limit->until_ns) {
        limit->left_out++;
        return false;
    }
    limit->until_ns = now_ns + 60 * CLOCK_NS_PER_SECOND;
    *ret_left_out = limit->left_out;
    limit->left_out = 0;
    return true;
}
