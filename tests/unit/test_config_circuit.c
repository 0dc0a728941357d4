#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include "base/owner.h"

#include <errno.h>
#include <string.h>

#define IN "{'name':'a','direction':'input',"
#define OUT "{'name':'a','direction':'output',"

static void refuse_line(const char *line, const char *lines)
{
    char text[512];
    (void)snprintf(text, sizeof text, "{'circuit':{'lines':[%s}]}}", line);
    config_rig_refuse(text, lines);
}

static void line_of_one_direction_has_no_key_of_the_other(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "'initial':0",
        "'safe':0",
        "'drive':'push-pull'",
        "'max_on_ms':0",
        "'min_off_ms':0",
        "'lease_ms':0",
        "'pwm':'/sys/class/pwm/pwmchip0/pwm0'",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        char text[128];
        char expected[128];
        (void)snprintf(text, sizeof text, IN "%s", keys[i]);
        (void)snprintf(expected, sizeof expected,
                       "f: circuit.lines[0].%.*s: an input has none; only an output does\n",
                       (int)strcspn(keys[i] + 1, "'"), keys[i] + 1);
        refuse_line(text, expected);
    }
    refuse_line(OUT "'counter':{}",
                "f: circuit.lines[0].counter: an output has none; only an input does\n");
    refuse_line(OUT "'debounce_ms':0",
                "f: circuit.lines[0].debounce_ms: an output has none; only an input does\n");
}

static void line_counts_by_a_counter_with_defaults(void **state)
{
    (void)state;
    struct config config = config_rig_accept(
        "{'circuit':{'lines':[" IN "'counter':{}},{'name':'b','direction':'input','counter':"
        "{'edge':'falling','per_pulse':0.45,'unit':'kWh'}},"
        "{'name':'c','direction':'input'}]}}");
    const struct circuit_line_options *lines = config.circuit.lines;
    assert_true(lines[0].counter.counts && lines[1].counter.counts && !lines[2].counter.counts);
    assert_int_equal(lines[0].counter.edge, CIRCUIT_COUNTER_RISING);
    assert_int_equal(lines[1].counter.edge, CIRCUIT_COUNTER_FALLING);
    assert_true(lines[0].counter.per_pulse == 1.0 && lines[1].counter.per_pulse == 0.45);
    assert_string_equal(lines[0].counter.unit, "");
    assert_string_equal(lines[1].counter.unit, "kWh");
    config_done(&config);
    refuse_line(IN "'counter':true",
                "f: circuit.lines[0].counter: expected an object, found a boolean\n");
    refuse_line(IN "'counter':{'edge':'both'}",
                "f: circuit.lines[0].counter.edge: \"both\" is not one of \"rising\", "
                "\"falling\"\n");
    refuse_line(IN "'counter':{'per_pulse':0}",
                "f: circuit.lines[0].counter.per_pulse: 0 is below the minimum 1e-06\n");
    refuse_line(IN "'counter':{'unit':'seventeen letters'}",
                "f: circuit.lines[0].counter.unit: is longer than 16 bytes\n");
    refuse_line(IN "'counter':{'step':1}", "f: circuit.lines[0].counter.step: unknown key\n");
}

static void line_debounces_on_and_off_apart(void **state)
{
    (void)state;
    struct config config =
        config_rig_accept("{'circuit':{'lines':[" IN "'debounce_on_ms':0,'debounce_off_ms':3000},"
                          "{'name':'b','direction':'input','debounce_on_ms':20},"
                          "{'name':'c','direction':'input','debounce_on_ms':7,'debounce_off_ms':7},"
                          "{'name':'d','direction':'input','debounce_ms':5}]}}");
    static const uint32_t expected[][3] = {
        {0, 3000000, 0}, {20000, 0, 0}, {0, 0, 7000}, {0, 0, 5000}};
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        const struct circuit_line_options *line = &config.circuit.lines[i];
        assert_int_equal(line->debounce_on_us, expected[i][0]);
        assert_int_equal(line->debounce_off_us, expected[i][1]);
        assert_int_equal(line->gpio.debounce_us, expected[i][2]);
    }
    config_done(&config);
    refuse_line(IN "'debounce_on_ms':1,'debounce_ms':1",
                "f: circuit.lines[0].debounce_on_ms: stands in place of debounce_ms, not beside "
                "it\n");
    refuse_line(IN "'debounce_off_ms':1,'debounce_ms':0",
                "f: circuit.lines[0].debounce_off_ms: stands in place of debounce_ms, not beside "
                "it\n");
    refuse_line(IN "'debounce_on_ms':10001",
                "f: circuit.lines[0].debounce_on_ms: 10001 is above the maximum 10000 (ms)\n");
    refuse_line(OUT "'debounce_off_ms':1",
                "f: circuit.lines[0].debounce_off_ms: an output has none; only an input does\n");
}

