/* The recipes of docs/circuit.md live in virtual time: each is read as it stands there. */
#include "circuit_desk.h"

#include "base/buffer.h"
#include "base/civil_time.h"
#include "base/file.h"
#include "config/config.h"

#include <string.h>

#define SECONDS(n) ((int64_t)(n)*1000)
#define MINUTES(n) SECONDS(INT64_C(60) * (n))
#define HOURS(n) MINUTES(INT64_C(60) * (n))

/* The config below the heading. */
static struct config read_recipe(const char *heading)
{
    struct buffer text;
    struct config config = {0};
    struct config_report report;
    char wanted[128];
    buffer_init(&text, 1 << 20);
    assert_int_equal(file_read("docs/circuit.md", &text), 0);
    (void)snprintf(wanted, sizeof wanted, "\n### %s\n", heading);
    const char *at = strstr(buffer_text(&text), wanted);
    assert_non_null(at);
    at = strstr(at, "```json\n") + strlen("```json\n");
    config_report_init(&report);
    if (config_parse("recipe", at, (size_t)(strstr(at, "```") - at), &config, &report))
        fail_msg("%s", buffer_text(&report.text));
    config_report_done(&report);
    buffer_done(&text);
    return config;
}

static struct config config;

/* 2026-10-17 19:00 in Seoul, a Saturday. */
static struct desk *cook(void **state, const char *heading)
{
    struct desk *desk = desk_of(state);
    config = read_recipe(heading);
    civil_use_zone(":Asia/Seoul");
    desk->options = config.circuit;
    desk->options.journal_events = 65536;
    desk->now.wall_ns = INT64_C(1792231200) * SECOND;
    desk_start(desk);
    return desk;
}

static int clean_up(void **state)
{
    config_done(&config);
    return desk_close(state);
}

static size_t line_of(const struct desk *desk, const char *name)
{
    int line = circuit_find(desk->circuit, name);
    assert_true(line >= 0);
    return (size_t)line;
}

static int value(const struct desk *desk, const char *name)
{
    return desk_value(desk, line_of(desk, name));
}

static void press(struct desk *desk, const char *name, int on)
{
    desk_press(desk, line_of(desk, name), on);
    desk_wait(desk, 0);
}

static void push(struct desk *desk, const char *name, int64_t on_ms)
{
    press(desk, name, 1);
    desk_wait(desk, on_ms);
    press(desk, name, 0);
}

static struct command to(const struct desk *desk, enum command_verb verb, const char *name)
{
    return (struct command){.verb = verb, .line = (uint16_t)line_of(desk, name)};
}

/* How many of the four zones are on. */
static int zones_on(const struct desk *desk)
{
    return value(desk, "zone1") + value(desk, "zone2") + value(desk, "zone3") +
           value(desk, "zone4");
}

static void garden_is_watered_in_the_morning_one_zone_at_a_time(void **state)
{
    struct desk *desk = cook(state, "An irrigation controller");
    desk_wait(desk, HOURS(11) - 1);
    assert_int_equal(value(desk, "master"), 0);
    desk_wait(desk, 1);
    assert_int_equal(value(desk, "master"), 1);
    assert_int_equal(zones_on(desk), 0);
    desk_wait(desk, 2000);
    for (int zone = 0; zone < 4; zone++) {
        char name[] = {'z', 'o', 'n', 'e', (char)('1' + zone), 0};
        assert_int_equal(zones_on(desk), 1);
        assert_int_equal(value(desk, name), 1);
        desk_wait(desk, MINUTES(15));
    }
    assert_int_equal(zones_on(desk) + value(desk, "master"), 0);
}

static void rain_ends_the_watering_and_skips_a_day(void **state)
{
    struct desk *desk = cook(state, "An irrigation controller");
    desk_wait(desk, HOURS(11) + MINUTES(20));
    assert_int_equal(value(desk, "zone2"), 1);
    push(desk, "rain", SECONDS(600));
    assert_int_equal(zones_on(desk) + value(desk, "master"), 0);
    assert_int_equal(value(desk, "rained"), 1);
    desk_wait(desk, HOURS(24)); /* over the next morning */
    assert_int_equal(value(desk, "rained"), 0);
    assert_int_equal(zones_on(desk) + value(desk, "master"), 0);
    desk_wait(desk, HOURS(25)); /* over a dry one */
    assert_int_equal(desk_state(desk, line_of(desk, "zone4")).edges, 2);
}

