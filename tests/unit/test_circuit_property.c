/* A million random things happen to a circuit in virtual time. A witness at the pins checks what may
 * never be, a reader of the journal that snapshot and events tell the same. Seed and number of steps
 * may be given as CIRCUIT_SEED and CIRCUIT_STEPS. */
#include "circuit_desk.h"

#include <math.h>

enum { OUTPUTS = 8, INPUTS = 2, LINES = OUTPUTS + INPUTS, CONNECTIONS = 4, PINS = 16 };

/* What a client knows of a line. */
struct known {
    uint8_t value;
    uint64_t seq, edges;
    char source[COMMAND_SOURCE_SIZE];
    bool available, locked, leased;
    uint32_t lease_ms;
    enum circuit_action_kind action;
    double duty, hz;
    int64_t on_since_ns; /* monotonic */
    uint32_t connection; /* of its lease, as far as the test gave it */
};

struct world {
    struct desk *desk;
    uint64_t random;
    bool faulty;    /* the hardware fails now and then: times are not kept then */
    bool reloading; /* pins are claimed anew: looked at afterwards */
    struct known lines[CIRCUIT_LINES_MAX];
    uint64_t seq;
    uint64_t step, done, refused, events, reloads;
    uint8_t level[PINS];
    int64_t on_since_ns[PINS], off_since_ns[PINS];
};

static uint32_t draw(struct world *world, uint32_t below)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (uint32_t)(world->random >> 20) % below;
}

static bool happens(struct world *world, uint32_t in_a_thousand)
{
    return draw(world, 1000) < in_a_thousand;
}

#define WITNESS(world, condition)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("step %llu: %s", (unsigned long long)(world)->step, #condition);              \
    } while (0)

/* ---- at the pins -------------------------------------------------------------------------- */

static int pin_of(const struct desk *desk, size_t line)
{
    return (int)strtol(desk->lines[line].gpio.gpio + 4, NULL, 10);
}

static bool stands_in(const struct circuit_interlock_options *interlock, size_t line)
{
    for (size_t i = 0; i < interlock->count; i++)
        if (interlock->lines[i] == line)
            return true;
    return false;
}

static void witness_interlocks(struct world *world, size_t line)
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
            WITNESS(world, !world->level[pin]);
            if (interlock->mode == CIRCUIT_INTERLOCK_BREAK && !world->faulty)
                WITNESS(world, now_ns - world->off_since_ns[pin] >= interlock->gap_ms * MS);
        }
    }
}

static void written(void *context, int handle, uint8_t level)
{
    struct world *world = ((struct desk *)context)->memory->context;
    const struct desk *desk = world->desk;
    int pin = desk->gpio.lines[handle].place.offset;
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

static void witness_pins(struct world *world)
{
    const struct desk *desk = world->desk;
    for (size_t i = 0; i < desk->options.line_count; i++) {
        int pin = pin_of(desk, i);
        int64_t on_ns = desk->now.monotonic_ns - world->on_since_ns[pin];
        if (desk->lines[i].gpio.direction == GPIO_DIRECTION_INPUT)
            continue;
        if (world->level[pin] && desk->lines[i].max_on_ms > 0 && !world->faulty)
            WITNESS(world, on_ns <= desk->lines[i].max_on_ms * MS);
        if (world->level[pin])
            for (size_t j = 0; j < desk->options.interlock_count; j++)
                for (size_t k = 0; stands_in(&desk->interlocks[j], i) && k < i; k++)
                    WITNESS(world,
                            !stands_in(&desk->interlocks[j], k) || !world->level[pin_of(desk, k)]);
    }
}

/* ---- at the journal ------------------------------------------------------------------------ */

static void take_snapshot(struct world *world)
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
            .available = state.available,
            .locked = state.lock_reason != NULL,
            .leased = state.leased,
            .lease_ms = state.lease_ms,
            .action = state.action,
            .duty = state.duty,
            .hz = state.hz,
            .on_since_ns = on_since_ns,
        };
        (void)snprintf(known->source, sizeof known->source, "%s", state.source);
    }
    world->seq = desk_seq(world->desk);
}

static uint8_t safe_value(const struct circuit_line_options *line)
{
    return line->safe == CIRCUIT_SAFE_1;
}

