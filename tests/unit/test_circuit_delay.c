#include "circuit_desk.h"

#include "base/civil_time.h"
#include "circuit/delay.h"

#include <string.h>

enum { LIGHT, FAN, HUMID, BUTTON };

static struct desk *begin(void **state)
{
    struct desk *desk = desk_of(state);
    civil_use_zone(":Asia/Seoul");
    (void)desk_output(desk, "light");
    (void)desk_output(desk, "fan");
    (void)desk_input(desk, "humid");
    (void)desk_input(desk, "button");
    return desk;
}

/* A rule on the light that sets the fan after 3 s. */
static struct circuit_rule_options *delayed(struct desk *desk, const char *name,
                                            enum circuit_trigger trigger, uint8_t value)
{
    desk_rule(desk, name, LIGHT, trigger, COMMAND_SET, FAN)->value = value;
    struct circuit_rule_options *rule = &desk->rules[desk->options.rule_count - 1];
    rule->after_ms = 3000;
    return rule;
}

static struct rule_description described(const struct desk *desk, size_t rule)
{
    struct rule_description description;
    circuit_rule(desk->circuit, rule, &description);
    return description;
}

/* The light goes on and off within a tenth of a second. */
static void flash(struct desk *desk)
{
    desk_set(desk, LIGHT, 1);
    desk_wait(desk, 100);
    desk_set(desk, LIGHT, 0);
}

static void command_waits_for_its_time(void **state)
{
    struct desk *desk = begin(state);
    (void)delayed(desk, "runs-on", CIRCUIT_TRIGGER_FALLING, 0);
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    assert_int_equal(described(desk, 0).waiting, 1);
    assert_int_equal(described(desk, 0).due_at_ns, desk->now.wall_ns + 3 * SECOND);
    desk_wait_ns(desk, 3 * SECOND - 1);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_wait_ns(desk, 1);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(described(desk, 0).waiting, 0);
    assert_int_equal(described(desk, 0).last_at_ns, desk->now.wall_ns);
    assert_int_equal(described(desk, 0).last_result, REFUSAL_NONE);
}

static void restart_begins_anew(void **state)
{
    struct desk *desk = begin(state);
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    desk_wait(desk, 2000);
    flash(desk);
    desk_wait(desk, 2999);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, FAN), 0);
}

static void ignore_keeps_the_first_time(void **state)
{
    struct desk *desk = begin(state);
    delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0)->again = CIRCUIT_DELAY_IGNORE;
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    desk_wait(desk, 2000);
    flash(desk);
    desk_wait(desk, 900);
    assert_int_equal(desk_pin(desk, FAN), 0);
    desk_wait(desk, 5000);
    assert_int_equal(circuit_due_ns(desk->circuit), INT64_MAX);
}

static void each_waits_for_itself(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_rule_options *rule = delayed(desk, "each", CIRCUIT_TRIGGER_FALLING, 0);
    rule->again = CIRCUIT_DELAY_EACH;
    rule->commands.list[0].verb = COMMAND_TOGGLE;
    desk_start(desk);
    for (int i = 0; i < CIRCUIT_DELAYS_MAX + 3; i++)
        flash(desk);
    assert_int_equal(described(desk, 0).waiting, CIRCUIT_DELAYS_MAX);
    assert_int_equal(circuit_rule_report(desk->circuit)->dropped, 3);
    uint64_t before = desk_seq(desk);
    desk_wait(desk, 4000);
    assert_int_equal(desk_seq(desk) - before, CIRCUIT_DELAYS_MAX);
}

static void opposite_edge_gives_up_what_waits(void **state)
{
    struct desk *desk = begin(state);
    delayed(desk, "on-delay", CIRCUIT_TRIGGER_RISING, 1)->gives_up = true;
    desk_start(desk);
    desk_set(desk, LIGHT, 1);
    desk_wait(desk, 2999);
    desk_set(desk, LIGHT, 0);
    desk_wait(desk, 5000);
    assert_int_equal(desk_pin(desk, FAN), 0);
    desk_set(desk, LIGHT, 1);
    desk_wait(desk, 3000);
    assert_int_equal(desk_pin(desk, FAN), 1);
}

