/* A crash: the circuit is gone without an end, and another one starts with what the memory has. */
#include "circuit_desk.h"

enum { PUMP, FAN, HELD };

struct stored {
    struct desk *desk;
    int values[CIRCUIT_LINES_MAX]; /* -1 for none */
    struct line_record records[CIRCUIT_LINES_MAX];
    unsigned changes, urgent;
};

static size_t index_of(const struct stored *stored, const char *line)
{
    int index = circuit_options_find_line(&stored->desk->options, line);
    assert_true(index >= 0);
    return (size_t)index;
}

static int recall(void *context, const char *line)
{
    const struct stored *stored = context;
    return stored->values[index_of(stored, line)];
}

static void remember(void *context, const char *line, int value)
{
    struct stored *stored = context;
    stored->values[index_of(stored, line)] = value;
}

static bool recall_record(void *context, const char *line, struct line_record *ret_record)
{
    const struct stored *stored = context;
    *ret_record = stored->records[index_of(stored, line)];
    return true;
}

static void changed(void *context, bool is_urgent)
{
    struct stored *stored = context;
    stored->changes++;
    stored->urgent += is_urgent;
}

static struct stored stored;
static struct circuit_store store;

static struct desk *start_with(void **state, enum circuit_initial initial)
{
    struct desk *desk = desk_of(state);
    (void)desk_output(desk, "pump");
    (void)desk_output(desk, "fan");
    (void)desk_output(desk, "held");
    for (size_t i = PUMP; i <= HELD; i++)
        desk->lines[i].initial = initial;
    stored = (struct stored){.desk = desk, .values = {-1, -1, -1}};
    store = (struct circuit_store){.context = &stored,
                                   .recall = recall,
                                   .remember = remember,
                                   .recall_record = recall_record,
                                   .changed = changed};
    desk->store = &store;
    desk_start(desk);
    return desk;
}

static struct desk *start(void **state)
{
    return start_with(state, CIRCUIT_INITIAL_LAST);
}

static void store_all(struct desk *desk)
{
    for (size_t i = 0; i < desk->options.line_count; i++)
        circuit_record(desk->circuit, i, &desk->now, &stored.records[i]);
}

/* The process ends; `away_ms` later another one starts. With `keeps` the pins keep their levels. */
static void crash(struct desk *desk, int64_t away_ms, bool keeps)
{
    store_all(desk);
    desk->circuit = circuit_free(desk->circuit);
    for (size_t i = 0; i < desk->options.line_count; i++) {
        desk->gpio.lines[i].requested = false;
        desk->gpio.handed_over[i] = keeps;
        if (!keeps)
            desk->gpio.pins[i] = 0;
    }
    store.goes_on = keeps;
    desk->now.monotonic_ns = 5 * SECOND; /* as after a run_id */
    desk->now.wall_ns += away_ms * MS;
    desk_start(desk);
}

static struct command pulse(size_t line, uint32_t ms)
{
    return (struct command){.verb = COMMAND_PULSE, .line = (uint16_t)line, .for_ms = ms};
}

static void each_way(void **state, void (*rule)(struct desk *desk, bool keeps))
{
    for (int keeps = 0; keeps <= 1; keeps++) {
        struct desk *desk = start(state);
        rule(desk, keeps);
        assert_int_equal(desk_close(state), 0);
        assert_int_equal(desk_open(state), 0);
    }
}

static void pulse_rule(struct desk *desk, bool keeps)
{
    desk_do(desk, pulse(PUMP, 3000));
    desk_wait(desk, 500);
    crash(desk, 1000, keeps);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    assert_int_equal(desk_state(desk, PUMP).action, CIRCUIT_ACTION_PULSE);
    desk_wait(desk, 1499);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void pulse_ends_at_its_time_after_a_crash(void **state)
{
    each_way(state, pulse_rule);
}

static void late_rule(struct desk *desk, bool keeps)
{
    desk_do(desk, pulse(PUMP, 3000));
    crash(desk, 3000, keeps);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void pulse_whose_time_passed_ends_at_once(void **state)
{
    each_way(state, late_rule);
}

static void clock_rule(struct desk *desk, bool keeps)
{
    desk_do(desk, pulse(PUMP, 3000));
    crash(desk, -24 * 3600 * 1000, keeps); /* a machine without a clock of its own */
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void pulse_counts_as_passed_when_the_clock_is_not_set(void **state)
{
    each_way(state, clock_rule);
}

static void off_for_a_time_does_not_come_on_early(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, PUMP, 1);
    desk_do(desk, (struct command){.verb = COMMAND_SET, .line = PUMP, .value = 0, .for_ms = 5000});
    crash(desk, 1000, false);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_wait(desk, 3999);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, PUMP), 1);
}

