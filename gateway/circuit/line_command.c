#include "circuit/line_command.h"

#include "circuit/action.h"
#include "circuit/check.h"
#include "circuit/plan.h"
#include "circuit/refusal.h"
#include "circuit/safety.h"

#include <stdio.h>
#include <string.h>

/* A line that is stopped keeps the lease that it has; every other command gives its own. */
static struct lease lease_of(const struct line *line, const struct command *command, int64_t now_ns)
{
    if (command->verb == COMMAND_STOP && command->lease_ms == 0 && command->lease_connection == 0)
        return line->lease;
    return safety_lease(line, command->lease_ms, command->lease_connection, now_ns);
}

/* A set to the present value that expects the present seq renews the lease and changes nothing. */
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
    struct plan plan;
    plan_init(&plan, circuit, &command->by, now);
    plan.run = command->run;
    plan.caused_by_run = command->caused_by_run;
    struct line_change *change = plan_add(&plan, command->line, cause);
    action_plan(change, line, command, now->monotonic_ns);
    change->lease = lease_of(line, command, now->monotonic_ns);
    plan.keeps_run = renews(line, command);
    if (plan_check(&plan, refusal) < 0 || plan_commit(&plan, refusal) < 0)
        return -1;
    return 0;
}

static bool lock_is_new(const struct line *line, const struct command *command)
{
    if (command->verb == COMMAND_UNLOCK)
        return line->locked;
    return !line->locked || strcmp(line->lock_reason, command->reason) != 0 ||
           (command->off && line->value);
}

static int execute_lock(struct circuit *circuit, const struct command *command,
                        enum event_cause cause, const struct timestamps *now,
                        struct refusal *refusal)
{
    struct line *line = &circuit->lines[command->line];
    if (!lock_is_new(line, command))
        return 0;
    struct plan plan;
    plan_init(&plan, circuit, &command->by, now);
    plan.keeps_run = true;
    plan.run = command->run;
    plan.caused_by_run = command->caused_by_run;
    struct line_change *change = plan_add(&plan, command->line, cause);
    action_plan(change, line, command, now->monotonic_ns);
    change->lease = line->lease;
    change->details = EVENT_HAS_LOCK;
    struct line was = *line;
    line->locked = command->verb == COMMAND_LOCK;
    if (line->locked) {
        (void)snprintf(line->lock_reason, sizeof line->lock_reason, "%s", command->reason);
        line->locker = command->by;
    }
    if (!line->available) { /* locked all the same: what must go off is retried */
        plan_force(&plan);
        return 0;
    }
    if (plan_commit(&plan, refusal) == 0) {
        if (change->continues) /* the action keeps its origin */
            line->commander = was.commander;
        return 0;
    }
    line->locked = was.locked;
    memcpy(line->lock_reason, was.lock_reason, sizeof line->lock_reason);
    line->locker = was.locker;
    return -1;
}

static int execute_count(struct circuit *circuit, const struct command *command,
                         enum event_cause cause, const struct timestamps *now,
                         struct outcome *ret_outcome, struct refusal *refusal)
{
    if (command->line >= circuit->line_count)
        return refuse(refusal, REFUSAL_NO_SUCH_LINE, "There is no such line.");
    struct line *line = &circuit->lines[command->line];
    if (!line->options->counter.counts)
        return refuse(refusal, REFUSAL_CONFLICT,
                      "Line %s has no counter: give it one by \"counter\" in the config.",
                      line->options->name);
    if (check_ranges(line, command, refusal) < 0 || check_expect(line, command, refusal) < 0)
        return -1;
    if (line->counter.count != command->pulses) {
        struct event event = {.time_ns = now->wall_ns, .cause = (uint8_t)cause};
        line->counter.count = command->pulses;
        circuit_append(circuit, line, &event, &command->by);
    }
    *ret_outcome = (struct outcome){
        .line = command->line, .was = line->value, .value = line->value, .seq = line->seq};
    return 0;
}

static int64_t on_at_ns(const struct line *line, const struct timestamps *now)
{
    return line->action.kind == CIRCUIT_ACTION_GAP
               ? now->wall_ns + line->action.due_ns - now->monotonic_ns
               : 0;
}

int line_command(struct circuit *circuit, const struct command *command, enum event_cause cause,
                 const struct timestamps *now, struct outcome *ret_outcome, struct refusal *refusal)
{
    if (command->verb == COMMAND_COUNT)
        return execute_count(circuit, command, cause, now, ret_outcome, refusal);
    if (check_line(circuit, command->line, refusal) < 0)
        return -1;
    struct line *line = &circuit->lines[command->line];
    if (check_ranges(line, command, refusal) < 0 || check_expect(line, command, refusal) < 0)
        return -1;
    uint8_t was = line->value;
    bool locks = command->verb == COMMAND_LOCK || command->verb == COMMAND_UNLOCK;
    int code = locks ? execute_lock(circuit, command, cause, now, refusal)
                     : execute_on_line(circuit, command, cause, now, refusal);
    if (code == 0)
        *ret_outcome = (struct outcome){.line = command->line,
                                        .was = was,
                                        .value = line->value,
                                        .seq = line->seq,
                                        .on_at_ns = on_at_ns(line, now)};
    return code;
}