static void commands_are_done_in_order_and_one_refusal_keeps_no_other(void **state)
{
    struct desk *desk = begin(state);
    (void)desk_interlock(desk, CIRCUIT_INTERLOCK_REFUSE, LIGHT, FAN);
    struct command *first =
        desk_rule(desk, "list", BUTTON, CIRCUIT_TRIGGER_RISING, COMMAND_SET, LIGHT);
    struct circuit_rule_options *rule = &desk->rules[0];
    rule->commands.count = 3;
    first[0].value = 1;
    first[1] = desk_set_command(FAN, 1);
    first[2] = desk_set_command(LIGHT, 0);
    desk_start(desk);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, LIGHT), 0);
    assert_int_equal(desk_pin(desk, FAN), 0);
    desk_expect_event(desk, 0, LIGHT, 0, EVENT_RULE);
    desk_expect_event(desk, 1, LIGHT, 1, EVENT_RULE);
    assert_int_equal(described(desk, 0).last_result, REFUSAL_INTERLOCK);
    assert_true(strlen(described(desk, 0).last_detail) > 5);
}

static void any_of_several_lines_sets_off(void **state)
{
    struct desk *desk = begin(state);
    (void)desk_rule(desk, "any", HUMID, CIRCUIT_TRIGGER_RISING, COMMAND_TOGGLE, FAN);
    desk->rules[0].when.lines[desk->rules[0].when.line_count++] = BUTTON;
    desk_start(desk);
    desk_press(desk, HUMID, 1);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_press(desk, BUTTON, 1);
    assert_int_equal(desk_pin(desk, FAN), 0);
}

/* ---- enable, disable, run ---- */

static void rule_can_be_disabled_and_tried(void **state)
{
    struct desk *desk = begin(state);
    desk_rule(desk, "follow", LIGHT, CIRCUIT_TRIGGER_RISING, COMMAND_SET, FAN)->value = 1;
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_RULE_DISABLE});
    assert_false(described(desk, 0).is_enabled);
    flash(desk);
    assert_int_equal(desk_pin(desk, FAN), 0);
    desk_do(desk, (struct command){.verb = COMMAND_RULE_RUN});
    assert_int_equal(desk_pin(desk, FAN), 1);
    assert_string_equal(desk_text(desk, desk_event(desk, 0)->source), "rule:follow");
    desk_set(desk, FAN, 0);
    assert_int_equal(desk_reload(desk), 0);
    assert_false(described(desk, 0).is_enabled);
    desk_do(desk, (struct command){.verb = COMMAND_RULE_ENABLE});
    flash(desk);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_refused(desk, (struct command){.verb = COMMAND_RULE_RUN, .line = 1}, REFUSAL_BAD_REQUEST);
}

static void refusal_of_a_rule_that_is_tried_is_told(void **state)
{
    struct desk *desk = begin(state);
    desk_rule(desk, "follow", LIGHT, CIRCUIT_TRIGGER_RISING, COMMAND_SET, FAN)->value = 1;
    desk_start(desk);
    desk_do(desk, (struct command){.verb = COMMAND_LOCK, .line = FAN, .reason = "being repaired"});
    desk_refused(desk, (struct command){.verb = COMMAND_RULE_RUN}, REFUSAL_LOCKED);
    assert_int_equal(described(desk, 0).last_result, REFUSAL_LOCKED);
}

/* Disabled while its end waits, a rule still switches off; it switches nothing on. */
static void disabled_rule_keeps_its_promise_to_switch_off(void **state)
{
    struct desk *desk = begin(state);
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    (void)delayed(desk, "on", CIRCUIT_TRIGGER_FALLING, 1);
    desk->rules[1].commands.list[0].line = LIGHT;
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    desk_do(desk, (struct command){.verb = COMMAND_RULE_DISABLE, .line = 0});
    desk_do(desk, (struct command){.verb = COMMAND_RULE_DISABLE, .line = 1});
    desk_wait(desk, 3000);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(desk_pin(desk, LIGHT), 0);
}

/* ---- reload and restart ---- */

static void reload_keeps_what_waits_in_a_rule_that_stays(void **state)
{
    struct desk *desk = begin(state);
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    desk_wait(desk, 1000);
    assert_int_equal(desk_reload(desk), 0);
    desk_wait(desk, 1999);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, FAN), 0);
}

