#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include "circuit/verbs.h"

#include <stdio.h>
#include <string.h>

#define WHEN "{'when':{'line':'button','edge':'rising'},'do':"

static struct command accept_do(const char *object)
{
    char text[512];
    (void)snprintf(text, sizeof text,
                   ",'scenes':[{'name':'s','set':{'red':1}}],'rules':[" WHEN "%s}]", object);
    struct config config = config_rig_accept_circuit(text);
    struct command command = config.circuit.rules[0].commands.list[0];
    config_done(&config);
    return command;
}

static void rule_watches_a_line(void **state)
{
    (void)state;
    struct config config = config_rig_accept_circuit(
        ",'rules':[{'name':'n','when':{'line':'button','edge':'held','held_ms':700},"
        "'do':{'method':'line.toggle','line':'green'}},"
        "{'when':{'line':'button','edge':'double-press'},'do':{'method':'circuit.off'}}]");
    assert_int_equal(config.circuit.rule_count, 2);
    const struct circuit_rule_options *rules = config.circuit.rules;
    assert_string_equal(rules[0].name, "n");
    assert_int_equal(rules[0].when.lines[0], 2);
    assert_int_equal(rules[0].when.trigger, CIRCUIT_TRIGGER_HELD);
    assert_int_equal(rules[0].when.held_ms, 700);
    assert_int_equal(rules[0].commands.list[0].verb, COMMAND_TOGGLE);
    assert_int_equal(rules[0].commands.list[0].line, 1);
    assert_string_equal(rules[1].name, "rule-2");
    assert_int_equal(rules[1].when.trigger, CIRCUIT_TRIGGER_DOUBLE_PRESS);
    assert_int_equal(rules[1].commands.list[0].verb, COMMAND_OFF);
    config_done(&config);
}

static void rule_gives_every_command_its_parameters(void **state)
{
    (void)state;
    struct command command =
        accept_do("{'method':'line.set','line':'green','value':true,'for_ms':5,'lease_ms':6}");
    assert_int_equal(command.verb, COMMAND_SET);
    assert_int_equal(command.line, 1);
    assert_int_equal(command.value, 1);
    assert_int_equal(command.for_ms, 5);
    assert_int_equal(command.lease_ms, 6);
    command = accept_do("{'method':'line.pulse','line':'red','ms':7}");
    assert_int_equal(command.verb, COMMAND_PULSE);
    assert_int_equal(command.for_ms, 7);
    command = accept_do("{'method':'line.blink','line':'red','on_ms':1,'off_ms':2,'count':3}");
    assert_int_equal(command.verb, COMMAND_BLINK);
    assert_int_equal(command.on_ms, 1);
    assert_int_equal(command.off_ms, 2);
    assert_int_equal(command.count, 3);
    command = accept_do("{'method':'line.pwm','line':'red','duty':0.25,'hz':0.1}");
    assert_int_equal(command.verb, COMMAND_PWM);
    assert_true(command.duty == 0.25 && command.hz == 0.1);
    assert_int_equal(accept_do("{'method':'line.stop','line':'red'}").verb, COMMAND_STOP);
    command = accept_do("{'method':'line.lock','line':'red','reason':'because'}");
    assert_int_equal(command.verb, COMMAND_LOCK);
    assert_string_equal(command.reason, "because");
    assert_int_equal(accept_do("{'method':'line.unlock','line':'red'}").verb, COMMAND_UNLOCK);
    command = accept_do("{'method':'scene.apply','scene':'s'}");
    assert_int_equal(command.verb, COMMAND_SCENE);
    assert_int_equal(command.line, 0);
}

static void refuse_do(const char *object, const char *lines)
{
    char text[512];
    (void)snprintf(text, sizeof text, ",'rules':[" WHEN "%s}]", object);
    config_rig_refuse_circuit(text, lines);
}

static void rule_knows_the_commands_that_the_table_lets_it_do(void **state)
{
    char lines[1024] = "f: circuit.rules[0].do.method: \"line.togle\" is not one of ";
    const struct verb *verb;
    const char *comma = "";
    (void)state;
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        size_t length = strlen(lines);
        if (!verb->in_rules)
            continue;
        (void)snprintf(lines + length, sizeof lines - length, "%s\"%s\"", comma, verb->name);
        comma = ", ";
    }
    size_t length = strlen(lines);
    (void)snprintf(lines + length, sizeof lines - length, "; did you mean \"line.toggle\"?\n");
    refuse_do("{'method':'line.togle','line':'red'}", lines);
}

static void rule_refuses_what_does_not_fit_its_method(void **state)
{
    (void)state;
    refuse_do("{'method':'line.pulse','line':'red','value':1}",
              "f: circuit.rules[0].do.ms: is required for line.pulse\n"
              "f: circuit.rules[0].do.value: line.pulse does not have it\n");
    refuse_do("{'method':'line.toggle','line':'button'}",
              "f: circuit.rules[0].do.line: \"button\" is an input; commands act on outputs\n");
    refuse_do("{'method':'scene.apply','scene':'none'}",
              "f: circuit.rules[0].do.scene: no scene is called \"none\"\n");
    refuse_do("{'method':'line.pwm','line':'red','duty':1.5,'hz':501}",
              "f: circuit.rules[0].do.duty: 1.5 is above the maximum 1\n"
              "f: circuit.rules[0].do.hz: 501 is above the maximum 500 (Hz)\n");
    refuse_do("{'method':'line.blink','line':'red','on_ms':0,'off_ms':86400001}",
              "f: circuit.rules[0].do.on_ms: 0 is below the minimum 1 (ms)\n"
              "f: circuit.rules[0].do.off_ms: 86400001 is above the maximum 86400000 (ms)\n");
    refuse_do("{'method':'circuit.off','line':'red'}",
              "f: circuit.rules[0].do.line: circuit.off does not have it\n");
}

