/* A desk with a circuit on it: fake pins, a clock that the test turns, and short words for what a
 * person does. Included by one test, with everything that cmocka wants. */
#ifndef TEST_CIRCUIT_DESK_H
#define TEST_CIRCUIT_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "fake_gpio.h"

#include <stdlib.h>

#define MS CLOCK_NS_PER_MS
#define SECOND CLOCK_NS_PER_SECOND
#define WALL_AT_ZERO (INT64_C(1792231200) * CLOCK_NS_PER_SECOND)

struct desk {
    struct circuit_options options;
    struct circuit_line_options lines[CIRCUIT_LINES_MAX];
    struct circuit_interlock_options interlocks[8];
    struct circuit_scene_options scenes[4];
    struct circuit_rule_options rules[CIRCUIT_RULES_MAX];
    struct circuit_store *store;
    struct gpio gpio;
    struct circuit *circuit;
    struct timestamps now;
    struct outcome outcome;
    struct refusal refusal;
    struct gpio_error error;
};

static inline void desk_edge(void *context, const struct gpio_edge *edge)
{
    struct desk *desk = context;
    circuit_edge(desk->circuit, edge, &desk->now);
}

static inline struct desk *desk_of(void **state)
{
    return *state;
}

static inline int desk_open(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    (void)snprintf(desk->options.name, sizeof desk->options.name, "desk");
    desk->options.lines = desk->lines;
    desk->options.interlocks = desk->interlocks;
    desk->options.scenes = desk->scenes;
    desk->options.rules = desk->rules;
    desk->options.journal_events = 65536;
    desk->gpio.capabilities = GPIO_CAN_DEBOUNCE | GPIO_CAN_SET_AT_ONCE | GPIO_CAN_SIMULATE;
    desk->gpio.context = desk;
    desk->gpio.edge = desk_edge;
    desk->now.monotonic_ns = 1000 * SECOND;
    desk->now.wall_ns = WALL_AT_ZERO + 1000 * SECOND;
    *state = desk;
    return 0;
}

static inline int desk_close(void **state)
{
    struct desk *desk = *state;
    desk->circuit = circuit_free(desk->circuit);
    free(desk);
    return 0;
}

static inline struct circuit_line_options *desk_line(struct desk *desk, const char *name,
                                                     enum gpio_direction direction)
{
    size_t index = desk->options.line_count++;
    struct circuit_line_options *line = &desk->lines[index];
    (void)snprintf(line->name, sizeof line->name, "%s", name);
    (void)snprintf(line->gpio.gpio, sizeof line->gpio.gpio, "GPIO%zu", index);
    line->gpio.offset = -1;
    line->gpio.direction = direction;
    return line;
}

static inline struct circuit_line_options *desk_output(struct desk *desk, const char *name)
{
    return desk_line(desk, name, GPIO_DIRECTION_OUTPUT);
}

static inline struct circuit_line_options *desk_input(struct desk *desk, const char *name)
{
    return desk_line(desk, name, GPIO_DIRECTION_INPUT);
}

/* An interlock over the lines from `first` to `last`. */
static inline struct circuit_interlock_options *
desk_interlock(struct desk *desk, enum circuit_interlock_mode mode, size_t first, size_t last)
{
    struct circuit_interlock_options *interlock =
        &desk->interlocks[desk->options.interlock_count++];
    (void)snprintf(interlock->name, sizeof interlock->name, "lock");
    interlock->mode = mode;
    for (size_t i = first; i <= last; i++)
        interlock->lines[interlock->count++] = (uint16_t)i;
    return interlock;
}

static inline struct command *desk_rule(struct desk *desk, const char *name, size_t line,
                                        enum circuit_trigger trigger, enum command_verb verb,
                                        size_t target)
{
    struct circuit_rule_options *rule = &desk->rules[desk->options.rule_count++];
    (void)snprintf(rule->name, sizeof rule->name, "%s", name);
    rule->when = (struct circuit_when){.trigger = trigger, .days = CIRCUIT_DAYS_ALL};
    if (trigger < CIRCUIT_TRIGGER_TIME)
        rule->when.lines[rule->when.line_count++] = (uint16_t)line;
    rule->commands.count = 1;
    rule->commands.list[0].verb = verb;
    rule->commands.list[0].line = (uint16_t)target;
    return &rule->commands.list[0];
}

/* A program without steps yet. */
static inline struct circuit_scene_options *desk_program(struct desk *desk, const char *name)
{
    struct circuit_scene_options *scene = &desk->scenes[desk->options.scene_count++];
    (void)snprintf(scene->name, sizeof scene->name, "%s", name);
    scene->is_program = true;
    scene->repeat = 1;
    return scene;
}