static void reload_without_the_rule_switches_off_at_once(void **state)
{
    struct desk *desk = begin(state);
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    (void)delayed(desk, "on", CIRCUIT_TRIGGER_FALLING, 1);
    desk->rules[1].commands.list[0].line = LIGHT;
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    desk->options.rule_count = 0;
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(desk_pin(desk, FAN), 0);
    desk_wait(desk, 5000);
    assert_int_equal(desk_pin(desk, LIGHT), 0);
}

static void delay_goes_on_when_its_line_is_renamed(void **state)
{
    struct desk *desk = begin(state);
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    (void)snprintf(desk->lines[FAN].name, sizeof desk->lines[FAN].name, "ventilator");
    (void)snprintf(desk->lines[FAN].was, sizeof desk->lines[FAN].was, "fan");
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_wait(desk, 3000);
    assert_int_equal(desk_pin(desk, FAN), 0);
}

static void reload_with_another_time_switches_off_at_once(void **state)
{
    struct desk *desk = begin(state);
    struct circuit_rule_options *rule = delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    desk_start(desk);
    desk_set(desk, FAN, 1);
    flash(desk);
    rule->after_ms = 60000;
    assert_int_equal(desk_reload(desk), 0);
    assert_int_equal(desk_pin(desk, FAN), 0);
}

static struct rule_record stored[2];

static bool recall_rule(void *context, const char *rule, struct rule_record *ret_record)
{
    (void)context;
    *ret_record = stored[strcmp(rule, "on") == 0];
    return true;
}

/* The two rules of the run before, one that switches off and one that switches on, each with 2 s left. */
static struct desk *after_restart(void **state, int64_t away_ns)
{
    static struct circuit_store store = {.recall_rule = recall_rule};
    struct desk *desk = begin(state);
    desk->lines[FAN].initial = CIRCUIT_INITIAL_1;
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    (void)delayed(desk, "on", CIRCUIT_TRIGGER_FALLING, 1);
    desk->rules[1].commands.list[0].line = LIGHT;
    for (size_t i = 0; i < 2; i++)
        stored[i] = (struct rule_record){
            .delay_count = 1, .delay_ends_ms = {(desk->now.wall_ns + 2 * SECOND - away_ns) / MS}};
    desk->store = &store;
    desk_start(desk);
    desk_wait(desk, 0);
    return desk;
}

static void restart_switches_off_at_its_time_and_nothing_on(void **state)
{
    struct desk *desk = after_restart(state, SECOND);
    assert_int_equal(desk_pin(desk, FAN), 1);
    assert_int_equal(described(desk, 1).waiting, 0);
    desk_wait(desk, 999);
    assert_int_equal(desk_pin(desk, FAN), 1);
    desk_wait(desk, 1);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(desk_pin(desk, LIGHT), 0);
}

static void restart_after_the_time_switches_off_at_once(void **state)
{
    struct desk *desk = after_restart(state, 60 * SECOND);
    assert_int_equal(desk_pin(desk, FAN), 0);
    assert_int_equal(desk_pin(desk, LIGHT), 0);
}

static void record_tells_what_waits(void **state)
{
    struct desk *desk = begin(state);
    struct rule_record record;
    (void)delayed(desk, "off", CIRCUIT_TRIGGER_FALLING, 0);
    desk_start(desk);
    flash(desk);
    desk_wait(desk, 500);
    circuit_rule_record(desk->circuit, 0, &desk->now, &record);
    assert_int_equal(record.delay_count, 1);
    assert_int_equal(record.delay_ends_ms[0], (desk->now.wall_ns + 2500 * MS) / MS);
}

/* ---- presses ---- */

enum { PRESS, DOUBLE, HELD };

/* Rules for presses, for double presses and for holds of 1 s, each of which toggles or blinks an output of its own. */
static struct desk *with_presses(void **state, bool has_double, bool has_held)
{
    struct desk *desk = begin(state);
    (void)desk_output(desk, "press");
    (void)desk_output(desk, "double");
    (void)desk_output(desk, "held");
    (void)desk_rule(desk, "press", BUTTON, CIRCUIT_TRIGGER_PRESS, COMMAND_TOGGLE, BUTTON + 1);
    if (has_double)
        (void)desk_rule(desk, "double", BUTTON, CIRCUIT_TRIGGER_DOUBLE_PRESS, COMMAND_TOGGLE,
                        BUTTON + 2);
    if (has_held) {
        (void)desk_rule(desk, "held", BUTTON, CIRCUIT_TRIGGER_HELD, COMMAND_TOGGLE, BUTTON + 3);
        desk->rules[desk->options.rule_count - 1].when.held_ms = 1000;
    }
    desk_start(desk);
    return desk;
}