static void line_was_called_what_no_line_is_called_now(void **state)
{
    (void)state;
    struct config config =
        config_rig_accept("{'circuit':{'lines':[" IN
                          "'was':'old'},{'name':'b','direction':'input','was':'older'}]}}");
    assert_string_equal(config.circuit.lines[0].was, "old");
    config_done(&config);
    config_rig_refuse("{'circuit':{'lines':[" IN "'was':'b'},{'name':'b','direction':'input'}]}}",
                      "f: circuit.lines[0].was: circuit.lines[1] is called \"b\" now\n");
    config_rig_refuse("{'circuit':{'lines':[" IN "'was':'a'}]}}",
                      "f: circuit.lines[0].was: circuit.lines[0] is called \"a\" now\n");
    config_rig_refuse("{'circuit':{'lines':[" IN
                      "'was':'old'},{'name':'b','direction':'input','was':'old'}]}}",
                      "f: circuit.lines[1].was: circuit.lines[0] was \"old\" already\n");
    refuse_line(
        IN "'was':'Old one'",
        "f: circuit.lines[0].was: \"Old one\" is not a name: 1 to 32 of a-z 0-9 _ -, with a "
        "letter or digit first\n");
}

static void line_has_no_safety_that_contradicts_its_safe_value(void **state)
{
    (void)state;
    refuse_line(OUT "'max_on_ms':5,'safe':1",
                "f: circuit.lines[0].max_on_ms: safe is 1: at the end it would be left on for "
                "longer than this\n");
    refuse_line(OUT "'safe':'hold','lease_ms':5",
                "f: circuit.lines[0].lease_ms: safe is \"hold\": nothing would happen when the "
                "lease ends\n");
}

static void line_is_found_in_one_way_only(void **state)
{
    (void)state;
    refuse_line(OUT "'gpio':'GPIO1','chip':'pi','offset':1",
                "f: circuit.lines[0].offset: a line is found by either gpio or offset\n");
    refuse_line(OUT "'chip':'pi'",
                "f: circuit.lines[0].chip: needs a gpio or an offset beside it\n");
}

static void lines_have_a_name_and_a_place_of_their_own(void **state)
{
    (void)state;
    config_rig_refuse("{'circuit':{'lines':[{'name':'a','direction':'input','gpio':'GPIO1'},"
                      "{'name':'a','direction':'input','gpio':'GPIO2'},"
                      "{'name':'b','direction':'input','gpio':'GPIO1'},"
                      "{'name':'c','direction':'input','chip':'pi','offset':3},"
                      "{'name':'d','direction':'input','offset':3}]},'gpio':{'chip':'pi'}}",
                      "f: circuit.lines[1].name: \"a\" is taken by circuit.lines[0]\n"
                      "f: circuit.lines[2].gpio: \"GPIO1\" is taken by \"a\", circuit.lines[0]\n"
                      "f: circuit.lines[4].offset: 3 is taken by \"c\", circuit.lines[3]\n");
    struct config config = config_rig_accept(
        "{'circuit':{'lines':[{'name':'a','direction':'input','gpio':'X','chip':'one'},"
        "{'name':'b','direction':'input','gpio':'X','chip':'two'}]}}");
    config_done(&config);
}

static void gpiod_needs_to_know_where_every_line_is(void **state)
{
    (void)state;
    config_rig_refuse("{'gpio':{'backend':'gpiod'},'circuit':{'lines':["
                      "{'name':'a','direction':'input'},"
                      "{'name':'b','direction':'input','gpio':'GPIO1'},"
                      "{'name':'c','direction':'input','offset':1}]}}",
                      "f: circuit.lines[0]: nothing says where the line is: give gpio, or chip and "
                      "offset\n"
                      "f: circuit.lines[2]: an offset needs a chip, here or in gpio.chip\n");
    struct config config =
        config_rig_accept("{'gpio':{'backend':'gpiod','chip':'pi'},'circuit':"
                          "{'lines':[{'name':'c','direction':'input','offset':1}]}}");
    config_done(&config);
}

