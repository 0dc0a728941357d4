#include "circuit/start.h"

#include "circuit/resume.h"
#include "circuit/safety.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct origin start_origin = {.source = "start"};

static void join_groups(struct circuit *circuit)
{
    for (size_t i = 0; i < circuit->options.interlock_count; i++) {
        const struct circuit_interlock_options *interlock = &circuit->options.interlocks[i];
        for (size_t j = 0; j < interlock->count; j++)
            circuit->lines[interlock->lines[j]].groups |= UINT32_C(1) << i;
    }
}

static uint64_t edges_before(const struct circuit *circuit, const char *line)
{
    const struct circuit_store *store = &circuit->store;
    return store->recall_edges ? store->recall_edges(store->context, line) : 0;
}

static void recall_counter(const struct circuit *circuit, struct line *line)
{
    const struct circuit_store *store = &circuit->store;
    uint64_t count;
    uint8_t value;
    line->counter.level_before = -1;
    if (!store->recall_counter || line_is_output(line) ||
        !store->recall_counter(store->context, line->options->name, &count, &value))
        return;
    line->counter.count = count;
    line->counter.level_before = (int8_t)value;
}

void start_count_unseen(struct line *line, const struct line *old, uint8_t value)
{
    line->counter.level_before = old && !line_is_output(old) ? (int8_t)old->value : -1;
    counter_resume(&line->counter, &line->options->counter, value);
}

void start_rename(const struct circuit *circuit, const struct circuit_line_options *line)
{
    if (circuit->store.rename && line->was[0])
        circuit->store.rename(circuit->store.context, line->was, line->name);
}

void start_init_lines(struct circuit *circuit, const struct timestamps *now)
{
    for (size_t i = 0; i < GPIO_LINES_MAX; i++)
        circuit->by_handle[i] = -1;
    for (size_t i = 0; i < circuit->line_count; i++)
        circuit->lines[i] = (struct line){
            .index = (uint16_t)i,
            .handle = -1,
            .options = &circuit->options.lines[i],
            .available = true,
            .remembered = -1,
            .edges = edges_before(circuit, circuit->options.lines[i].name),
            .action = {.due_ns = DEADLINE_NEVER},
            .lease = {.due_ns = DEADLINE_NEVER},
            .on_since_ns = now->monotonic_ns,
            .off_since_ns = now->monotonic_ns,
            .settles_ns = DEADLINE_NEVER,
        };
    for (size_t i = 0; i < circuit->line_count; i++)
        recall_counter(circuit, &circuit->lines[i]);
    join_groups(circuit);
}

static bool wants_on(const struct circuit *circuit, const struct line *line)
{
    const struct circuit_store *store = &circuit->store;
    if (!line_is_output(line))
        return false;
    bool wanted;
    if (line->options->initial == CIRCUIT_INITIAL_LAST && resume_wants_on(circuit, line, &wanted))
        return wanted;
    if (line->options->initial == CIRCUIT_INITIAL_LAST)
        return store->recall && store->recall(store->context, line->options->name) == 1;
    return line->options->initial == CIRCUIT_INITIAL_1;
}

static bool has_gap(const struct circuit *circuit, const struct line *line)
{
    for (size_t i = 0; i < circuit->options.interlock_count; i++)
        if ((line->groups >> i & 1) &&
            circuit->options.interlocks[i].mode == CIRCUIT_INTERLOCK_BREAK &&
            circuit->options.interlocks[i].gap_ms > 0)
            return true;
    return false;
}

/* Which lines were on before the start is unknown. A line with a minimum off time or a gap is requested
 * off and waits, and so is one whose interlock another line may occupy: an input that is not read yet,
 * or an output that was handed over. */
static bool may_start_on(const struct circuit *circuit, const struct line *line)
{
    if (line->options->min_off_ms > 0 || has_gap(circuit, line))
        return false;
    for (size_t i = 0; i < circuit->line_count; i++) {
        const struct line *other = &circuit->lines[i];
        if (i != line->index && (other->groups & line->groups) &&
            (other->value || other->options->initial == CIRCUIT_INITIAL_KEEP ||
             !line_is_output(other) || circuit->store.goes_on))
            return false;
    }
    return true;
}

enum gpio_initial start_choose_initial(const struct circuit *circuit, struct line *line)
{
    bool wanted = wants_on(circuit, line);
    if (line->options->initial == CIRCUIT_INITIAL_LAST && circuit->store.recall)
        line->remembered =
            (int8_t)circuit->store.recall(circuit->store.context, line->options->name);
    if (line_is_output(line) && line->options->initial == CIRCUIT_INITIAL_KEEP)
        return GPIO_INITIAL_KEEP;
    line->value = line->pin = wanted && may_start_on(circuit, line);
    return line->value ? GPIO_INITIAL_ACTIVE : GPIO_INITIAL_INACTIVE;
}

