#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json_writer.h"
#include "protocol/problem.h"
#include "protocol_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void expect_print(const struct problem *problem, const char *expected)
{
    struct buffer buffer;
    char *quoted = protocol_rig_quotes(expected);
    buffer_init(&buffer, 4096);
    assert_int_equal(problem_print(problem, &buffer), 0);
    assert_string_equal(buffer_text(&buffer), quoted);
    buffer_done(&buffer);
    free(quoted);
}

static void problem_has_status_number_code_and_title_for_every_code(void **state)
{
    (void)state;
    for (int code = PROBLEM_BAD_REQUEST; code <= PROBLEM_INTERNAL; code++) {
        const struct problem_kind *kind = problem_kind((enum problem_code)code);
        assert_in_range(kind->status, 400, 599);
        assert_true(kind->rpc <= -32001 && kind->rpc >= -32700);
        assert_true(strlen(kind->title) > 3);
        assert_int_equal(strspn(kind->code, "abcdefghijklmnopqrstuvwxyz-"), strlen(kind->code));
        assert_true(strlen(kind->code) > 3);
    }
}

static void problem_has_the_statuses_and_numbers_of_the_interface(void **state)
{
    (void)state;
    static const struct {
        enum problem_code problem;
        const char *code;
        int status, rpc;
    } rows[] = {
        {PROBLEM_BAD_REQUEST, "bad-request", 400, -32602},
        {PROBLEM_BAD_JSON, "bad-request", 400, -32700},
        {PROBLEM_BAD_CALL, "bad-request", 400, -32600},
        {PROBLEM_NO_SUCH_LINE, "no-such-line", 404, -32001},
        {PROBLEM_NO_SUCH_METHOD, "no-such-method", 404, -32601},
        {PROBLEM_NOT_AN_OUTPUT, "not-an-output", 409, -32002},
        {PROBLEM_CONFLICT, "conflict", 409, -32003},
        {PROBLEM_INTERLOCK, "interlock", 409, -32004},
        {PROBLEM_UNAUTHORIZED, "unauthorized", 401, -32005},
        {PROBLEM_FORBIDDEN, "forbidden", 403, -32006},
        {PROBLEM_TOO_LARGE, "too-large", 413, -32602},
        {PROBLEM_LIMIT, "limit", 429, -32008},
        {PROBLEM_BUSY, "limit", 503, -32008},
        {PROBLEM_GPIO, "gpio", 500, -32007},
        {PROBLEM_GPIO_REMOVED, "gpio", 503, -32007},
        {PROBLEM_INTERNAL, "internal", 500, -32603},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct problem_kind *kind = problem_kind(rows[i].problem);
        assert_string_equal(kind->code, rows[i].code);
        assert_int_equal(kind->status, rows[i].status);
        assert_int_equal(kind->rpc, rows[i].rpc);
    }
}

static void problem_prints_details_of_rfc_9457(void **state)
{
    (void)state;
    struct problem problem;
    assert_int_equal(problem_set(&problem, PROBLEM_NO_SUCH_LINE, "There is no line \"%s\".", "x"),
                     -1);
    expect_print(&problem, "{'type':'about:blank','title':'No such line','status':404,"
                           "'detail':'There is no line \\'x\\'.','code':'no-such-line'}");
}

static void problem_prints_what_belongs_to_its_code(void **state)
{
    (void)state;
    struct problem problem = {.code = PROBLEM_INTERLOCK, .detail = "d", .blocked_by = "valve"};
    expect_print(&problem, "{'type':'about:blank','title':'Blocked by an interlock','status':409,"
                           "'detail':'d','code':'interlock','blocked_by':'valve'}");
    problem = (struct problem){.code = PROBLEM_GPIO, .detail = "d", .errno_code = EBUSY};
    expect_print(&problem, "{'type':'about:blank','title':'GPIO error','status':500,"
                           "'detail':'d','code':'gpio','errno':'EBUSY'}");
    problem = (struct problem){.code = PROBLEM_LIMIT, .detail = "d", .retry_after_s = 2};
    expect_print(&problem, "{'type':'about:blank','title':'Too soon','status':429,"
                           "'detail':'d','code':'limit','retry_after':2}");
}

