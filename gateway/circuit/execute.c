#include "circuit/execute.h"

#include "base/clock.h"
#include "circuit/action.h"
#include "circuit/refusal.h"
#include "circuit/safety.h"
#include "circuit/scene.h"
#include "circuit/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int execute_check_line(const struct circuit *circuit, size_t line, struct refusal *refusal)
{
    if (line >= circuit->line_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such line.");
    if (!line_is_output(&circuit->lines[line]))
        return refuse(refusal, REFUSAL_NOT_AN_OUTPUT, "Line %s is an input.",
                      circuit->lines[line].options->name);
    return 0;
}

static int check_off_time(const struct line *line, double off_ms, struct refusal *refusal)
{
    if (off_ms >= line->options->min_off_ms)
        return 0;
    return refuse(
        refusal, REFUSAL_BAD_REQUEST,
        "Line %s rests for %u ms between two times on: an off time of %g ms is too short.",
        line->options->name, line->options->min_off_ms, off_ms);
}

/* The time off between two times on that a command asks for. */
static int check_rests(const struct line *line, const struct command *command,
                       struct refusal *refusal)
{
    if (command->verb == COMMAND_BLINK && command->count != 1)
        return check_off_time(line, command->off_ms, refusal);
    if (command->verb == COMMAND_PWM && command->duty > 0 && command->duty < 1)
        return check_off_time(line, (1 - command->duty) / command->hz * 1000, refusal);
    return 0;
}

/* Clients and configs were told already; this is for whoever made a command otherwise. */
static int check_ranges(const struct line *line, const struct command *command,
                        struct refusal *refusal)
{
    const struct field *wrong = field_out_of_range(&verb_of(command->verb)->fields, command);
    if (!wrong)
        return check_rests(line, command, refusal);
    struct buffer form;
    buffer_init(&form, COMMAND_MESSAGE_SIZE);
    field_print_form(wrong, &form);
    (void)refuse(refusal, REFUSAL_BAD_REQUEST, "%s must be %s.", wrong->name, buffer_text(&form));
    buffer_done(&form);
    return -1;
}

static int check_expect(const struct line *line, const struct command *command,
                        struct refusal *refusal)
{
    if (!command->has_expect || command->expect == line->seq)
        return 0;
    return refuse(refusal, REFUSAL_CONFLICT,
                  "Line %s has changed: its seq is %" PRIu64 ", not %" PRIu64 ".",
                  line->options->name, line->seq, command->expect);
}

int execute_check_unchanged(const struct circuit *circuit, size_t line,
                            const struct command *command, struct refusal *refusal)
{
    const struct line *checked = &circuit->lines[line];
    if (!command->has_expect || checked->seq <= command->expect)
        return 0;
    return refuse(refusal, REFUSAL_CONFLICT,
                  "Line %s has changed since %" PRIu64 ": its seq is %" PRIu64 ".",
                  checked->options->name, command->expect, checked->seq);
}

static enum event_cause cause_of_verb(enum command_verb verb)
{
    switch (verb) {
    case COMMAND_TOGGLE:
        return EVENT_TOGGLE;
    case COMMAND_PULSE:
        return EVENT_PULSE;
    case COMMAND_BLINK:
        return EVENT_BLINK;
    case COMMAND_PWM:
        return EVENT_PWM;
    case COMMAND_STOP:
        return EVENT_STOP;
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
        return EVENT_LOCK;
    case COMMAND_SET:
    case COMMAND_SCENE:
    case COMMAND_OFF:
        break;
    }
    return EVENT_SET;
}

/* For `initial: "last"`: told only what somebody wanted to last. */
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

/* The plan that was done: its first `asked` changes were commands that last when `lasting`, the
 * others were broken by an interlock. */
static void remember_plan(struct circuit *circuit, size_t asked, bool lasting)
{
    for (size_t i = lasting ? 0 : asked; i < circuit->plan.count; i++)
        remember_change(circuit, &circuit->plan.changes[i]);
}

/* A line that is stopped keeps the lease that it has; every other command gives its own. */
static struct lease lease_of(const struct line *line, const struct command *command, int64_t now_ns)
{
    if (command->verb == COMMAND_STOP && command->lease_ms == 0 && command->lease_connection == 0)
        return line->lease;
    return safety_lease(line, command->lease_ms, command->lease_connection, now_ns);
}

/* Whoever keeps a lease alive says that the line is as it was left, and wants no more than that. */
static bool renews(const struct line *line, const struct command *command)
{
    return command->verb == COMMAND_SET && command->has_expect && command->for_ms == 0 &&
           command->value == line->value && lease_exists(&line->lease) &&
           !line->pending_write.is_waiting && line->action.kind == CIRCUIT_ACTION_NONE;
}

static int execute_on_line(struct circuit *circuit, const struct command *command,
                           enum event_cause cause, const struct timestamps *now,
                           struct refusal *refusal)
{
    const struct line *line = &circuit->lines[command->line];
    (void)plan_begin(circuit, &command->by, now);
    struct line_change *change = plan_add(circuit, command->line, cause);
    action_plan(change, line, command, now->monotonic_ns);
    change->lease = lease_of(line, command, now->monotonic_ns);
    circuit->plan.renews = renews(line, command);
    if (plan_check(circuit, refusal) < 0 || plan_commit(circuit, refusal) < 0)
        return -1;
    bool lasting = command->verb == COMMAND_SET || command->verb == COMMAND_TOGGLE ||
                   command->verb == COMMAND_STOP;
    remember_plan(circuit, 1, lasting);
    return 0;
}

static bool lock_is_new(const struct line *line, const struct command *command)
{
    if (command->verb == COMMAND_UNLOCK)
        return line->locked;
    return !line->locked || strcmp(line->lock_reason, command->reason) != 0;
}

static int execute_lock(struct circuit *circuit, const struct command *command,
                        enum event_cause cause, const struct timestamps *now,
                        struct refusal *refusal)
{
    struct line *line = &circuit->lines[command->line];
    if (!lock_is_new(line, command))
        return 0;
    (void)plan_begin(circuit, &command->by, now);
    struct line_change *change = plan_add(circuit, command->line, cause);
    action_plan(change, line, command, now->monotonic_ns);
    change->lease = line->lease;
    change->details = EVENT_HAS_LOCK;
    struct line was = *line;
    line->locked = command->verb == COMMAND_LOCK;
    if (line->locked) {
        (void)snprintf(line->lock_reason, sizeof line->lock_reason, "%s", command->reason);
        line->locker = command->by;
    }
    if (!line->available) { /* no reason to leave it unlocked: what must go off is owed */
        plan_force(circuit);
        return 0;
    }
    if (plan_commit(circuit, refusal) == 0) {
        if (change->continues) /* what goes on is still its beginner's */
            line->commander = was.commander;
        return 0;
    }
    line->locked = was.locked;
    memcpy(line->lock_reason, was.lock_reason, sizeof line->lock_reason);
    line->locker = was.locker;
    return -1;
}

int execute_command(struct circuit *circuit, const struct command *command, enum event_cause cause,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal)
{
    if (cause == EVENT_SET)
        cause = cause_of_verb(command->verb);
    if (command->verb == COMMAND_OFF) {
        safety_off(circuit, cause, &command->by, false, now);
        remember_plan(circuit, 0, true);
        return 0;
    }
    if (command->verb == COMMAND_SCENE)
        return scene_begin(circuit, command, cause, now, refusal);
    if (execute_check_line(circuit, command->line, refusal) < 0)
        return -1;
    struct line *line = &circuit->lines[command->line];
    if (check_ranges(line, command, refusal) < 0 || check_expect(line, command, refusal) < 0)
        return -1;
    uint8_t was = line->value;
    bool locks = command->verb == COMMAND_LOCK || command->verb == COMMAND_UNLOCK;
    int code = locks ? execute_lock(circuit, command, cause, now, refusal)
                     : execute_on_line(circuit, command, cause, now, refusal);
    if (code == 0)
        *ret_outcome = (struct outcome){
            .line = command->line, .was = was, .value = line->value, .seq = line->seq};
    return code;
}

static int plan_values(struct circuit *circuit, const struct line_value *values, size_t count,
                       const struct command *command, enum event_cause cause,
                       const struct timestamps *now, struct refusal *refusal)
{
    const struct plan *plan = plan_begin(circuit, &command->by, now);
    for (size_t i = 0; i < count; i++) {
        if (execute_check_line(circuit, values[i].line, refusal) < 0 ||
            execute_check_unchanged(circuit, values[i].line, command, refusal) < 0)
            return -1;
        const struct line *line = &circuit->lines[values[i].line];
        if (plan->places[values[i].line])
            return refuse(refusal, REFUSAL_BAD_REQUEST, "Line %s is named twice.",
                          line->options->name);
        if (values[i].value > 1)
            return refuse(refusal, REFUSAL_BAD_REQUEST, "The value must be 0 or 1, not %u.",
                          values[i].value);
        struct line_change *change = plan_add(circuit, values[i].line, cause);
        change->value = change->pin = values[i].value;
        change->lease =
            safety_lease(line, command->lease_ms, command->lease_connection, now->monotonic_ns);
    }
    return plan_check(circuit, refusal);
}

int execute_set_many(struct circuit *circuit, const struct line_value *values, size_t count,
                     const struct command *command, enum event_cause cause,
                     const struct timestamps *now, uint16_t *ret_changed, struct refusal *refusal)
{
    bool was[CIRCUIT_LINES_MAX];
    int changed = 0;
    if (plan_values(circuit, values, count, command, cause, now, refusal) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        was[i] = circuit->lines[values[i].line].value;
    if (plan_commit(circuit, refusal) < 0)
        return -1;
    remember_plan(circuit, count, true);
    for (size_t i = 0; i < count; i++)
        if (circuit->lines[values[i].line].value != was[i])
            ret_changed[changed++] = values[i].line;
    return changed;
}
