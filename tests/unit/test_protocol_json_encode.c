#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "protocol/json_encode.h"
#include "protocol_rig.h"

#include <stdlib.h>
#include <string.h>

/* 2026-10-17T10:00:00.123456789Z: a double would round its nanoseconds. */
#define WALL_NS INT64_C(1792231200123456789)

static struct timestamps timestamps(void)
{
    return (struct timestamps){.monotonic_ns = clock_now().monotonic_ns, .wall_ns = WALL_NS};
}

static void do_command(struct protocol_rig *rig, struct command command)
{
    struct outcome outcome;
    struct refusal refusal;
    struct timestamps now = timestamps();
    if (!command.by.source[0])
        command.by = (struct origin){"http:192.168.1.7:51514", ROLE_OPERATOR};
    if (circuit_command(rig->circuit, &command, &now, &outcome, &refusal))
        fail_msg("%s", refusal.message);
}

static struct json_writer begin(struct protocol_rig *rig)
{
    buffer_clear(&rig->text);
    return json_writer_begin(&rig->text);
}

static const char *print_an_event(struct protocol_rig *rig, const struct event *event, bool live)
{
    struct json_writer writer = begin(rig);
    json_encode_event(&writer, rig->circuit, event, live);
    return buffer_text(&rig->text);
}

static const char *print_event(struct protocol_rig *rig, uint64_t seq, bool live)
{
    const struct event *event = journal_get(circuit_journal(rig->circuit), seq);
    assert_non_null(event);
    return print_an_event(rig, event, live);
}

static const char *print_line_at(struct protocol_rig *rig, size_t line, struct timestamps now)
{
    struct json_writer writer = begin(rig);
    struct line_state state;
    circuit_line(rig->circuit, line, &now, &state);
    json_encode_line(&writer, &state);
    return buffer_text(&rig->text);
}

static const char *print_line(struct protocol_rig *rig, size_t line)
{
    return print_line_at(rig, line, timestamps());
}

static void expect(const char *text, const char *expected)
{
    char *quoted = protocol_rig_quotes(expected);
    assert_string_equal(text, quoted);
    free(quoted);
}

static void expect_part(const char *text, const char *part)
{
    char *quoted = protocol_rig_quotes(part);
    if (!strstr(text, quoted))
        fail_msg("no %s in %s", quoted, text);
    free(quoted);
}

static void json_encode_has_the_shape_of_an_event(void **state)
{
    struct protocol_rig *rig = *state;
    do_command(rig, (struct command){.verb = COMMAND_SET, .line = RIG_RED, .value = 1});
    expect(print_event(rig, 5, false),
           "{'boot':'9f3c61d2','seq':5,'line':'red','value':1,'time':'2026-10-17T10:00:00.123456Z',"
           "'time_ns':1792231200123456789,'cause':'set','source':'http:192.168.1.7:51514','role':'"
           "operator'}");
}

static void json_encode_names_the_role_of_who_did_it_and_none_of_what_acts_of_itself(void **state)
{
    struct protocol_rig *rig = *state;
    assert_null(strstr(print_event(rig, 1, false), "role"));
    assert_null(strstr(print_line(rig, RIG_RED), "role"));
    do_command(rig, (struct command){.verb = COMMAND_SET, .line = RIG_RED, .value = 1});
    do_command(rig, (struct command){.verb = COMMAND_OFF, .by = {"line:b", ROLE_VIEWER}});
    expect_part(print_event(rig, 6, false), "'source':'line:b','role':'viewer'");
    expect_part(print_line(rig, RIG_RED), "'source':'line:b','role':'viewer'");
}

static void json_encode_keeps_all_bits_of_the_kernels_time_of_an_edge(void **state)
{
    struct protocol_rig *rig = *state;
    struct timestamps now = timestamps();
    struct refusal refusal;
    assert_int_equal(circuit_simulate(rig->circuit, RIG_BUTTON, 1,
                                      &(struct origin){"http:192.168.1.7:51514", ROLE_OPERATOR},
                                      &now, &refusal),
                     0);
    const struct event *event = journal_get(circuit_journal(rig->circuit), 5);
    struct event later = *event;
    later.edge_ns = INT64_C(9007199254740993);
    const char *text = print_an_event(rig, &later, false);
    expect_part(text, "'edge_ns':9007199254740993");
    expect_part(text, "'cause':'edge'");
}

