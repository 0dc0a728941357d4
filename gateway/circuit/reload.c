/* A new description while the program runs. The phases, in this order:
 *  1. next_new, match_lines: a second circuit is made, and lines of the same name are carried over.
 *  2. check_available, release_wanted: pins that are needed again are released.
 *  3. request_new: all new pins are requested at once. If that fails, request_again restores the released
 *     ones, and the circuit stays as it was.
 *  4. unwind_changed: programs that cannot go on unwind. drop_removed, report_lines: outputs that leave go to their safe values.
 *  5. take_place: the circuit becomes the second one; runs and rules that still fit go on.
 *  6. begin_again: new lines take their first values, and leases are granted. rule_switch_off: what rules that
 *     are gone or changed would have switched off later goes off. */
#include "circuit/circuit.h"

#include "circuit/actions.h"
#include "circuit/entry.h"
#include "circuit/record.h"
#include "circuit/rule.h"
#include "circuit/run.h"
#include "circuit/safety.h"
#include "circuit/scene.h"
#include "circuit/start.h"
#include "circuit/trigger.h"
#include "circuit/unwind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct origin reload_origin = {.source = "reload"};

struct reload {
    struct circuit *circuit;
    struct circuit *next;
    const struct circuit_options *options;
    const struct timestamps *now;
    int16_t from[CIRCUIT_LINES_MAX];     /* of a new line: the old one of its name, or -1 */
    bool removed[CIRCUIT_LINES_MAX];     /* of an old line: nothing has its name any more */
    bool released[CIRCUIT_LINES_MAX];    /* of an old line: gpio/ has it back */
    bool ended_rules[CIRCUIT_RULES_MAX]; /* of an old rule: it goes away, and commands of it wait */
    bool stuck[CIRCUIT_LINES_MAX];       /* by old index: left, and its safe value was refused */
};

static struct circuit *next_free(struct circuit *next)
{
    if (!next)
        return NULL;
    circuit_options_done(&next->options);
    free(next->lines);
    free(next);
    return NULL;
}

static struct circuit *next_new(const struct reload *reload)
{
    const struct circuit_options *options = reload->options;
    struct circuit *next = calloc(1, sizeof *next);
    if (!next)
        return NULL;
    next->gpio = reload->circuit->gpio;
    next->store = reload->circuit->store;
    next->line_count = options->line_count;
    next->lines = calloc(options->line_count ? options->line_count : 1, sizeof(struct line));
    if (!next->lines || circuit_options_copy(&next->options, options) < 0)
        return next_free(next);
    start_init_lines(next, reload->now);
    return next;
}

static bool keeps_request(const struct reload *reload, size_t line)
{
    if (reload->from[line] < 0)
        return false;
    const struct line *old = &reload->circuit->lines[reload->from[line]];
    return old->handle >= 0 &&
           circuit_line_same_request(&reload->options->lines[line], old->options);
}

static bool same_direction(const struct line *a, const struct line *b)
{
    return line_is_output(a) == line_is_output(b);
}

/* The action of a line that is requested anew ends. If it would have ended off, the line goes off. */
static bool ends_off(const struct line *old)
{
    if (old->pending_write.is_waiting)
        return !old->pending_write.value;
    return action_ends_off(old);
}

/* A line of the same name is the same line: its state is carried over. */
static void carry_over(struct reload *reload, size_t index)
{
    struct line *line = &reload->next->lines[index];
    const struct line *old = &reload->circuit->lines[reload->from[index]];
    struct line fresh = *line;
    if (!keeps_request(reload, index) && !same_direction(line, old)) {
        line->seq = old->seq;
        line->edges = old->edges;
        line->counter = old->counter;
        return;
    }
    *line = *old;
    line->index = fresh.index;
    line->options = fresh.options;
    line->groups = fresh.groups;
    if (keeps_request(reload, index))
        return;
    line->handle = -1;
    if (line->pin && (ends_off(old) || (old->run && !run_unwind_value(reload->circuit, old)))) {
        line->pin = 0;
        line->off_since_ns = reload->now->monotonic_ns;
    }
    line_set_value(line, line->pin, reload->now->monotonic_ns);
    line->available = true;
    line->pending_write.is_waiting = false;
    line->run = 0;
    line->action = fresh.action;
    line->settles_ns = DEADLINE_NEVER;
}

