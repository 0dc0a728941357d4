#include "circuit/record.h"

#include "base/clock.h"
#include "circuit/actions.h"
#include "circuit/run.h"

#include <stdio.h>
#include <string.h>

static void record_action(const struct line *line, int64_t wall_ns, struct line_record *record)
{
    const struct action *action = &line->action;
    int64_t end_ns = action_ends_at_ns(line);
    if (!action_row(action->kind)->restores)
        return;
    record->action = action->kind;
    record->value = line->value;
    record->back = action->back;
    record->on_ms = action->on_ms;
    record->off_ms = action->off_ms;
    record->count = action->count;
    record->duty = action->duty;
    if (action->fade_to_ns && action->fade_to < action->duty)
        record->duty = action->fade_to; /* never more power than was commanded last */
    record->hz = action->hz;
    record->action_ends_ms = end_ns ? (wall_ns + end_ns) / CLOCK_NS_PER_MS : 0;
}

void record_line(const struct circuit *circuit, const struct line *line,
                 const struct timestamps *now, struct line_record *ret_record)
{
    int64_t wall_ns = now->wall_ns - now->monotonic_ns;
    memset(ret_record, 0, sizeof *ret_record);
    if (!line_is_output(line))
        return;
    record_action(line, wall_ns, ret_record);
    if (lease_exists(&line->lease)) {
        ret_record->has_lease = true;
        ret_record->lease_on_connection = line->lease.connection != 0;
        ret_record->lease_ms = line->lease.ms;
        if (line->lease.ms)
            ret_record->lease_ends_ms = (wall_ns + line->lease.due_ns) / CLOCK_NS_PER_MS;
    }
    if (line->run > 0) {
        ret_record->has_run = true;
        ret_record->run_value = run_unwind_value(circuit, line);
    }
    if (line->locked) {
        memcpy(ret_record->lock_reason, line->lock_reason, sizeof line->lock_reason);
        ret_record->locker = line->locker;
    }
}

void record_value(struct circuit *circuit, struct line *line, uint8_t value)
{
    /* Of every output: a reload may give it `initial: "last"`. */
    if (!circuit->store.remember || circuit->is_ending || line->remembered == (int8_t)value)
        return;
    line->remembered = (int8_t)value;
    circuit->store.remember(circuit->store.context, line->options->name, value);
}

void record_change(struct circuit *circuit, struct line *line, const struct line_change *change,
                   uint8_t was)
{
    bool waits =
        change->action.kind == CIRCUIT_ACTION_GAP && change->action.then == CIRCUIT_ACTION_NONE;
    if ((waits || change->action.kind == CIRCUIT_ACTION_NONE) && change->cause != EVENT_START)
        record_value(circuit, line, waits || change->value);
    if (!circuit->store.changed || change->continues)
        return;
    /* Everything else may be stored late: a card wears out. */
    bool had_record = line->has_record;
    line->has_record = line->locked || line->run > 0 || lease_exists(&line->lease) ||
                       action_row(line->action.kind)->restores;
    bool does_less = line->options->initial == CIRCUIT_INITIAL_LAST && (!change->value || was != 0);
    /* A pin that is on after a crash, while nothing is known that ends it, would stay on. */
    bool needs_end = line->has_record && change->value &&
                     (circuit->store.keeps_pins || line->options->initial == CIRCUIT_INITIAL_KEEP);
    circuit->store.changed(circuit->store.context,
                           line->locked || had_record || does_less || needs_end);
}

void record_before_end(struct circuit *circuit)
{
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        if (!line_is_output(line))
            continue;
        if (lease_exists(&line->lease))
            record_value(circuit, line, line_safe_value(line));
        else if (line->action.kind == CIRCUIT_ACTION_PWM)
            record_value(circuit, line, 0); /* steady on would be more power */
        else if (action_row(line->action.kind)->restores)
            record_value(circuit, line, line->action.back);
    }
}
