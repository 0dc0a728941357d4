#include "circuit/deadlines.h"

void deadlines_init(struct deadlines *deadlines)
{
    for (size_t i = 0; i < DEADLINE_SLOTS; i++)
        deadlines->due_ns[i] = DEADLINE_NEVER;
    deadlines->first = 0;
}

static size_t find_first(const struct deadlines *deadlines)
{
    size_t first = 0;
    for (size_t i = 1; i < DEADLINE_SLOTS; i++)
        if (deadlines->due_ns[i] < deadlines->due_ns[first])
            first = i;
    return first;
}

void deadlines_set(struct deadlines *deadlines, size_t slot, int64_t due_ns)
{
    bool was_first = deadlines->first == slot;
    bool later = due_ns > deadlines->due_ns[slot];
    deadlines->due_ns[slot] = due_ns;
    if (was_first && later)
        deadlines->first = find_first(deadlines);
    else if (due_ns < deadlines_due_ns(deadlines))
        deadlines->first = slot;
}