static void problem_cuts_a_detail_that_is_too_long(void **state)
{
    (void)state;
    struct problem problem;
    (void)problem_set(&problem, PROBLEM_INTERNAL, "%0999d", 0);
    assert_int_equal(strlen(problem.detail), PROBLEM_DETAIL_SIZE - 1);
}

static void problem_says_where_it_does_not_fit(void **state)
{
    (void)state;
    const struct problem problem = {.code = PROBLEM_INTERNAL, .detail = "d"};
    struct buffer buffer;
    buffer_init(&buffer, 20);
    assert_int_equal(problem_print(&problem, &buffer), -ENOBUFS);
    buffer_done(&buffer);
}

static void problem_puts_refusals_of_the_circuit_into_its_words(void **state)
{
    (void)state;
    static const struct {
        enum refusal_code refusal;
        enum problem_code problem;
    } rows[] = {
        {REFUSAL_NO_SUCH_LINE, PROBLEM_NO_SUCH_LINE},
        {REFUSAL_NOT_AN_OUTPUT, PROBLEM_NOT_AN_OUTPUT},
        {REFUSAL_CONFLICT, PROBLEM_CONFLICT},
        {REFUSAL_INTERLOCK, PROBLEM_INTERLOCK},
        {REFUSAL_LIMIT, PROBLEM_LIMIT},
        {REFUSAL_LOCKED, PROBLEM_LOCKED},
        {REFUSAL_GPIO, PROBLEM_GPIO},
        {REFUSAL_BAD_REQUEST, PROBLEM_BAD_REQUEST},
        {REFUSAL_NOT_SIMULATED, PROBLEM_NOT_SIMULATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem problem;
        const struct refusal refusal = {.code = rows[i].refusal, .message = "why"};
        assert_int_equal(problem_from_refusal(&problem, &refusal, NULL), -1);
        assert_int_equal(problem.code, rows[i].problem);
        assert_string_equal(problem.detail, "why");
    }
}

static void problem_says_when_to_come_again_in_whole_seconds(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{0, 1}, {1, 1}, {1000, 1}, {1001, 2}, {59999, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem problem;
        const struct refusal refusal = {.code = REFUSAL_LIMIT, .retry_ms = rows[i][0]};
        (void)problem_from_refusal(&problem, &refusal, NULL);
        assert_int_equal(problem.retry_after_s, rows[i][1]);
    }
}

static void problem_tells_a_chip_that_is_gone_from_an_error(void **state)
{
    (void)state;
    struct problem problem;
    const struct refusal refusal = {
        .code = REFUSAL_GPIO, .errno_code = ENODEV, .unavailable = true};
    (void)problem_from_refusal(&problem, &refusal, NULL);
    assert_int_equal(problem.code, PROBLEM_GPIO_REMOVED);
    assert_int_equal(problem.errno_code, ENODEV);
    assert_int_equal(problem.retry_after_s, 1);
}

static void problem_is_an_error_of_json_rpc_with_its_data(void **state)
{
    (void)state;
    const struct problem problem = {
        .code = PROBLEM_INTERLOCK, .detail = "why", .blocked_by = "valve"};
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    struct json_writer writer = json_writer_begin(&buffer);
    problem_write_rpc(&problem, &writer);
    assert_string_equal(buffer_text(&buffer),
                        "{\"code\":-32004,\"message\":\"interlock\",\"data\":{\"code\":"
                        "\"interlock\",\"blocked_by\":\"valve\",\"detail\":\"why\"}}");
    buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problem_has_status_number_code_and_title_for_every_code),
        cmocka_unit_test(problem_has_the_statuses_and_numbers_of_the_interface),
        cmocka_unit_test(problem_prints_details_of_rfc_9457),
        cmocka_unit_test(problem_prints_what_belongs_to_its_code),
        cmocka_unit_test(problem_cuts_a_detail_that_is_too_long),
        cmocka_unit_test(problem_says_where_it_does_not_fit),
        cmocka_unit_test(problem_puts_refusals_of_the_circuit_into_its_words),
        cmocka_unit_test(problem_says_when_to_come_again_in_whole_seconds),
        cmocka_unit_test(problem_tells_a_chip_that_is_gone_from_an_error),
        cmocka_unit_test(problem_is_an_error_of_json_rpc_with_its_data),
    };
    return cmocka_run_group_tests_name("protocol_problem", tests, NULL, NULL);
}