static void match_lines(struct reload *reload)
{
    for (size_t i = 0; i < reload->circuit->line_count; i++)
        reload->removed[i] = true;
    for (size_t i = 0; i < reload->next->line_count; i++) {
        int old =
            circuit_options_find_before(&reload->circuit->options, &reload->options->lines[i]);
        reload->from[i] = (int16_t)old;
        if (old < 0)
            continue;
        reload->removed[old] = false;
        carry_over(reload, i);
    }
}

/* Whether a new line may want the pin of an old one. */
static bool is_wanted(const struct reload *reload, const struct line *old)
{
    const struct gpio_line_location *location = gpio_location(reload->circuit->gpio, old->handle);
    for (size_t i = 0; i < reload->next->line_count; i++) {
        const struct gpio_line_config *config = &reload->options->lines[i].gpio;
        if (keeps_request(reload, i))
            continue;
        if (old->options->pwm_channel[0] &&
            strcmp(old->options->pwm_channel, reload->options->lines[i].pwm_channel) == 0)
            return true;
        if (config->gpio[0] ? strcmp(config->gpio, old->options->gpio.gpio) == 0 ||
                                  strcmp(config->gpio, location->name) == 0
                            : config->offset == location->offset)
            return true;
    }
    return false;
}

static void release(struct reload *reload, size_t old, uint8_t stays)
{
    struct circuit *circuit = reload->circuit;
    const struct line *line = &circuit->lines[old];
    uint8_t safe = line_safe_value(line);
    bool leaves = reload->removed[old] && line_is_output(line) && line->available &&
                  line->options->safe != CIRCUIT_SAFE_HOLD;
    uint8_t last = leaves ? safe : stays;
    if (line->pin != last || action_is_by_kernel(&line->action))
        reload->stuck[old] = gpio_set(circuit->gpio, &line->handle, &last, 1) < 0 && leaves;
    gpio_release(circuit->gpio, line->handle);
    reload->released[old] = true;
}

static bool same_location(const struct circuit_line_options *a,
                          const struct circuit_line_options *b)
{
    return strcmp(a->gpio.gpio, b->gpio.gpio) == 0 && strcmp(a->gpio.chip, b->gpio.chip) == 0 &&
           a->gpio.offset == b->gpio.offset && strcmp(a->pwm_channel, b->pwm_channel) == 0;
}

/* A line on a chip that is away can be requested neither anew nor again. */
static int check_available(const struct reload *reload, struct gpio_error *error)
{
    for (size_t i = 0; i < reload->next->line_count; i++) {
        int old = reload->from[i];
        const char *name = reload->options->lines[i].name;
        if (keeps_request(reload, i) || old < 0 || reload->circuit->lines[old].available ||
            reload->circuit->lines[old].handle < 0 ||
            !same_location(&reload->options->lines[i], reload->circuit->lines[old].options))
            continue;
        *error = (struct gpio_error){.code = -ENODEV, .line = name};
        (void)snprintf(error->message, sizeof error->message,
                       "line %s is changed, and its chip is away: reload when it is back", name);
        return -ENODEV;
    }
    return 0;
}

/* A pin must be free before it is requested anew. */
static void release_wanted(struct reload *reload)
{
    size_t more = 0;
    for (size_t i = 0; i < reload->next->line_count; i++) {
        int old = reload->from[i];
        if (keeps_request(reload, i))
            continue;
        more++;
        if (old >= 0 && reload->circuit->lines[old].handle >= 0)
            release(reload, (size_t)old, reload->next->lines[i].pin);
    }
    bool crowded = reload->circuit->line_count + more > GPIO_LINES_MAX;
    for (size_t i = 0; i < reload->circuit->line_count; i++)
        if (reload->removed[i] && reload->circuit->lines[i].handle >= 0 &&
            (crowded || is_wanted(reload, &reload->circuit->lines[i])))
            release(reload, i, reload->circuit->lines[i].pin);
}

static enum gpio_initial initial_of_pin(const struct line *line)
{
    return line->pin ? GPIO_INITIAL_ACTIVE : GPIO_INITIAL_INACTIVE;
}