static void read_event(struct world *world, const struct event *event)
{
    struct known *known = &world->lines[event->line];
    const struct circuit_line_options *line = &world->desk->lines[event->line];
    const char *source = desk_text(world->desk, event->source);
    WITNESS(world, event->seq == world->seq + 1);
    world->seq = event->seq;
    world->events++;
    if (!known->value && event->value)
        known->on_since_ns = world->desk->now.monotonic_ns;
    known->edges += known->value != event->value;
    known->value = event->value;
    known->seq = event->seq;
    (void)snprintf(known->source, sizeof known->source, "%s", source);
    if (event->details & EVENT_HAS_LEASE)
        known->connection = 0;
    if (event->details & EVENT_HAS_PWM) {
        known->duty = (double)event->duty;
        known->hz = (double)event->hz;
    }
    if (event->cause == EVENT_LEASE && line->safe != CIRCUIT_SAFE_1 && !world->faulty)
        WITNESS(world, event->value == safe_value(line));
    for (size_t i = 0; event->value && i < world->desk->options.interlock_count; i++)
        for (size_t j = 0; stands_in(&world->desk->interlocks[i], event->line) && j < OUTPUTS; j++)
            WITNESS(world, j == event->line || !stands_in(&world->desk->interlocks[i], j) ||
                               !world->lines[j].value);
}

/* Whatever of the description changed without an event that says so, no client would ever learn. */
static void compare(struct world *world, size_t line, unsigned details)
{
    struct line_state state = desk_state(world->desk, line);
    struct known *known = &world->lines[line];
    WITNESS(world, known->value == state.value);
    WITNESS(world, known->seq == state.seq);
    WITNESS(world, known->edges == state.edges);
    WITNESS(world, strcmp(known->source, state.source) == 0);
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

static void read_journal(struct world *world)
{
    unsigned details[CIRCUIT_LINES_MAX] = {0};
    while (world->seq < desk_seq(world->desk)) {
        const struct event *event =
            journal_get(circuit_journal(world->desk->circuit), world->seq + 1);
        WITNESS(world, event);
        details[event->line] |= event->details;
        read_event(world, event);
    }
    for (size_t i = 0; i < circuit_line_count(world->desk->circuit); i++)
        compare(world, i, details[i]);
}

/* ---- what happens -------------------------------------------------------------------------- */

static struct command draw_command(struct world *world)
{
    static const uint32_t leases[] = {0, 0, 0, 50, 300};
    struct command command = {
        .verb = (enum command_verb)draw(world, COMMAND_OFF + 1),
        .line = (uint16_t)draw(world, OUTPUTS),
        .value = (uint8_t)draw(world, 2),
        .for_ms = happens(world, 300) ? draw(world, 200) : 0,
        .on_ms = draw(world, 100),
        .off_ms = draw(world, 100),
        .count = draw(world, 4),
        .duty = (double)draw(world, 11) / 10,
        .hz = 0.5 + draw(world, 40),
        .lease_ms = leases[draw(world, ARRAY_LENGTH(leases))],
        .lease_connection = happens(world, 100) ? 1 + draw(world, CONNECTIONS) : 0,
        .source = "http:a",
    };
    if (command.verb == COMMAND_OFF && happens(world, 900))
        command.verb = COMMAND_SET;
    if (command.verb == COMMAND_LOCK && happens(world, 800))
        command.verb = COMMAND_UNLOCK;
    if (command.verb == COMMAND_SCENE)
        command.line = 0, command.lease_connection = 0;
    else if (happens(world, 20))
        command.line = (uint16_t)draw(world, LINES + 2);
    (void)snprintf(command.reason, sizeof command.reason, "reason %u", draw(world, 2));
    return command;
}

static void note_lease(struct world *world, const struct command *command)
{
    struct known *known = &world->lines[command->line];
    if (command->verb == COMMAND_SCENE || command->verb == COMMAND_OFF ||
        command->verb == COMMAND_LOCK || command->verb == COMMAND_UNLOCK)
        return;
    if (command->verb == COMMAND_STOP && command->lease_ms == 0 && command->lease_connection == 0)
        return;
    known->connection =
        strcmp(known->source, "http:a") == 0 && known->leased ? command->lease_connection : 0;
}

static void do_command(struct world *world)
{
    struct desk *desk = world->desk;
    struct command command = draw_command(world);
    size_t writes = desk->gpio.write_count;
    uint64_t seq = desk_seq(desk);
    if (happens(world, 100) && command.line < LINES) {
        command.has_expect = true;
        command.expect = world->lines[command.line].seq - (happens(world, 500) ? 1 : 0);
    }
    if (desk_try(desk, command) < 0) {
        world->refused++;
        WITNESS(world, desk_seq(desk) == seq);
        WITNESS(world, desk->gpio.write_count == writes || world->faulty);
        WITNESS(world, desk->refusal.code != REFUSAL_NONE && desk->refusal.message[0]);
        return;
    }
    world->done++;
    read_journal(world);
    note_lease(world, &command);
}

static void set_many(struct world *world)
{
    struct desk *desk = world->desk;
    struct line_value values[4];
    uint16_t changed[4];
    size_t count = 1 + draw(world, 4);
    uint64_t seq = desk_seq(desk);
    for (size_t i = 0; i < count; i++) {
        values[i].line = (uint16_t)draw(world, OUTPUTS);
        values[i].value = (uint8_t)draw(world, 2);
        world->lines[values[i].line].connection = 0;
    }
    int code = circuit_set_many(desk->circuit, values, count, "line:b", &desk->now, changed,
                                &desk->refusal);
    WITNESS(world, code >= 0 || desk_seq(desk) == seq);
}

static void disconnect(struct world *world)
{
    uint32_t connection = 1 + draw(world, CONNECTIONS);
    circuit_disconnected(world->desk->circuit, connection, &world->desk->now);
    for (size_t i = 0; i < OUTPUTS && !world->faulty; i++) {
        struct line_state state = desk_state(world->desk, i);
        if (world->lines[i].connection != connection)
            continue;
        WITNESS(world, !state.leased || strncmp(state.source, "rule:", 5) == 0);
        if (state.options->safe != CIRCUIT_SAFE_1 && strncmp(state.source, "rule:", 5) != 0)
            WITNESS(world, state.value == safe_value(state.options));
        world->lines[i].connection = 0;
    }
}

static void fail_or_recover(struct world *world)
{
    struct desk *desk = world->desk;
    size_t line = draw(world, OUTPUTS);
    struct fake_line *fake = &desk->gpio.lines[line];
    if (happens(world, 500))
        fake->set_error = fake->set_error ? 0 : -EIO;
    else if (world->lines[line].available)
        circuit_available(desk->circuit, (int)line, false, 0, "gone", &desk->now);
    else
        circuit_available(desk->circuit, (int)line, true, fake->level, NULL, &desk->now);
}

static void forget(void *context, const char *line, const char *what)
{
    (void)context, (void)line, (void)what;
}

static void draw_options(struct world *world)
{
    static const uint32_t limits[] = {0, 0, 120, 400};
    static const uint32_t rests[] = {0, 0, 0, 60};
    struct desk *desk = world->desk;
    for (size_t i = 0; i < OUTPUTS; i++) {
        struct circuit_line_options *line = &desk->lines[i];
        line->max_on_ms = limits[draw(world, ARRAY_LENGTH(limits))];
        line->min_off_ms = rests[draw(world, ARRAY_LENGTH(rests))];
        line->lease_ms = i == 5 ? 200 : 0;
        line->safe = i == 6 ? CIRCUIT_SAFE_HOLD : i == 7 ? CIRCUIT_SAFE_1 : CIRCUIT_SAFE_0;
        line->initial = (enum circuit_initial)draw(world, 3);
        line->gpio.drive = happens(world, 100) ? GPIO_DRIVE_OPEN_DRAIN : GPIO_DRIVE_PUSH_PULL;
    }
    desk->options.interlock_count = 0;
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, 0, 2);
    desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, 3, 5)->gap_ms = draw(world, 3) * 30;
    desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, 2, 3)->gap_ms = 10;
    if (happens(world, 300))
        (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, 6, 7);
    for (size_t i = 0; i < desk->options.interlock_count; i++)
        (void)snprintf(desk->interlocks[i].name, CIRCUIT_NAME_SIZE, "group%zu", i);
}

