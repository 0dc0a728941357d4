#include "circuit/signal_stats.h"

#include "base/clock.h"

#define SLICE_NS (CLOCK_NS_PER_SECOND / 2)

/* Slice `number` of the ring, emptied when it still counts an older time. */
static struct signal_stats_slice *open_slice(struct signal_stats *signal_stats, int64_t number)
{
    struct signal_stats_slice *slice = &signal_stats->slices[number % SIGNAL_STATS_SLICES];
    if (slice->number != number)
        *slice = (struct signal_stats_slice){.number = number};
    return slice;
}

/* Where the window begins that ends at `now_ns`. */
static int64_t window_start(const struct signal_stats *signal_stats, int64_t now_ns)
{
    int64_t start_ns = (now_ns / SLICE_NS - SIGNAL_STATS_SLICES + 1) * SLICE_NS;
    return start_ns > signal_stats->since_ns ? start_ns : signal_stats->since_ns;
}

void signal_stats_init(struct signal_stats *signal_stats, uint8_t level, int64_t now_ns)
{
    *signal_stats = (struct signal_stats){.since_ns = now_ns, .level_ns = now_ns, .level = level};
    for (int i = 0; i < SIGNAL_STATS_SLICES; i++)
        signal_stats->slices[i].number = -1;
}

/* Spreads the time on, which ends at `at_ns`, over the slices that the window still holds. */
static void add_time_on(struct signal_stats *signal_stats, int64_t at_ns)
{
    int64_t from_ns = window_start(signal_stats, at_ns);
    if (signal_stats->level_ns > from_ns)
        from_ns = signal_stats->level_ns;
    while (from_ns < at_ns) {
        int64_t number = from_ns / SLICE_NS;
        int64_t end_ns = (number + 1) * SLICE_NS;
        if (end_ns > at_ns)
            end_ns = at_ns;
        open_slice(signal_stats, number)->on_ns += end_ns - from_ns;
        from_ns = end_ns;
    }
}

void signal_stats_change(struct signal_stats *signal_stats, uint8_t level, int64_t at_ns)
{
    if (level == signal_stats->level)
        return;
    if (at_ns < signal_stats->level_ns)
        at_ns = signal_stats->level_ns;
    if (level) {
        open_slice(signal_stats, at_ns / SLICE_NS)->rises++;
    } else {
        add_time_on(signal_stats, at_ns);
        signal_stats->press_ns = at_ns - signal_stats->level_ns;
    }
    signal_stats->level = level;
    signal_stats->level_ns = at_ns;
}

void signal_stats_read(const struct signal_stats *signal_stats, int64_t now_ns, double *ret_hz,
                       double *ret_duty)
{
    int64_t start_ns = window_start(signal_stats, now_ns);
    int64_t on_ns = 0;
    int64_t rises = 0;
    for (int i = 0; i < SIGNAL_STATS_SLICES; i++) {
        const struct signal_stats_slice *slice = &signal_stats->slices[i];
        if (slice->number < now_ns / SLICE_NS - SIGNAL_STATS_SLICES + 1)
            continue;
        on_ns += slice->on_ns;
        rises += slice->rises;
    }
    if (signal_stats->level && now_ns > signal_stats->level_ns)
        on_ns += now_ns - (signal_stats->level_ns > start_ns ? signal_stats->level_ns : start_ns);
    double span_ns = (double)(now_ns - start_ns);
    *ret_hz = span_ns > 0 ? (double)rises * (double)CLOCK_NS_PER_SECOND / span_ns : 0;
    *ret_duty = span_ns > 0 ? (double)on_ns / span_ns : signal_stats->level;
    if (*ret_duty > 1)
        *ret_duty = 1;
}

bool signal_stats_is_held(const struct signal_stats *signal_stats, int64_t now_ns)
{
    return signal_stats->level && now_ns - signal_stats->level_ns > CLOCK_NS_PER_SECOND;
}
