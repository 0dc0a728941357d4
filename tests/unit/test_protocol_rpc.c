#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/method/rpc.h"
#include "protocol_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(struct protocol_rig *rig, const char *text, const char *expected)
{
    char *quoted = protocol_rig_quotes(expected);
    assert_string_equal(protocol_rig_rpc(rig, &rig->operator, text), quoted);
    free(quoted);
}

/* The answer is an error with this number, and with this id (as JSON with '). */
static void expect_error(struct protocol_rig *rig, const struct caller *caller, const char *text,
                         const char *number, const char *id)
{
    char begin[128];
    (void)snprintf(begin, sizeof begin, "{'jsonrpc':'2.0','id':%s,'error':{'code':%s,'message':'",
                   id, number);
    char *quoted = protocol_rig_quotes(begin);
    const char *answer = protocol_rig_rpc(rig, caller, text);
    if (strncmp(answer, quoted, strlen(quoted)) != 0)
        fail_msg("%s is answered by %s", text, answer);
    free(quoted);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static void rpc_answers_a_call_with_its_result(void **state)
{
    expect(*state, "{'jsonrpc':'2.0','id':7,'method':'line.toggle','params':{'line':'red'}}",
           "{'jsonrpc':'2.0','id':7,'result':{'line':'red','was':0,'value':1,'seq':5}}");
}

static void rpc_answers_with_the_very_id_of_the_call(void **state)
{
    static const char *const ids[] = {"0",   "-1",   "9007199254740991", "'a'", "''",
                                      "1.5", "null", "'\\u00e9\\n\\\"'"};
    static const char *const printed[] = {"0",   "-1",   "9007199254740991", "'a'", "''",
                                          "1.5", "null", "'\xc3\xa9\\n\\''"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char text[160];
        char expected[160];
        (void)snprintf(text, sizeof text,
                       "{'jsonrpc':'2.0','id':%s,'method':'line.set','params':['red',0]}", ids[i]);
        (void)snprintf(
            expected, sizeof expected,
            "{'jsonrpc':'2.0','id':%s,'result':{'line':'red','was':0,'value':0,'seq':1}}",
            printed[i]);
        expect(*state, text, expected);
    }
}

static void rpc_refuses_an_id_that_is_no_text_or_number(void **state)
{
    struct protocol_rig *rig = *state;
    static const char *const ids[] = {"true", "{}", "[1]"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "{'jsonrpc':'2.0','id':%s,'method':'system.ping'}",
                       ids[i]);
        expect_error(rig, &rig->operator, text, "-32600", "null");
    }
}

static void rpc_never_answers_with_an_id_that_was_not_asked(void **state)
{
    struct protocol_rig *rig = *state;
    const char *answer = protocol_rig_rpc(
        rig, &rig->operator,
        "{'jsonrpc':'2.0','id':9007199254740993,'method':'line.set','params':['red',0]}");
    if (!strstr(answer, "\"id\":9007199254740993"))
        assert_non_null(strstr(answer, "\"id\":null,\"error\":{\"code\":-32600"));
}

static void rpc_does_a_notification_and_answers_nothing(void **state)
{
    struct protocol_rig *rig = *state;
    expect(rig, "{'jsonrpc':'2.0','method':'line.toggle','params':{'line':'red'}}", "");
    assert_int_equal(journal_last(circuit_journal(rig->circuit)), RIG_LINES + 1);
}

static void rpc_answers_nothing_to_a_notification_that_fails(void **state)
{
    expect(*state, "{'jsonrpc':'2.0','method':'line.toggle','params':{'line':'purple'}}", "");
    expect(*state, "{'jsonrpc':'2.0','method':'no.such'}", "");
}

