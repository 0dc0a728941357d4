#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include <stdio.h>

/* ---- what sets a rule off ---- */

static struct circuit_rule_options rule_with(const char *rule)
{
    char text[640];
    (void)snprintf(
        text, sizeof text,
        ",'latitude':37.57,'longitude':126.98,'timezone':'Asia/Seoul','scenes':[{'name':'s','set':"
        "{'red':1}}],'rules':[{%s,'do':{'method':'circuit.off'}}]",
        rule);
    struct config config = config_rig_accept_circuit(text);
    assert_int_equal(config.circuit.rule_count, 1);
    struct circuit_rule_options read = config.circuit.rules[0];
    assert_string_equal(config.circuit.timezone, "Asia/Seoul");
    config_done(&config);
    return read;
}

static void refuse_rule(const char *rule, const char *lines)
{
    char text[640];
    (void)snprintf(text, sizeof text, ",'rules':[{%s,'do':{'method':'circuit.off'}}]", rule);
    config_rig_refuse_circuit(text, lines);
}

static void rule_is_set_off_by_one_of_five_things(void **state)
{
    (void)state;
    struct circuit_when when = rule_with("'when':{'line':'button','edge':'press'}").when;
    assert_int_equal(when.trigger, CIRCUIT_TRIGGER_PRESS);
    when = rule_with("'when':{'line':['button','green'],'edge':'rising'}").when;
    assert_int_equal(when.line_count, 2);
    assert_int_equal(when.lines[1], 1);
    when = rule_with("'when':{'time':'06:30'}").when;
    assert_int_equal(when.trigger, CIRCUIT_TRIGGER_TIME);
    assert_int_equal(when.times_s[0], (6 * 60 + 30) * 60);
    assert_int_equal(when.days, CIRCUIT_DAYS_ALL);
    when = rule_with("'when':{'time':['00:00','18:00:15','23:59:59'],'days':['mon','sun']}").when;
    assert_int_equal(when.time_count, 3);
    assert_int_equal(when.times_s[1], 18 * 3600 + 15);
    assert_int_equal(when.times_s[2], 86399);
    assert_int_equal(when.days, 1 | 1 << 6);
    when = rule_with("'when':{'sun':'sunset','offset_min':-30}").when;
    assert_int_equal(when.trigger, CIRCUIT_TRIGGER_SUN);
    assert_int_equal(when.sun, CIRCUIT_SUNSET);
    assert_int_equal(when.offset_min, -30);
    when = rule_with("'when':{'every_ms':600000}").when;
    assert_int_equal(when.trigger, CIRCUIT_TRIGGER_EVERY);
    assert_int_equal(when.every_ms, 600000);
    assert_int_equal(rule_with("'when':{'start':true}").when.trigger, CIRCUIT_TRIGGER_START);
}

static void rule_refuses_what_sets_nothing_off(void **state)
{
    (void)state;
    refuse_rule(
        "'when':{}",
        "f: circuit.rules[0].when.line: is required, or one of time, sun, every_ms and start\n");
    refuse_rule("'when':{'time':'06:30','line':'button'}",
                "f: circuit.rules[0].when.time: stands beside line: one of them sets it off\n");
    refuse_rule("'when':{'time':'24:00'}", "f: circuit.rules[0].when.time: \"24:00\" is not a time "
                                           "of day from \"00:00\" to \"23:59:59\"\n");
    refuse_rule("'when':{'time':['6:30','06:60','06:30:60','06:30 ']}",
                "f: circuit.rules[0].when.time[0]: \"6:30\" is not a time of day from \"00:00\" to "
                "\"23:59:59\"\n"
                "f: circuit.rules[0].when.time[1]: \"06:60\" is not a time of day from \"00:00\" "
                "to \"23:59:59\"\n"
                "f: circuit.rules[0].when.time[2]: \"06:30:60\" is not a time of day from "
                "\"00:00\" to \"23:59:59\"\n"
                "f: circuit.rules[0].when.time[3]: \"06:30 \" is not a time of day from \"00:00\" "
                "to \"23:59:59\"\n");
    refuse_rule("'when':{'time':[]}", "f: circuit.rules[0].when.time: the list is empty\n");
    refuse_rule("'when':{'time':'06:30','days':[]}",
                "f: circuit.rules[0].when.days: the list is empty\n");
    refuse_rule(
        "'when':{'time':'06:30','days':['Monday']}",
        "f: circuit.rules[0].when.days[0]: \"Monday\" is not one of mon, tue, wed, thu, fri, "
        "sat, sun\n");
    refuse_rule("'when':{'time':'06:30','offset_min':5}",
                "f: circuit.rules[0].when.offset_min: does not go with time\n");
    refuse_rule("'when':{'sun':'sunset'}",
                "f: circuit.rules[0].when.sun: needs circuit.latitude and circuit.longitude\n");
    refuse_rule("'when':{'start':false}", "f: circuit.rules[0].when.start: must be true\n");
    refuse_rule("'when':{'every_ms':9}",
                "f: circuit.rules[0].when.every_ms: 9 is below the minimum 10 (ms)\n");
    refuse_rule("'when':{'line':['button','button'],'edge':'both'}",
                "f: circuit.rules[0].when.line[1]: \"button\" stands twice in this list\n");
    config_rig_refuse_circuit(
        ",'timezone':'Asia/Soul'",
        "f: circuit.timezone: \"Asia/Soul\" is not a time zone of this machine, as "
        "\"Asia/Seoul\" (timedatectl list-timezones shows them; the package is tzdata)\n");
    config_rig_refuse_circuit(",'latitude':90.1,'longitude':-181",
                              "f: circuit.latitude: 90.1 is above the maximum 90 (degrees)\n"
                              "f: circuit.longitude: -181 is below the minimum -180 (degrees)\n");
}

