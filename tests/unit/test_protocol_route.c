#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/http/route.h"
#include "protocol/http/route_table.h"
#include "protocol_rig.h"

#include <stdio.h>
#include <string.h>

static const struct verb *find(struct protocol_rig *rig, const char *method, const char *path,
                               char allow[96], char argument[64])
{
    struct protocol_request request;
    protocol_request_init(&request, rig, method, path, NULL);
    (void)route_find(&request.http_exchange, allow, 96);
    const struct route_row *row = request.http_exchange.row;
    (void)snprintf(argument, 64, "%s", request.http_exchange.path_argument);
    protocol_request_done(&request);
    return row ? row->verb : NULL;
}

static void route_finds_the_row_of_method_and_path(void **state)
{
    static const struct {
        const char *method, *path, *pattern, *argument;
    } rows[] = {
        {"GET", "/api/v1/circuit", "/api/v1/circuit", ""},
        {"GET", "/api/v1/lines", "/api/v1/lines", ""},
        {"PUT", "/api/v1/lines", "/api/v1/lines", ""},
        {"GET", "/api/v1/lines/red", "/api/v1/lines/{line}", "red"},
        {"GET", "/api/v1/lines/red/value", "/api/v1/lines/{line}/value", "red"},
        {"PUT", "/api/v1/lines/red/value", "/api/v1/lines/{line}/value", "red"},
        {"POST", "/api/v1/lines/red/toggle", "/api/v1/lines/{line}/toggle", "red"},
        {"POST", "/api/v1/scenes/evening", "/api/v1/scenes/{scene}", "evening"},
        {"GET", "/api/v1/sockets/7", "/api/v1/sockets/{id}", "7"},
        {"GET", "/api/v1/sockets/calls", "/api/v1/sockets/calls", ""},
        {"GET", "/ws", "/ws", ""},
    };
    char allow[96];
    char argument[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct verb *route = find(*state, rows[i].method, rows[i].path, allow, argument);
        assert_non_null(route);
        assert_string_equal(route->path, rows[i].pattern);
        assert_string_equal(route->rest, rows[i].method);
        assert_string_equal(argument, rows[i].argument);
    }
}

static void route_knows_no_path_that_is_only_similar(void **state)
{
    static const char *const paths[] = {
        "",
        "/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/circuit/",
        "/api/v1/circuits",
        "/API/v1/circuit",
        "//api/v1/circuit",
        "/api/v1/lines/",
        "/api/v1/lines//value",
        "/api/v1/lines/red/",
        "/api/v1/lines/red/values",
        "/api/v1/lines/red/value/",
        "/api/v1/lines/red/green/value",
        "/api/v1/lines/{line}/nothing",
        "/api/v1/../v1/circuit",
    };
    char allow[96];
    char argument[64];
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (find(*state, "GET", paths[i], allow, argument))
            fail_msg("\"%s\" has a route", paths[i]);
        assert_string_equal(allow, "");
    }
}

static void route_has_no_place_for_an_argument_that_is_too_long(void **state)
{
    char path[128];
    char allow[96];
    char argument[64];
    (void)snprintf(path, sizeof path, "/api/v1/lines/%063d", 0);
    assert_non_null(find(*state, "GET", path, allow, argument));
    (void)snprintf(path, sizeof path, "/api/v1/lines/%064d", 0);
    assert_null(find(*state, "GET", path, allow, argument));
}

static void route_answers_head_as_get(void **state)
{
    char allow[96];
    char argument[64];
    const struct verb *route = find(*state, "HEAD", "/api/v1/lines/red", allow, argument);
    assert_non_null(route);
    assert_string_equal(route->rest, "GET");
}

static void route_tells_the_methods_that_a_path_has(void **state)
{
    static const struct {
        const char *path, *allow;
    } rows[] = {
        {"/api/v1/circuit", "GET, HEAD, OPTIONS"},
        {"/api/v1/lines", "GET, HEAD, PUT, OPTIONS"},
        {"/api/v1/lines/red/value", "GET, HEAD, PUT, OPTIONS"},
        {"/api/v1/lines/red/toggle", "POST, OPTIONS"},
        {"/api/v1/session", "GET, HEAD, POST, DELETE, OPTIONS"},
        {"/api/v1/sockets/calls", "GET, HEAD, OPTIONS"},
    };
    char allow[96];
    char argument[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(find(*state, "PATCH", rows[i].path, allow, argument));
        assert_string_equal(allow, rows[i].allow);
    }
}

/* "try" is no number of a socket: GET is not allowed there, though a socket's path would take it. */
static void route_of_a_path_without_braces_goes_before_one_with(void **state)
{
    char allow[96];
    char argument[64];
    assert_null(find(*state, "GET", "/api/v1/sockets/try", allow, argument));
    assert_string_equal(allow, "POST, OPTIONS");
    assert_non_null(find(*state, "POST", "/api/v1/sockets/try", allow, argument));
    assert_string_equal(argument, "");
}