static void places_are_checked_later_for_auto(void **state)
{
    (void)state;
    struct config_report report;
    struct config config = config_rig_accept_circuit("");
    config_report_init(&report);
    assert_int_equal(config_check_locations(&config, "f", &report), -EBADMSG);
    assert_int_equal(report.errors, 3);
    assert_non_null(strstr(buffer_text(&report.text),
                           "f: circuit.lines[2]: nothing says where the line is: give gpio, or "
                           "chip and offset\n"));
    config_report_done(&report);
    config_done(&config);
    config = config_rig_accept(
        "{'circuit':{'lines':[{'name':'a','direction':'input','gpio':'X'},"
        "{'name':'b','direction':'output','pwm':'/sys/class/pwm/pwmchip0/pwm0'}]}}");
    assert_int_equal(config_check_locations(&config, "f", &report), 0);
    config_report_done(&report);
    config_done(&config);
}

static void interlock_is_a_group_of_outputs(void **state)
{
    (void)state;
    struct config config = config_rig_accept_circuit(
        ",'interlocks':[{'lines':['red','green']},"
        "{'name':'x','mode':'break-before-make','gap_ms':60000,'lines':['green','red']},"
        "{'mode':'break-before-make','lines':['green','red']}]");
    assert_int_equal(config.circuit.interlock_count, 3);
    const struct circuit_interlock_options *interlocks = config.circuit.interlocks;
    assert_string_equal(interlocks[0].name, "interlock-1");
    assert_int_equal(interlocks[0].mode, CIRCUIT_INTERLOCK_REFUSE);
    assert_int_equal(interlocks[0].gap_ms, 0);
    assert_int_equal(interlocks[0].count, 2);
    assert_int_equal(interlocks[0].lines[1], 1);
    assert_string_equal(interlocks[1].name, "x");
    assert_int_equal(interlocks[1].mode, CIRCUIT_INTERLOCK_BREAK);
    assert_int_equal(interlocks[1].gap_ms, 60000);
    assert_int_equal(interlocks[1].lines[0], 1);
    assert_int_equal(interlocks[2].gap_ms, 100);
    config_done(&config);
}

static void interlock_refuses_what_makes_no_group(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'interlocks':[{'lines':['red','button','rde','red',7]},"
        "{'name':'interlock-1','lines':['red']},{'lines':['red','green'],'gap_ms':1}]",
        "f: circuit.interlocks[0].lines[2]: no line is called \"rde\"; did you mean \"red\"?\n"
        "f: circuit.interlocks[0].lines[3]: \"red\" stands twice in this list\n"
        "f: circuit.interlocks[0].lines[4]: expected a line's name, found a number\n"
        "f: circuit.interlocks[1].name: \"interlock-1\" is taken by circuit.interlocks[0]\n"
        "f: circuit.interlocks[1].lines: 1 is below the minimum 2 (lines)\n"
        "f: circuit.interlocks[2].gap_ms: only mode \"break-before-make\" has it\n");
}

static void interlock_may_have_inputs_beside_outputs(void **state)
{
    (void)state;
    struct config config = config_rig_accept_circuit(",'interlocks':[{'lines':['red','button']}]");
    assert_int_equal(config.circuit.interlocks[0].count, 2);
    config_done(&config);
    config_rig_refuse("{'circuit':{'lines':[{'name':'a','direction':'input'},"
                      "{'name':'b','direction':'input'}],'interlocks':[{'lines':['a','b']}]}}",
                      "f: circuit.interlocks[0].lines: at least one output is needed beside the "
                      "inputs\n");
}

static void interlock_refuses_values_that_would_break_it(void **state)
{
    (void)state;
    config_rig_refuse(
        "{'circuit':{'lines':[{'name':'a','direction':'output','initial':1,'safe':1},"
        "{'name':'b','direction':'output','safe':1},"
        "{'name':'c','direction':'output','initial':1}],"
        "'interlocks':[{'lines':['a','b','c']}]}}",
        "f: circuit.interlocks[0].lines: a and b are both on when all is safe (safe 1)\n"
        "f: circuit.interlocks[0].lines: a and c are both on from the start (initial 1)\n");
}

