/* A witness beside a circuit to which random things happen: at its pins it checks what may never be,
 * at its journal that a snapshot and the events after it tell the same as the next snapshot. */
#ifndef TEST_CIRCUIT_WITNESS_H
#define TEST_CIRCUIT_WITNESS_H

#include "circuit_desk.h"

#include <math.h>

enum { OUTPUTS = 8, INPUTS = 2, LINES = OUTPUTS + INPUTS, CONNECTIONS = 4, PINS = 16 };
enum { COUNTER = LINES - 1 }; /* the input that counts its rises */

/* What a client knows of a line. */
struct known {
    uint8_t value;
    uint64_t seq, edges, pulses;
    struct origin by;
    bool available, locked, leased;
    uint32_t lease_ms;
    enum circuit_action_kind action;
    double duty, hz;
    int64_t on_since_ns; /* monotonic */
    uint32_t connection; /* of its lease, as far as the test gave it */
};

/* What a line_store_writer has written, and what the next start finds. */
struct disk {
    int values[CIRCUIT_LINES_MAX]; /* -1 for no value */
    struct line_record records[CIRCUIT_LINES_MAX];
    struct rule_record rules[CIRCUIT_RULES_MAX];
    uint64_t pulses; /* of the counter, and the value that its input had */
    uint8_t counter_value;
};

struct world {
    struct desk *desk;
    struct line_texts *texts;
    uint64_t random;
    bool faulty;    /* the hardware fails now and then: times are not kept then */
    bool reloading; /* pins are claimed anew: looked at afterwards */
    struct known lines[CIRCUIT_LINES_MAX];
    uint64_t seq;
    uint64_t step, done, refused, events, reloads, crashes;
    struct disk now, disk; /* what would be written now, and what was */
    int64_t write_ns;      /* monotonic: when it is written next; INT64_MAX for nothing new */
    bool is_commanded[CIRCUIT_LINES_MAX]; /* since the start, by more than a lock */
    uint8_t level[PINS];
    int64_t on_since_ns[PINS], off_since_ns[PINS];
};

/* Rules of the world that the judges know by their place. */
enum { RULE_TOGGLE, RULE_HOLD, RULE_BOTH, RULE_AFTER, RULE_LATER_OFF, RULE_LATER_ON, RULES_JUDGED };

#define WITNESS(world, condition)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("step %llu: %s", (unsigned long long)(world)->step, #condition);              \
    } while (0)

/* ---- at the pins -------------------------------------------------------------------------- */

static inline int pin_of(const struct desk *desk, size_t line)
{
    return (int)strtol(desk->lines[line].gpio.gpio + 4, NULL, 10);
}

static inline bool stands_in(const struct circuit_interlock_options *interlock, size_t line)
{
    for (size_t i = 0; i < interlock->count; i++)
        if (interlock->lines[i] == line)
            return true;
    return false;
}

static inline bool is_input(const struct desk *desk, size_t line)
{
    return desk->lines[line].gpio.direction == GPIO_DIRECTION_INPUT;
}

static inline void witness_interlocks(struct world *world, size_t line)
{
    const struct desk *desk = world->desk;
    int64_t now_ns = desk->now.monotonic_ns;
    for (size_t i = 0; i < desk->options.interlock_count; i++) {
        const struct circuit_interlock_options *interlock = &desk->interlocks[i];
        if (!stands_in(interlock, line))
            continue;
        for (size_t j = 0; j < interlock->count; j++) {
            int pin = pin_of(desk, interlock->lines[j]);
            if (interlock->lines[j] == line)
                continue;
            if (is_input(desk, interlock->lines[j])) {
                WITNESS(world, !desk_value(desk, interlock->lines[j]));
                continue;
            }
            WITNESS(world, !world->level[pin]);
            if (interlock->mode == CIRCUIT_INTERLOCK_BREAK && !world->faulty)
                WITNESS(world, now_ns - world->off_since_ns[pin] >= interlock->gap_ms * MS);
        }
    }
}