static void pwm_rule(struct desk *desk, bool keeps)
{
    desk_set(desk, FAN, 1);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = FAN, .duty = 0.4, .hz = 100});
    crash(desk, 100, keeps);
    struct line_state fan = desk_state(desk, FAN);
    assert_int_equal(fan.action, CIRCUIT_ACTION_PWM);
    assert_true(fan.duty == 0.4 && fan.hz == 100);
}

static void pwm_has_the_same_duty_after_a_crash(void **state)
{
    each_way(state, pwm_rule);
}

static void fade_towards_off_does_not_come_back_brighter(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = FAN, .duty = 0.8, .hz = 100});
    desk_do(desk, (struct command){
                      .verb = COMMAND_FADE, .line = FAN, .duty = 0.1, .hz = 100, .for_ms = 5000});
    crash(desk, 0, false);
    assert_true(desk_state(desk, FAN).duty <= 0.1);
}

static void blink_rule(struct desk *desk, bool keeps)
{
    desk_do(desk,
            (struct command){
                .verb = COMMAND_BLINK, .line = FAN, .on_ms = 100, .off_ms = 100, .count = 10});
    desk_wait(desk, 450);
    crash(desk, 0, keeps);
    assert_int_equal(desk_state(desk, FAN).action, CIRCUIT_ACTION_BLINK);
    desk_wait(desk, 3000);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void blink_goes_on_and_ends_after_a_crash(void **state)
{
    each_way(state, blink_rule);
}

static void lease_rule(struct desk *desk, bool keeps)
{
    struct command leased = desk_set_command(PUMP, 1);
    leased.lease_ms = 3000;
    desk_do(desk, leased);
    crash(desk, 1600, keeps);
    assert_int_equal(desk_pin(desk, PUMP), 1);
    assert_true(desk_state(desk, PUMP).leased);
    desk_wait(desk, 1400);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    desk_do(desk, leased);
    size_t writes = desk->gpio.write_count;
    crash(desk, 3000, keeps);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    for (size_t i = writes; i < desk->gpio.write_count; i++) /* not even for a moment */
        assert_int_equal(desk->gpio.writes[i].level, 0);
}

static void lease_ends_at_its_time_after_a_crash(void **state)
{
    each_way(state, lease_rule);
}

static void connection_rule(struct desk *desk, bool keeps)
{
    struct command leased = desk_set_command(PUMP, 1);
    leased.lease_connection = 7;
    desk_do(desk, leased);
    crash(desk, 0, keeps);
    assert_int_equal(desk_pin(desk, PUMP), 0);
}

static void lease_of_a_connection_ends_with_a_crash(void **state)
{
    each_way(state, connection_rule);
}

static void lock_rule(struct desk *desk, bool keeps)
{
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = PUMP, .reason = "maintenance"});
    crash(desk, 0, keeps);
    desk_refused(desk, desk_set_command(PUMP, 1), REFUSAL_LOCKED);
    assert_non_null(strstr(desk->refusal.message, "maintenance"));
}

static void lock_outlives_a_crash(void **state)
{
    each_way(state, lock_rule);
}

static void lock_outlives_an_end_in_order(void **state)
{
    struct desk *desk = start(state);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = PUMP, .reason = "maintenance"});
    circuit_shutdown(desk->circuit, &desk->now);
    store.ended = true;
    crash(desk, 0, false);
    desk_refused(desk, desk_set_command(PUMP, 1), REFUSAL_LOCKED);
}

static void run_rule(struct desk *desk, bool keeps)
{
    desk_set(desk, FAN, 1);
    desk_do(desk, (struct command){.verb = COMMAND_SCENE});
    assert_int_equal(desk_pin(desk, PUMP), 1);
    crash(desk, 0, keeps);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(desk_pin(desk, FAN), 1); /* it was on before the program */
    crash(desk, 0, keeps);                    /* and once more, before anything was commanded */
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void program_unwinds_after_a_crash(void **state)
{
    for (int keeps = 0; keeps <= 1; keeps++) {
        struct desk *desk = desk_of(state);
        struct circuit_scene_options *program = desk_program(desk, "water");
        desk_step(program, 0, PUMP, 1);
        desk_step(program, 0, FAN, 1);
        desk_step(program, 500, PUMP, 0);
        run_rule(start(state), keeps);
        assert_int_equal(desk_close(state), 0);
        assert_int_equal(desk_open(state), 0);
    }
}

static void value_whose_lease_or_limit_ended_is_off_after_a_restart(void **state)
{
    struct desk *desk = desk_of(state);
    struct command leased = desk_set_command(PUMP, 1);
    leased.lease_ms = 100;
    desk = start(state);
    desk->lines[FAN].max_on_ms = 100;
    assert_int_equal(desk_reload(desk), 0);
    desk_do(desk, leased);
    desk_set(desk, FAN, 1);
    desk_wait(desk, 100);
    crash(desk, 0, false);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(desk_pin(desk, FAN), 0);
}

static void pulse_and_pwm_leave_nothing_on_after_an_end_in_order(void **state)
{
    struct desk *desk = start(state);
    desk_set(desk, PUMP, 1);
    desk_do(desk, pulse(PUMP, 1000));
    desk_set(desk, FAN, 1);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = FAN, .duty = 0.4, .hz = 100});
    desk_set(desk, HELD, 1);
    circuit_shutdown(desk->circuit, &desk->now);
    store.ended = true;
    crash(desk, 0, false);
    assert_int_equal(desk_pin(desk, PUMP), 0);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(desk_pin(desk, HELD), 1); /* the last commanded value, not the safe one */
}