static void scene_is_a_set_of_values_or_steps_of_them(void **state)
{
    (void)state;
    struct config config = config_rig_accept_circuit(
        ",'scenes':[{'name':'both','title':'Both','set':{'red':1,'green':false}},"
        "{'name':'chase','steps':[{'set':{'red':1}},{'after_ms':250,'set':{'red':0,'green':1}},"
        "{'set':{'green':0},'after_ms':500}]}]");
    assert_int_equal(config.circuit.scene_count, 2);
    const struct circuit_scene_options *both = &config.circuit.scenes[0];
    assert_string_equal(both->name, "both");
    assert_string_equal(both->title.texts[0].text, "Both");
    assert_int_equal(both->count, 2);
    assert_int_equal(both->steps[0].line, 0);
    assert_int_equal(both->steps[0].value, 1);
    assert_int_equal(both->steps[1].line, 1);
    assert_int_equal(both->steps[1].value, 0);
    assert_int_equal(both->steps[1].after_ms, 0);
    const struct circuit_scene_options *chase = &config.circuit.scenes[1];
    static const uint32_t delays[] = {0, 250, 0, 500};
    assert_int_equal(chase->count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(chase->steps[i].after_ms, delays[i]);
    assert_int_equal(chase->steps[3].line, 1);
    assert_int_equal(chase->steps[3].value, 0);
    config_done(&config);
}

static void scene_refuses_what_sets_nothing(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'scenes':[{'name':'a'},{'name':'a','set':{'red':1}},{'name':'b','set':{}},"
        "{'name':'c','set':{'red':1},'steps':[]},{'name':'d','steps':[{'set':{'button':1}},"
        "{'after_ms':-1,'set':{'red':2}},{'after_ms':1}]}]",
        "f: circuit.scenes[0]: a scene needs set, or steps\n"
        "f: circuit.scenes[1].name: \"a\" is taken by circuit.scenes[0]\n"
        "f: circuit.scenes[2].set: sets no line\n"
        "f: circuit.scenes[3].steps: a scene has either set or steps\n"
        "f: circuit.scenes[4].steps[0].set.button: \"button\" is an input; only outputs stand "
        "here\n"
        "f: circuit.scenes[4].steps[1].after_ms: -1 is below the minimum 0 (ms)\n"
        "f: circuit.scenes[4].steps[1].set.red: 2 is not a value: 0 or 1\n"
        "f: circuit.scenes[4].steps[2]: a step needs set, or do\n");
}

static void program_has_steps_that_set_or_do(void **state)
{
    (void)state;
    struct config config = config_rig_accept_circuit(
        ",'scenes':[{'name':'plain','set':{'red':1}},{'name':'p','again':'restart','repeat':0,"
        "'steps':[{'after_ms':5,'set':{'red':1,'green':0}},{'do':[{'method':'line.pulse',"
        "'line':'red','ms':7},{'method':'scene.apply','scene':'plain'}]}]}]");
    const struct circuit_scene_options *scene = &config.circuit.scenes[1];
    assert_false(config.circuit.scenes[0].is_program);
    assert_true(scene->is_program);
    assert_int_equal(scene->again, CIRCUIT_AGAIN_RESTART);
    assert_int_equal(scene->repeat, 0);
    assert_int_equal(scene->count, 4);
    assert_int_equal(scene->steps[1].number, 1);
    assert_int_equal(scene->steps[3].number, 2);
    assert_true(scene->steps[2].does);
    assert_int_equal(scene->steps[2].command.verb, COMMAND_PULSE);
    assert_int_equal(scene->steps[2].command.for_ms, 7);
    assert_int_equal(scene->steps[3].command.verb, COMMAND_SCENE);
    config_done(&config);
}

static void program_may_apply_a_scene_that_stands_further_down(void **state)
{
    (void)state;
    struct config config = config_rig_accept_circuit(
        ",'scenes':[{'name':'p','steps':[{'do':{'method':'scene.apply','scene':'b'}}]},"
        "{'name':'a','set':{'red':1}},{'name':'b','set':{'red':0}}]");
    assert_int_equal(config.circuit.scenes[0].steps[0].command.line, 2);
    assert_true(config.circuit.scenes[0].is_program);
    assert_false(config.circuit.scenes[2].is_program);
    config_done(&config);
    config_rig_refuse_circuit(
        ",'scenes':[{'name':'p','steps':[{'do':{'method':'scene.apply','scene':'q'}},"
        "{'do':{'method':'scene.apply','scene':'qq'}}]},5,"
        "{'name':'q','steps':[{'set':{'red':1}}]}]",
        "f: circuit.scenes[0].steps[0].do: \"q\" has steps: a step may apply a scene without "
        "steps\n"
        "f: circuit.scenes[0].steps[1].do.scene: no scene is called \"qq\"; did you mean \"q\"?\n"
        "f: circuit.scenes[1]: expected an object, found a number\n");
}

static void program_refuses_what_it_cannot_run(void **state)
{
    (void)state;
    config_rig_refuse_circuit(
        ",'scenes':[{'name':'a','again':'ignore','set':{'red':1}},{'name':'p','steps':["
        "{'set':{'red':1}}]},{'name':'q','repeat':2,'steps':[{'do':{'method':'scene.apply',"
        "'scene':'p'}},{'do':{'method':'circuit.off'}}]}]",
        "f: circuit.scenes[0].again: only a scene with steps has it\n"
        "f: circuit.scenes[2].repeat: a program that repeats needs after_ms in a step\n"
        "f: circuit.scenes[2].steps[0].do: \"p\" has steps: a step may apply a scene without "
        "steps\n"
        "f: circuit.scenes[2].steps[1].do: a step cannot end programs\n");
}

static void scene_holds_64_values(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    buffer_append_text(&text, ",'scenes':[{'name':'s','steps':[");
    for (int i = 0; i < 33; i++)
        buffer_printf(&text, "%s{'after_ms':1,'set':{'red':%d,'green':1}}", i ? "," : "", i % 2);
    assert_int_equal(buffer_append_text(&text, "]}]"), 0);
    config_rig_refuse_circuit(
        buffer_text(&text),
        "f: circuit.scenes[0].steps[32].set.red: a scene has at most 64 values and commands\n"
        "f: circuit.scenes[0].steps[32].set.green: a scene has at most 64 values and commands\n");
    buffer_done(&text);
}

static void scene_refuses_two_lines_of_an_interlock_at_one_time(void **state)
{
    (void)state;
    static const char expected[] =
        "f: circuit.scenes[0].%s: \"red\" and \"green\" of interlock \"i\" would be on together\n";
    char set[128];
    char steps[128];
    (void)snprintf(set, sizeof set, expected, "set");
    (void)snprintf(steps, sizeof steps, expected, "steps");
    config_rig_refuse_circuit(",'interlocks':[{'name':'i','lines':['red','green']}],"
                              "'scenes':[{'name':'s','set':{'red':1,'green':1}}]",
                              set);
    config_rig_refuse_circuit(",'interlocks':[{'name':'i','lines':['red','green']}],'scenes':"
                              "[{'name':'s','steps':[{'set':{'red':1}},"
                              "{'after_ms':9,'set':{'green':1}}]}]",
                              steps);
    config_rig_refuse_circuit(",'interlocks':[{'name':'i','mode':'break-before-make',"
                              "'lines':['red','green']}],'scenes':[{'name':'s','steps':"
                              "[{'set':{'red':1}},{'set':{'green':1}}]}]",
                              steps);
}

static void scene_may_hand_over_within_an_interlock(void **state)
{
    (void)state;
    struct config config =
        config_rig_accept_circuit(",'interlocks':[{'lines':['red','green']}],'scenes':"
                                  "[{'name':'s','steps':[{'set':{'red':1}},"
                                  "{'after_ms':9,'set':{'green':1,'red':0}}]}]");
    config_done(&config);
    config = config_rig_accept_circuit(",'interlocks':[{'mode':'break-before-make',"
                                       "'lines':['red','green']}],'scenes':[{'name':'s','steps':"
                                       "[{'set':{'red':1}},{'after_ms':9,'set':{'green':1}}]}]");
    config_done(&config);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(line_of_one_direction_has_no_key_of_the_other),
        cmocka_unit_test(line_counts_by_a_counter_with_defaults),
        cmocka_unit_test(line_debounces_on_and_off_apart),
        cmocka_unit_test(line_was_called_what_no_line_is_called_now),
        cmocka_unit_test(line_has_no_safety_that_contradicts_its_safe_value),
        cmocka_unit_test(line_is_found_in_one_way_only),
        cmocka_unit_test(lines_have_a_name_and_a_place_of_their_own),
        cmocka_unit_test(gpiod_needs_to_know_where_every_line_is),
        cmocka_unit_test(places_are_checked_later_for_auto),
        cmocka_unit_test(interlock_is_a_group_of_outputs),
        cmocka_unit_test(interlock_refuses_what_makes_no_group),
        cmocka_unit_test(interlock_may_have_inputs_beside_outputs),
        cmocka_unit_test(interlock_refuses_values_that_would_break_it),
        cmocka_unit_test(scene_is_a_set_of_values_or_steps_of_them),
        cmocka_unit_test(scene_refuses_what_sets_nothing),
        cmocka_unit_test(scene_holds_64_values),
        cmocka_unit_test(program_has_steps_that_set_or_do),
        cmocka_unit_test(program_may_apply_a_scene_that_stands_further_down),
        cmocka_unit_test(program_refuses_what_it_cannot_run),
        cmocka_unit_test(scene_refuses_two_lines_of_an_interlock_at_one_time),
        cmocka_unit_test(scene_may_hand_over_within_an_interlock),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
