#include "base/histogram.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static const int64_t bounds_ns[HISTOGRAM_BUCKETS] = {
    50 * US, 100 * US, 250 * US, 1 * MS, 2500 * US, 5 * MS, 10 * MS, 25 * MS, 100 * MS, 1000 * MS,
};

int64_t histogram_bound_ns(size_t index)
{
    return bounds_ns[index];
}

void histogram_note(struct histogram *histogram, int64_t took_ns)
{
    size_t bucket = 0;
    if (took_ns < 0)
        took_ns = 0;
    while (bucket < HISTOGRAM_BUCKETS && took_ns > bounds_ns[bucket])
        bucket++;
    histogram->counts[bucket]++;
    histogram->sum_ns += (uint64_t)took_ns;
}