static inline void written(void *context, int handle, uint8_t level)
{
    struct world *world = ((struct desk *)context)->store->context;
    const struct desk *desk = world->desk;
    int pin = desk->gpio.lines[handle].location.offset;
    int64_t now_ns = desk->now.monotonic_ns;
    if (level == world->level[pin])
        return;
    world->level[pin] = level;
    if (!level) {
        world->off_since_ns[pin] = now_ns;
        return;
    }
    world->on_since_ns[pin] = now_ns;
    for (size_t i = 0; i < desk->options.line_count && !world->reloading; i++) {
        if (pin_of(desk, i) != pin)
            continue;
        if (!world->faulty)
            WITNESS(world, now_ns - world->off_since_ns[pin] >= desk->lines[i].min_off_ms * MS);
        witness_interlocks(world, i);
    }
}

/* An input in a group cannot give way: the outputs beside it do. */
static inline void witness_inputs(struct world *world, size_t line)
{
    const struct desk *desk = world->desk;
    for (size_t i = 0; i < desk->options.interlock_count && !world->faulty; i++)
        for (size_t j = OUTPUTS; stands_in(&desk->interlocks[i], line) && j < LINES; j++)
            WITNESS(world, !stands_in(&desk->interlocks[i], j) || !desk_value(desk, j));
}

static inline void witness_pins(struct world *world)
{
    const struct desk *desk = world->desk;
    for (size_t i = 0; i < desk->options.line_count; i++) {
        int pin = pin_of(desk, i);
        int64_t on_ns = desk->now.monotonic_ns - world->on_since_ns[pin];
        if (is_input(desk, i))
            continue;
        if (world->level[pin] || desk_value(desk, i))
            witness_inputs(world, i);
        if (world->level[pin] && desk->lines[i].max_on_ms > 0 && !world->faulty)
            WITNESS(world, on_ns <= desk->lines[i].max_on_ms * MS);
        if (world->level[pin])
            for (size_t j = 0; j < desk->options.interlock_count; j++)
                for (size_t k = 0; stands_in(&desk->interlocks[j], i) && k < i; k++)
                    WITNESS(world,
                            !stands_in(&desk->interlocks[j], k) || !world->level[pin_of(desk, k)]);
    }
}

/* ---- over a crash -------------------------------------------------------------------------- */

/* What a line may be after a restart, judged by what it was before. */
struct before_crash {
    bool must_be_off;
    bool ends;    /* what keeps it on ends by itself */
    double power; /* of PWM; 0 for none */
};

/* A line is off when nothing keeps it on: its own value, an action that will switch it on, or a time after
 * which it comes on again; and a program or a lease of a connection does not outlive the process. */
static inline struct before_crash judge_before(const struct world *world, size_t line)
{
    const struct line_state state = desk_state(world->desk, line);
    const struct line_record *record = &world->now.records[line];
    bool held = state.value || state.action == CIRCUIT_ACTION_BLINK ||
                state.action == CIRCUIT_ACTION_GAP || (record->action && record->back);
    bool started = !world->is_commanded[line]; /* an interlock may have kept it off */
    bool ends = (record->has_run && !record->run_value) || record->lease_on_connection;
    return (struct before_crash){
        .ends = (record->action && !record->back) || record->has_lease || record->has_run,
        .must_be_off = ((!held && !started) || ends) && state.options->safe != CIRCUIT_SAFE_1,
        .power = state.action == CIRCUIT_ACTION_PWM && state.options->safe != CIRCUIT_SAFE_1
                     ? state.duty
                     : 0,
    };
}

static inline void witness_after(struct world *world, size_t line,
                                 const struct before_crash *before)
{
    const struct line_state state = desk_state(world->desk, line);
    if (strncmp(state.by->source, "rule:", 5) == 0)
        return; /* rules act at the start, too */
    if (before->ends && state.options->initial == CIRCUIT_INITIAL_0 &&
        state.options->safe != CIRCUIT_SAFE_1)
        WITNESS(world, !state.value || state.action || state.leased);
    if (state.options->initial != CIRCUIT_INITIAL_LAST)
        return;
    if (before->must_be_off)
        WITNESS(world, !state.value && state.action != CIRCUIT_ACTION_BLINK);
    if (before->power > 0 && before->power < 1 && state.value)
        WITNESS(world, state.action == CIRCUIT_ACTION_PWM && state.duty <= before->power);
}