/* A lock, a rule, a command by hand: the master valve never stays open. */
static void master_valve_closes_whatever_ends_the_run(void **state)
{
    struct desk *desk = cook(state, "An irrigation controller");
    struct command lock = to(desk, COMMAND_LOCK, "zone3");
    (void)snprintf(lock.reason, sizeof lock.reason, "leaks");
    desk_do(desk, lock);
    desk_do(desk, (struct command){.verb = COMMAND_SCENE});
    desk_wait(desk, HOURS(2));
    assert_int_equal(zones_on(desk) + value(desk, "master"), 0);
    desk_refused(desk, to(desk, COMMAND_SET, "zone3"), REFUSAL_LOCKED);
}

static void garage_door_tells_that_it_moves_and_was_left_open(void **state)
{
    struct desk *desk = cook(state, "A garage door");
    press(desk, "closed", 1);
    desk_wait(desk, SECONDS(2));
    struct command pulse = to(desk, COMMAND_PULSE, "opener");
    pulse.for_ms = 500;
    desk_do(desk, pulse);
    desk_wait(desk, 500);
    assert_int_equal(value(desk, "opener"), 0);
    press(desk, "closed", 0);
    assert_int_equal(value(desk, "moving"), 1);
    desk_wait(desk, SECONDS(15));
    press(desk, "opened", 1);
    assert_int_equal(value(desk, "moving"), 0);
    desk_wait(desk, MINUTES(10) - SECONDS(16));
    assert_int_equal(value(desk, "alarm"), 0);
    desk_wait(desk, SECONDS(2));
    assert_true(desk_state(desk, line_of(desk, "alarm")).edges > 0);
    press(desk, "opened", 0);
    desk_wait(desk, SECONDS(10));
    press(desk, "closed", 1);
    assert_int_equal(value(desk, "alarm"), 0);
    assert_int_equal(value(desk, "moving"), 0);
    uint64_t beeps = desk_state(desk, line_of(desk, "alarm")).edges;
    desk_wait(desk, HOURS(1));
    assert_int_equal(desk_state(desk, line_of(desk, "alarm")).edges, beeps);
}

static void garage_door_is_never_moved_behind_its_bolt(void **state)
{
    struct desk *desk = cook(state, "A garage door");
    desk_set(desk, line_of(desk, "bolt"), 1);
    struct command pulse = to(desk, COMMAND_PULSE, "opener");
    pulse.for_ms = 500;
    desk_refused(desk, pulse, REFUSAL_INTERLOCK);
}

static void stairs_are_lit_by_buttons_and_in_the_dark_by_motion(void **state)
{
    struct desk *desk = cook(state, "A staircase light with two buttons and a motion sensor");
    push(desk, "upstairs", 100);
    desk_wait(desk, SECONDS(100));
    push(desk, "downstairs", 100);
    desk_wait(desk, SECONDS(119));
    assert_int_equal(value(desk, "light"), 1);
    desk_wait(desk, SECONDS(1));
    assert_int_equal(value(desk, "light"), 0);
    push(desk, "motion", 100); /* 19:04 */
    assert_int_equal(value(desk, "light"), 1);
    desk_wait(desk, HOURS(15));
    push(desk, "motion", 100); /* 10:04 */
    assert_int_equal(value(desk, "light"), 0);
}

static void ventilation_runs_on(void **state)
{
    struct desk *desk = cook(state, "Ventilation that runs on");
    push(desk, "light", SECONDS(59));
    desk_wait(desk, HOURS(1));
    assert_int_equal(desk_state(desk, line_of(desk, "fan")).edges, 0);
    push(desk, "light", SECONDS(61));
    assert_int_equal(value(desk, "fan"), 1);
    desk_wait(desk, SECONDS(179));
    assert_int_equal(value(desk, "fan"), 1);
    desk_wait(desk, SECONDS(1));
    assert_int_equal(value(desk, "fan"), 0);
}

static void ventilation_goes_on_while_it_is_humid(void **state)
{
    struct desk *desk = cook(state, "Ventilation that runs on");
    press(desk, "light", 1);
    desk_wait(desk, SECONDS(70));
    press(desk, "humid", 1);
    press(desk, "light", 0);
    desk_wait(desk, MINUTES(20));
    assert_int_equal(value(desk, "fan"), 1);
    press(desk, "humid", 0);
    desk_wait(desk, SECONDS(180));
    assert_int_equal(value(desk, "fan"), 0);
}

static void aquarium_follows_sun_and_clock(void **state)
{
    struct desk *desk = cook(state, "An aquarium by sun and clock");
    size_t light = line_of(desk, "light");
    assert_int_equal(value(desk, "light"), 1); /* power came back at 19:00 */
    assert_int_equal(value(desk, "pump"), 1);
    desk_wait(desk, HOURS(2) + MINUTES(40)); /* 21:40 */
    assert_int_equal(value(desk, "light"), 0);
    desk_wait(desk, HOURS(9)); /* 06:40: the sun rose at 06:40 */
    assert_int_equal(value(desk, "light"), 0);
    desk_wait(desk, HOURS(1)); /* 07:40 */
    assert_int_equal(value(desk, "light"), 1);
    assert_true(desk_state(desk, light).duty > 0.99);
}

