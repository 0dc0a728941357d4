#include "circuit/execute.h"

#include "circuit/line_command.h"
#include "circuit/plan.h"
#include "circuit/safety.h"
#include "circuit/scene.h"
#include "circuit/unwind.h"
#include "circuit/verbs.h"

static void execute_off(struct circuit *circuit, const struct command *command,
                        enum event_cause cause, const struct timestamps *now)
{
    struct plan plan;
    unwind_all(circuit, 0, "off", &command->by, now);
    plan_init(&plan, circuit, &command->by, now);
    safety_off(&plan, cause, false);
}

int execute_command(struct circuit *circuit, const struct command *command, enum event_cause cause,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal)
{
    if (cause == EVENT_SET)
        cause = verb_of(command->verb)->cause;
    if (command->verb == COMMAND_OFF) {
        execute_off(circuit, command, cause, now);
        return 0;
    }
    if (command->verb == COMMAND_SCENE)
        return scene_apply(circuit, command, cause, now, refusal);
    if (command->verb == COMMAND_SCENE_STOP)
        return scene_stop(circuit, command, now, refusal);
    return line_command(circuit, command, cause, now, ret_outcome, refusal);
}
