#include "circuit/counter.h"

#include "base/clock.h"

#define SLICE_NS (60 * CLOCK_NS_PER_SECOND / COUNTER_SLICES)

enum { GAPS_TO_ZERO = 10 };

uint64_t counter_pulses_of(const struct circuit_counter_options *options, uint8_t before,
                           uint64_t edges)
{
    uint8_t counted = options->edge == CIRCUIT_COUNTER_RISING;
    return (edges + (before != counted)) / 2;
}

/* Empties the slices between the newest one and that of `at_ns`. An edge may be read after a younger one of
 * another line, but not of this one. */
static void move_on(struct counter *counter, int64_t number)
{
    int64_t steps = number - counter->newest;
    for (int64_t i = 1; i <= steps && i <= COUNTER_SLICES; i++)
        counter->slices[(counter->newest + i) % COUNTER_SLICES] = 0;
    if (steps > 0)
        counter->newest = number;
}

void counter_add(struct counter *counter, uint64_t pulses, int64_t at_ns)
{
    if (pulses == 0)
        return;
    counter->count = counter->count + pulses < COUNTER_MAX ? counter->count + pulses : COUNTER_MAX;
    if (at_ns < counter->last_ns)
        at_ns = counter->last_ns;
    move_on(counter, at_ns / SLICE_NS);
    counter->slices[counter->newest % COUNTER_SLICES] += (uint32_t)pulses;
    counter->before_ns = counter->last_ns;
    counter->last_ns = at_ns;
}

void counter_resume(struct counter *counter, const struct circuit_counter_options *options,
                    uint8_t value)
{
    if (options->counts && counter->level_before >= 0 && (uint8_t)counter->level_before != value)
        counter->count += counter_pulses_of(options, (uint8_t)counter->level_before, 1);
    counter->level_before = -1;
}

static uint64_t pulses_of_last_minute(const struct counter *counter, int64_t now_ns)
{
    int64_t now = now_ns / SLICE_NS;
    uint64_t pulses = 0;
    for (int64_t number = counter->newest;
         number > counter->newest - COUNTER_SLICES && number > now - COUNTER_SLICES && number >= 0;
         number--)
        pulses += counter->slices[number % COUNTER_SLICES];
    return pulses;
}

double counter_rate(const struct counter *counter, int64_t now_ns)
{
    int64_t gap_ns = counter->last_ns - counter->before_ns;
    if (counter->before_ns == 0 || now_ns - counter->last_ns > GAPS_TO_ZERO * gap_ns)
        return 0;
    uint64_t pulses = pulses_of_last_minute(counter, now_ns);
    return pulses >= 2 ? (double)pulses : 60.0 * (double)CLOCK_NS_PER_SECOND / (double)gap_ns;
}
