/* A million random things happen to a circuit in virtual time. Seed and number of steps may be given
 * as CIRCUIT_SEED and CIRCUIT_STEPS. */
#include "base/json_writer.h"
#include "circuit/verbs.h"
#include "circuit_disk.h"
#include "circuit_witness.h"
#include "protocol/json_encode.h"
#include "protocol/line_texts.h"

enum {
    TEXT_STEPS = 8, /* between two looks at a text, which take longer than a step */
    TEXT_MAX_BYTES = 4096,
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

static struct command draw_command(struct world *world)
{
    static const uint32_t leases[] = {0, 0, 0, 50, 300};
    struct command command = {.by = {"http:a", ROLE_OPERATOR}};
    /* One after the other: the order inside an initializer is the compiler's own. */
    command.verb = (enum command_verb)draw(world, COMMAND_OFF + 1);
    if (command.verb == COMMAND_FADE)
        command.verb = COMMAND_PWM; /* events tell the ends of a fade only */
    command.line = (uint16_t)draw(world, OUTPUTS);
    command.value = (uint8_t)draw(world, 2);
    command.for_ms = happens(world, 300) ? draw(world, 200) : 0;
    command.on_ms = draw(world, 100);
    command.off_ms = draw(world, 100);
    command.count = draw(world, 4);
    command.duty = (double)draw(world, 11) / 10;
    command.hz = 0.5 + draw(world, 40);
    command.lease_ms = leases[draw(world, ARRAY_LENGTH(leases))];
    command.lease_connection = happens(world, 100) ? 1 + draw(world, CONNECTIONS) : 0;
    if (command.verb == COMMAND_OFF && happens(world, 900))
        command.verb = COMMAND_SET;
    if (command.verb == COMMAND_LOCK && happens(world, 800))
        command.verb = COMMAND_UNLOCK;
    command.pulses = draw(world, 1000);
    if (command.verb == COMMAND_COUNT && happens(world, 900))
        command.line = COUNTER;
    else if (command.verb == COMMAND_SCENE || command.verb == COMMAND_SCENE_STOP)
        command.line = 0, command.lease_connection = 0;
    else if (happens(world, 20))
        command.line = (uint16_t)draw(world, LINES + 2);
    (void)snprintf(command.reason, sizeof command.reason, "reason %u", draw(world, 2));
    return command;
}

static void note_lease(struct world *world, const struct command *command)
{
    struct known *known = &world->lines[command->line];
    if (command->verb == COMMAND_SCENE || command->verb == COMMAND_SCENE_STOP ||
        command->verb == COMMAND_OFF || command->verb == COMMAND_LOCK ||
        command->verb == COMMAND_UNLOCK || command->verb == COMMAND_COUNT ||
        verb_is_of_rule(verb_of(command->verb)))
        return;
    if (command->verb == COMMAND_STOP && command->lease_ms == 0 && command->lease_connection == 0)
        return;
    known->connection =
        strcmp(known->by.source, "http:a") == 0 && known->leased ? command->lease_connection : 0;
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
    int code = circuit_set_many(desk->circuit, values, count,
                                &(struct command){.by = {"line:b", ROLE_OPERATOR}}, &desk->now,
                                changed, &desk->refusal);
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
        WITNESS(world, !state.leased || strncmp(state.by->source, "rule:", 5) == 0);
        if (state.options->safe != CIRCUIT_SAFE_1 && strncmp(state.by->source, "rule:", 5) != 0)
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
    else {
        fake_write(&desk->gpio, (int)line, fake->level); /* as the chip is claimed again */
        circuit_available(desk->circuit, (int)line, true, fake->level, NULL, &desk->now);
    }
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
        line->initial = (enum circuit_initial)draw(world, 4);
        line->gpio.drive = happens(world, 100) ? GPIO_DRIVE_OPEN_DRAIN : GPIO_DRIVE_PUSH_PULL;
    }
    desk->options.interlock_count = 0;
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, 0, 2);
    desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, 3, 5)->gap_ms = draw(world, 3) * 30;
    desk_interlock(desk, CIRCUIT_INTERLOCK_BREAK, 2, 3)->gap_ms = 10;
    if (happens(world, 300))
        (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, 6, 7);
    if (happens(world, 500)) /* an output and an input */
        (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, OUTPUTS - 1, OUTPUTS);
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
    if (code == 0)
        line_texts_renew(world->texts);
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

