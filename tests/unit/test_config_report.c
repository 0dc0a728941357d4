#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_rig.h"

#include "config/keys.h"

#include "base/owner.h"

#include <errno.h>
#include <string.h>

#define LINES "{'circuit':{'lines':["
#define END "]}}"
#define TEN_ROOMS "방방방방방방방방방방"

/* One thing is wrong in each text. */
static void expect(const char *const (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char lines[512];
        (void)snprintf(lines, sizeof lines, "%s\n", pairs[i][1]);
        config_rig_refuse(pairs[i][0], lines);
    }
}

static void config_tells_line_and_column_of_bad_syntax(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", "f:1:1: error: expected a value, found the end"},
        {"{\n  'circuit': {,}\n}", "f:2:15: error: expected a key in double quotes"},
        {"{'circuit':{'lines':[],\n},}",
         "f:2:1: error: expected a key in double quotes: remove the "
         "comma before it"},
        {"{'circuit':{'lines':[1, ]}}",
         "f:1:25: error: expected a value: remove the comma before it"},
        {"{`a`:1}", "f:1:2: error: expected a key in double quotes: texts and keys stand in "
                    "\"double quotes\""},
        {"{'a':\xe2\x80\x9cx\xe2\x80\x9d}",
         "f:1:6: error: expected a value: texts and keys stand in \"double quotes\""},
        {"{'a':True}", "f:1:6: error: expected a value: write true"},
        {"{'a':[False]}", "f:1:7: error: expected a value: write false"},
        {"{'a':None}", "f:1:6: error: expected a value: write null"},
        {"{\n\n'a':01}", "f:3:6: error: a number must not begin with 0"},
        {"{'a':1} {", "f:1:9: error: unexpected bytes after the value"},
        {"{'a':1e400}", "f:1:6: error: a number is too large"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_how_comments_are_written(void **state)
{
    (void)state;
#define HINT ": JSON has no comments; a config takes \"//\": \"…\" as a key"
    static const char *const pairs[][2] = {
        {"// a comment\n{}", "f:1:1: error: expected a value" HINT},
        {"{\n  // a comment\n'a':1}", "f:2:3: error: expected a key in double quotes" HINT},
        {"{'a':1, // a comment\n'b':1}", "f:1:9: error: expected a key in double quotes" HINT},
        {"{'a':1 // a comment\n}", "f:1:8: error: expected ',' or '}'" HINT},
        {"{'a':[1 /* one */]}", "f:1:9: error: expected ',' or ']'" HINT},
        {"{'a':/* one */ 1}", "f:1:6: error: expected a value" HINT},
        {"{'a' /* one */ :1}", "f:1:6: error: expected ':' after the key" HINT},
        {"{'a':[\n# one\n1]}", "f:2:1: error: expected a value" HINT},
        {"{'a':1}\n// the end", "f:2:1: error: unexpected bytes after the value" HINT},
    };
#undef HINT
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_our_key_of_what_others_call_it(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"'pull_up':true", "pull_up: unknown key; did you mean \"bias\": \"pull-up\"?"},
        {"'pullup':true", "pullup: unknown key; did you mean \"bias\": \"pull-up\"?"},
        {"'Pull-Down':1", "Pull-Down: unknown key; did you mean \"bias\": \"pull-down\"?"},
        {"'inverted':true", "inverted: unknown key; did you mean \"active_low\": true?"},
        {"'invert':true", "invert: unknown key; did you mean \"active_low\": true?"},
        {"'active_high':true", "active_high: unknown key; did you mean \"active_low\"?"},
        {"'pin':17", "pin: unknown key; did you mean \"gpio\"?"},
        {"'mode':'in'", "mode: unknown key; did you mean \"direction\"?"},
        {"'bounceTime':5", "bounceTime: unknown key; did you mean \"debounce_ms\"?"},
        {"'label':'A'", "label: unknown key; did you mean \"title\"?"},
        {"'pul_up':1", "pul_up: unknown key"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        char text[256];
        char lines[256];
        (void)snprintf(text, sizeof text, LINES "{'name':'a','direction':'input',%s}" END,
                       pairs[i][0]);
        (void)snprintf(lines, sizeof lines, "f: circuit.lines[0].%s\n", pairs[i][1]);
        config_rig_refuse(text, lines);
    }
}

static void config_knows_our_key_of_each_alias(void **state)
{
    (void)state;
    const struct field_alias *alias = keys_line.aliases;
    assert_non_null(alias);
    for (; alias->name; alias++)
        if (!field_find(&keys_line, alias->field) || field_find(&keys_line, alias->name))
            fail_msg("%s: %s", alias->name, alias->field);
}

static void config_tells_the_kernels_name_of_a_pin(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {LINES "{'name':'a','direction':'input','gpio':17}" END,
         "f: circuit.lines[0].gpio: expected a text, found a number; did you mean \"GPIO17\"?"},
        {LINES "{'name':'a','direction':'input','gpio':1.5}" END,
         "f: circuit.lines[0].gpio: expected a text, found a number"},
        {LINES "{'name':'a','direction':'input','gpio':'17'}" END,
         "f: circuit.lines[0].gpio: \"17\" is not the kernel's name of a line; "
         "did you mean \"GPIO17\"?"},
        {LINES "{'name':'a','direction':'input','gpio':'pin 2'}" END,
         "f: circuit.lines[0].gpio: \"pin 2\" is not the kernel's name of a line; "
         "pin 2 of the header is 5 V"},
        {LINES "{'name':'a','direction':'input','gpio':''}" END,
         "f: circuit.lines[0].gpio: is empty"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
    struct config config = config_rig_accept(LINES "{'name':'a','direction':'input','gpio':"
                                                   "'gpio17'}" END);
    config_done(&config);
}

static void config_tells_path_and_nearest_name_of_an_unknown_key(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"{'circuit':{'lines':[]},'lisen':{}}", "f: lisen: unknown key; did you mean \"listen\"?"},
        {"{'circuit':{'lines':[]},'zzz':{}}", "f: zzz: unknown key"},
        {LINES "{'name':'a','direction':'input','debounce':5}" END,
         "f: circuit.lines[0].debounce: unknown key; did you mean \"debounce_ms\"?"},
        {"{'circuit':{'lines':[]},'':1}", "f: unknown key"},
        {"{'circuit':{'lines':[]},'a\\n\\u001b[2J':1}", "f: a??[2J: unknown key"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_path_of_a_key_that_stands_twice(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"{'circuit':{'lines':[]},'circuit':7}", "f: circuit: this key stands twice"},
        {LINES "{'name':'a','direction':'input','name':'a'}" END,
         "f: circuit.lines[0].name: this key stands twice"},
        {"{'circuit':{'lines':[],'title':{'en':'a','en':'b'}}}",
         "f: circuit.title.en: this key stands twice"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_what_is_required(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"{}", "f: circuit: is required"},
        {"{'circuit':{}}", "f: circuit.lines: is required"},
        {LINES "{'direction':'input'}" END, "f: circuit.lines[0].name: is required"},
        {LINES "{'name':'a'}" END, "f: circuit.lines[0].direction: is required"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_a_wrong_type(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"[]", "f: expected an object, found a list"},
        {"{'circuit':7}", "f: circuit: expected an object, found a number"},
        {"{'circuit':{'lines':{}}}", "f: circuit.lines: expected a list, found an object"},
        {LINES "null" END, "f: circuit.lines[0]: expected an object, found null"},
        {LINES "{'name':7,'direction':'input'}" END,
         "f: circuit.lines[0].name: expected a name, found a number"},
        {LINES "{'name':'a','direction':'input','active_low':1}" END,
         "f: circuit.lines[0].active_low: expected true or false, found a number"},
        {LINES "{'name':'a','direction':'input','debounce_ms':'5'}" END,
         "f: circuit.lines[0].debounce_ms: expected a whole number (ms), found a text"},
        {LINES "{'name':'a','direction':'input','debounce_ms':0.5}" END,
         "f: circuit.lines[0].debounce_ms: 0.5 is not a whole number (ms)"},
        {LINES "{'name':'a','direction':'output','initial':true}" END,
         "f: circuit.lines[0].initial: true is not one of 0, 1, \"keep\", \"last\""},
        {LINES "{'name':'a','direction':'output','initial':'0'}" END,
         "f: circuit.lines[0].initial: \"0\" is not one of 0, 1, \"keep\", \"last\""},
        {"{'circuit':{'lines':[],'title':3}}",
         "f: circuit.title: expected a text, or an object with a text for each language, "
         "found a number"},
        {"{'circuit':{'lines':[]},'limits':{'backlog':null}}",
         "f: limits.backlog: expected a whole number, found null"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_bounds_and_unit_of_a_number_out_of_range(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {LINES "{'name':'a','direction':'input','debounce_ms':-1}" END,
         "f: circuit.lines[0].debounce_ms: -1 is below the minimum 0 (ms)"},
        {LINES "{'name':'a','direction':'input','debounce_ms':10001}" END,
         "f: circuit.lines[0].debounce_ms: 10001 is above the maximum 10000 (ms)"},
        {LINES "{'name':'a','direction':'output','max_on_ms':1e300}" END,
         "f: circuit.lines[0].max_on_ms: 1e+300 is above the maximum 86400000 (ms)"},
        {"{'circuit':{'lines':[]},'limits':{'connections':0}}",
         "f: limits.connections: 0 is below the minimum 1"},
        {"{'circuit':{'lines':[]},'limits':{'journal_events':1048577}}",
         "f: limits.journal_events: 1048577 is above the maximum 1048576"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_tells_a_bad_text(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {LINES "{'name':'A','direction':'input'}" END,
         "f: circuit.lines[0].name: \"A\" is not a name: 1 to 32 of a-z 0-9 _ -, with a letter "
         "or digit first"},
        {LINES "{'name':'-a','direction':'input'}" END,
         "f: circuit.lines[0].name: \"-a\" is not a name: 1 to 32 of a-z 0-9 _ -, with a letter "
         "or digit first"},
        {LINES "{'name':'','direction':'input'}" END,
         "f: circuit.lines[0].name: \"\" is not a name: 1 to 32 of a-z 0-9 _ -, with a letter or "
         "digit first"},
        {LINES "{'name':'a','direction':'inptu'}" END,
         "f: circuit.lines[0].direction: \"inptu\" is not one of \"input\", \"output\"; did you "
         "mean \"input\"?"},
        {LINES "{'name':'a','direction':'input','title':''}" END,
         "f: circuit.lines[0].title: is empty"},
        {LINES "{'name':'a','direction':'input','title':{'english':'x'}}" END,
         "f: circuit.lines[0].title.english: is not a language as en, ko or pt-BR"},
        {LINES "{'name':'a','direction':'input','title':'x\\u0007'}" END,
         "f: circuit.lines[0].title: has a control byte in it"},
        {LINES "{'name':'a','direction':'input','gpio':'0123456789012345678901234567890123'}" END,
         "f: circuit.lines[0].gpio: is longer than 32 bytes"},
        {LINES "{'name':'a','direction':'input','color':'red;'}" END,
         "f: circuit.lines[0].color: \"red;\" is not a color: a name as red, or #rgb or #rrggbb"},
        {LINES "{'name':'a','direction':'input','group':'" TEN_ROOMS TEN_ROOMS TEN_ROOMS TEN_ROOMS
               "방'}" END,
         "f: circuit.lines[0].group: is longer than 40 characters"},
        {LINES "{'name':'a','direction':'input','group':7}" END,
         "f: circuit.lines[0].group: expected a text, found a number"},
        {LINES "{'name':'a','direction':'output','pwm':'/sys/class/pwm/pwmchip0/../x'}" END,
         "f: circuit.lines[0].pwm: is not a channel as /sys/class/pwm/pwmchip0/pwm0"},
        {LINES "{'name':'a','direction':'output','pwm':'/sys/class/pwm/pwmchip0'}" END,
         "f: circuit.lines[0].pwm: is not a channel as /sys/class/pwm/pwmchip0/pwm0"},
        {LINES "{'name':'a','direction':'output','pwm':'/sys/class/pwm/pwmchip0/pwm0',"
               "'bias':'pull-up'}" END,
         "f: circuit.lines[0].bias: a line with \"pwm\" has none"},
        {LINES "{'name':'a','direction':'output','pwm':'/sys/class/pwm/pwmchip0/pwm0',"
               "'drive':'open-drain'}" END,
         "f: circuit.lines[0].drive: a line with \"pwm\" has none"},
        {"{'circuit':{'lines':[]},'gpio':{'chip':'0'}}",
         "f: gpio.chip: a chip is named by label, name or path, since kernels number chips "
         "differently"},
        {"{'circuit':{'lines':[]},'listen':{'socket_mode':'0170'}}",
         "f: listen.socket_mode: the owner must be able to read and write: 0600 at least"},
        {"{'circuit':{'lines':[]},'listen':{'socket_mode':'1777'}}",
         "f: listen.socket_mode: expected a mode of three octal digits, as \"0660\""},
        {"{'circuit':{'lines':[]},'auth':{'allowed_hosts':['http://x']}}",
         "f: auth.allowed_hosts[0]: \"http://x\" is not a host name: letters, digits, - and ., "
         "without scheme and port"},
        {"{'circuit':{'lines':[]},'auth':{'allowed_origins':['https://x/']}}",
         "f: auth.allowed_origins[0]: \"https://x/\" is not an origin: https://HOST or "
         "https://HOST:PORT, without a path"},
        {"{'circuit':{'lines':[]},'auth':{'allowed_hosts':['a..b']}}",
         "f: auth.allowed_hosts[0]: \"a..b\" is not a host name: letters, digits, - and ., "
         "without scheme and port"},
    };
    expect(pairs, ARRAY_LENGTH(pairs));
}

static void config_takes_host_labels_of_63_bytes_and_no_more(void **state)
{
    (void)state;
    char label[65];
    char text[200];
    memset(label, 'a', 64);
    label[63] = '\0';
    (void)snprintf(text, sizeof text,
                   "{'circuit':{'lines':[]},'auth':{'allowed_hosts':['%s.org']}}", label);
    struct config config = config_rig_accept(text);
    config_done(&config);
    label[63] = 'a';
    label[64] = '\0';
    (void)snprintf(text, sizeof text, "{'circuit':{'lines':[]},'auth':{'allowed_hosts':['%s']}}",
                   label);
    config_rig_refuse(text, "f: auth.allowed_hosts[0]: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                            "aaaaaaaaaaaaaaaaaaaaaaa\" is not a host name: letters, digits, - "
                            "and ., without scheme and port\n");
}

static void config_tells_a_name_of_33_bytes_and_takes_one_of_32(void **state)
{
    (void)state;
    config_rig_refuse(
        LINES "{'name':'a23456789012345678901234567890123','direction':'input'}" END,
        "f: circuit.lines[0].name: \"a23456789012345678901234567890123\" is not a name: 1 to 32 "
        "of a-z 0-9 _ -, with a letter or digit first\n");
    struct config config = config_rig_accept(
        LINES "{'name':'a2345678901234567890123456789_1-','direction':'input'}" END);
    assert_string_equal(config.circuit.lines[0].name, "a2345678901234567890123456789_1-");
    config_done(&config);
}

static void config_takes_a_title_of_96_bytes_and_four_languages_only(void **state)
{
    (void)state;
    char fits[98] = "";
    char text[400];
    memset(fits, 'x', 96);
    (void)snprintf(text, sizeof text, "{'circuit':{'lines':[],'title':'%s'}}", fits);
    struct config config = config_rig_accept(text);
    assert_string_equal(config.circuit.title.texts[0].text, fits);
    config_done(&config);
    fits[96] = 'x';
    (void)snprintf(text, sizeof text, "{'circuit':{'lines':[],'title':'%s'}}", fits);
    config_rig_refuse(text, "f: circuit.title: is longer than 96 bytes\n");
    config_rig_refuse("{'circuit':{'lines':[],'title':"
                      "{'aa':'1','bb':'2','cc':'3','dd':'4','ee':'5'}}}",
                      "f: circuit.title.ee: a title has at most 4 languages\n");
}

static void config_tells_more_than_256_lines_once(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 64 * 1024);
    buffer_append_text(&text, LINES);
    for (int i = 0; i < 258; i++)
        buffer_printf(&text, "%s{'name':'l%d','direction':'input'}", i ? "," : "", i);
    assert_int_equal(buffer_append_text(&text, END), 0);
    config_rig_refuse(buffer_text(&text),
                      "f: circuit.lines: 258 is above the maximum 256 (items)\n");
    buffer_done(&text);
}

static void config_tells_every_error_of_one_run_in_the_order_of_the_file(void **state)
{
    (void)state;
    config_rig_refuse(
        "{'log':{'level':'loud'},'lmits':1,'circuit':{'rules':[{'when':{'line':'a','edge':'up'},"
        "'do':{'method':'line.stop','line':'nobody'}}],'lines':[{'debounce_ms':-1,'name':'a',"
        "'direction':'output'},{'name':'a','direction':'x'}],'lines':2}}",
        "f: log.level: \"loud\" is not one of \"error\", \"warning\", \"info\", \"debug\"\n"
        "f: lmits: unknown key; did you mean \"limits\"?\n"
        "f: circuit.rules[0].when.edge: \"up\" is not one of \"rising\", \"falling\", \"both\", "
        "\"held\", \"double-press\", \"press\"\n"
        "f: circuit.rules[0].do.line: no line is called \"nobody\"\n"
        "f: circuit.lines[0].debounce_ms: -1 is below the minimum 0 (ms)\n"
        "f: circuit.lines[0].debounce_ms: an output has none; only an input does\n"
        "f: circuit.lines[1].name: \"a\" is taken by circuit.lines[0]\n"
        "f: circuit.lines[1].direction: \"x\" is not one of \"input\", \"output\"\n"
        "f: circuit.lines: this key stands twice\n");
}

static void config_ends_after_100_errors_and_says_so(void **state)
{
    (void)state;
    struct buffer text;
    struct config config;
    struct config_report report;
    buffer_init(&text, 64 * 1024);
    buffer_append_text(&text, "{");
    for (int i = 0; i < 500; i++)
        buffer_printf(&text, "%s\"k%d\":1", i ? "," : "", i);
    assert_int_equal(buffer_append_text(&text, "}"), 0);
    config_report_init(&report);
    assert_int_equal(config_parse("f", buffer_text(&text), text.length, &config, &report),
                     -EBADMSG);
    assert_int_equal(report.errors, CONFIG_ERRORS_MAX);
    assert_non_null(strstr(buffer_text(&report.text), "f: k99: unknown key\n"));
    assert_null(strstr(buffer_text(&report.text), "f: k100: "));
    assert_non_null(strstr(buffer_text(&report.text), "f: reading ended after 100 errors\n"));
    config_report_done(&report);
    buffer_done(&text);
}

static void config_cuts_a_long_value_between_characters(void **state)
{
    (void)state;
    config_rig_refuse(
        LINES "{'name':'가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가',"
              "'direction':'input'}" END,
        "f: circuit.lines[0].name: \"가가가가가가가가가가가가가가가가가가가가가…\" is "
        "not a name: 1 to 32 of a-z 0-9 _ -, with a letter or digit first\n");
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(config_tells_line_and_column_of_bad_syntax),
        cmocka_unit_test(config_tells_how_comments_are_written),
        cmocka_unit_test(config_tells_our_key_of_what_others_call_it),
        cmocka_unit_test(config_knows_our_key_of_each_alias),
        cmocka_unit_test(config_tells_the_kernels_name_of_a_pin),
        cmocka_unit_test(config_tells_path_and_nearest_name_of_an_unknown_key),
        cmocka_unit_test(config_tells_path_of_a_key_that_stands_twice),
        cmocka_unit_test(config_tells_what_is_required),
        cmocka_unit_test(config_tells_a_wrong_type),
        cmocka_unit_test(config_tells_bounds_and_unit_of_a_number_out_of_range),
        cmocka_unit_test(config_tells_a_bad_text),
        cmocka_unit_test(config_takes_host_labels_of_63_bytes_and_no_more),
        cmocka_unit_test(config_tells_a_name_of_33_bytes_and_takes_one_of_32),
        cmocka_unit_test(config_takes_a_title_of_96_bytes_and_four_languages_only),
        cmocka_unit_test(config_tells_more_than_256_lines_once),
        cmocka_unit_test(config_tells_every_error_of_one_run_in_the_order_of_the_file),
        cmocka_unit_test(config_ends_after_100_errors_and_says_so),
        cmocka_unit_test(config_cuts_a_long_value_between_characters),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