static void going_off_is_urgent_and_a_blink_is_stored_once(void **state)
{
    struct desk *desk = start(state);
    stored.changes = stored.urgent = 0;
    desk_set(desk, PUMP, 1);
    assert_int_equal(stored.changes, 1);
    assert_int_equal(stored.urgent, 0);
    desk_set(desk, PUMP, 0);
    assert_int_equal(stored.urgent, 1);
    stored.changes = 0;
    desk_do(desk, (struct command){.verb = COMMAND_BLINK, .line = FAN, .on_ms = 10, .off_ms = 10});
    desk_wait(desk, 1000);
    assert_int_equal(stored.changes, 1);
}

/* A card wears out: what a restart would not bring back waits for the next write. */
static void going_off_is_urgent_only_where_something_comes_back(void **state)
{
    struct desk *desk = start_with(state, CIRCUIT_INITIAL_0);
    stored.changes = stored.urgent = 0;
    desk_set(desk, PUMP, 1);
    desk_set(desk, PUMP, 0);
    assert_int_equal(stored.changes, 2);
    assert_int_equal(stored.urgent, 0);
    desk_do(desk, pulse(PUMP, 1000));
    assert_int_equal(stored.urgent, 0);
    desk_set(desk, PUMP, 0);
    assert_int_equal(stored.urgent, 1);
    desk_set(desk, PUMP, 0);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = PUMP, .reason = "maintenance"});
    assert_int_equal(stored.urgent, 2);
    desk_do(desk, (struct command){.verb = COMMAND_UNLOCK, .line = PUMP});
    assert_int_equal(stored.urgent, 3);
}

/* Its pin would be on after a crash, and nothing known that ends it. */
static void what_ends_is_urgent_where_the_pin_outlives_a_crash(void **state)
{
    struct desk *desk = start_with(state, CIRCUIT_INITIAL_0);
    stored.changes = stored.urgent = 0;
    store.keeps_pins = true;
    crash(desk, 0, false);
    desk_set(desk, PUMP, 1);
    assert_int_equal(stored.urgent, 0); /* its pin has the value */
    desk_do(desk, pulse(FAN, 1000));
    assert_int_equal(stored.urgent, 1);
    desk_do(desk, pulse(FAN, 2000));
    assert_int_equal(stored.urgent, 2);
    desk_do(desk, (struct command){.verb = COMMAND_PWM, .line = HELD, .duty = 0.5, .hz = 100});
    assert_int_equal(stored.urgent, 3);
}

static void what_ends_is_urgent_where_the_pin_is_taken_as_it_is(void **state)
{
    struct desk *desk = start_with(state, CIRCUIT_INITIAL_KEEP);
    stored.changes = stored.urgent = 0;
    desk_set(desk, PUMP, 1);
    assert_int_equal(stored.urgent, 0);
    desk_do(desk, pulse(FAN, 1000));
    assert_int_equal(stored.urgent, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(pulse_ends_at_its_time_after_a_crash),
        DESK_TEST(pulse_whose_time_passed_ends_at_once),
        DESK_TEST(pulse_counts_as_passed_when_the_clock_is_not_set),
        DESK_TEST(off_for_a_time_does_not_come_on_early),
        DESK_TEST(pwm_has_the_same_duty_after_a_crash),
        DESK_TEST(fade_towards_off_does_not_come_back_brighter),
        DESK_TEST(blink_goes_on_and_ends_after_a_crash),
        DESK_TEST(lease_ends_at_its_time_after_a_crash),
        DESK_TEST(lease_of_a_connection_ends_with_a_crash),
        DESK_TEST(lock_outlives_a_crash),
        DESK_TEST(lock_outlives_an_end_in_order),
        DESK_TEST(program_unwinds_after_a_crash),
        DESK_TEST(value_whose_lease_or_limit_ended_is_off_after_a_restart),
        DESK_TEST(pulse_and_pwm_leave_nothing_on_after_an_end_in_order),
        DESK_TEST(going_off_is_urgent_and_a_blink_is_stored_once),
        DESK_TEST(what_ends_is_urgent_where_the_pin_outlives_a_crash),
        DESK_TEST(what_ends_is_urgent_where_the_pin_is_taken_as_it_is),
        DESK_TEST(going_off_is_urgent_only_where_something_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
