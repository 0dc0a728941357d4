/* The disk of the property test: a writer as state/line_store_writer, in virtual time, and what the next
 * start finds. */
#ifndef CIRCUIT_DISK_H
#define CIRCUIT_DISK_H

#include "circuit_witness.h"

static inline size_t index_of(const struct world *world, const char *line)
{
    return (size_t)circuit_options_find_line(&world->desk->options, line);
}

static inline void note(struct world *world)
{
    struct desk *desk = world->desk;
    for (size_t i = 0; i < desk->options.line_count; i++)
        circuit_record(desk->circuit, i, &desk->now, &world->now.records[i]);
    for (size_t i = 0; i < desk->options.rule_count; i++)
        circuit_rule_record(desk->circuit, i, &desk->now, &world->now.rules[i]);
    world->now.pulses = desk_state(desk, COUNTER).pulses;
    world->now.counter_value = desk_value(desk, COUNTER);
}

/* The writer: at once after what must not be forgotten, else within a second. */
static inline void write_when_due(struct world *world)
{
    if (world->write_ns > world->desk->now.monotonic_ns)
        return;
    note(world);
    world->disk = world->now;
    world->write_ns = INT64_MAX;
}

static inline void changed(void *context, bool is_urgent)
{
    struct world *world = context;
    int64_t due_ns = world->desk->now.monotonic_ns + (is_urgent ? 0 : SECOND);
    if (world->write_ns > due_ns)
        world->write_ns = due_ns;
}

static inline int recall(void *context, const char *line)
{
    const struct world *world = context;
    return world->disk.values[index_of(world, line)];
}

static inline void remember(void *context, const char *line, int value)
{
    struct world *world = context;
    world->now.values[index_of(world, line)] = value;
    changed(world, false);
}

static inline bool recall_record(void *context, const char *line, struct line_record *ret_record)
{
    const struct world *world = context;
    *ret_record = world->disk.records[index_of(world, line)];
    return true;
}

static inline bool recall_counter(void *context, const char *line, uint64_t *ret_count,
                                  uint8_t *ret_value)
{
    const struct world *world = context;
    *ret_count = world->disk.pulses;
    *ret_value = world->disk.counter_value;
    return index_of(world, line) == COUNTER;
}

static inline bool recall_rule(void *context, const char *rule, struct rule_record *ret_record)
{
    const struct world *world = context;
    int index = circuit_options_find_rule(&world->desk->options, rule);
    *ret_record = world->disk.rules[index];
    return true;
}

#endif
