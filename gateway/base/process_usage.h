/* What this process uses of the machine. */
#ifndef BASE_PROCESS_USAGE_H
#define BASE_PROCESS_USAGE_H

#include <stdint.h>

struct process_usage {
    uint64_t resident_bytes; /* proc(5) statm; 0 where /proc is not to be had */
    int64_t cpu_ns;          /* CLOCK_PROCESS_CPUTIME_ID, all threads, since the start */
    unsigned open_fds;       /* proc(5) fd; 0 where /proc is not to be had */
};

/* Takes some ten microseconds, and as much again for a hundred descriptors. */
struct process_usage process_usage_read(void);

#endif
