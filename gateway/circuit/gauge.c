#include "circuit/gauge.h"

#include "base/clock.h"

#define SLICE_NS (CLOCK_NS_PER_SECOND / 2)

/* Slice `number` of the ring, emptied when it still tells of an older time. */
static struct gauge_slice *open_slice(struct gauge *gauge, int64_t number)
{
    struct gauge_slice *slice = &gauge->slices[number % GAUGE_SLICES];
    if (slice->number != number)
        *slice = (struct gauge_slice){.number = number};
    return slice;
}

/* Where the window begins that ends at `now_ns`. */
static int64_t window_start(const struct gauge *gauge, int64_t now_ns)
{
    int64_t start_ns = (now_ns / SLICE_NS - GAUGE_SLICES + 1) * SLICE_NS;
    return start_ns > gauge->since_ns ? start_ns : gauge->since_ns;
}

void gauge_init(struct gauge *gauge, uint8_t level, int64_t now_ns)
{
    *gauge = (struct gauge){.since_ns = now_ns, .level_ns = now_ns, .level = level};
    for (int i = 0; i < GAUGE_SLICES; i++)
        gauge->slices[i].number = -1;
}

/* Spreads the time on, which ends at `at_ns`, over the slices that the window still holds. */
static void add_time_on(struct gauge *gauge, int64_t at_ns)
{
    int64_t from_ns = window_start(gauge, at_ns);
    if (gauge->level_ns > from_ns)
        from_ns = gauge->level_ns;
    while (from_ns < at_ns) {
        int64_t number = from_ns / SLICE_NS;
        int64_t end_ns = (number + 1) * SLICE_NS;
        if (end_ns > at_ns)
            end_ns = at_ns;
        open_slice(gauge, number)->on_ns += end_ns - from_ns;
        from_ns = end_ns;
    }
}

void gauge_change(struct gauge *gauge, uint8_t level, int64_t at_ns)
{
    if (level == gauge->level)
        return;
    if (at_ns < gauge->level_ns)
        at_ns = gauge->level_ns;
    if (level) {
        open_slice(gauge, at_ns / SLICE_NS)->rises++;
    } else {
        add_time_on(gauge, at_ns);
        gauge->press_ns = at_ns - gauge->level_ns;
    }
    gauge->level = level;
    gauge->level_ns = at_ns;
}

void gauge_read(const struct gauge *gauge, int64_t now_ns, double *ret_hz, double *ret_duty)
{
    int64_t start_ns = window_start(gauge, now_ns);
    int64_t on_ns = 0;
    int64_t rises = 0;
    for (int i = 0; i < GAUGE_SLICES; i++) {
        const struct gauge_slice *slice = &gauge->slices[i];
        if (slice->number < now_ns / SLICE_NS - GAUGE_SLICES + 1)
            continue;
        on_ns += slice->on_ns;
        rises += slice->rises;
    }
    if (gauge->level && now_ns > gauge->level_ns)
        on_ns += now_ns - (gauge->level_ns > start_ns ? gauge->level_ns : start_ns);
    double span_ns = (double)(now_ns - start_ns);
    *ret_hz = span_ns > 0 ? (double)rises * (double)CLOCK_NS_PER_SECOND / span_ns : 0;
    *ret_duty = span_ns > 0 ? (double)on_ns / span_ns : gauge->level;
    if (*ret_duty > 1)
        *ret_duty = 1;
}

bool gauge_is_held(const struct gauge *gauge, int64_t now_ns)
{
    return gauge->level && now_ns - gauge->level_ns > CLOCK_NS_PER_SECOND;
}