static int request_new(struct reload *reload, struct gpio_error *error)
{
    struct gpio_line_config configs[CIRCUIT_LINES_MAX];
    struct line *lines[CIRCUIT_LINES_MAX];
    int handles[CIRCUIT_LINES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < reload->next->line_count; i++) {
        struct line *line = &reload->next->lines[i];
        if (keeps_request(reload, i))
            continue;
        bool known =
            reload->from[i] >= 0 && same_direction(line, &reload->circuit->lines[reload->from[i]]);
        configs[count] = line->options->gpio;
        configs[count].name = reload->options->lines[i].name;
        configs[count].initial =
            known ? initial_of_pin(line) : start_choose_initial(reload->next, line);
        lines[count++] = line;
    }
    int code =
        count > 0 ? gpio_request_lines(reload->circuit->gpio, configs, count, handles, error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        lines[i]->handle = handles[i];
    return code;
}

/* The reload failed: released lines are requested again with the values that they had. A line for which
 * that fails is unavailable from now on. */
static void request_again(struct reload *reload)
{
    struct circuit *circuit = reload->circuit;
    for (size_t i = 0; i < circuit->line_count; i++)
        if (reload->released[i])
            circuit->by_handle[circuit->lines[i].handle] = -1;
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        struct gpio_line_config config = line->options->gpio;
        struct gpio_error error;
        if (!reload->released[i])
            continue;
        config.initial = initial_of_pin(line);
        if (gpio_request_lines(circuit->gpio, &config, 1, &line->handle, &error) == 0) {
            circuit->by_handle[line->handle] = (int16_t)i;
            if (action_is_by_kernel(&line->action))
                line->state_unknown = line_write(circuit->gpio, line, &line->action, line->pin) < 0;
            continue;
        }
        struct event event = {.time_ns = reload->now->wall_ns,
                              .cause = EVENT_AVAILABILITY,
                              .details = EVENT_HAS_AVAILABLE};
        line->handle = -1;
        line->available = false;
        (void)snprintf(line->unavailable_reason, sizeof line->unavailable_reason, "%.*s",
                       COMMAND_MESSAGE_SIZE - 1, error.message);
        circuit_append(circuit, line, &event, &reload_origin);
    }
}

/* Programs whose steps or lines change unwind. Lines that stay are carried over once more. */
static void unwind_changed(struct reload *reload, const bool *fresh)
{
    struct circuit *circuit = reload->circuit;
    for (size_t i = 0; i < circuit->line_count; i++)
        if (reload->released[i])
            circuit->lines[i].run = 0;
    for (size_t i = 0; i < circuit->options.scene_count; i++)
        if (circuit->scenes[i].running && !scene_survives(circuit, reload->next, i, fresh))
            unwind_run(circuit, i, SCENE_STOPPED, "reload", &reload_origin, reload->now);
    for (size_t i = 0; i < reload->next->line_count; i++)
        if (keeps_request(reload, i))
            carry_over(reload, i);
}

/* Outputs that leave the circuit go to their safe values. */
static void drop_removed(struct reload *reload)
{
    struct circuit *circuit = reload->circuit;
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        struct event event = {.time_ns = reload->now->wall_ns, .cause = EVENT_RELOAD};
        if (!reload->removed[i])
            continue;
        if (!reload->released[i] && line->handle >= 0)
            release(reload, i, reload->circuit->lines[i].pin);
        if (!line_is_output(line) || line->options->safe == CIRCUIT_SAFE_HOLD ||
            line->value == line_safe_value(line) || reload->stuck[i])
            continue;
        line_set_value(line, line_safe_value(line), reload->now->monotonic_ns);
        circuit_append(circuit, line, &event, &reload_origin);
    }
}

/* The circuit takes the options and lines of the next one and keeps its journal. */
static void replace_circuit(struct reload *reload, const bool *fresh)
{
    struct circuit *circuit = reload->circuit;
    struct circuit *next = reload->next;
    struct circuit_options options = circuit->options;
    struct line *lines = circuit->lines;
    struct deadlines due = circuit->deadlines;
    struct rule_state states[CIRCUIT_RULES_MAX];
    memcpy(states, circuit->rules, sizeof states);
    circuit->options = next->options;
    circuit->lines = next->lines;
    circuit->line_count = next->line_count;
    next->options = options;
    next->lines = lines;
    deadlines_init(&circuit->deadlines);
    scene_carry_over(circuit, &next->options);
    trigger_carry_over(circuit, &next->options, states, &due, fresh, reload->now);
    for (size_t i = 0; i < GPIO_LINES_MAX; i++)
        circuit->by_handle[i] = -1;
    for (size_t i = 0; i < circuit->line_count; i++) {
        if (circuit->lines[i].handle >= 0)
            circuit->by_handle[circuit->lines[i].handle] = (int16_t)i;
        circuit_schedule(circuit, &circuit->lines[i]);
    }
}