/* A value; without a delay it is set together with the one before. */
static inline void desk_step(struct circuit_scene_options *scene, uint32_t after_ms, size_t line,
                             uint8_t value)
{
    bool joins = scene->count > 0 && after_ms == 0;
    uint8_t last = scene->count > 0 ? scene->steps[scene->count - 1].number : 0;
    scene->steps[scene->count++] =
        (struct circuit_scene_step){.after_ms = after_ms,
                                    .number = (uint8_t)(joins ? last : last + 1),
                                    .line = (uint16_t)line,
                                    .value = value};
}

static inline void desk_step_command(struct circuit_scene_options *scene, uint32_t after_ms,
                                     struct command command)
{
    desk_step(scene, after_ms, 0, 0);
    scene->steps[scene->count - 1].does = true;
    scene->steps[scene->count - 1].command = command;
}

static inline int desk_try_start(struct desk *desk)
{
    return circuit_new(&desk->options, &desk->gpio, "9f3c61d2", desk->store, &desk->now,
                       &desk->circuit, &desk->error);
}

static inline void desk_start(struct desk *desk)
{
    assert_int_equal(desk_try_start(desk), 0);
}

/* Turns the clock on, stopping at whatever the circuit has to do by itself. */
static inline void desk_wait_ns(struct desk *desk, int64_t wait_ns)
{
    int64_t end_ns = desk->now.monotonic_ns + wait_ns;
    int64_t due_ns;
    while ((due_ns = circuit_due_ns(desk->circuit)) <= end_ns) {
        if (due_ns > desk->now.monotonic_ns) {
            desk->now.wall_ns += due_ns - desk->now.monotonic_ns;
            desk->now.monotonic_ns = due_ns;
        }
        circuit_tick(desk->circuit, &desk->now);
    }
    desk->now.wall_ns += end_ns - desk->now.monotonic_ns;
    desk->now.monotonic_ns = end_ns;
}

static inline void desk_wait(struct desk *desk, int64_t wait_ms)
{
    desk_wait_ns(desk, wait_ms * MS);
}

static inline int desk_try(struct desk *desk, struct command command)
{
    if (!command.by.source[0])
        command.by = (struct origin){"http:192.168.1.7:51514", ROLE_OPERATOR};
    return circuit_command(desk->circuit, &command, &desk->now, &desk->outcome, &desk->refusal);
}

static inline void desk_do(struct desk *desk, struct command command)
{
    int code = desk_try(desk, command);
    if (code < 0)
        fail_msg("refused: %s", desk->refusal.message);
}

static inline void desk_refused(struct desk *desk, struct command command, enum refusal_code code)
{
    assert_int_equal(desk_try(desk, command), -1);
    assert_int_equal(desk->refusal.code, code);
    assert_true(strlen(desk->refusal.message) > 5);
}

static inline struct command desk_set_command(size_t line, uint8_t value)
{
    return (struct command){.verb = COMMAND_SET, .line = (uint16_t)line, .value = value};
}

static inline void desk_set(struct desk *desk, size_t line, uint8_t value)
{
    desk_do(desk, desk_set_command(line, value));
}

static inline void desk_press(struct desk *desk, size_t line, int value)
{
    assert_int_equal(circuit_simulate(desk->circuit, line, value,
                                      &(struct origin){"http:192.168.1.7:51514", ROLE_OPERATOR},
                                      &desk->now, &desk->refusal),
                     0);
}

static inline struct line_state desk_state(const struct desk *desk, size_t line)
{
    struct line_state state;
    circuit_line(desk->circuit, line, &desk->now, &state);
    return state;
}

static inline uint8_t desk_value(const struct desk *desk, size_t line)
{
    return desk_state(desk, line).value;
}

/* The level of a line's pin, by its number on the header. */
static inline uint8_t desk_pin(const struct desk *desk, size_t line)
{
    return desk->gpio.pins[line];
}

static inline uint64_t desk_seq(const struct desk *desk)
{
    return journal_last(circuit_journal(desk->circuit));
}

/* The newest event, or an older one. */
static inline const struct event *desk_event(const struct desk *desk, uint64_t back)
{
    const struct event *event = journal_get(circuit_journal(desk->circuit), desk_seq(desk) - back);
    assert_non_null(event);
    return event;
}

static inline const char *desk_text(const struct desk *desk, uint32_t text_id)
{
    return journal_text(circuit_journal(desk->circuit), text_id);
}

static inline void desk_expect_event(const struct desk *desk, uint64_t back, size_t line,
                                     uint8_t value, enum event_cause cause)
{
    const struct event *event = desk_event(desk, back);
    assert_int_equal(event->line, line);
    assert_int_equal(event->value, value);
    assert_string_equal(event_cause_name(event->cause), event_cause_name(cause));
}

/* A reload whose words nobody reads. */
static inline void desk_ignore(void *context, const char *line, const char *what)
{
    (void)context, (void)line, (void)what;
}

static inline int desk_reload(struct desk *desk)
{
    return circuit_reload(desk->circuit, &desk->options, &desk->now, desk_ignore, NULL,
                          &desk->error);
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

#endif
