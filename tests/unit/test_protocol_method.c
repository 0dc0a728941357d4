#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/method/method.h"
#include "protocol_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *do_call(struct protocol_rig *rig, const char *method, const char *params)
{
    return protocol_rig_call(rig, &rig->operator, method, params);
}

static void expect_outcome(struct protocol_rig *rig, const char *method, const char *params,
                           const char *expected)
{
    char *quoted = protocol_rig_quotes(expected);
    assert_string_equal(do_call(rig, method, params), quoted);
    free(quoted);
}

/* Refused with this number, and a detail that holds `part`. */
static void expect_refusal(struct protocol_rig *rig, const char *method, const char *params,
                           int number, const char *part)
{
    char begin[32];
    char *quoted = protocol_rig_quotes(part);
    (void)snprintf(begin, sizeof begin, "{\"code\":%d,", number);
    const char *answer = do_call(rig, method, params);
    if (strncmp(answer, begin, strlen(begin)) != 0 || !strstr(answer, quoted))
        fail_msg("%s %s: %s", method, params ? params : "", answer);
    free(quoted);
}

static void method_finds_every_row_of_the_table_by_its_name(void **state)
{
    (void)state;
    const struct verb *method;
    size_t count = 0;
    for (; (method = method_at(count)); count++)
        assert_ptr_equal(method_find(method->name), method);
    assert_true(count >= 15);
    assert_null(method_find("line"));
    assert_null(method_find(""));
    assert_null(method_find("line.toggle "));
}

static void method_has_every_row_of_the_interface(void **state)
{
    (void)state;
    static const char *const names[] = {
        "circuit.get", "circuit.off",  "line.get",      "line.set",    "line.toggle",
        "line.pulse",  "line.blink",   "line.pwm",      "line.stop",   "lines.set",
        "history.get", "sockets.list", "sockets.calls", "system.ping", "system.methods",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(method_find(names[i]));
}

static void method_describes_itself_and_each_parameter(void **state)
{
    (void)state;
    const struct verb *method;
    for (size_t i = 0; (method = method_at(i)); i++) {
        assert_true(strlen(method->summary) > 3);
        assert_true(method->role >= ROLE_VIEWER);
        bool optional = false;
        for (size_t j = 0; j < method->fields.count; j++) {
            const struct field *field = &method->fields.fields[j];
            assert_true(strlen(field->doc) > 3);
            assert_true(field->min <= field->max && field->low <= field->high);
            /* By position a required one behind an optional one could not be given alone. */
            assert_false(field->required && optional);
            optional = !field->required;
        }
    }
}

static void method_takes_parameters_by_name_in_any_order(void **state)
{
    expect_outcome(*state, "line.set", "{'value':true,'line':'red'}",
                   "{'line':'red','was':0,'value':1,'seq':5}");
}

static void method_takes_parameters_by_position(void **state)
{
    expect_outcome(*state, "line.set", "['red',1]", "{'line':'red','was':0,'value':1,'seq':5}");
}

static void method_takes_no_parameters_for_none(void **state)
{
    struct protocol_rig *rig = *state;
    static const char *const none[] = {NULL, "{}", "[]"};
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(do_call(rig, "lines.get", none[i]), "\"lines\":["));
}

static void method_refuses_too_many_by_position(void **state)
{
    expect_refusal(*state, "line.unlock", "['red',1,1]", -32602, "too many");
    expect_refusal(*state, "system.ping", "[1]", -32602, "too many");
}

static void method_refuses_an_unknown_parameter_and_names_the_nearest(void **state)
{
    expect_refusal(*state, "line.set", "{'line':'red','vaule':1}", -32602,
                   "did you mean \\'value\\'?");
    expect_refusal(*state, "line.toggle", "{'line':'red','whatever':1}", -32602,
                   "whatever: line.toggle does not have it");
}

