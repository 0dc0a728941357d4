#include "circuit/agenda.h"

void agenda_init(struct agenda *agenda)
{
    for (size_t i = 0; i < AGENDA_SLOTS; i++)
        agenda->due_ns[i] = AGENDA_NEVER;
    agenda->first = 0;
}

static size_t find_first(const struct agenda *agenda)
{
    size_t first = 0;
    for (size_t i = 1; i < AGENDA_SLOTS; i++)
        if (agenda->due_ns[i] < agenda->due_ns[first])
            first = i;
    return first;
}

void agenda_set(struct agenda *agenda, size_t slot, int64_t due_ns)
{
    bool was_first = agenda->first == slot;
    bool later = due_ns > agenda->due_ns[slot];
    agenda->due_ns[slot] = due_ns;
    if (was_first && later)
        agenda->first = find_first(agenda);
    else if (due_ns < agenda_due_ns(agenda))
        agenda->first = slot;
}
