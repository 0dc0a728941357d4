#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/warning.h"
#include "config_rig.h"

#include <stdio.h>
#include <string.h>

static char told[2048];

static void note(void *context, const char *path, const char *text)
{
    (void)context;
    size_t used = strlen(told);
    (void)snprintf(told + used, sizeof told - used, "%s: %s\n", path, text);
}

/* A circuit with outputs red and green and an input button, and the warnings about it. */
static void expect(const char *rest, const char *warnings)
{
    struct config config = config_rig_accept_circuit(rest);
    told[0] = '\0';
    config_warn(&config, note, NULL);
    assert_string_equal(told, warnings);
    config_done(&config);
}

static void gap_is_longer_than_a_step(void **state)
{
    (void)state;
    const char *const scene =
        ",'interlocks':[{'mode':'break-before-make','gap_ms':%d,'lines':['red','green']}],"
        "'scenes':[{'name':'s','steps':[{'set':{'red':1}},{'after_ms':300,'set':{'red':0,'green':1}"
        "},"
        "{'after_ms':1000,'set':{'green':0}}]}]";
    char text[512];
    (void)snprintf(text, sizeof text, scene, 300);
    expect(text, "");
    (void)snprintf(text, sizeof text, scene, 301);
    expect(text, "circuit.scenes[0]: step 1 switches red on, which may wait 301 ms for the gap of "
                 "interlock-1, "
                 "and the next step comes after 300 ms\n");
}

static void gap_is_longer_than_a_step_of_commands(void **state)
{
    (void)state;
    expect(",'interlocks':[{'mode':'break-before-make','gap_ms':400,'lines':['red','green']}],"
           "'scenes':[{'name':'s','steps':[{'do':{'method':'line.pulse','line':'green','ms':50}},"
           "{'after_ms':300,'do':{'method':'line.set','line':'green','value':0}},"
           "{'after_ms':300,'set':{'red':0}}]}]",
           "circuit.scenes[0]: step 1 switches green on, which may wait 400 ms for the gap of "
           "interlock-1, and the next step comes after 300 ms\n");
}

static void pulse_could_be_brought_back(void **state)
{
    (void)state;
    struct config config = config_rig_accept(
        "{'circuit':{'lines':[{'name':'lamp','gpio':'GPIO6','direction':'output','initial':'last'},"
        "{'name':'bell','gpio':'GPIO7','direction':'output','initial':'last','max_on_ms':1000},"
        "{'name':'b','gpio':'GPIO8','direction':'input'}],"
        "'scenes':[{'name':'s','steps':[{'do':{'method':'line.set','line':'lamp','value':1,'for_ms'"
        ":5}}]}],"
        "'rules':[{'when':{'line':'b','edge':'rising'},'do':[{'method':'line.pulse','line':'bell','"
        "ms':5},"
        "{'method':'line.pulse','line':'lamp','ms':5}]}]}}");
    told[0] = '\0';
    config_warn(&config, note, NULL);
    assert_string_equal(
        told,
        "circuit.scenes[0]: it pulses lamp, whose initial is \"last\": give the line max_on_ms, so "
        "that nothing can leave it on\n"
        "circuit.rules[0].do: it pulses lamp, whose initial is \"last\": give the line max_on_ms, "
        "so "
        "that nothing can leave it on\n");
    config_done(&config);
}

static void rule_fights_a_scene(void **state)
{
    (void)state;
    expect(",'scenes':[{'name':'s','set':{'red':1,'green':1}}],"
           "'rules':[{'name':'r','when':{'line':'red','edge':'rising'},"
           "'do':{'method':'line.set','line':'green','value':0}}]",
           "circuit.scenes[0]: setting red sets off the rule r, which changes green against the "
           "scene\n");
    expect(",'scenes':[{'name':'s','set':{'red':1,'green':0}}],"
           "'rules':[{'name':'r','when':{'line':'red','edge':'rising'},"
           "'do':{'method':'line.set','line':'green','value':0}}]",
           "");
    expect(",'scenes':[{'name':'s','set':{'red':0,'green':1}}],"
           "'rules':[{'name':'r','when':{'line':'red','edge':'rising'},"
           "'do':{'method':'line.set','line':'green','value':0}}]",
           "");
}

static void rule_fights_a_program_of_commands(void **state)
{
    (void)state;
    expect(",'scenes':[{'name':'s','steps':[{'do':{'method':'line.set','line':'red','value':1}},"
           "{'after_ms':5,'do':{'method':'scene.apply','scene':'dark'}}]},"
           "{'name':'dark','set':{'green':0,'red':0}}],"
           "'rules':[{'name':'r','when':{'line':['button','red'],'edge':'rising'},"
           "'do':{'method':'line.set','line':'green','value':1}}]",
           "circuit.scenes[0]: setting red sets off the rule r, which changes green against the "
           "scene\n");
}

/* Certain loops are errors: see test_config_rule.c. */
static void loop_depends_on_a_condition(void **state)
{
    (void)state;
    expect(",'rules':[{'name':'a','when':{'line':'red','edge':'rising'},'if':{'line':'button','"
           "value':1},"
           "'do':{'method':'line.toggle','line':'red'}}]",
           "circuit.rules: these rules set each other off for as long as their conditions are "
           "true: a → a\n");
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(gap_is_longer_than_a_step),
        cmocka_unit_test(gap_is_longer_than_a_step_of_commands),
        cmocka_unit_test(pulse_could_be_brought_back),
        cmocka_unit_test(rule_fights_a_scene),
        cmocka_unit_test(rule_fights_a_program_of_commands),
        cmocka_unit_test(loop_depends_on_a_condition),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
