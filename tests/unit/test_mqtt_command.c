/* What messages on MQTT topics ask of the gateway. */
#include "mqtt/mqtt_command.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const struct hub_line lines[] = {
    {.name = "red", .part = "led", .is_output = true, .component = HUB_LIGHT},
    {.name = "button", .part = "button", .access = HUB_READ, .component = HUB_EVENT},
    {.name = "secret", .part = "relay", .is_output = true, .access = HUB_OFF},
};
static const struct hub_scene scenes[] = {{.name = "evening"}};
static const struct hub_word words[] = {{"pulse", "line.pulse"}, {"toggle", "line.toggle"}};
static const struct hub_directory directory = {lines, 3, scenes, 1, words, 2};

/* The call that a message becomes, or "CODE" of its refusal. */
static const char *ask(const char *topic, const char *payload)
{
    static char shown[512];
    struct mqtt_refusal refusal = {0};
    struct buffer call;
    int line;
    buffer_init(&call, 4096);
    int error =
        mqtt_command_read(&directory, topic, payload, strlen(payload), &call, &line, &refusal);
    (void)snprintf(shown, sizeof shown, "%s", error ? refusal.code : buffer_text(&call));
    buffer_done(&call);
    return shown;
}

#define SET(value) "\"method\":\"line.set\",\"params\":{\"line\":\"red\",\"value\":" value "}"

static void set_takes_every_word_for_on_and_off(void **state)
{
    (void)state;
    static const char *const on[] = {"ON", "on", "1", "true", "True"};
    static const char *const off[] = {"OFF", "Off", "0", "false"};
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++)
        assert_string_equal(ask("lines/red/set", on[i]), SET("1"));
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        assert_string_equal(ask("lines/red/set", off[i]), SET("0"));
}

static void set_takes_toggle(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/red/set", "TOGGLE"),
                        "\"method\":\"line.toggle\",\"params\":{\"line\":\"red\"}");
}

static void set_takes_the_body_of_rest(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/red/set", "{\"value\":1,\"for_ms\":500,\"expect\":42}"),
                        "\"method\":\"line.set\",\"params\":{\"line\":\"red\",\"value\":1,"
                        "\"for_ms\":500,\"expect\":42}");
}

static void set_takes_a_light_of_home_assistant(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/red/set", "{\"state\":\"ON\",\"brightness\":51}"),
                        "\"method\":\"line.pwm\",\"params\":{\"line\":\"red\",\"duty\":0.2}");
    assert_string_equal(ask("lines/red/set", "{\"state\":\"ON\",\"brightness\":255}"), SET("1"));
    assert_string_equal(ask("lines/red/set", "{\"state\":\"ON\",\"brightness\":0}"), SET("0"));
    assert_string_equal(ask("lines/red/set", "{\"state\":\"ON\"}"), SET("1"));
    assert_string_equal(ask("lines/red/set", "{\"state\":\"OFF\",\"brightness\":51}"), SET("0"));
}

static void set_takes_a_siren_of_home_assistant(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/red/set", "{\"state\":\"ON\",\"duration\":2}"),
                        "\"method\":\"line.pulse\",\"params\":{\"line\":\"red\",\"ms\":2000}");
}

static void a_word_takes_its_body_or_nothing(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/red/pulse", "{\"ms\":500}"),
                        "\"method\":\"line.pulse\",\"params\":{\"line\":\"red\",\"ms\":500}");
    assert_string_equal(ask("lines/red/toggle", ""),
                        "\"method\":\"line.toggle\",\"params\":{\"line\":\"red\"}");
}

static void a_percentage_is_a_duty(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/red/percentage", "40"),
                        "\"method\":\"line.pwm\",\"params\":{\"line\":\"red\",\"duty\":0.4}");
    assert_string_equal(ask("lines/red/percentage", "101"), "bad-request");
}

static void a_scene_is_applied_or_stopped(void **state)
{
    (void)state;
    assert_string_equal(ask("scenes/evening", "ON"),
                        "\"method\":\"scene.apply\",\"params\":{\"scene\":\"evening\"}");
    assert_string_equal(ask("scenes/evening", "stop"),
                        "\"method\":\"scene.stop\",\"params\":{\"scene\":\"evening\"}");
    assert_string_equal(ask("scenes/evenin", "ON"), "no-such-scene");
}

static void off_switches_all_off(void **state)
{
    (void)state;
    assert_string_equal(ask("off", "PRESS"), "\"method\":\"circuit.off\",\"params\":{}");
}

static void what_is_unknown_is_refused_by_its_code(void **state)
{
    (void)state;
    assert_string_equal(ask("lines/rad/set", "ON"), "no-such-line");
    assert_string_equal(ask("lines/red/pulze", "{\"ms\":1}"), "no-such-method");
    assert_string_equal(ask("elsewhere", ""), "no-such-method");
    assert_string_equal(ask("lines/button/set", "ON"), "forbidden");
    assert_string_equal(ask("lines/secret/set", "ON"), "no-such-line");
}

static void a_bad_payload_does_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",          "2",
                                      "ONN",       "{",
                                      "{\"a\":1,", "{\"state\":\"x\"}",
                                      "[1]",       "{\"state\":\"ON\",\"brightness\":256}",
                                      "\xff",      "{\"line\":\"green\",\"value\":1}",
                                      "null",      "{\"state\":\"ON\",\"duration\":-1}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_string_equal(ask("lines/red/set", bad[i]), "bad-request");
}

static void a_name_cannot_leave_its_text(void **state)
{
    (void)state;
    struct mqtt_refusal refusal = {0};
    struct buffer call;
    int line;
    buffer_init(&call, 4096);
    assert_int_equal(
        mqtt_command_read(&directory, "lines/red/set", "O\0N", 3, &call, &line, &refusal), -1);
    assert_string_equal(refusal.code, "bad-request");
    buffer_done(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_takes_every_word_for_on_and_off),
        cmocka_unit_test(set_takes_toggle),
        cmocka_unit_test(set_takes_the_body_of_rest),
        cmocka_unit_test(set_takes_a_light_of_home_assistant),
        cmocka_unit_test(set_takes_a_siren_of_home_assistant),
        cmocka_unit_test(a_word_takes_its_body_or_nothing),
        cmocka_unit_test(a_percentage_is_a_duty),
        cmocka_unit_test(a_scene_is_applied_or_stopped),
        cmocka_unit_test(off_switches_all_off),
        cmocka_unit_test(what_is_unknown_is_refused_by_its_code),
        cmocka_unit_test(a_bad_payload_does_nothing),
        cmocka_unit_test(a_name_cannot_leave_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
