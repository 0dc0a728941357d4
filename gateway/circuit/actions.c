#include "circuit/actions.h"

#include "base/clock.h"

int64_t action_pwm_phase_ns(const struct action *action, bool on)
{
    double share = on ? action->duty : 1 - action->duty;
    return (int64_t)(share / action->hz * (double)CLOCK_NS_PER_SECOND);
}

bool action_pwm_flips(const struct action *action)
{
    return !action->by_kernel && action->duty > 0 && action->duty < 1;
}

/* ---- set with for_ms, pulse ---- */

static void timed_begin(struct action *action, int64_t now_ns)
{
    action->due_ns = now_ns + CLOCK_NS_PER_MS * action->for_ms;
}

static void timed_step(const struct line *line, struct line_change *change, int64_t now_ns)
{
    (void)now_ns;
    change->value = change->pin = line->action.back;
}

static int64_t due_at_ns(const struct line *line)
{
    return line->action.due_ns;
}

static bool timed_ends_off(const struct line *line)
{
    return !line->action.back;
}

static bool timed_holds(uint8_t value, const struct action *action)
{
    return value || action->back;
}

/* ---- blink ---- */

static void blink_begin(struct action *action, int64_t now_ns)
{
    action->left = action->count;
    action->due_ns = now_ns + CLOCK_NS_PER_MS * action->on_ms;
}

/* The grid of times is kept, unless a step is so late that the next one is already due. */
static int64_t blink_due_ns(const struct action *action, uint32_t phase_ms, int64_t now_ns)
{
    int64_t phase = CLOCK_NS_PER_MS * phase_ms;
    return action->due_ns + phase > now_ns ? action->due_ns + phase : now_ns + phase;
}

static void blink_step(const struct line *line, struct line_change *change, int64_t now_ns)
{
    struct action *action = &change->action;
    *action = line->action;
    change->continues = true;
    change->value = change->pin = !line->value;
    action->due_ns = blink_due_ns(action, line->value ? action->off_ms : action->on_ms, now_ns);
    if (!change->value && action->count > 0 && --action->left == 0) {
        change->continues = false;
        *action = (struct action){.due_ns = DEADLINE_NEVER};
    }
}

/* Ten years: an end beyond is as good as none. */
#define BLINK_END_MAX_MS (INT64_C(10) * 366 * 24 * 3600 * 1000)

/* A blink with a count ends with its last time on. */
static int64_t blink_ends_at_ns(const struct line *line)
{
    const struct action *action = &line->action;
    int64_t period_ms = (int64_t)action->on_ms + action->off_ms;
    int64_t whole = (int64_t)action->left - 1;
    int64_t left_ms = whole * period_ms + (line->value ? 0 : action->on_ms);
    if (action->count == 0 || left_ms > BLINK_END_MAX_MS)
        return 0;
    return action->due_ns + CLOCK_NS_PER_MS * left_ms;
}

static bool blink_ends_off(const struct line *line)
{
    return !line_safe_value(line);
}

static bool always_holds(uint8_t value, const struct action *action)
{
    (void)value, (void)action;
    return true;
}

/* ---- PWM ---- */

static void pwm_begin(struct action *action, int64_t now_ns)
{
    if (action_pwm_flips(action))
        action->due_ns = now_ns + action_pwm_phase_ns(action, true);
}

/* The level of one moment is chance, and steady on would be full power. */
static bool pwm_ends_off(const struct line *line)
{
    (void)line;
    return true;
}

/* ---- the gap of an interlock ---- */

static void gap_step(const struct line *line, struct line_change *change, int64_t now_ns)
{
    change->action = line->action;
    action_begin(&change->action, line->action.then, now_ns);
    change->value = change->pin = 1;
}

/* ---- the table ---- */

static const struct action_row rows[] = {
    [CIRCUIT_ACTION_NONE] = {.name = NULL},
    [CIRCUIT_ACTION_FOR] = {"for", true, timed_begin, timed_step, due_at_ns, timed_ends_off,
                            timed_holds},
    [CIRCUIT_ACTION_PULSE] = {"pulse", true, timed_begin, timed_step, due_at_ns, timed_ends_off,
                              timed_holds},
    [CIRCUIT_ACTION_BLINK] = {"blink", true, blink_begin, blink_step, blink_ends_at_ns,
                              blink_ends_off, always_holds},
    [CIRCUIT_ACTION_PWM] = {"pwm", true, pwm_begin, NULL, NULL, pwm_ends_off, NULL},
    [CIRCUIT_ACTION_GAP] = {"gap", false, NULL, gap_step, due_at_ns, NULL, always_holds},
};

const struct action_row *action_row(enum circuit_action_kind kind)
{
    return &rows[kind];
}

void action_begin(struct action *action, enum circuit_action_kind kind, int64_t now_ns)
{
    action->kind = kind;
    action->then = CIRCUIT_ACTION_NONE;
    action->due_ns = DEADLINE_NEVER;
    if (rows[kind].begin)
        rows[kind].begin(action, now_ns);
}

bool action_holds(uint8_t value, const struct action *action)
{
    const struct action_row *row = &rows[action->kind];
    return row->holds ? row->holds(value, action) : value;
}

bool action_ends_off(const struct line *line)
{
    const struct action_row *row = &rows[line->action.kind];
    return row->ends_off && row->ends_off(line);
}

int64_t action_ends_at_ns(const struct line *line)
{
    const struct action_row *row = &rows[line->action.kind];
    return row->ends_at_ns ? row->ends_at_ns(line) : 0;
}