/* ---- at the journal ------------------------------------------------------------------------ */

static inline void take_snapshot(struct world *world)
{
    for (size_t i = 0; i < circuit_line_count(world->desk->circuit); i++) {
        struct line_state state = desk_state(world->desk, i);
        struct known *known = &world->lines[i];
        int64_t on_since_ns = known->value ? known->on_since_ns : world->desk->now.monotonic_ns;
        int64_t limit_ns = state.options->max_on_ms * MS;
        if (limit_ns > 0 && on_since_ns < world->desk->now.monotonic_ns - limit_ns)
            on_since_ns = world->desk->now.monotonic_ns - limit_ns;
        *known = (struct known){
            .value = state.value,
            .seq = state.seq,
            .edges = state.edges,
            .pulses = state.pulses,
            .available = state.available,
            .locked = state.lock_reason != NULL,
            .leased = state.leased,
            .lease_ms = state.lease_ms,
            .action = state.action,
            .duty = state.duty,
            .hz = state.hz,
            .on_since_ns = on_since_ns,
        };
        known->by = *state.by;
    }
    world->seq = desk_seq(world->desk);
}

static inline uint8_t safe_value(const struct circuit_line_options *line)
{
    return line->safe == CIRCUIT_SAFE_1;
}

static inline void read_event(struct world *world, const struct event *event)
{
    struct known *known = &world->lines[event->line];
    const struct circuit_line_options *line = &world->desk->lines[event->line];
    WITNESS(world, event->seq == world->seq + 1);
    world->seq = event->seq;
    world->events++;
    if (event->cause == EVENT_SCENE)
        return;
    if (event->cause != EVENT_START && event->cause != EVENT_LOCK)
        world->is_commanded[event->line] = true;
    if (!known->value && event->value)
        known->on_since_ns = world->desk->now.monotonic_ns;
    known->edges += known->value != event->value;
    if (event->cause == EVENT_COUNT)
        known->pulses = event->count;
    else if (line->counter.counts) /* rising */
        known->pulses += !known->value && event->value;
    WITNESS(world, known->pulses == event->count);
    known->value = event->value;
    known->seq = event->seq;
    (void)snprintf(known->by.source, sizeof known->by.source, "%s",
                   desk_text(world->desk, event->source));
    known->by.role = event->role;
    if (event->details & EVENT_HAS_LEASE)
        known->connection = 0;
    if (event->details & EVENT_HAS_PWM) {
        known->duty = (double)event->duty;
        known->hz = (double)event->hz;
    }
    if (event->cause == EVENT_LEASE && line->safe != CIRCUIT_SAFE_1 && !world->faulty)
        WITNESS(world, event->value == safe_value(line));
    if (is_input(world->desk, event->line))
        return; /* the events of the outputs that give way to it come after its own */
    for (size_t i = 0; event->value && i < world->desk->options.interlock_count; i++)
        for (size_t j = 0; stands_in(&world->desk->interlocks[i], event->line) && j < OUTPUTS; j++)
            WITNESS(world, j == event->line || !stands_in(&world->desk->interlocks[i], j) ||
                               !world->lines[j].value);
}