static void rule_has_held_ms_for_edge_held_only(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'rules':[{'when':{'line':'button','edge':'held'},'do':{'method':'circuit.off'}},"
        "{'when':{'line':'button','edge':'both','held_ms':1},'do':{'method':'circuit.off'}}]",
        "f: circuit.rules[0].when.held_ms: is required for edge \"held\"\n"
        "f: circuit.rules[1].when.held_ms: only edge \"held\" has it\n");
}

static void rules_have_names_of_their_own(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'rules':[{'name':'rule-2','when':{'line':'button','edge':'both'},"
        "'do':{'method':'circuit.off'}},{'when':{'line':'button','edge':'both'},"
        "'do':{'method':'circuit.off'}}]",
        "f: circuit.rules[1].name: \"rule-2\" is taken by circuit.rules[0]\n");
}

static void rules_refuse_a_loop_and_name_it(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'rules':[{'name':'start','when':{'line':'button','edge':'both'},"
        "'do':{'method':'line.toggle','line':'red'}},"
        "{'name':'a','when':{'line':'red','edge':'rising'},"
        "'do':{'method':'line.set','line':'green','value':1}},"
        "{'name':'b','when':{'line':'green','edge':'held','held_ms':5},"
        "'do':{'method':'line.pulse','line':'red','ms':5}}]",
        "f: circuit.rules: these rules set each other off without end: a → b → a\n");
    config_rig_refuse_circuit(
        ",'rules':[{'name':'self','when':{'line':'red','edge':'falling'},"
        "'do':{'method':'line.toggle','line':'red'}}]",
        "f: circuit.rules: these rules set each other off without end: self → self\n");
}

static void rules_refuse_a_loop_by_way_of_a_scene_off_and_limits(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'scenes':[{'name':'s','set':{'red':1}}],"
        "'rules':[{'name':'a','when':{'line':'red','edge':'rising'},'do':{'method':'circuit.off'}},"
        "{'name':'b','when':{'line':'green','edge':'falling'},"
        "'do':{'method':'scene.apply','scene':'s'}}]",
        "f: circuit.rules: these rules set each other off without end: a → b → a\n");
    config_rig_refuse(
        "{'circuit':{'lines':[{'name':'a','direction':'output','max_on_ms':5}],"
        "'rules':[{'name':'again','when':{'line':'a','edge':'falling'},"
        "'do':{'method':'line.set','line':'a','value':1}}]}}",
        "f: circuit.rules: these rules set each other off without end: again → again\n");
    config_rig_refuse_circuit(
        ",'interlocks':[{'mode':'break-before-make','lines':['red','green']}],"
        "'rules':[{'name':'a','when':{'line':'red','edge':'falling'},"
        "'do':{'method':'line.set','line':'red','value':1}},"
        "{'name':'b','when':{'line':'red','edge':'rising'},"
        "'do':{'method':'line.set','line':'green','value':1}}]",
        "f: circuit.rules: these rules set each other off without end: a → b → a\n");
}

static void rules_refuse_a_loop_by_way_of_a_scene_that_a_step_applies(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'scenes':[{'name':'p','steps':[{'do':{'method':'scene.apply','scene':'dark'}},"
        "{'after_ms':5,'do':{'method':'scene.apply','scene':'light'}}]},"
        "{'name':'other','set':{'red':1}},"
        "{'name':'dark','set':{'green':0}},{'name':'light','set':{'green':1}}],"
        "'rules':[{'name':'a','when':{'line':'green','edge':'rising'},"
        "'do':{'method':'scene.apply','scene':'p'}}]",
        "f: circuit.rules: these rules set each other off without end: a → a\n");
}

static void rules_may_follow_each_other_to_an_end(void **state)
{
    (void)state;
    /* The scene that the step applies is the first one, and says nothing of the first line. */
    struct config by_scene = config_rig_accept_circuit(
        ",'scenes':[{'name':'light','set':{'green':1}},"
        "{'name':'p','steps':[{'do':{'method':'scene.apply','scene':'light'}}]}],"
        "'rules':[{'when':{'line':'red','edge':'rising'},"
        "'do':{'method':'scene.apply','scene':'p'}}]");
    assert_int_equal(by_scene.circuit.rule_count, 1);
    config_done(&by_scene);
    /* Each switches the other line off: whichever comes on last stays, and that is the end. */
    struct config config = config_rig_accept_circuit(
        ",'rules':[{'when':{'line':'red','edge':'rising'},"
        "'do':{'method':'line.set','line':'green','value':0}},"
        "{'when':{'line':'green','edge':'rising'},"
        "'do':{'method':'line.set','line':'red','value':0}},"
        "{'when':{'line':'button','edge':'rising'},'do':{'method':'line.toggle','line':'red'}}]");
    assert_int_equal(config.circuit.rule_count, 3);
    config_done(&config);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(rule_watches_a_line),
        cmocka_unit_test(rule_gives_every_command_its_parameters),
        cmocka_unit_test(rule_knows_the_commands_that_the_table_lets_it_do),
        cmocka_unit_test(rule_refuses_what_does_not_fit_its_method),
        cmocka_unit_test(rule_has_held_ms_for_edge_held_only),
        cmocka_unit_test(rules_have_names_of_their_own),
        cmocka_unit_test(rules_refuse_a_loop_and_name_it),
        cmocka_unit_test(rules_refuse_a_loop_by_way_of_a_scene_off_and_limits),
        cmocka_unit_test(rules_refuse_a_loop_by_way_of_a_scene_that_a_step_applies),
        cmocka_unit_test(rules_may_follow_each_other_to_an_end),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