int start_request_lines(struct circuit *circuit, const struct circuit_options *options,
                        struct gpio_error *error)
{
    struct gpio_line_config configs[CIRCUIT_LINES_MAX];
    int handles[CIRCUIT_LINES_MAX];
    for (size_t i = 0; i < circuit->line_count; i++) {
        configs[i] = circuit->lines[i].options->gpio;
        configs[i].name = options->lines[i].name;
        configs[i].initial = start_choose_initial(circuit, &circuit->lines[i]);
    }
    int code = gpio_request_lines(circuit->gpio, configs, circuit->line_count, handles, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < circuit->line_count; i++) {
        circuit->lines[i].handle = handles[i];
        circuit->by_handle[handles[i]] = (int16_t)i;
    }
    return 0;
}

void start_take_value(struct circuit *circuit, struct line *line, uint8_t value,
                      enum event_cause cause, const struct origin *by, const struct timestamps *now)
{
    struct event event = {.time_ns = now->wall_ns, .cause = (uint8_t)cause};
    line->value = line->pin = line->level = value;
    line->commander = *by;
    if (!line_is_output(line)) {
        signal_stats_init(&line->signal_stats, value, now->monotonic_ns);
    } else if (value == line_safe_value(line)) {
        line->lease = (struct lease){.due_ns = DEADLINE_NEVER};
    } else if (!lease_exists(&line->lease)) {
        line->lease = safety_lease(line, 0, 0, now->monotonic_ns);
        event.details = lease_exists(&line->lease) ? EVENT_HAS_LEASE : 0;
    }
    circuit_schedule(circuit, line);
    circuit_append(circuit, line, &event, by);
}

static int read_values(struct circuit *circuit, uint8_t *ret_values, struct gpio_error *error)
{
    int handles[CIRCUIT_LINES_MAX];
    if (circuit->line_count == 0)
        return 0;
    for (size_t i = 0; i < circuit->line_count; i++)
        handles[i] = circuit->lines[i].handle;
    int code = gpio_get(circuit->gpio, handles, circuit->line_count, ret_values);
    if (code < 0) {
        error->code = code;
        error->line = NULL;
        (void)snprintf(error->message, sizeof error->message,
                       "the lines cannot be read after they were requested: %s",
                       strerrordesc_np(-code));
    }
    return code;
}

void start_switch_on(struct circuit *circuit, size_t index, enum event_cause cause,
                     const struct origin *by, const struct timestamps *now)
{
    const struct line *line = &circuit->lines[index];
    if (line->value || !wants_on(circuit, line))
        return;
    struct plan plan;
    plan_init(&plan, circuit, by, now);
    struct line_change *change = plan_add(&plan, index, cause);
    change->value = change->pin = 1;
    change->lease = safety_lease(line, 0, 0, now->monotonic_ns);
    if (plan_blocker(&plan, change) >= 0)
        return;
    int64_t ready_ns = plan_ready_ns(circuit, index, now);
    if (ready_ns > now->monotonic_ns)
        plan_delay(change, ready_ns);
    plan_force(&plan);
}

/* A line that was taken over from a run that did not end in order. */
static bool goes_on(const struct circuit *circuit, const struct line *line)
{
    return gpio_took_over(circuit->gpio, line->handle) &&
           (!circuit->store.ended || line->options->safe == CIRCUIT_SAFE_HOLD);
}

/* Whether the pin has the level that the run before gave it. */
static bool kept_level(const struct circuit *circuit, const struct line *line)
{
    return goes_on(circuit, line) ||
           (line->options->initial == CIRCUIT_INITIAL_KEEP && !circuit->store.ended);
}

/* Switches off a line that was taken over at its safe value 1 and shall begin at 0. */
static void switch_off(struct circuit *circuit, const struct line *line,
                       const struct timestamps *now)
{
    if (!line->value || !gpio_took_over(circuit->gpio, line->handle) ||
        line->options->initial == CIRCUIT_INITIAL_KEEP || wants_on(circuit, line))
        return;
    struct plan plan;
    plan_init(&plan, circuit, &start_origin, now);
    struct line_change *change = plan_add(&plan, line->index, EVENT_START);
    change->value = change->pin = 0;
    plan_force(&plan);
}

int start_values(struct circuit *circuit, const struct timestamps *now, struct gpio_error *error)
{
    uint8_t values[CIRCUIT_LINES_MAX];
    int code = read_values(circuit, values, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        bool found = !line_is_output(line) || line->options->initial == CIRCUIT_INITIAL_KEEP ||
                     gpio_took_over(circuit->gpio, line->handle);
        line->state_unknown = found && line_is_output(line);
        if (!line_is_output(line))
            counter_resume(&line->counter, &line->options->counter, values[i] != 0);
        start_take_value(circuit, line, found ? values[i] != 0 : line->pin, EVENT_START,
                         &start_origin, now);
    }
    for (size_t i = 0; i < circuit->line_count; i++)
        resume_line(circuit, &circuit->lines[i], kept_level(circuit, &circuit->lines[i]), now);
    safety_settle(circuit, &start_origin, now);
    for (size_t i = 0; i < circuit->line_count; i++)
        if (!goes_on(circuit, &circuit->lines[i]))
            switch_off(circuit, &circuit->lines[i], now);
    for (size_t i = 0; i < circuit->line_count; i++)
        if (!goes_on(circuit, &circuit->lines[i]))
            start_switch_on(circuit, i, EVENT_START, &start_origin, now);
    return 0;
}