static void
json_encode_tells_what_an_event_changed_besides_the_value_to_followers_only(void **state)
{
    struct protocol_rig *rig = *state;
    do_command(
        rig, (struct command){
                 .verb = COMMAND_BLINK, .line = RIG_RED, .on_ms = 200, .off_ms = 300, .count = 5});
    expect_part(print_event(rig, 5, true), "'action':{'kind':'blink','ends_at':'");
    expect_part(buffer_text(&rig->text), "'on_ms':200,'off_ms':300,'count':5}");
    assert_null(strstr(print_event(rig, 5, false), "action"));
}

static void json_encode_tells_the_end_of_an_action_by_the_wall_clock(void **state)
{
    struct protocol_rig *rig = *state;
    char before[CLOCK_TEXT_SIZE];
    char after[CLOCK_TEXT_SIZE];
    (void)protocol_rig_call(rig, &rig->operator, "line.pulse", "['red',60000]");
    int64_t end_ns = clock_now().wall_ns + 60 * CLOCK_NS_PER_SECOND;
    static const char key[] = "\"ends_at\":\"";
    const char *texts[2];
    char *event = strdup(print_event(rig, 5, true));
    texts[0] = event;
    texts[1] = print_line_at(rig, RIG_RED, clock_now());
    for (int i = 0; i < 2; i++) {
        const char *at = strstr(texts[i], key);
        assert_non_null(at);
        at += sizeof key - 1;
        /* Texts of one length in one zone: their order is that of the times. */
        size_t length = strlen(clock_format(end_ns - 5 * CLOCK_NS_PER_SECOND, before));
        assert_true(strncmp(at, before, length) > 0);
        assert_true(strncmp(at, clock_format(end_ns + CLOCK_NS_PER_SECOND, after), length) < 0);
    }
    free(event);
}

static void json_encode_has_pwm_in_the_event_that_changed_it(void **state)
{
    struct protocol_rig *rig = *state;
    do_command(rig, (struct command){.verb = COMMAND_PWM, .line = RIG_RED, .duty = 0.1, .hz = 200});
    expect_part(print_event(rig, 5, false), "'pwm':{'duty':0.1,'hz':200}");
    do_command(rig, (struct command){.verb = COMMAND_STOP, .line = RIG_RED});
    expect_part(print_event(rig, 6, false), "'pwm':null");
}

static void json_encode_has_the_shape_of_an_output(void **state)
{
    struct protocol_rig *rig = *state;
    do_command(rig, (struct command){.verb = COMMAND_SET, .line = RIG_RED, .value = 1});
    const char *text = print_line(rig, RIG_RED);
    char *head = protocol_rig_quotes(
        "{'name':'red','title':'red','part':'led','direction':'output','value':1,'seq':5,"
        "'changed_at':'2026-10-17T10:00:00.123456Z','edges':1,'source':'http:192.168.1.7:51514','"
        "role':'operator',"
        "'available':true,'safe':0,'action':null,'pwm':null,'lease':null,'lock':null,'gpio':{");
    assert_memory_equal(text, head, strlen(head));
    free(head);
    expect_part(text, "'offset':");
    expect_part(text, "'name':'GPIO17','bias':'as-is','drive':'push-pull','active_low':false}}");
}

static void json_encode_has_the_shape_of_an_input(void **state)
{
    struct protocol_rig *rig = *state;
    const char *text = print_line(rig, RIG_BUTTON);
    char *head = protocol_rig_quotes("{'name':'button','title':'button','part':'button',"
                                     "'direction':'input','value':0,'seq':3,'changed_at':'");
    assert_memory_equal(text, head, strlen(head));
    free(head);
    expect_part(text, "'edges':0,'source':'start','available':true,'held':false,'hz':0,'duty':0,"
                      "'last_press_ms':0,'gpio':{");
}

static void json_encode_tells_what_holds_a_line(void **state)
{
    struct protocol_rig *rig = *state;
    do_command(rig, (struct command){
                        .verb = COMMAND_LOCK, .line = RIG_GREEN, .reason = "being \"repaired\""});
    expect_part(print_line(rig, RIG_GREEN),
                "'lock':{'reason':'being \\'repaired\\'','source':'http:192.168.1.7:51514'},"
                "'interlock':'water'");
    do_command(rig, (struct command){
                        .verb = COMMAND_SET, .line = RIG_RED, .value = 1, .lease_connection = 7});
    expect_part(print_line(rig, RIG_RED), "'lease':{'ms':0,'ends_at':null}");
}

