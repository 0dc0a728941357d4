#include "circuit_desk.h"

#include "base/civil_time.h"

enum { LAMP, RAIN, DOOR, BUTTON };

/* 19:00 in Seoul. A press of the button toggles the lamp, if the condition that the test gives is met. */
static struct desk *begin(void **state)
{
    struct desk *desk = desk_of(state);
    civil_use_zone(":Asia/Seoul");
    (void)desk_output(desk, "lamp");
    (void)desk_input(desk, "rain");
    (void)desk_input(desk, "door");
    (void)desk_input(desk, "button");
    desk_step(desk_program(desk, "program"), 1000, LAMP, 0);
    desk->now.wall_ns = INT64_C(1792231200) * SECOND;
    (void)desk_rule(desk, "if", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, LAMP);
    return desk;
}

static void add(struct desk *desk, struct circuit_condition condition)
{
    struct circuit_rule_options *rule = &desk->rules[0];
    rule->conditions[rule->condition_count++] = condition;
}

static struct circuit_condition of_line(uint16_t line, uint8_t value)
{
    return (struct circuit_condition){CIRCUIT_CONDITION_LINE, .index = line, .value = value};
}

static struct circuit_condition of_clock(int32_t from_h, int32_t to_h)
{
    return (struct circuit_condition){CIRCUIT_CONDITION_CLOCK, .from_s = from_h * 3600,
                                      .to_s = to_h * 3600};
}

static struct circuit_condition of_parts(enum circuit_condition_kind kind, uint8_t count)
{
    return (struct circuit_condition){kind, .count = count};
}

static void expect(struct desk *desk, bool is_met)
{
    uint64_t before = journal_last(circuit_journal(desk->circuit));
    desk_press(desk, BUTTON, 1);
    desk_press(desk, BUTTON, 0);
    assert_int_equal(desk_seq(desk) - before, 2 + is_met);
}

static void line_has_the_value(void **state)
{
    struct desk *desk = begin(state);
    add(desk, of_line(RAIN, 1));
    desk_start(desk);
    expect(desk, false);
    desk_press(desk, RAIN, 1);
    expect(desk, true);
    desk_press(desk, RAIN, 0);
    expect(desk, false);
}

static void time_of_day_is_between(void **state)
{
    struct desk *desk = begin(state);
    add(desk, of_clock(18, 19));
    desk_start(desk);
    expect(desk, false); /* 19:00 is not before 19:00 */
    desk_wait(desk, 23 * 3600 * 1000);
    expect(desk, true); /* 18:00 */
    desk_wait_ns(desk, 3600 * SECOND - 1);
    expect(desk, true);
    desk_wait_ns(desk, 1);
    expect(desk, false);
}

static void time_of_day_goes_over_midnight(void **state)
{
    struct desk *desk = begin(state);
    add(desk, of_clock(22, 6));
    desk_start(desk);
    expect(desk, false);
    desk_wait(desk, 3 * 3600 * 1000);
    expect(desk, true); /* 22:00 */
    desk_wait(desk, 7 * 3600 * 1000);
    expect(desk, true); /* 05:00 */
    desk_wait(desk, 3600 * 1000);
    expect(desk, false); /* 06:00 */
}

static void program_runs_or_does_not(void **state)
{
    struct desk *desk = begin(state);
    add(desk, (struct circuit_condition){CIRCUIT_CONDITION_SCENE, .value = 1});
    desk_start(desk);
    expect(desk, false);
    desk_do(desk, (struct command){.verb = COMMAND_SCENE});
    expect(desk, true);
    desk_wait(desk, 2000);
    expect(desk, false);
}

static void all_any_and_not_combine(void **state)
{
    struct desk *desk = begin(state);
    /* all(not(rain), any(door, 22 to 6)) */
    add(desk, of_line(RAIN, 1));
    add(desk, of_parts(CIRCUIT_CONDITION_NOT, 1));
    add(desk, of_line(DOOR, 1));
    add(desk, of_clock(22, 6));
    add(desk, of_parts(CIRCUIT_CONDITION_ANY, 2));
    add(desk, of_parts(CIRCUIT_CONDITION_ALL, 2));
    desk_start(desk);
    expect(desk, false);
    desk_press(desk, DOOR, 1);
    expect(desk, true);
    desk_press(desk, RAIN, 1);
    expect(desk, false);
    desk_press(desk, DOOR, 0);
    desk_press(desk, RAIN, 0);
    desk_wait(desk, 4 * 3600 * 1000);
    expect(desk, true);
}

/* A chip that is away says nothing: neither the condition nor its opposite is met. */
static void unknown_is_neither(void **state)
{
    struct desk *desk = begin(state);
    add(desk, of_line(RAIN, 0));
    add(desk, of_line(DOOR, 0));
    add(desk, of_parts(CIRCUIT_CONDITION_ANY, 2));
    desk_start(desk);
    circuit_available(desk->circuit, RAIN, false, 0, "gone", &desk->now);
    expect(desk, true); /* the door is known */
    circuit_available(desk->circuit, DOOR, false, 0, "gone", &desk->now);
    expect(desk, false);
}

static void opposite_of_unknown_is_unknown(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_store store = {.clock_is_unset = true};
    add(desk, of_clock(0, 23));
    add(desk, of_parts(CIRCUIT_CONDITION_NOT, 1));
    desk->store = &store;
    desk_start(desk);
    expect(desk, false);
    circuit_clock_changed(desk->circuit, true, &desk->now);
    desk_wait(desk, 4 * 3600 * 1000 + 1800 * 1000);
    expect(desk, true); /* 23:30 */
}

static void condition_is_looked_at_again_when_asked(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_rule_options *rule = &desk->rules[0];
    add(desk, of_line(RAIN, 0));
    rule->after_ms = 1000;
    desk_start(desk);
    desk_press(desk, BUTTON, 1);
    desk_press(desk, RAIN, 1);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, LAMP), 1); /* only looked at when it was set off */
    desk_press(desk, BUTTON, 0);
    desk_press(desk, RAIN, 0);
    rule->if_still = true;
    assert_int_equal(desk_reload(desk), 0);
    desk_press(desk, BUTTON, 1);
    desk_press(desk, RAIN, 1);
    desk_wait(desk, 1000);
    assert_int_equal(desk_pin(desk, LAMP), 1);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        DESK_TEST(line_has_the_value),
        DESK_TEST(time_of_day_is_between),
        DESK_TEST(time_of_day_goes_over_midnight),
        DESK_TEST(program_runs_or_does_not),
        DESK_TEST(all_any_and_not_combine),
        DESK_TEST(unknown_is_neither),
        DESK_TEST(opposite_of_unknown_is_unknown),
        DESK_TEST(condition_is_looked_at_again_when_asked),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