static void rpc_answers_what_is_no_json_with_a_parse_error(void **state)
{
    struct protocol_rig *rig = *state;
    static const char *const texts[] = {"",
                                        "{",
                                        "{'jsonrpc':'2.0','id':1,'method':'system.ping'",
                                        "{'jsonrpc':'2.0','id':1,'id':1,'method':'system.ping'}",
                                        "[1,]",
                                        "{'a':01}",
                                        "{} {}",
                                        "\xff"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_error(rig, &rig->operator, texts[i], "-32700", "null");
}

static void rpc_answers_what_is_no_request_with_an_invalid_request(void **state)
{
    struct protocol_rig *rig = *state;
    static const char *const texts[] = {
        "1",
        "'system.ping'",
        "null",
        "{}",
        "{'jsonrpc':'1.0','method':'system.ping'}",
        "{'jsonrpc':2.0,'method':'system.ping'}",
        "{'jsonrpc':'2.0','method':1}",
        "{'jsonrpc':'2.0'}",
        "{'jsonrpc':'2.0','method':'system.ping','params':1}",
        "{'jsonrpc':'2.0','method':'system.ping','params':null}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_error(rig, &rig->operator, texts[i], "-32600", "null");
    expect_error(rig, &rig->operator, "{'id':3,'method':'system.ping'}", "-32600", "3");
}

static void rpc_answers_an_unknown_method_with_its_number(void **state)
{
    struct protocol_rig *rig = *state;
    expect_error(rig, &rig->operator, "{'jsonrpc':'2.0','id':1,'method':'line.explode'}", "-32601",
                 "1");
}

static void rpc_gives_each_refusal_the_number_of_the_interface(void **state)
{
    struct protocol_rig *rig = *state;
    static const struct {
        const char *method, *params, *number;
    } rows[] = {
        {"line.toggle", "{'line':'purple'}", "-32001"},
        {"line.toggle", "{'line':'button'}", "-32002"},
        {"line.set", "{'line':'red','value':1,'expect':99}", "-32003"},
        {"line.set", "{'line':'valve','value':1}", "-32004"},
        {"line.set", "{'line':'red'}", "-32602"},
    };
    (void)protocol_rig_call(rig, &rig->operator, "line.set", "{'line':'green','value':1}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[160];
        (void)snprintf(text, sizeof text, "{'jsonrpc':'2.0','id':1,'method':'%s','params':%s}",
                       rows[i].method, rows[i].params);
        expect_error(rig, &rig->operator, text, rows[i].number, "1");
    }
}

static void rpc_names_the_line_that_blocks(void **state)
{
    struct protocol_rig *rig = *state;
    (void)protocol_rig_call(rig, &rig->operator, "line.set", "{'line':'green','value':1}");
    const char *answer = protocol_rig_rpc(
        rig, &rig->operator, "{'jsonrpc':'2.0','id':8,'method':'line.set','params':['valve',1]}");
    char *begin =
        protocol_rig_quotes("{'jsonrpc':'2.0','id':8,'error':{'code':-32004,'message':'interlock',"
                            "'data':{'code':'interlock','blocked_by':'green'");
    assert_memory_equal(answer, begin, strlen(begin));
    free(begin);
}

static void rpc_asks_for_the_role_of_the_method(void **state)
{
    struct protocol_rig *rig = *state;
    static const char text[] =
        "{'jsonrpc':'2.0','id':1,'method':'line.toggle','params':{'line':'red'}}";
    expect_error(rig, &rig->stranger, text, "-32005", "1");
    expect_error(rig, &rig->viewer, text, "-32006", "1");
    assert_int_equal(journal_last(circuit_journal(rig->circuit)), RIG_LINES);
}

static void rpc_answers_a_batch_in_its_order(void **state)
{
    expect(*state,
           "[{'jsonrpc':'2.0','id':1,'method':'line.toggle','params':['red']},"
           "{'jsonrpc':'2.0','id':2,'method':'line.toggle','params':['red']}]",
           "[{'jsonrpc':'2.0','id':1,'result':{'line':'red','was':0,'value':1,'seq':5}},"
           "{'jsonrpc':'2.0','id':2,'result':{'line':'red','was':1,'value':0,'seq':6}}]");
}

static void rpc_leaves_notifications_of_a_batch_unanswered(void **state)
{
    expect(*state,
           "[{'jsonrpc':'2.0','method':'line.toggle','params':['red']},"
           "{'jsonrpc':'2.0','id':2,'method':'line.toggle','params':['red']}]",
           "[{'jsonrpc':'2.0','id':2,'result':{'line':'red','was':1,'value':0,'seq':6}}]");
}

static void rpc_answers_nothing_to_a_batch_of_notifications(void **state)
{
    struct protocol_rig *rig = *state;
    expect(rig,
           "[{'jsonrpc':'2.0','method':'line.toggle','params':['red']},"
           "{'jsonrpc':'2.0','method':'line.toggle','params':['red']}]",
           "");
    assert_int_equal(journal_last(circuit_journal(rig->circuit)), RIG_LINES + 2);
}

static void rpc_answers_each_wrong_member_of_a_batch_by_itself(void **state)
{
    struct protocol_rig *rig = *state;
    const char *answer = protocol_rig_rpc(rig, &rig->operator,
                                          "[1,[],{'jsonrpc':'2.0','id':2,'method':'system.ping'}]");
    assert_int_equal(count_of(answer, "-32600"), 2);
    assert_int_equal(count_of(answer, "\"result\""), 1);
    assert_int_equal(answer[0], '[');
}

static void rpc_refuses_an_empty_batch_with_one_error(void **state)
{
    struct protocol_rig *rig = *state;
    expect_error(rig, &rig->operator, "[]", "-32600", "null");
}

static void rpc_does_no_call_of_a_batch_that_is_too_long(void **state)
{
    struct protocol_rig *rig = *state;
    struct buffer text;
    buffer_init(&text, 65536);
    for (int i = 0; i <= RPC_BATCH_MAX; i++)
        (void)buffer_printf(&text,
                            "%c{'jsonrpc':'2.0','id':%d,'method':'line.toggle','params':['red']}",
                            i == 0 ? '[' : ',', i);
    (void)buffer_append_char(&text, ']');
    expect_error(rig, &rig->operator, buffer_text(&text), "-32600", "null");
    assert_int_equal(journal_last(circuit_journal(rig->circuit)), RIG_LINES);
    buffer_done(&text);
}

static void rpc_does_every_call_of_the_longest_batch(void **state)
{
    struct protocol_rig *rig = *state;
    struct buffer text;
    buffer_init(&text, 65536);
    for (int i = 0; i < RPC_BATCH_MAX; i++)
        (void)buffer_printf(&text,
                            "%c{'jsonrpc':'2.0','id':%d,'method':'line.toggle','params':['red']}",
                            i == 0 ? '[' : ',', i);
    (void)buffer_append_char(&text, ']');
    const char *answer = protocol_rig_rpc(rig, &rig->operator, buffer_text(&text));
    assert_int_equal(count_of(answer, "\"result\""), RPC_BATCH_MAX);
    buffer_done(&text);
}

static void rpc_says_when_an_answer_does_not_fit(void **state)
{
    struct protocol_rig *rig = *state;
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"circuit.get\"}";
    struct buffer reply;
    buffer_init(&reply, 100);
    assert_int_equal(rpc_answer(&rig->service, &rig->operator, text, strlen(text), &reply),
                     -ENOBUFS);
    assert_true(reply.length <= 100);
    buffer_done(&reply);
}

static void rpc_appends_behind_what_the_reply_holds(void **state)
{
    struct protocol_rig *rig = *state;
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}";
    struct buffer reply;
    buffer_init(&reply, 4096);
    (void)buffer_append_text(&reply, "headroom");
    assert_int_equal(rpc_answer(&rig->service, &rig->operator, text, strlen(text), &reply), 0);
    assert_memory_equal(reply.data, "headroom{", 9);
    buffer_done(&reply);
}

#define RPC_TEST(name)                                                                             \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RPC_TEST(rpc_answers_a_call_with_its_result),
        RPC_TEST(rpc_answers_with_the_very_id_of_the_call),
        RPC_TEST(rpc_refuses_an_id_that_is_no_text_or_number),
        RPC_TEST(rpc_never_answers_with_an_id_that_was_not_asked),
        RPC_TEST(rpc_does_a_notification_and_answers_nothing),
        RPC_TEST(rpc_answers_nothing_to_a_notification_that_fails),
        RPC_TEST(rpc_answers_what_is_no_json_with_a_parse_error),
        RPC_TEST(rpc_answers_what_is_no_request_with_an_invalid_request),
        RPC_TEST(rpc_answers_an_unknown_method_with_its_number),
        RPC_TEST(rpc_gives_each_refusal_the_number_of_the_interface),
        RPC_TEST(rpc_names_the_line_that_blocks),
        RPC_TEST(rpc_asks_for_the_role_of_the_method),
        RPC_TEST(rpc_answers_a_batch_in_its_order),
        RPC_TEST(rpc_leaves_notifications_of_a_batch_unanswered),
        RPC_TEST(rpc_answers_nothing_to_a_batch_of_notifications),
        RPC_TEST(rpc_answers_each_wrong_member_of_a_batch_by_itself),
        RPC_TEST(rpc_refuses_an_empty_batch_with_one_error),
        RPC_TEST(rpc_does_no_call_of_a_batch_that_is_too_long),
        RPC_TEST(rpc_does_every_call_of_the_longest_batch),
        RPC_TEST(rpc_says_when_an_answer_does_not_fit),
        RPC_TEST(rpc_appends_behind_what_the_reply_holds),
    };
    return cmocka_run_group_tests_name("protocol_rpc", tests, NULL, NULL);
}