static void json_encode_lists_every_line_with_boot_and_seq(void **state)
{
    struct protocol_rig *rig = *state;
    struct timestamps now = timestamps();
    struct json_writer writer = begin(rig);
    struct json *object = NULL;
    json_encode_lines(&writer, feed_line_texts(rig->service.feed), &now);
    char *head = protocol_rig_quotes("{'boot':'9f3c61d2','seq':4,'lines':[{'name':'red',");
    assert_memory_equal(buffer_text(&rig->text), head, strlen(head));
    free(head);
    assert_int_equal(json_parse(buffer_text(&rig->text), rig->text.length, &object, NULL), 0);
    assert_int_equal(json_count(json_get(object, "lines")), RIG_LINES);
    json_free(object);
}

static void json_encode_says_that_pins_are_simulated_and_who_asks(void **state)
{
    struct protocol_rig *rig = *state;
    struct timestamps now = timestamps();
    struct json_writer writer = begin(rig);
    json_encode_circuit(&writer, feed_line_texts(rig->service.feed), ROLE_VIEWER, &now);
    const char *text = buffer_text(&rig->text);
    char *head = protocol_rig_quotes(
        "{'name':'bench','title':'bench','backend':'simulator','simulated':true,'version':'");
    assert_memory_equal(text, head, strlen(head));
    free(head);
    expect_part(text, "'role':'viewer','time':'2026-10-17T10:00:00.123456Z','boot':'9f3c61d2',"
                      "'seq':4,'lines':[{");
    expect_part(text, "'scenes':[{'name':'evening','title':'evening'}]");
}

static void json_encode_has_the_shape_of_an_outcome(void **state)
{
    struct protocol_rig *rig = *state;
    const struct outcome outcome = {
        .line = RIG_GREEN, .was = 1, .value = 0, .seq = UINT64_C(9007199254740993)};
    struct json_writer writer = begin(rig);
    json_encode_outcome(&writer, rig->circuit, &outcome);
    expect(buffer_text(&rig->text), "{'line':'green','was':1,'value':0,'seq':9007199254740993}");
}

static void json_encode_names_the_lines_that_changed(void **state)
{
    struct protocol_rig *rig = *state;
    static const uint16_t lines[] = {RIG_VALVE, RIG_RED};
    struct json_writer writer = begin(rig);
    json_encode_changed(&writer, rig->circuit, 45, lines, 2, NULL);
    expect(buffer_text(&rig->text), "{'seq':45,'changed':['valve','red']}");
}

static void json_encode_names_every_part_and_ends(void **state)
{
    (void)state;
    static const char *const names[] = {"generic", "led",   "button", "switch", "relay",
                                        "buzzer",  "motor", "motion", "door"};
    for (int part = CIRCUIT_PART_GENERIC; part <= CIRCUIT_PART_DOOR; part++)
        assert_string_equal(json_encode_part_name((enum circuit_part)part), names[part]);
}

#define CODEC_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, protocol_rig_setup, protocol_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CODEC_TEST(json_encode_has_the_shape_of_an_event),
        CODEC_TEST(json_encode_names_the_role_of_who_did_it_and_none_of_what_acts_of_itself),
        CODEC_TEST(json_encode_keeps_all_bits_of_the_kernels_time_of_an_edge),
        CODEC_TEST(json_encode_tells_what_an_event_changed_besides_the_value_to_followers_only),
        CODEC_TEST(json_encode_tells_the_end_of_an_action_by_the_wall_clock),
        CODEC_TEST(json_encode_has_pwm_in_the_event_that_changed_it),
        CODEC_TEST(json_encode_has_the_shape_of_an_output),
        CODEC_TEST(json_encode_has_the_shape_of_an_input),
        CODEC_TEST(json_encode_tells_what_holds_a_line),
        CODEC_TEST(json_encode_lists_every_line_with_boot_and_seq),
        CODEC_TEST(json_encode_says_that_pins_are_simulated_and_who_asks),
        CODEC_TEST(json_encode_has_the_shape_of_an_outcome),
        CODEC_TEST(json_encode_names_the_lines_that_changed),
        cmocka_unit_test(json_encode_names_every_part_and_ends),
    };
    return cmocka_run_group_tests_name("protocol_codec", tests, NULL, NULL);
}