static void press_for(struct desk *desk, int64_t on_ms, int64_t off_ms)
{
    desk_press(desk, BUTTON, 1);
    desk_wait(desk, on_ms);
    desk_press(desk, BUTTON, 0);
    desk_wait(desk, off_ms);
}

/* Which of the three rules have acted, an odd number of times. */
static void expect_acted(const struct desk *desk, int press, int is_double, int held)
{
    assert_int_equal(desk_pin(desk, BUTTON + 1), press);
    assert_int_equal(desk_pin(desk, BUTTON + 2), is_double);
    assert_int_equal(desk_pin(desk, BUTTON + 3), held);
}

static void press_alone_acts_at_once(void **state)
{
    struct desk *desk = with_presses(state, false, false);
    desk_press(desk, BUTTON, 1);
    expect_acted(desk, 1, 0, 0);
    desk_wait(desk, 5000);
    desk_press(desk, BUTTON, 0);
    expect_acted(desk, 1, 0, 0);
}

static void press_beside_a_hold_acts_when_it_ends(void **state)
{
    struct desk *desk = with_presses(state, false, true);
    desk_press(desk, BUTTON, 1);
    desk_wait(desk, 999);
    expect_acted(desk, 0, 0, 0);
    desk_press(desk, BUTTON, 0);
    expect_acted(desk, 1, 0, 0);
    press_for(desk, 1000, 1000);
    expect_acted(desk, 1, 0, 1);
}

static void press_beside_a_double_press_waits_for_the_second(void **state)
{
    struct desk *desk = with_presses(state, true, false);
    press_for(desk, 100, 300);
    expect_acted(desk, 0, 0, 0);
    desk_wait(desk, 1);
    expect_acted(desk, 1, 0, 0);
    desk_wait(desk, 1000);
    press_for(desk, 100, 100);
    press_for(desk, 100, 1000);
    expect_acted(desk, 1, 1, 0);
}

static void press_is_told_from_both(void **state)
{
    struct desk *desk = with_presses(state, true, true);
    press_for(desk, 100, 1000);
    expect_acted(desk, 1, 0, 0);
    press_for(desk, 100, 100);
    press_for(desk, 100, 1000);
    expect_acted(desk, 1, 1, 0);
    press_for(desk, 600, 0); /* no second one can come any more */
    expect_acted(desk, 0, 1, 0);
    desk_wait(desk, 1000);
    press_for(desk, 1500, 1000);
    expect_acted(desk, 0, 1, 1);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        DESK_TEST(command_waits_for_its_time),
        DESK_TEST(restart_begins_anew),
        DESK_TEST(ignore_keeps_the_first_time),
        DESK_TEST(each_waits_for_itself),
        DESK_TEST(opposite_edge_gives_up_what_waits),
        DESK_TEST(commands_are_done_in_order_and_one_refusal_keeps_no_other),
        DESK_TEST(any_of_several_lines_sets_off),
        DESK_TEST(rule_can_be_disabled_and_tried),
        DESK_TEST(refusal_of_a_rule_that_is_tried_is_told),
        DESK_TEST(disabled_rule_keeps_its_promise_to_switch_off),
        DESK_TEST(reload_keeps_what_waits_in_a_rule_that_stays),
        DESK_TEST(reload_without_the_rule_switches_off_at_once),
        DESK_TEST(delay_goes_on_when_its_line_is_renamed),
        DESK_TEST(reload_with_another_time_switches_off_at_once),
        DESK_TEST(restart_switches_off_at_its_time_and_nothing_on),
        DESK_TEST(restart_after_the_time_switches_off_at_once),
        DESK_TEST(record_tells_what_waits),
        DESK_TEST(press_alone_acts_at_once),
        DESK_TEST(press_beside_a_hold_acts_when_it_ends),
        DESK_TEST(press_beside_a_double_press_waits_for_the_second),
        DESK_TEST(press_is_told_from_both),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
