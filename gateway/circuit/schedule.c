#include "circuit/schedule.h"

#include "base/civil_time.h"
#include "base/clock.h"

enum {
    DAYS_AHEAD = 8,          /* every weekday, and today's once more */
    SUN_DAYS_AHEAD = 370,    /* a polar night ends within a year */
    SAME_CLOCK_NS = 1000000, /* the two clocks are not read at one moment */
};

static bool is_on_day(const struct circuit_when *when, int64_t day)
{
    return when->days >> civil_weekday(day) & 1;
}

static int64_t next_time_s(const struct circuit_when *when, int64_t after_s)
{
    int64_t today = civil_day_of(after_s, NULL);
    /* From yesterday on: a clock that was put back shows it twice. */
    for (int64_t day = today - 1; day <= today + DAYS_AHEAD; day++) {
        int64_t next_s = SCHEDULE_NEVER_S;
        for (size_t i = 0; is_on_day(when, day) && i < when->time_count; i++) {
            int64_t moment_s = civil_moment(day, when->times_s[i]);
            if (moment_s > after_s && moment_s < next_s)
                next_s = moment_s;
        }
        if (next_s != SCHEDULE_NEVER_S)
            return next_s;
    }
    return SCHEDULE_NEVER_S;
}

static int64_t next_sun_s(const struct circuit_when *when, const struct sun_place *place,
                          int64_t after_s)
{
    int64_t offset_s = (int64_t)when->offset_min * 60;
    int64_t today = civil_day_of(after_s, NULL);
    for (int64_t day = today - 2; day <= today + SUN_DAYS_AHEAD; day++) {
        int64_t moment_s;
        if (!sun_moment(place, day, when->sun == CIRCUIT_SUNSET, &moment_s))
            continue;
        moment_s += offset_s;
        if (moment_s > after_s && is_on_day(when, civil_day_of(moment_s, NULL)))
            return moment_s;
    }
    return SCHEDULE_NEVER_S;
}

int64_t schedule_next_s(const struct circuit_when *when, const struct sun_place *place,
                        int64_t after_s)
{
    if (when->trigger == CIRCUIT_TRIGGER_TIME)
        return next_time_s(when, after_s);
    return when->trigger == CIRCUIT_TRIGGER_SUN ? next_sun_s(when, place, after_s)
                                                : SCHEDULE_NEVER_S;
}

static int64_t wall_s(const struct timestamps *now)
{
    return now->wall_ns / CLOCK_NS_PER_SECOND;
}

static void enter(struct circuit *circuit, size_t rule, int64_t due_ns)
{
    deadlines_set(&circuit->deadlines, DEADLINE_RULES + rule, due_ns);
}

/* The monotonic time of a moment; what is centuries away is never. */
static int64_t deadline_ns(int64_t moment_s, const struct timestamps *now)
{
    int64_t ahead_s = moment_s - wall_s(now);
    if (moment_s == SCHEDULE_NEVER_S || ahead_s > INT64_C(4000000000))
        return DEADLINE_NEVER;
    return now->monotonic_ns + moment_s * CLOCK_NS_PER_SECOND - now->wall_ns;
}

static void schedule_by_clock(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    const struct circuit_options *options = &circuit->options;
    struct rule_state *state = &circuit->rules[rule];
    int64_t after_s = wall_s(now);
    /* A clock that was put back a little shows a time again that the rule has had. */
    if (state->fired_s >= after_s && state->fired_s - after_s <= SCHEDULE_STEP_MAX_S)
        after_s = state->fired_s;
    state->next_s = circuit->store.clock_is_unset
                        ? SCHEDULE_NEVER_S
                        : schedule_next_s(&options->rules[rule].when, &options->place, after_s);
    enter(circuit, rule, deadline_ns(state->next_s, now));
}

void schedule_rule(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    if (options->when.trigger == CIRCUIT_TRIGGER_EVERY)
        enter(circuit, rule, now->monotonic_ns + options->when.every_ms * CLOCK_NS_PER_MS);
    else if (circuit_rule_is_by_clock(options))
        schedule_by_clock(circuit, rule, now);
}

void schedule_all(struct circuit *circuit, const struct timestamps *now)
{
    circuit->clock_ahead_ns = now->wall_ns - now->monotonic_ns;
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        schedule_rule(circuit, i, now);
}

void schedule_by_clock_anew(struct circuit *circuit, const struct timestamps *now)
{
    circuit->clock_ahead_ns = now->wall_ns - now->monotonic_ns;
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        if (circuit_rule_is_by_clock(&circuit->options.rules[i]))
            schedule_by_clock(circuit, i, now);
}

/* The clock was stepped by that much: what it passed over happens now, or never. */
static void follow_step(struct circuit *circuit, size_t rule, int64_t step_ns,
                        const struct timestamps *now)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    const struct rule_state *state = &circuit->rules[rule];
    if (!circuit_rule_is_by_clock(options))
        return;
    bool counts = options->runs_missed || step_ns <= SCHEDULE_STEP_MAX_S * CLOCK_NS_PER_SECOND;
    if (state->next_s <= wall_s(now) && counts && !circuit->store.clock_is_unset)
        enter(circuit, rule, now->monotonic_ns);
    else
        schedule_by_clock(circuit, rule, now);
}

void schedule_follow_clock(struct circuit *circuit, const struct timestamps *now)
{
    int64_t ahead_ns = now->wall_ns - now->monotonic_ns;
    int64_t step_ns = ahead_ns - circuit->clock_ahead_ns;
    if (step_ns < SAME_CLOCK_NS && step_ns > -SAME_CLOCK_NS)
        return;
    circuit->clock_ahead_ns = ahead_ns;
    for (size_t i = 0; i < circuit->options.rule_count; i++)
        follow_step(circuit, i, step_ns, now);
}

static bool step_interval(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    int64_t every_ns = circuit->options.rules[rule].when.every_ms * CLOCK_NS_PER_MS;
    int64_t due_ns = circuit->deadlines.due_ns[DEADLINE_RULES + rule];
    int64_t late = (now->monotonic_ns - due_ns) / every_ns;
    enter(circuit, rule, due_ns + (late + 1) * every_ns);
    return true;
}

bool schedule_step(struct circuit *circuit, size_t rule, const struct timestamps *now)
{
    const struct circuit_rule_options *options = &circuit->options.rules[rule];
    struct rule_state *state = &circuit->rules[rule];
    if (options->when.trigger == CIRCUIT_TRIGGER_EVERY)
        return step_interval(circuit, rule, now);
    int64_t late_s = wall_s(now) - state->next_s;
    bool is_due = late_s >= 0 && (options->runs_missed || late_s <= SCHEDULE_STEP_MAX_S);
    if (is_due)
        state->fired_s = state->next_s;
    schedule_by_clock(circuit, rule, now);
    return is_due;
}