static void method_names_the_parameter_that_is_missing(void **state)
{
    expect_refusal(*state, "line.set", "{'line':'red'}", -32602, "value: is required for line.set");
    expect_refusal(*state, "line.set", NULL, -32602, "line: is required for line.set");
    expect_refusal(*state, "line.pulse", "['red']", -32602, "ms: is required for line.pulse");
}

static void method_names_the_line_that_is_nearest(void **state)
{
    expect_refusal(*state, "line.get", "{'line':'gren'}", -32001, "did you mean \\'green\\'?");
    expect_refusal(*state, "line.get", "{'line':'zzz'}", -32001, "no line is called \\'zzz\\'");
}

static void method_checks_each_type(void **state)
{
    static const struct {
        const char *method, *params, *part;
    } rows[] = {
        {"line.get", "{'line':1}", "name, found a number"},
        {"line.get", "{'line':null}", "name, found null"},
        {"line.set", "{'line':'red','value':2}", "is not a value: 0 or 1"},
        {"line.set", "{'line':'red','value':'1'}", "is not a value: 0 or 1"},
        {"line.set", "{'line':'red','value':null}", "is not a value: 0 or 1"},
        {"line.set", "{'line':'red','value':0.5}", "is not a value: 0 or 1"},
        {"line.pulse", "{'line':'red','ms':'500'}",
         "ms: expected a whole number (ms), found a text"},
        {"line.pulse", "{'line':'red','ms':1.5}", "ms: 1.5 is not a whole number (ms)"},
        {"line.pwm", "{'line':'red','duty':'half'}", "duty: expected a number, found a text"},
        {"line.lock", "{'line':'red','reason':1}", "reason: expected a text, found a number"},
        {"lines.set", "{'lines':[1]}", "expected an object of line names and values"},
        {"history.get", "{'since':'yesterday'}", "<boot>-<seq>"},
        {"history.get", "{'since':42}", "since: expected a text, found a number"},
        {"line.toggle", "{'line':'red','lease_ms':'1000'}",
         "lease_ms: expected a whole number (ms), found a text"},
        {"line.toggle", "{'line':'red','lease':'forever'}", "is not one of \\'connection\\'"},
        {"line.toggle", "{'line':'red','lease':1000}", "is not one of \\'connection\\'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_refusal(*state, rows[i].method, rows[i].params, -32602, rows[i].part);
}

static void method_checks_each_range_at_its_ends(void **state)
{
    struct protocol_rig *rig = *state;
    static const char *const wrong[][2] = {
        {"line.pulse", "['red',0]"},
        {"line.pulse", "['red',86400001]"},
        {"line.blink", "['red',0,1]"},
        {"line.blink", "['red',1,1,1000001]"},
        {"line.pwm", "['red',1.0001]"},
        {"line.pwm", "['red',-0.0001]"},
        {"line.pwm", "['red',0.5,0.05]"},
        {"line.pwm", "['red',0.5,501]"},
        {"line.set", "{'line':'red','value':1,'expect':-1}"},
        {"history.get", "{'limit':0}"},
    };
    static const char *const right[][2] = {
        {"line.pulse", "['red',1]"},           {"line.pulse", "['red',86400000]"},
        {"line.blink", "['red',1,1,1000000]"}, {"line.pwm", "['red',0,0.1]"},
        {"line.pwm", "['red',1,500]"},         {"line.stop", "['red']"},
        {"history.get", "{'limit':1}"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_refusal(rig, wrong[i][0], wrong[i][1], -32602, "imum ");
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        if (strncmp(do_call(rig, right[i][0], right[i][1]), "{\"code\"", 7) == 0)
            fail_msg("%s: %s", right[i][1], buffer_text(&rig->text));
}

static void method_tells_the_range_with_its_unit(void **state)
{
    expect_refusal(*state, "line.pulse", "['red',0]", -32602, "ms: 0 is below the minimum 1 (ms)");
}

static void method_refuses_a_text_that_is_too_long(void **state)
{
    char params[160];
    (void)snprintf(params, sizeof params, "['red','%097d']", 0);
    expect_refusal(*state, "line.lock", params, -32602, "is longer than 96 bytes");
    (void)snprintf(params, sizeof params, "['red','%096d']", 0);
    assert_null(strstr(do_call(*state, "line.lock", params), "\"code\""));
}

/* It is told in protocols that end a message with a line end. */
static void method_refuses_control_bytes_in_a_text(void **state)
{
    expect_refusal(*state, "line.lock", "['red','x\\nok red 1 99']", -32602, "reason");
    expect_refusal(*state, "line.lock", "['red','\\u001b[31m']", -32602, "reason");
}

static void method_does_nothing_when_a_parameter_is_wrong(void **state)
{
    struct protocol_rig *rig = *state;
    (void)do_call(rig, "line.set", "{'line':'red','value':1,'for_ms':0}");
    assert_int_equal(journal_last(circuit_journal(rig->circuit)), RIG_LINES);
    assert_int_equal(rig->touched, 0);
}

static void method_has_the_circuit_looked_at_after_each_call(void **state)
{
    struct protocol_rig *rig = *state;
    (void)do_call(rig, "line.pulse", "['red',500]");
    assert_int_equal(rig->touched, 1);
    expect_refusal(rig, "line.toggle", "['button']", -32002, "not-an-output");
    assert_int_equal(rig->touched, 2);
}

static void method_checks_the_role_before_the_parameters(void **state)
{
    struct protocol_rig *rig = *state;
    const char *answer = protocol_rig_call(rig, &rig->viewer, "line.set", "{'line':'purple'}");
    assert_memory_equal(answer, "{\"code\":-32006", 14);
    answer = protocol_rig_call(rig, &rig->stranger, "line.get", "{'line':'purple'}");
    assert_memory_equal(answer, "{\"code\":-32005", 14);
}

static void method_lets_no_stranger_call_any_row(void **state)
{
    struct protocol_rig *rig = *state;
    const struct verb *method;
    for (size_t i = 0; (method = method_at(i)); i++)
        assert_non_null(
            strstr(protocol_rig_call(rig, &rig->stranger, method->name, "{}"), "\"unauthorized\""));
}

static void method_ties_a_lease_to_a_connection_only_where_there_is_one(void **state)
{
    struct protocol_rig *rig = *state;
    expect_refusal(rig, "line.toggle", "{'line':'red','lease':'connection'}", -32602,
                   "connection that stays open");
    rig->operator.connection = 7;
    expect_outcome(rig, "line.toggle", "{'line':'red','lease':'connection'}",
                   "{'line':'red','was':0,'value':1,'seq':5}");
}

static void method_counts_calls_and_failures(void **state)
{
    struct protocol_rig *rig = *state;
    (void)do_call(rig, "system.ping", NULL);
    (void)do_call(rig, "line.get", "['purple']");
    (void)protocol_rig_call(rig, &rig->stranger, "system.ping", NULL);
    const uint64_t *calls = rig->service.counters.calls[DOOR_HTTP];
    assert_int_equal(calls[PROBLEM_NONE], 1);
    assert_int_equal(calls[PROBLEM_NO_SUCH_LINE], 1);
    assert_int_equal(calls[PROBLEM_UNAUTHORIZED], 1);
    assert_int_equal(rig->service.counters.call_errors, 2);
}

static void method_sets_several_lines_all_or_none(void **state)
{
    struct protocol_rig *rig = *state;
    expect_refusal(rig, "lines.set", "{'lines':{'red':1,'purple':1}}", -32001, "purple");
    expect_refusal(rig, "lines.set", "{'lines':{'red':1,'button':1}}", -32002, "not-an-output");
    expect_refusal(rig, "lines.set", "{'lines':{'red':1,'green':3}}", -32602, "green");
    expect_refusal(rig, "lines.set", "{'lines':{}}", -32602, "at least one");
    assert_int_equal(journal_last(circuit_journal(rig->circuit)), RIG_LINES);
    expect_outcome(rig, "lines.set", "{'lines':{'red':1,'green':0}}",
                   "{'seq':5,'changed':['red']}");
}

static void method_tells_history_from_the_newest_or_onwards(void **state)
{
    struct protocol_rig *rig = *state;
    protocol_rig_toggle(rig, 6); /* 5 … 10 */
    const char *newest = do_call(rig, "history.get", "{'limit':2}");
    assert_null(strstr(newest, "\"seq\":8,"));
    assert_non_null(strstr(newest, "\"seq\":9,"));
    assert_non_null(strstr(newest, "\"seq\":10,\"line\""));
    assert_non_null(strstr(newest, "\"complete\":false"));
    const char *onwards = do_call(rig, "history.get", "{'limit':2,'since':'" RIG_RUN_ID "-4'}");
    assert_non_null(strstr(onwards, "\"seq\":5,"));
    assert_non_null(strstr(onwards, "\"seq\":6,"));
    assert_null(strstr(onwards, "\"seq\":7,"));
    assert_non_null(strstr(onwards, "\"complete\":false"));
    const char *rest = do_call(rig, "history.get", "{'since':'" RIG_RUN_ID "-8'}");
    assert_non_null(strstr(rest, "\"seq\":10,\"line\""));
    assert_non_null(strstr(rest, "\"complete\":true"));
}

static void method_tells_the_history_of_one_line(void **state)
{
    struct protocol_rig *rig = *state;
    protocol_rig_toggle(rig, 1);
    const char *history = do_call(rig, "history.get", "{'line':'green'}");
    assert_null(strstr(history, "\"line\":\"red\""));
    assert_non_null(strstr(history, "\"line\":\"green\""));
}

static void method_lists_the_table(void **state)
{
    struct protocol_rig *rig = *state;
    const char *list = do_call(rig, "system.methods", NULL);
    const struct verb *method;
    for (size_t i = 0; (method = method_at(i)); i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "{\"name\":\"%s\",\"summary\":", method->name);
        if (!strstr(list, name))
            fail_msg("%s is not listed", method->name);
    }
}

#define METHOD_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_finds_every_row_of_the_table_by_its_name),
        cmocka_unit_test(method_has_every_row_of_the_interface),
        cmocka_unit_test(method_describes_itself_and_each_parameter),
        METHOD_TEST(method_takes_parameters_by_name_in_any_order),
        METHOD_TEST(method_takes_parameters_by_position),
        METHOD_TEST(method_takes_no_parameters_for_none),
        METHOD_TEST(method_refuses_too_many_by_position),
        METHOD_TEST(method_refuses_an_unknown_parameter_and_names_the_nearest),
        METHOD_TEST(method_names_the_parameter_that_is_missing),
        METHOD_TEST(method_names_the_line_that_is_nearest),
        METHOD_TEST(method_checks_each_type),
        METHOD_TEST(method_checks_each_range_at_its_ends),
        METHOD_TEST(method_tells_the_range_with_its_unit),
        METHOD_TEST(method_refuses_a_text_that_is_too_long),
        METHOD_TEST(method_refuses_control_bytes_in_a_text),
        METHOD_TEST(method_does_nothing_when_a_parameter_is_wrong),
        METHOD_TEST(method_has_the_circuit_looked_at_after_each_call),
        METHOD_TEST(method_checks_the_role_before_the_parameters),
        METHOD_TEST(method_lets_no_stranger_call_any_row),
        METHOD_TEST(method_ties_a_lease_to_a_connection_only_where_there_is_one),
        METHOD_TEST(method_counts_calls_and_failures),
        METHOD_TEST(method_sets_several_lines_all_or_none),
        METHOD_TEST(method_tells_history_from_the_newest_or_onwards),
        METHOD_TEST(method_tells_the_history_of_one_line),
        METHOD_TEST(method_lists_the_table),
    };
    return cmocka_run_group_tests_name("protocol_method", tests, NULL, NULL);
}
