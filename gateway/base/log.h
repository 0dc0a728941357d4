/* The log: one line a decision on standard error, `level=… msg="…" key=value …`. Under systemd
 * (JOURNAL_STREAM set) the line starts with the priority that sd-daemon(3) defines. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Sets what is written; everything above `level` is dropped. The program's only mutable global. */
void log_set_level(enum log_level level);

/* Writes one line; `format` gives the message followed by its `key=value` pairs. A line is cut at
 * 1,024 bytes; control bytes in it are written as `?`, so that no peer can forge a line. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* One line a minute for each reason that unauthenticated peers can cause at will. Zero to begin with. */
struct log_limit {
    int64_t until_ns;  /* of the minute in which a line was written, monotonic */
    uint64_t left_out; /* since that line */
};

/* Whether a line is due now. `*ret_left_out` is how many were left out since the last one. */
bool log_limit_take(struct log_limit *limit, int64_t now_ns, uint64_t *ret_left_out);

#endif
