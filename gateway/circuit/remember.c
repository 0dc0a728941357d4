#include "circuit/remember.h"

/* For `initial: "last"`: only values that were commanded to last are stored. */
static void remember(struct circuit *circuit, struct line *line, uint8_t value)
{
    if (line->options->initial != CIRCUIT_INITIAL_LAST || !circuit->memory.remember ||
        line->remembered == (int8_t)value)
        return;
    line->remembered = (int8_t)value;
    circuit->memory.remember(circuit->memory.context, line->options->name, value);
}

static void remember_change(struct circuit *circuit, const struct line_change *change)
{
    bool waits =
        change->action.kind == CIRCUIT_ACTION_GAP && change->action.then == CIRCUIT_ACTION_NONE;
    struct line *line = &circuit->lines[change->line];
    uint8_t value = line->pending_write.is_waiting ? line->pending_write.value : change->value;
    if (waits || change->action.kind == CIRCUIT_ACTION_NONE)
        remember(circuit, line, waits || value);
}

void remember_plan(const struct plan *plan, size_t asked, bool lasting)
{
    for (size_t i = lasting ? 0 : asked; i < plan->count; i++)
        remember_change(plan->circuit, &plan->changes[i]);
}