/* ---- conditions and delays ---- */

static void condition_is_kept_in_postfix_order(void **state)
{
    (void)state;
    struct circuit_rule_options rule =
        rule_with("'when':{'start':true},'if':{'all':[{'line':'button','value':1},{'not':{'any':"
                  "[{'scene':'s','running':true},{'from':'22:00','to':'06:00'}]}}]}");
    static const enum circuit_condition_kind kinds[] = {
        CIRCUIT_CONDITION_LINE, CIRCUIT_CONDITION_SCENE, CIRCUIT_CONDITION_CLOCK,
        CIRCUIT_CONDITION_ANY,  CIRCUIT_CONDITION_NOT,   CIRCUIT_CONDITION_ALL};
    static const uint8_t counts[] = {0, 0, 0, 2, 1, 2};
    assert_int_equal(rule.condition_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(rule.conditions[i].kind, kinds[i]);
        assert_int_equal(rule.conditions[i].count, counts[i]);
    }
    assert_int_equal(rule.conditions[0].index, 2);
    assert_int_equal(rule.conditions[2].from_s, 22 * 3600);
}

static void refuse_if(const char *condition, const char *lines)
{
    char text[400];
    (void)snprintf(text, sizeof text, "'when':{'line':'button','edge':'rising'},'if':%s",
                   condition);
    refuse_rule(text, lines);
}

static void condition_refuses_what_is_none(void **state)
{
    (void)state;
    refuse_if(
        "{}",
        "f: circuit.rules[0].if: a condition has line and value, from and to, scene and running, "
        "all, any, or not\n");
    refuse_if(
        "1",
        "f: circuit.rules[0].if: expected a condition, as {\"line\": \"rain\", \"value\": 1}\n");
    refuse_if(
        "{'line':'buton','value':1}",
        "f: circuit.rules[0].if.line: no line is called \"buton\"; did you mean \"button\"?\n");
    refuse_if("{'line':'button'}", "f: circuit.rules[0].if.value: is required\n");
    refuse_if("{'line':'button','value':2}",
              "f: circuit.rules[0].if.value: expected 0, 1, true or false\n");
    refuse_if("{'line':'button','value':1,'edge':'x'}",
              "f: circuit.rules[0].if.edge: is not known in this condition\n");
    refuse_if("{'from':'22:00'}", "f: circuit.rules[0].if.to: is required\n");
    refuse_if("{'from':'22:00','to':'22:00'}",
              "f: circuit.rules[0].if.to: is the same time as from: leave the condition out\n");
    refuse_if("{'all':[]}", "f: circuit.rules[0].if.all: expected a list of conditions\n");
    refuse_if("{'any':[{'line':'button','value':1},{'not':{'scene':'x','running':1}}]}",
              "f: circuit.rules[0].if.any[1].not.scene: no scene is called \"x\"\n");
}

/* The outermost counts as 1, and a leaf counts. */
static void condition_is_nested_four_deep(void **state)
{
    (void)state;
    struct circuit_rule_options rule =
        rule_with("'when':{'start':true},'if':{'not':{'not':{'not':{'line':'button','value':1}}}}");
    assert_int_equal(rule.condition_count, 4);
    refuse_if("{'not':{'not':{'not':{'not':{'line':'button','value':1}}}}}",
              "f: circuit.rules[0].if.not.not.not: conditions are nested deeper than 4\n");
}

static void delay_has_its_keys(void **state)
{
    (void)state;
    struct circuit_rule_options rule = rule_with(
        "'when':{'line':'button','edge':'falling'},'if':{'line':'red','value':1},'if_still':true,"
        "'after_ms':180000,'again':'each','while':true");
    assert_int_equal(rule.after_ms, 180000);
    assert_int_equal(rule.again, CIRCUIT_DELAY_EACH);
    assert_true(rule.if_still && rule.gives_up);
    rule = rule_with("'when':{'time':'06:30'},'missed':'run'");
    assert_true(rule.runs_missed);
    refuse_rule(
        "'when':{'line':'button','edge':'both'},'after_ms':5,'while':true",
        "f: circuit.rules[0].while: only the edges rising, falling and held have an opposite\n");
    refuse_rule("'when':{'line':'button','edge':'rising'},'again':'each'",
                "f: circuit.rules[0].again: only a rule with after_ms has it\n");
    refuse_rule("'when':{'line':'button','edge':'rising'},'after_ms':5,'if_still':true",
                "f: circuit.rules[0].if_still: there is no if\n");
    refuse_rule("'when':{'line':'button','edge':'rising'},'missed':'run'",
                "f: circuit.rules[0].missed: only time and sun have it\n");
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(rule_is_set_off_by_one_of_five_things),
        cmocka_unit_test(rule_refuses_what_sets_nothing_off),
        cmocka_unit_test(condition_is_kept_in_postfix_order),
        cmocka_unit_test(condition_refuses_what_is_none),
        cmocka_unit_test(condition_is_nested_four_deep),
        cmocka_unit_test(delay_has_its_keys),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