static void aquarium_pauses_its_pump_for_feeding(void **state)
{
    struct desk *desk = cook(state, "An aquarium by sun and clock");
    push(desk, "feed", 100);
    assert_int_equal(value(desk, "pump"), 0);
    desk_wait(desk, MINUTES(9));
    assert_int_equal(value(desk, "pump"), 0);
    desk_wait(desk, MINUTES(1));
    assert_int_equal(value(desk, "pump"), 1);
}

static void doorbell_rings_and_never_sticks(void **state)
{
    struct desk *desk = cook(state, "A doorbell that never sticks");
    size_t bell = line_of(desk, "bell");
    desk_wait(desk, SECONDS(2));
    press(desk, "button", 1); /* and it hangs */
    desk_wait(desk, SECONDS(2));
    assert_int_equal(value(desk, "bell"), 0);
    assert_int_equal(desk_state(desk, bell).edges, 2);
    desk_wait(desk, HOURS(1));
    assert_int_equal(desk_state(desk, bell).edges, 2);
    press(desk, "button", 0);
    desk_wait(desk, SECONDS(5));
    push(desk, "button", 100);
    desk_wait(desk, 100);
    push(desk, "button", 100);
    desk_wait(desk, SECONDS(10));
    assert_int_equal(desk_state(desk, bell).edges, 2 + 6);
    desk_set(desk, bell, 1); /* by hand, and forgotten */
    desk_wait(desk, SECONDS(3));
    assert_int_equal(value(desk, "bell"), 0);
}

static void water_meter_counts_litres(void **state)
{
    struct desk *desk = cook(state, "A water meter");
    for (int i = 0; i < 20; i++) {
        push(desk, "water", 1000);
        desk_wait(desk, 1000);
    }
    struct line_state meter = desk_state(desk, line_of(desk, "water"));
    assert_int_equal(meter.pulses, 20);
}

static void machine_runs_with_a_foot_on_the_pedal(void **state)
{
    struct desk *desk = cook(state, "A machine with a start-stop button and a dead man's pedal");
    push(desk, "button", 100);
    assert_int_equal(value(desk, "machine"), 0); /* no foot */
    press(desk, "pedal", 1);
    desk_wait(desk, SECONDS(3));
    push(desk, "button", 100);
    assert_int_equal(value(desk, "machine"), 1);
    desk_wait(desk, MINUTES(5));
    assert_int_equal(value(desk, "machine"), 1);
    press(desk, "pedal", 0);
    assert_int_equal(value(desk, "machine"), 0);
    desk_wait(desk, SECONDS(3));
    desk_set(desk, line_of(desk, "machine"), 1); /* from the network, and then the network goes */
    desk_wait(desk, 1500);
    assert_int_equal(value(desk, "machine"), 0);
}

static void machine_is_locked_by_a_hold(void **state)
{
    struct desk *desk = cook(state, "A machine with a start-stop button and a dead man's pedal");
    press(desk, "pedal", 1);
    desk_wait(desk, SECONDS(3));
    push(desk, "button", 100);
    assert_int_equal(value(desk, "machine"), 1);
    push(desk, "button", 1500);
    assert_int_equal(value(desk, "machine"), 0);
    push(desk, "button", 100);
    desk_wait(desk, SECONDS(5));
    assert_int_equal(value(desk, "machine"), 0);
    assert_non_null(desk_state(desk, line_of(desk, "machine")).lock_reason);
}

#define RECIPE(name) cmocka_unit_test_setup_teardown(name, desk_open, clean_up)

int main(void)
{
    const struct CMUnitTest rules[] = {
        RECIPE(garden_is_watered_in_the_morning_one_zone_at_a_time),
        RECIPE(rain_ends_the_watering_and_skips_a_day),
        RECIPE(master_valve_closes_whatever_ends_the_run),
        RECIPE(garage_door_tells_that_it_moves_and_was_left_open),
        RECIPE(garage_door_is_never_moved_behind_its_bolt),
        RECIPE(stairs_are_lit_by_buttons_and_in_the_dark_by_motion),
        RECIPE(ventilation_runs_on),
        RECIPE(ventilation_goes_on_while_it_is_humid),
        RECIPE(aquarium_follows_sun_and_clock),
        RECIPE(aquarium_pauses_its_pump_for_feeding),
        RECIPE(doorbell_rings_and_never_sticks),
        RECIPE(water_meter_counts_litres),
        RECIPE(machine_runs_with_a_foot_on_the_pedal),
        RECIPE(machine_is_locked_by_a_hold),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