/* Grants a lease to a line that is on and now needs one, or a shorter one. */
static void grant_lease(struct circuit *circuit, const struct line *line,
                        const struct timestamps *now)
{
    bool away = line->value != line_safe_value(line) || line->action.kind != CIRCUIT_ACTION_NONE;
    uint32_t most = line->options->lease_ms;
    bool is_short = line->lease.ms > 0 && line->lease.ms <= most;
    if (!line_is_output(line) || !away || line->pending_write.is_waiting || most == 0 || is_short)
        return;
    struct plan plan;
    plan_init(&plan, circuit, &line->commander, now);
    plan.by_itself = true;
    struct line_change *change = plan_add(&plan, line->index, EVENT_RELOAD);
    change->value = line->value;
    change->pin = line->pin;
    change->continues = true;
    change->action = line->action;
    change->lease = safety_lease(line, 0, line->lease.connection, now->monotonic_ns);
    plan_force(&plan);
}

/* `fresh`: the lines that were requested now. */
static void begin_again(struct reload *reload, const bool *fresh)
{
    struct circuit *circuit = reload->circuit;
    for (size_t i = 0; i < circuit->line_count; i++) {
        struct line *line = &circuit->lines[i];
        uint8_t value = line->pin;
        int old = reload->from[i];
        if (!fresh[i]) {
            grant_lease(circuit, line, reload->now);
            continue;
        }
        (void)gpio_get(circuit->gpio, &line->handle, 1, &value);
        if (!line_is_output(line))
            start_count_unseen(line, old >= 0 ? &reload->next->lines[old] : NULL, value != 0);
        start_take_value(circuit, line, value != 0, EVENT_RELOAD, &reload_origin, reload->now);
        if (line_is_output(line) && old >= 0 && !line->value)
            record_value(circuit, line, 0); /* what waited to go on does not after a crash */
    }
    safety_settle(circuit, &reload_origin, reload->now);
    for (size_t i = 0; i < circuit->line_count; i++)
        if (fresh[i] && reload->from[i] < 0)
            start_switch_on(circuit, i, EVENT_RELOAD, &reload_origin, reload->now);
}

static bool is_renamed(const struct reload *reload, size_t line)
{
    int old = reload->from[line];
    return old >= 0 &&
           strcmp(reload->options->lines[line].name, reload->circuit->options.lines[old].name) != 0;
}

static void report_lines(const struct reload *reload,
                         void (*log)(void *context, const char *line, const char *what),
                         void *context)
{
    for (size_t i = 0; i < reload->options->line_count; i++) {
        const struct circuit_line_options *line = &reload->options->lines[i];
        int old = reload->from[i];
        bool same = old >= 0 && circuit_line_same(line, reload->circuit->lines[old].options);
        const char *what = old < 0 ? "added" : same ? "kept" : "changed";
        if (is_renamed(reload, i))
            what = "renamed";
        log(context, line->name, what);
    }
    for (size_t i = 0; i < reload->circuit->line_count; i++)
        if (reload->removed[i])
            log(context, reload->circuit->lines[i].options->name,
                reload->stuck[i] ? "removed, not brought to its safe value: the hardware refused"
                                 : "removed");
}

int circuit_reload(struct circuit *circuit, const struct circuit_options *options,
                   const struct timestamps *now,
                   void (*log)(void *context, const char *line, const char *what), void *context,
                   struct gpio_error *error)
{
    struct reload reload = {.circuit = circuit, .options = options, .now = now};
    bool fresh[CIRCUIT_LINES_MAX] = {false};
    reload.next = next_new(&reload);
    if (!reload.next) {
        *error = (struct gpio_error){.code = -ENOMEM, .message = "out of memory"};
        return -ENOMEM;
    }
    bool outermost = entry_begin(circuit);
    match_lines(&reload);
    for (size_t i = 0; i < options->line_count; i++)
        fresh[i] = !keeps_request(&reload, i);
    int code = check_available(&reload, error);
    if (code == 0) {
        release_wanted(&reload);
        code = request_new(&reload, error);
    }
    if (code == 0) {
        rule_find_ended(circuit, options, reload.ended_rules);
        unwind_changed(&reload, fresh);
        drop_removed(&reload);
        report_lines(&reload, log, context);
        for (size_t i = 0; i < options->line_count; i++)
            if (is_renamed(&reload, i))
                start_rename(circuit, &options->lines[i]);
        replace_circuit(&reload, fresh);
        begin_again(&reload, fresh);
        rule_switch_off(circuit, &reload.next->options, reload.ended_rules, now);
        if (circuit->store
                .changed) /* a line may come back now whose value was of no importance before */
            circuit->store.changed(circuit->store.context, true);
    } else {
        request_again(&reload);
    }
    reload.next = next_free(reload.next);
    entry_end(circuit, outermost, now);
    return code;
}