/* The process is gone without an end, and another one starts: with the pins as they are, or all low. */
static void crash(struct world *world)
{
    struct desk *desk = world->desk;
    struct before_crash before[OUTPUTS];
    bool keeps = happens(world, 500);
    note(world);
    for (size_t i = 0; i < OUTPUTS; i++)
        before[i] = judge_before(world, i);
    desk->gpio.pins[pin_of(desk, COUNTER)] = (uint8_t)draw(world, 2); /* moves while it is away */
    world->texts = line_texts_free(world->texts);
    desk->circuit = circuit_free(desk->circuit);
    memcpy(world->now.values, world->disk.values, sizeof world->now.values);
    world->write_ns = INT64_MAX;
    for (size_t i = 0; i < GPIO_LINES_MAX; i++)
        desk->gpio.lines[i].requested = false;
    for (size_t i = 0; i < OUTPUTS; i++) {
        int pin = pin_of(desk, i);
        desk->gpio.handed_over[pin] = keeps;
        if (!keeps && world->level[pin]) {
            desk->gpio.pins[pin] = world->level[pin] = 0;
            world->off_since_ns[pin] = desk->now.monotonic_ns;
        }
    }
    desk->store->goes_on = keeps;
    desk->now.wall_ns += draw(world, 300) * MS; /* passes while it is away */
    world->reloading = true;
    desk_start(desk);
    assert_int_equal(line_texts_new(desk->circuit, &world->texts), 0);
    world->reloading = false;
    world->crashes++;
    witness_rules_after(world);
    for (size_t i = 0; i < OUTPUTS; i++)
        witness_after(world, i, &before[i]);
    WITNESS(world,
            desk_state(desk, COUNTER).pulses ==
                world->disk.pulses + (!world->disk.counter_value && desk_value(desk, COUNTER)));
    memset(world->lines, 0, sizeof world->lines);
    memset(world->is_commanded, 0, sizeof world->is_commanded);
    take_snapshot(world);
    for (size_t i = 0; i < OUTPUTS; i++) /* max_on_ms counts from the start */
        world->on_since_ns[pin_of(desk, i)] = desk->now.monotonic_ns;
}

/* The clock is put right by some seconds or hours, or a machine without one has none. */
static void step_clock(struct world *world)
{
    struct desk *desk = world->desk;
    int64_t by_s = (int64_t)draw(world, happens(world, 500) ? 180 : 20000) - 90;
    desk->now.wall_ns += by_s * SECOND;
    circuit_clock_changed(desk->circuit, !happens(world, 100), &desk->now);
}

/* A text that was kept is always the one that would be made now. */
static void witness_text(struct world *world, size_t line)
{
    const struct desk *desk = world->desk;
    struct line_state state = desk_state(desk, line);
    struct buffer kept;
    struct buffer fresh;
    buffer_init(&kept, TEXT_MAX_BYTES);
    buffer_init(&fresh, TEXT_MAX_BYTES);
    struct json_writer to_kept = json_writer_begin(&kept);
    struct json_writer to_fresh = json_writer_begin(&fresh);
    line_texts_write(world->texts, &to_kept, line, &desk->now);
    json_encode_line(&to_fresh, &state);
    WITNESS(world, !fresh.error && strcmp(buffer_text(&kept), buffer_text(&fresh)) == 0);
    buffer_done(&kept);
    buffer_done(&fresh);
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
    else if (what == 990)
        step_clock(world);
    else if (what < 998 && world->faulty)
        fail_or_recover(world);
    else if (what == 998 && !world->faulty)
        crash(world);
    else if (what == 999 && !world->faulty)
        reload(world);
    desk_wait_ns(desk, 0);
    write_when_due(world);
    read_journal(world);
    witness_pins(world);
    witness_rules(world);
    if (world->step % TEXT_STEPS == 0)
        witness_text(world, world->step / TEXT_STEPS % LINES);
}