static void reload(struct world *world)
{
    struct desk *desk = world->desk;
    bool fails = happens(world, 200);
    struct desk *before = malloc(sizeof *before);
    assert_non_null(before);
    memcpy(before, desk, sizeof *before);
    memset(desk->interlocks, 0, sizeof desk->interlocks);
    draw_options(world);
    desk->gpio.claim_error = fails ? -EBUSY : 0;
    for (size_t i = 0; i < OUTPUTS && fails; i++)
        desk->lines[i].gpio.drive = GPIO_DRIVE_PUSH_PULL; /* nothing to claim again: see below */
    if (fails)
        desk->lines[draw(world, OUTPUTS)].gpio.drive = GPIO_DRIVE_OPEN_SOURCE;
    world->reloading = true;
    int code =
        circuit_reload(desk->circuit, &desk->options, &desk->now, forget, NULL, &desk->error);
    world->reloading = false;
    desk->gpio.claim_error = 0;
    world->reloads += code == 0;
    if (code < 0) {
        memcpy(desk->lines, before->lines, sizeof desk->lines);
        memcpy(desk->interlocks, before->interlocks, sizeof desk->interlocks);
        desk->options = before->options;
    }
    free(before);
    while (world->seq < desk_seq(desk))
        WITNESS(world, journal_get(circuit_journal(desk->circuit), ++world->seq));
    take_snapshot(world);
    for (size_t i = 0; i < OUTPUTS; i++) {
        int64_t limit_ns = desk->lines[i].max_on_ms * MS;
        int64_t *since_ns = &world->on_since_ns[pin_of(desk, i)];
        if (limit_ns > 0 && *since_ns < desk->now.monotonic_ns - limit_ns)
            *since_ns = desk->now.monotonic_ns - limit_ns;
    }
    desk_wait_ns(desk, 0);
}