/* Whatever of the description changed without an event that says so, no client would ever learn. */
static inline void compare(struct world *world, size_t line, unsigned details)
{
    struct line_state state = desk_state(world->desk, line);
    struct known *known = &world->lines[line];
    WITNESS(world, known->value == state.value);
    WITNESS(world, known->seq == state.seq);
    WITNESS(world, known->edges == state.edges);
    WITNESS(world, known->pulses == state.pulses);
    WITNESS(world, strcmp(known->by.source, state.by->source) == 0);
    WITNESS(world, known->by.role == state.by->role);
    if (!state.fades) /* no event tells the steps of a fade */
        WITNESS(world, fabs(known->duty - state.duty) < 1e-6);
    WITNESS(world, fabs(known->hz - state.hz) < 1e-4);
    WITNESS(world, known->action == state.action || (details & EVENT_HAS_ACTION));
    WITNESS(world, known->locked == (state.lock_reason != NULL) || (details & EVENT_HAS_LOCK));
    WITNESS(world, known->available == state.available || (details & EVENT_HAS_AVAILABLE));
    WITNESS(world, known->leased == state.leased || (details & EVENT_HAS_LEASE));
    WITNESS(world, known->lease_ms == state.lease_ms || (details & EVENT_HAS_LEASE));
    known->action = state.action;
    known->locked = state.lock_reason != NULL;
    known->available = state.available;
    known->leased = state.leased;
    known->lease_ms = state.lease_ms;
    if (world->faulty || state.options->gpio.direction == GPIO_DIRECTION_INPUT)
        return;
    bool away = state.value != safe_value(state.options) || state.action != CIRCUIT_ACTION_NONE;
    WITNESS(world, !state.leased || away);
    WITNESS(world, !state.lease_ends_ns || state.lease_ends_ns >= world->desk->now.wall_ns);
    if (state.options->lease_ms > 0 && state.options->safe != CIRCUIT_SAFE_1)
        WITNESS(world, state.leased || !away);
    if (state.options->max_on_ms > 0 && state.value)
        WITNESS(world, world->desk->now.monotonic_ns - known->on_since_ns <=
                           state.options->max_on_ms * MS);
}

static inline void read_journal(struct world *world)
{
    unsigned details[CIRCUIT_LINES_MAX] = {0};
    while (world->seq < desk_seq(world->desk)) {
        const struct event *event =
            journal_get(circuit_journal(world->desk->circuit), world->seq + 1);
        WITNESS(world, event);
        if (event->cause != EVENT_SCENE)
            details[event->line] |= event->details;
        read_event(world, event);
    }
    for (size_t i = 0; i < circuit_line_count(world->desk->circuit); i++)
        compare(world, i, details[i]);
}

/* ---- at the rules ------------------------------------------------------------------------- */

static inline struct rule_description rule_of(const struct world *world, size_t rule)
{
    struct rule_description description;
    circuit_rule(world->desk->circuit, rule, &description);
    return description;
}

/* What waits is done at its time; a rule by the clock always knows its next one. */
static inline void witness_rules(struct world *world)
{
    int64_t now_ns = world->desk->now.wall_ns;
    for (size_t i = 0; i < world->desk->options.rule_count; i++) {
        struct rule_description rule = rule_of(world, i);
        WITNESS(world, (rule.waiting > 0) == (rule.due_at_ns != 0));
        WITNESS(world, rule.waiting == 0 || rule.due_at_ns > now_ns);
        WITNESS(world, rule.next_at_ns == 0 || rule.next_at_ns > now_ns);
        WITNESS(world, rule.is_enabled || rule.next_at_ns == 0);
    }
}

/* After a crash: what would switch off waits on, or is done; what would switch on is given up; what was
 * disabled is disabled. */
static inline void witness_rules_after(struct world *world)
{
    for (size_t i = 0; i < world->desk->options.rule_count; i++) {
        const struct rule_record *record = &world->now.rules[i];
        struct rule_description rule = rule_of(world, i);
        size_t left = 0;
        WITNESS(world, rule.is_enabled == !world->disk.rules[i].is_disabled);
        for (size_t j = 0; j < record->delay_count; j++)
            left += record->delay_ends_ms[j] * MS > world->desk->now.wall_ns;
        if (i == RULE_LATER_OFF)
            WITNESS(world, rule.waiting >= left);
        else if (i == RULE_LATER_ON && !desk_value(world->desk, rule.options->when.lines[0]))
            WITNESS(world, rule.waiting == 0); /* the start did not set it off */
    }
}

#endif