/* Rules with delays, conditions, times of day and intervals, beside those that act at once. */
static void put_rules(struct world *world)
{
    struct desk *desk = world->desk;
    struct circuit_rule_options *rules = desk->rules;
    (void)desk_rule(desk, "toggle", OUTPUTS, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, 0);
    desk_rule(desk, "hold", OUTPUTS, CIRCUIT_TRIGGER_HELD, COMMAND_SET, 3)->for_ms = 30;
    rules[RULE_HOLD].when.held_ms = 50;
    desk_rule(desk, "both", OUTPUTS + 1, CIRCUIT_TRIGGER_BOTH, COMMAND_PULSE, 4)->for_ms = 20;
    (void)desk_rule(desk, "after", 0, CIRCUIT_TRIGGER_FALLING, COMMAND_TOGGLE, 6);
    (void)desk_rule(desk, "later-off", 3, CIRCUIT_TRIGGER_RISING, COMMAND_SET, 4);
    rules[RULE_LATER_OFF].after_ms = 45;
    rules[RULE_LATER_OFF].again = CIRCUIT_DELAY_EACH;
    desk_rule(desk, "later-on", 1, CIRCUIT_TRIGGER_RISING, COMMAND_SET, 7)->value = 1;
    rules[RULE_LATER_ON].after_ms = 25;
    rules[RULE_LATER_ON].gives_up = true;
    rules[RULE_LATER_ON].if_still = true;
    rules[RULE_LATER_ON].condition_count = 2;
    rules[RULE_LATER_ON].conditions[0] =
        (struct circuit_condition){CIRCUIT_CONDITION_LINE, .index = OUTPUTS, .value = 1};
    rules[RULE_LATER_ON].conditions[1] =
        (struct circuit_condition){CIRCUIT_CONDITION_NOT, .count = 1};
    (void)desk_rule(desk, "press", OUTPUTS + 1, CIRCUIT_TRIGGER_PRESS, COMMAND_TOGGLE, 5);
    (void)desk_rule(desk, "beat", 0, CIRCUIT_TRIGGER_EVERY, COMMAND_TOGGLE, 2);
    rules[RULES_JUDGED + 1].when.every_ms = 700;
    (void)desk_rule(desk, "noon", 0, CIRCUIT_TRIGGER_TIME, COMMAND_SCENE, 0);
    for (int32_t i = 0; i < CIRCUIT_TIMES_MAX; i++)
        rules[RULES_JUDGED + 2].when.times_s[i] = i * 5400;
    rules[RULES_JUDGED + 2].when.time_count = CIRCUIT_TIMES_MAX;
}

static void put_circuit(struct world *world)
{
    struct desk *desk = world->desk;
    char name[16];
    for (size_t i = 0; i < LINES; i++) {
        (void)snprintf(name, sizeof name, "line%zu", i);
        (void)desk_line(desk, name, i < OUTPUTS ? GPIO_DIRECTION_OUTPUT : GPIO_DIRECTION_INPUT);
    }
    desk->lines[COUNTER].counter = (struct circuit_counter_options){.counts = true, .per_pulse = 1};
    draw_options(world);
    put_rules(world);
    struct circuit_scene_options *program = desk_program(desk, "program");
    for (size_t i = 0; i < 6; i++)
        desk_step(program, i % 2 * 15, i, i % 3 != 0);
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
    struct circuit_store store = {.context = world,
                                  .recall = recall,
                                  .remember = remember,
                                  .recall_counter = recall_counter,
                                  .recall_record = recall_record,
                                  .recall_rule = recall_rule,
                                  .changed = changed,
                                  .keeps_pins = true};
    for (size_t i = 0; i < CIRCUIT_LINES_MAX; i++)
        world->now.values[i] = world->disk.values[i] = -1;
    world->write_ns = INT64_MAX;
    world->desk = desk;
    world->faulty = faulty;
    world->random = number_from("CIRCUIT_SEED", 20261122) * 2654435761U + 1;
    desk->store = &store;
    desk->options.journal_events = 4096;
    put_circuit(world);
    for (size_t i = 0; i < PINS; i++)
        world->off_since_ns[i] = desk->now.monotonic_ns;
    world->reloading = true; /* the start is as if everything had just gone off: no gap before it */
    desk->gpio.written = written;
    desk_start(desk);
    assert_int_equal(line_texts_new(desk->circuit, &world->texts), 0);
    world->reloading = false;
    take_snapshot(world);
    for (world->step = 0; world->step < steps; world->step++)
        take_step(world);
    print_message("%llu steps: %llu commands done, %llu refused, %llu events, %llu reloads, "
                  "%llu crashes\n",
                  (unsigned long long)steps, (unsigned long long)world->done,
                  (unsigned long long)world->refused, (unsigned long long)world->events,
                  (unsigned long long)world->reloads, (unsigned long long)world->crashes);
    WITNESS(world, world->done > steps / 10 && world->refused > steps / 10);
    circuit_shutdown(desk->circuit, &desk->now);
    for (size_t i = 0; i < OUTPUTS && !faulty; i++)
        WITNESS(world, !world->level[pin_of(desk, i)] || desk->lines[i].safe != CIRCUIT_SAFE_0);
    desk->store = NULL;
    line_texts_free(world->texts);
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