static void route_names_a_method_of_the_table_in_every_row_without_a_handler(void **state)
{
    (void)state;
    const struct verb *route;
    for (size_t at = 0; (route = route_next(&at));) {
        assert_true(route->rest && (route_method(route) || (route_of(route) && route->summary)));
        if (route->name)
            assert_non_null(route_method(route));
    }
}

static void route_changes_nothing_by_get(void **state)
{
    (void)state;
    const struct verb *route;
    for (size_t at = 0; (route = route_next(&at));)
        if (strcmp(route->rest, "GET") == 0)
            assert_int_equal(route->body, VERB_BODY_NONE);
}

/* ---- what a row does, through the whole dispatch ---- */

struct expected {
    const char *method, *path, *body;
    int status;
};

static void expect_statuses(struct protocol_rig *rig, const struct expected *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status = protocol_request_status(rig, rows[i].method, rows[i].path, rows[i].body);
        if (status != rows[i].status)
            fail_msg("%s %s %s: %d, not %d", rows[i].method, rows[i].path,
                     rows[i].body ? rows[i].body : "", status, rows[i].status);
    }
}

#define EXPECT_STATUSES(rig, rows) expect_statuses(rig, rows, sizeof(rows) / sizeof(rows)[0])

static void route_takes_a_switch_or_an_object_for_a_value(void **state)
{
    static const struct expected rows[] = {
        {"PUT", "/api/v1/lines/red/value", "1", 200},
        {"PUT", "/api/v1/lines/red/value", "false", 200},
        {"PUT", "/api/v1/lines/red/value", "{'value':1,'for_ms':500}", 200},
        {"PUT", "/api/v1/lines/red/value", "{'value':1,'expect':1}", 409},
        {"PUT", "/api/v1/lines/red/value", "2", 400},
        {"PUT", "/api/v1/lines/red/value", "'1'", 400},
        {"PUT", "/api/v1/lines/red/value", "[1]", 400},
        {"PUT", "/api/v1/lines/red/value", "null", 400},
        {"PUT", "/api/v1/lines/red/value", NULL, 400},
        {"PUT", "/api/v1/lines/red/value", "{'value':1,'value':1}", 400},
        {"PUT", "/api/v1/lines/red/value", "{'value':1} ", 200},
        {"PUT", "/api/v1/lines/red/value", "1 1", 400},
        {"PUT", "/api/v1/lines/red/value", "{'value':1,'line':'green'}", 400},
        {"PUT", "/api/v1/lines/red/value", "{'vaule':1}", 400},
        {"POST", "/api/v1/simulator/lines/button", "1", 200},
    };
    EXPECT_STATUSES(*state, rows);
}

static void route_takes_the_members_of_an_object_as_parameters(void **state)
{
    static const struct expected rows[] = {
        {"POST", "/api/v1/lines/red/toggle", NULL, 200},
        {"POST", "/api/v1/lines/red/toggle", "{}", 200},
        {"POST", "/api/v1/lines/red/toggle", "1", 400},
        {"POST", "/api/v1/lines/red/pulse", "{'ms':500}", 200},
        {"POST", "/api/v1/lines/red/pulse", NULL, 400},
        {"POST", "/api/v1/lines/red/blink", "{'on_ms':200,'off_ms':300,'count':5}", 200},
        {"POST", "/api/v1/lines/red/pwm", "{'duty':0.25,'hz':200}", 200},
        {"POST", "/api/v1/lines/red/stop", "{}", 200},
        {"POST", "/api/v1/off", NULL, 200},
        {"POST", "/api/v1/scenes/evening", NULL, 200},
        {"POST", "/api/v1/scenes/morning", NULL, 404},
    };
    EXPECT_STATUSES(*state, rows);
}

static void route_takes_the_whole_body_for_several_lines(void **state)
{
    static const struct expected rows[] = {
        {"PUT", "/api/v1/lines", "{'red':1,'green':0}", 200},
        {"PUT", "/api/v1/lines", "{'red':1,'purple':0}", 404},
        {"PUT", "/api/v1/lines", "{'green':1,'valve':1}", 409},
        {"PUT", "/api/v1/lines", "{}", 400},
        {"PUT", "/api/v1/lines", "[]", 400},
        {"PUT", "/api/v1/lines", NULL, 400},
        {"PUT", "/api/v1/lines", "{'red':1,'red':0}", 400},
    };
    EXPECT_STATUSES(*state, rows);
}

