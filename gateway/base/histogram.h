/* How often something took how long: counts in fixed buckets, as Prometheus wants them. Plain data, all
 * zero at first. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 10 };

struct histogram {
    uint64_t
        counts[HISTOGRAM_BUCKETS + 1]; /* each without those below; the last: above all bounds */
    uint64_t sum_ns;
};

/* The largest time that bucket `index` counts, in nanoseconds: 50 µs to 1 s. */
int64_t histogram_bound_ns(size_t index);

/* Counts one time. One before its beginning, by a clock that two processors read, counts as 0. */
void histogram_note(struct histogram *histogram, int64_t took_ns);

#endif