static void take_step(struct world *world)
{
    struct desk *desk = world->desk;
    uint32_t what = draw(world, 1000);
    if (what < 600)
        do_command(world);
    else if (what < 650)
        set_many(world);
    else if (what < 850)
        desk_wait_ns(desk, draw(world, happens(world, 50) ? 400000000 : 10000000));
    else if (what < 960)
        desk_press(desk, OUTPUTS + draw(world, INPUTS), (int)draw(world, 2));
    else if (what < 990)
        disconnect(world);
    else if (what < 998 && world->faulty)
        fail_or_recover(world);
    else if (what == 999 && !world->faulty)
        reload(world);
    desk_wait_ns(desk, 0);
    read_journal(world);
    witness_pins(world);
}

static void put_circuit(struct world *world)
{
    struct desk *desk = world->desk;
    char name[16];
    for (size_t i = 0; i < LINES; i++) {
        (void)snprintf(name, sizeof name, "line%zu", i);
        (void)desk_line(desk, name, i < OUTPUTS ? GPIO_DIRECTION_OUTPUT : GPIO_DIRECTION_INPUT);
    }
    draw_options(world);
    (void)desk_rule(desk, "toggle", OUTPUTS, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, 0);
    desk_rule(desk, "hold", OUTPUTS, CIRCUIT_TRIGGER_HELD, COMMAND_SET, 3)->for_ms = 30;
    desk->rules[1].held_ms = 50;
    desk_rule(desk, "both", OUTPUTS + 1, CIRCUIT_TRIGGER_BOTH, COMMAND_PULSE, 4)->for_ms = 20;
    (void)desk_rule(desk, "after", 0, CIRCUIT_TRIGGER_FALLING, COMMAND_TOGGLE, 6);
    desk->options.scene_count = 1;
    (void)snprintf(desk->scenes[0].name, CIRCUIT_NAME_SIZE, "scene");
    for (uint16_t i = 0; i < 6; i++)
        desk->scenes[0].steps[desk->scenes[0].count++] =
            (struct circuit_scene_step){.after_ms = i % 2 * 15, .line = i, .value = i % 3 != 0};
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void live(void **state, uint64_t steps, bool faulty)
{
    struct desk *desk = desk_of(state);
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct circuit_memory memory = {.context = world};
    world->desk = desk;
    world->faulty = faulty;
    world->random = number_from("CIRCUIT_SEED", 20261122) * 2654435761U + 1;
    desk->memory = &memory;
    desk->options.journal_events = 4096;
    put_circuit(world);
    for (size_t i = 0; i < PINS; i++)
        world->off_since_ns[i] = desk->now.monotonic_ns;
    world->reloading = true; /* the start is as if everything had just gone off: no gap before it */
    desk->gpio.written = written;
    desk_start(desk);
    world->reloading = false;
    take_snapshot(world);
    for (world->step = 0; world->step < steps; world->step++)
        take_step(world);
    print_message("%llu steps: %llu commands done, %llu refused, %llu events, %llu reloads\n",
                  (unsigned long long)steps, (unsigned long long)world->done,
                  (unsigned long long)world->refused, (unsigned long long)world->events,
                  (unsigned long long)world->reloads);
    WITNESS(world, world->done > steps / 10 && world->refused > steps / 10);
    circuit_shutdown(desk->circuit, &desk->now);
    for (size_t i = 0; i < OUTPUTS && !faulty; i++)
        WITNESS(world, !world->level[pin_of(desk, i)] || desk->lines[i].safe != CIRCUIT_SAFE_0);
    desk->memory = NULL;
    free(world);
}

static void nothing_that_happens_breaks_what_must_hold(void **state)
{
    live(state, number_from("CIRCUIT_STEPS", 1000000), false);
}

static void interlocks_and_the_journal_hold_on_failing_hardware(void **state)
{
    live(state, number_from("CIRCUIT_STEPS", 1000000) / 2, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(nothing_that_happens_breaks_what_must_hold),
        DESK_TEST(interlocks_and_the_journal_hold_on_failing_hardware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
