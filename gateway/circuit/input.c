#include "circuit/input.h"

#include "circuit/safety.h"
#include "circuit/trigger.h"

#define US INT64_C(1000)

/* An edge is older than the moment of its reading. Time does not run backwards for readers, unless
 * the wall clock itself was set back. */
static int64_t wall_time(const struct circuit *circuit, int64_t at_ns, const struct timestamps *now)
{
    int64_t time_ns = now->wall_ns + (at_ns - now->monotonic_ns);
    const struct event *last = journal_get(circuit->journal, journal_last(circuit->journal));
    if (last && time_ns < last->time_ns && last->time_ns <= now->wall_ns)
        time_ns = last->time_ns;
    return time_ns;
}

/* The kernel knows one debounce for both directions. */
static bool debounces_itself(const struct circuit *circuit, const struct line *line)
{
    const struct circuit_line_options *options = line->options;
    return options->debounce_on_us != options->debounce_off_us ||
           (options->gpio.debounce_us > 0 &&
            !(gpio_capabilities(circuit->gpio) & GPIO_CAN_DEBOUNCE));
}

/* How long a change to `value` must last. */
static int64_t debounce_ns(const struct circuit *circuit, const struct line *line, uint8_t value)
{
    const struct circuit_line_options *options = line->options;
    if (!debounces_itself(circuit, line))
        return 0;
    if (options->gpio.debounce_us > 0)
        return US * options->gpio.debounce_us;
    return US * (value ? options->debounce_on_us : options->debounce_off_us);
}

/* Edges that were lost before the debounce of the gateway bounce, and are no pulses. */
static void count_pulses(const struct circuit *circuit, struct line *line, uint8_t value,
                         int64_t at_ns, uint32_t lost)
{
    const struct circuit_counter_options *options = &line->options->counter;
    uint64_t edges = value != line->value;
    if (!debounces_itself(circuit, line))
        edges = (uint64_t)lost + 1;
    if (options->counts)
        counter_add(&line->counter, counter_pulses_of(options, line->value, edges), at_ns);
}

static void change_value(struct circuit *circuit, struct line *line, uint8_t value, int64_t at_ns,
                         uint32_t lost, const struct timestamps *now)
{
    bool changed = value != line->value;
    line->lost += lost;
    if (!changed && lost == 0)
        return;
    count_pulses(circuit, line, value, at_ns, lost);
    line_set_value(line, value, at_ns);
    line->edges += changed;
    signal_stats_change(&line->signal_stats, value, at_ns);
    struct event event = {
        .time_ns = wall_time(circuit, at_ns, now),
        .edge_ns = at_ns,
        .lost = lost,
        .cause = EVENT_EDGE,
    };
    circuit_append(circuit, line, &event, line->driver.source[0] ? &line->driver : &gpio_origin);
    if (changed && value && line->groups) /* outputs of its interlocks give way */
        safety_settle(circuit, line->driver.source[0] ? &line->driver : &gpio_origin, now);
    if (changed)
        trigger_notice(circuit, line, 0, at_ns);
}

void input_settle(struct circuit *circuit, struct line *line, const struct timestamps *now)
{
    int64_t at_ns = line->settles_ns;
    line->settles_ns = DEADLINE_NEVER;
    circuit_schedule(circuit, line);
    uint32_t lost = line->lost_unreported;
    line->lost_unreported = 0;
    change_value(circuit, line, line->level, at_ns, lost, now);
}

void input_edge(struct circuit *circuit, struct line *line, const struct gpio_edge *edge,
                const struct timestamps *now)
{
    uint8_t value = edge->value != 0;
    if (!debounces_itself(circuit, line)) {
        change_value(circuit, line, value, edge->edge_ns, edge->lost, now);
        return;
    }
    /* Edges may be read late, many at once: their own times show whether there was rest between. */
    if (line->settles_ns <= edge->edge_ns)
        input_settle(circuit, line, now);
    line->lost_unreported += edge->lost;
    line->level = value;
    line->settles_ns = edge->edge_ns + debounce_ns(circuit, line, value);
    if (line->settles_ns > edge->edge_ns)
        circuit_schedule(circuit, line);
    else
        input_settle(circuit, line, now);
}