static void route_answers_refusals_with_the_statuses_of_the_interface(void **state)
{
    static const struct expected rows[] = {
        {"GET", "/api/v1/lines/purple", NULL, 404},
        {"POST", "/api/v1/lines/button/toggle", NULL, 409},
        {"POST", "/api/v1/simulator/lines/red", "1", 409},
        {"DELETE", "/api/v1/lines/red", NULL, 405},
        {"OPTIONS", "/api/v1/lines/red", NULL, 204},
        {"GET", "/api/v1/nothing", NULL, 404},
        {"GET", "/api/v1/sockets/99999", NULL, 404},
        {"GET", "/api/v1/sockets/abc", NULL, 400},
        {"GET", "/ws", NULL, 426},
    };
    struct protocol_rig *rig = *state;
    (void)protocol_rig_call(rig, &rig->operator, "line.lock", "['valve','repair']");
    EXPECT_STATUSES(rig, rows);
    assert_int_equal(protocol_request_status(rig, "PUT", "/api/v1/lines/valve/value", "1"), 409);
}

static void route_reads_parameters_of_a_get_from_the_query(void **state)
{
    struct protocol_rig *rig = *state;
    static const struct {
        const char *name, *value;
        int status;
    } rows[] = {
        {"limit", "3", 200},
        {"limit", "0", 400},
        {"limit", "many", 400},
        {"line", "red", 200},
        {"line", "purple", 404},
        {"since", RIG_RUN_ID "-1", 200},
        {"since", "1", 400},
        {"format", "csv", 200},
        {"format", "vcd", 200},
        {"format", "xml", 400},
        {"no-such-parameter", "1", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct protocol_request request;
        protocol_request_init(&request, rig, "GET", "/api/v1/history", NULL);
        protocol_request_argument(&request, rows[i].name, rows[i].value);
        int status = protocol_request_send(&request);
        if (status != rows[i].status)
            fail_msg("%s=%s: %d", rows[i].name, rows[i].value, status);
        protocol_request_done(&request);
    }
}

static void route_refuses_other_media_types_than_json(void **state)
{
    struct protocol_rig *rig = *state;
    static const struct {
        const char *type;
        int status;
    } rows[] = {
        {NULL, 415},
        {"application/json", 200},
        {"Application/JSON", 200},
        {"application/json; charset=utf-8", 200},
        {"text/plain", 415},
        {"application/x-www-form-urlencoded", 415},
        {"application/jsonx", 415},
        {"text/plain; application/json", 415},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct protocol_request request;
        protocol_request_init(&request, rig, "PUT", "/api/v1/lines/red/value", "1");
        protocol_request_field(&request, "Content-Type", rows[i].type);
        assert_int_equal(protocol_request_send(&request), rows[i].status);
        protocol_request_done(&request);
    }
}

static void route_asks_for_a_token_and_for_the_right_one(void **state)
{
    struct protocol_rig *rig = *state;
    static const struct {
        const char *authorization, *method, *path;
        int status;
    } rows[] = {
        {NULL, "GET", "/api/v1/lines", 401},
        {NULL, "POST", "/api/v1/lines/red/toggle", 401},
        {NULL, "GET", "/healthz", 200},
        {NULL, "GET", "/api/v1/openapi.json", 200},
        {NULL, "GET", "/metrics", 401},
        {NULL, "GET", "/ws", 401},
        {NULL, "GET", "/api/v1/events", 401},
        {NULL, "POST", "/api/v1/rpc", 401},
        {"Bearer wrong", "GET", "/api/v1/lines", 401},
        {"Bearer " RIG_VIEWER, "GET", "/api/v1/lines", 200},
        {"Bearer " RIG_VIEWER, "POST", "/api/v1/lines/red/toggle", 403},
        {"Bearer " RIG_VIEWER, "POST", "/api/v1/share", 403},
        {"Bearer " RIG_OPERATOR, "POST", "/api/v1/lines/red/toggle", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct protocol_request request;
        protocol_request_init(&request, rig, rows[i].method, rows[i].path, NULL);
        protocol_request_field(&request, "Authorization", rows[i].authorization);
        int status = protocol_request_send(&request);
        if (status != rows[i].status)
            fail_msg("%s %s: %d", rows[i].method, rows[i].path, status);
        if (status == 401)
            assert_non_null(protocol_request_answer(&request, "WWW-Authenticate"));
        protocol_request_done(&request);
    }
}

static void route_refuses_a_foreign_host_and_origin_on_every_path(void **state)
{
    struct protocol_rig *rig = *state;
    const struct verb *route;
    for (size_t at = 0; (route = route_next(&at));) {
        struct protocol_request request;
        protocol_request_init(&request, rig, route->rest, route->path, NULL);
        protocol_request_field(&request, "Host", "evil.example");
        assert_int_equal(protocol_request_send(&request), 421);
        protocol_request_done(&request);
        protocol_request_init(&request, rig, route->rest, route->path, NULL);
        protocol_request_field(&request, "Origin", "http://evil.example");
        assert_int_equal(protocol_request_send(&request), 403);
        protocol_request_done(&request);
    }
}

static void route_needs_no_host_over_a_unix_socket_nor_in_http_1_0(void **state)
{
    struct protocol_rig *rig = *state;
    struct protocol_request request;
    protocol_request_init(&request, rig, "GET", "/healthz", NULL);
    protocol_request_field(&request, "Host", NULL);
    assert_int_equal(protocol_request_send(&request), 400);
    protocol_request_done(&request);
    protocol_request_init(&request, rig, "GET", "/healthz", NULL);
    protocol_request_field(&request, "Host", NULL);
    request.http_exchange.is_http_1_0 = true;
    assert_int_equal(protocol_request_send(&request), 200);
    protocol_request_done(&request);
}

static void route_tells_the_allowed_methods_with_405_and_options(void **state)
{
    struct protocol_rig *rig = *state;
    static const char *const methods[] = {"PATCH", "OPTIONS"};
    for (size_t i = 0; i < 2; i++) {
        struct protocol_request request;
        protocol_request_init(&request, rig, methods[i], "/api/v1/lines/red/value", NULL);
        (void)protocol_request_send(&request);
        assert_string_equal(protocol_request_answer(&request, "Allow"), "GET, HEAD, PUT, OPTIONS");
        protocol_request_done(&request);
    }
}

static void route_hands_an_upgrade_over_only_when_all_of_it_is_right(void **state)
{
    struct protocol_rig *rig = *state;
    static const struct {
        const char *name, *value;
        int status; /* 0: handed over */
    } rows[] = {
        {"X-Nothing", "1", 0},
        {"Connection", "keep-alive, Upgrade", 0},
        {"Sec-WebSocket-Protocol", "chat, gpio-gateway.v1", 0},
        {"Connection", "keep-alive", 426},
        {"Upgrade", "h2c", 426},
        {"Sec-WebSocket-Version", "8", 426},
        {"Sec-WebSocket-Version", NULL, 426},
        {"Sec-WebSocket-Key", "short", 400},
        {"Sec-WebSocket-Key", NULL, 400},
        {"Sec-WebSocket-Protocol", "chat", 400},
        {"Origin", "http://evil.example", 403},
        {"Host", "evil.example", 421},
        {"Authorization", NULL, 401},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct protocol_request request;
        protocol_request_init(&request, rig, "GET", "/ws", NULL);
        protocol_request_field(&request, "Upgrade", "websocket");
        protocol_request_field(&request, "Connection", "Upgrade");
        protocol_request_field(&request, "Sec-WebSocket-Version", "13");
        protocol_request_field(&request, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        protocol_request_field(&request, rows[i].name, rows[i].value);
        int status = protocol_request_send(&request);
        bool handed = request.http_exchange.upgrade == UPGRADE_WEBSOCKET;
        if (status != rows[i].status || handed != (rows[i].status == 0))
            fail_msg("%s: %s: %d", rows[i].name, rows[i].value, status);
        protocol_request_done(&request);
    }
}

#define ROUTE_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROUTE_TEST(route_finds_the_row_of_method_and_path),
        ROUTE_TEST(route_knows_no_path_that_is_only_similar),
        ROUTE_TEST(route_has_no_place_for_an_argument_that_is_too_long),
        ROUTE_TEST(route_answers_head_as_get),
        ROUTE_TEST(route_tells_the_methods_that_a_path_has),
        ROUTE_TEST(route_of_a_path_without_braces_goes_before_one_with),
        cmocka_unit_test(route_names_a_method_of_the_table_in_every_row_without_a_handler),
        cmocka_unit_test(route_changes_nothing_by_get),
        ROUTE_TEST(route_takes_a_switch_or_an_object_for_a_value),
        ROUTE_TEST(route_takes_the_members_of_an_object_as_parameters),
        ROUTE_TEST(route_takes_the_whole_body_for_several_lines),
        ROUTE_TEST(route_answers_refusals_with_the_statuses_of_the_interface),
        ROUTE_TEST(route_reads_parameters_of_a_get_from_the_query),
        ROUTE_TEST(route_refuses_other_media_types_than_json),
        ROUTE_TEST(route_asks_for_a_token_and_for_the_right_one),
        ROUTE_TEST(route_refuses_a_foreign_host_and_origin_on_every_path),
        ROUTE_TEST(route_needs_no_host_over_a_unix_socket_nor_in_http_1_0),
        ROUTE_TEST(route_tells_the_allowed_methods_with_405_and_options),
        ROUTE_TEST(route_hands_an_upgrade_over_only_when_all_of_it_is_right),
    };
    return cmocka_run_group_tests_name("protocol_route", tests, NULL, NULL);
}
