#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/field_reader.h"
#include "base/field_words.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FAULTS_SIZE = 1024 };

struct sample {
    uint64_t seq;
    double duty;
    uint32_t span_us;
    uint16_t line;
    uint8_t value;
    bool has_seq;
    bool fast;
    unsigned mode;
    char reason[9];
};

static const char *const line_names[] = {"red", "green", "valve"};

static size_t count_names(const void *owner)
{
    return owner ? ARRAY_LENGTH(line_names) : 0;
}

static const char *name_at(const void *owner, size_t index)
{
    (void)owner;
    return line_names[index];
}

static const struct field_names lines = {"line", count_names, name_at};
static const char *const modes[] = {"slow", "1", "rapid", NULL};

#define AT(member) FIELD_MEMBER(struct sample, member)

static const struct field rows[] = {
    {"line", &field_reference, AT(line), .names = &lines, .required = true, .plain = true,
     .doc = "the line"},
    {"value", &field_switch, AT(value), .plain = true, .doc = "the value"},
    {"span_ms", &field_integer, AT(span_us), .min = 1, .max = 1000, .fallback = 20, .unit = "ms",
     .scale = 1000, .doc = "how long"},
    {"seq", &field_integer, AT(seq), .max = FIELD_INTEGER_MAX, .fallback = -1,
     .given = offsetof(struct sample, has_seq), .doc = "which"},
    {"duty", &field_real, AT(duty), .low = 0.1, .high = 1, .real_fallback = 0.5, .doc = "share"},
    {"mode", &field_choice, AT(mode), .choices = modes, .fallback = 2, .doc = "how"},
    {"fast", &field_bool, AT(fast), .doc = "whether"},
    {"reason", &field_text, AT(reason), .min = 1, .max = 8, .doc = "why"},
};

static const struct field_table table = {FIELD_TABLE(rows)};

static bool take_fault(void *context, const struct field_fault *fault)
{
    char *text = context;
    size_t used = strlen(text);
    (void)snprintf(text + used, FAULTS_SIZE - used, "%s%s%s%s\n", fault->path,
                   *fault->path ? ": " : "", fault->text,
                   fault->kind == FIELD_FAULT_NAME ? " (name)" : "");
    return true;
}

static void replace_quotes(char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            *text = '"';
}

static struct json *parse(const char *text)
{
    char copy[512];
    struct json *json = NULL;
    (void)snprintf(copy, sizeof copy, "%s", text);
    replace_quotes(copy);
    assert_int_equal(json_parse_keeping_duplicates(copy, strlen(copy), &json, NULL), 0);
    return json;
}

static void read_json(const struct json *root, struct sample *sample, char faults[FAULTS_SIZE])
{
    static const int owner;
    memset(sample, 0, sizeof *sample);
    faults[0] = '\0';
    const struct field_reading reading = {.table = &table,
                                          .target = sample,
                                          .owner = &owner,
                                          .noun = "parameter",
                                          .by_position = true,
                                          .context = faults,
                                          .fault = take_fault};
    assert_int_equal(field_read(root, &reading), 0);
}

static void expect_faults(const char *text, const char *expected)
{
    struct sample sample;
    char faults[FAULTS_SIZE];
    struct json *json = parse(text);
    read_json(json, &sample, faults);
    json_free(json);
    assert_string_equal(faults, expected);
}

static struct sample accept_text(const char *text)
{
    struct sample sample;
    char faults[FAULTS_SIZE];
    struct json *json = parse(text);
    read_json(json, &sample, faults);
    json_free(json);
    assert_string_equal(faults, "");
    return sample;
}

static void field_fills_every_kind_of_member(void **state)
{
    (void)state;
    const struct sample sample =
        accept_text("{'line':'valve','value':true,'span_ms':3,'seq':9007199254740991,"
                    "'duty':0.25,'mode':1,'fast':true,'reason':'because!'}");
    assert_int_equal(sample.line, 2);
    assert_int_equal(sample.value, 1);
    assert_int_equal(sample.span_us, 3000);
    assert_true(sample.seq == UINT64_C(9007199254740991));
    assert_true(sample.has_seq);
    assert_true(sample.duty == 0.25);
    assert_int_equal(sample.mode, 1);
    assert_true(sample.fast);
    assert_string_equal(sample.reason, "because!");
}

static void field_sets_its_default_where_nothing_is_given(void **state)
{
    (void)state;
    const struct sample sample = accept_text("{'line':'red'}");
    assert_int_equal(sample.span_us, 20000);
    assert_true(sample.duty == 0.5);
    assert_int_equal(sample.mode, 2);
    assert_false(sample.has_seq);
}

static void field_is_read_by_position_from_a_list(void **state)
{
    (void)state;
    const struct sample sample = accept_text("['green',1,7]");
    assert_int_equal(sample.line, 1);
    assert_int_equal(sample.value, 1);
    assert_int_equal(sample.span_us, 7000);
    expect_faults("['red',1,7,8,0.5,1,true,'x',9]", "too many parameters: 9, and there are 8\n");
    expect_faults("[]", "line: is required\n");
}

static void field_tells_what_is_wrong_with_a_value(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"{'line':'red','span_ms':0}", "span_ms: 0 is below the minimum 1 (ms)\n"},
        {"{'line':'red','span_ms':1001}", "span_ms: 1001 is above the maximum 1000 (ms)\n"},
        {"{'line':'red','span_ms':1.5}", "span_ms: 1.5 is not a whole number (ms)\n"},
        {"{'line':'red','span_ms':'7'}", "span_ms: expected a whole number (ms), found a text\n"},
        {"{'line':'red','seq':-1}", "seq: -1 is below the minimum 0\n"},
        {"{'line':'red','duty':0.05}", "duty: 0.05 is below the minimum 0.1\n"},
        {"{'line':'red','duty':1.5}", "duty: 1.5 is above the maximum 1\n"},
        {"{'line':'red','duty':null}", "duty: expected a number, found null\n"},
        {"{'line':'red','value':2}", "value: 2 is not a value: 0 or 1\n"},
        {"{'line':'red','value':'on'}", "value: \"on\" is not a value: 0 or 1\n"},
        {"{'line':'red','fast':1}", "fast: expected true or false, found a number\n"},
        {"{'line':'red','mode':'rapit'}",
         "mode: \"rapit\" is not one of \"slow\", 1, \"rapid\"; did you mean \"rapid\"?\n"},
        {"{'line':'red','reason':''}", "reason: is empty\n"},
        {"{'line':'red','reason':'ninebytes'}", "reason: is longer than 8 bytes\n"},
        {"{'line':'red','reason':'a\\nb'}", "reason: has a control byte in it\n"},
        {"{'line':7}", "line: expected a line's name, found a number\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++)
        expect_faults(pairs[i][0], pairs[i][1]);
}

static void field_tells_the_nearest_of_a_misspelt_name(void **state)
{
    (void)state;
    expect_faults("{'line':'gren'}",
                  "line: no line is called \"gren\"; did you mean \"green\"? (name)\n");
    expect_faults("{'line':'zzz'}", "line: no line is called \"zzz\" (name)\n");
    expect_faults("{'line':'red','vaule':1}",
                  "vaule: unknown parameter; did you mean \"value\"?\n");
    expect_faults("{'line':'red','span':1}",
                  "span: unknown parameter; did you mean \"span_ms\"?\n");
}

static void field_that_stands_twice_is_refused(void **state)
{
    (void)state;
    expect_faults("{'line':'red','line':'red'}", "line: this parameter stands twice\n");
}

static void field_tells_every_fault_in_one_reading(void **state)
{
    (void)state;
    expect_faults("{'span_ms':0,'duty':7,'x':1}", "x: unknown parameter\nline: is required\n"
                                                  "span_ms: 0 is below the minimum 1 (ms)\n"
                                                  "duty: 7 is above the maximum 1\n");
}

static bool refuse_more(void *context, const struct field_fault *fault)
{
    (void)take_fault(context, fault);
    return false;
}

static void field_reading_ends_when_no_more_faults_are_wanted(void **state)
{
    (void)state;
    struct sample sample = {0};
    char faults[FAULTS_SIZE] = "";
    struct json *json = parse("{'span_ms':0,'duty':7}");
    const struct field_reading reading = {
        .table = &table, .target = &sample, .noun = "key", .context = faults, .fault = refuse_more};
    assert_int_equal(field_read(json, &reading), 0);
    json_free(json);
    assert_string_equal(faults, "line: is required\n");
}

/* Reads the words as the fields in their order. */
static struct sample accept_words(const char *const *words, const char *expected)
{
    struct sample sample;
    char faults[FAULTS_SIZE];
    struct json *values = json_new_object();
    for (size_t i = 0; words[i]; i++)
        field_add_word(values, &rows[i], words[i]);
    read_json(values, &sample, faults);
    json_free(values);
    assert_string_equal(faults, expected);
    return sample;
}

static void field_takes_on_and_off_as_words_in_any_case(void **state)
{
    (void)state;
    static const char *const words[][2] = {{"on", "1"},  {"ON", "1"},   {"Off", "0"},
                                           {"off", "0"}, {"true", "1"}, {"false", "0"},
                                           {"1", "1"},   {"0", "0"}};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        const char *const given[] = {"red", words[i][0], NULL};
        assert_int_equal(accept_words(given, "").value, words[i][1][0] - '0');
    }
    const char *const wrong[] = {"red", "True", NULL};
    (void)accept_words(wrong, "value: \"True\" is not a value: 0 or 1\n");
}

static void field_reads_words_as_strictly_as_json(void **state)
{
    (void)state;
    const char *const good[] = {"green", "1", "20", "9007199254740991", "0.5", NULL};
    const struct sample sample = accept_words(good, "");
    assert_int_equal(sample.span_us, 20000);
    assert_true(sample.seq == UINT64_C(9007199254740991));
    assert_true(sample.duty == 0.5);
    const char *const octal[] = {"red", "1", "020", NULL};
    (void)accept_words(octal, "span_ms: expected a whole number (ms), found a text\n");
    const char *const low[] = {"red", "1", "0", NULL};
    (void)accept_words(low, "span_ms: 0 is below the minimum 1 (ms)\n");
}

/* Reads a line of words; the fault, or what its fields hold. */
static void expect_line(const char *line, const char *fault, const char *reason)
{
    static const struct field words[] = {
        {"line", &field_text, .max = 8, .plain = true, .doc = ""},
        {"value", &field_switch, .doc = ""},
        {"reason", &field_text, .max = 30, .plain = true, .rest = true, .doc = ""},
    };
    static const struct field_table fields = {FIELD_TABLE(words)};
    char copy[64];
    char told[FIELD_WORDS_FAULT_SIZE] = "";
    (void)snprintf(copy, sizeof copy, "%s", line);
    struct json *values = json_new_object();
    assert_int_equal(field_read_words(&fields, copy, values, told), *fault ? -EINVAL : 0);
    assert_string_equal(told, fault);
    if (reason)
        assert_string_equal(json_text(json_get(values, "reason")), reason);
    json_free(values);
}

static void field_takes_words_by_name_and_by_place(void **state)
{
    (void)state;
    expect_line("red  value=1\twet", "", "wet");
    expect_line("reason=wet red", "", "wet red");
    expect_line("red it is wet", "", "it is wet");
    expect_line("red a=b", "", "a=b");
    expect_line("red value=1 value=0", "value is given twice", NULL);
    expect_line("red line=red", "line is given twice", NULL);
}

static void field_refuses_more_words_than_it_has_places(void **state)
{
    (void)state;
    const char *const words[] = {"red", "1", NULL};
    static const struct field_table one = {.fields = rows, .count = 1};
    char line[] = "red 1";
    char told[FIELD_WORDS_FAULT_SIZE];
    struct json *values = json_new_object();
    (void)accept_words(words, "");
    assert_int_equal(field_read_words(&one, line, values, told), -EINVAL);
    assert_string_equal(told, "too many words");
    json_free(values);
}

static void field_finds_what_is_out_of_its_range(void **state)
{
    (void)state;
    struct sample sample = {.span_us = 1000, .duty = 0.5};
    assert_null(field_out_of_range(&table, &sample));
    sample.span_us = 1000001;
    assert_string_equal(field_out_of_range(&table, &sample)->name, "span_ms");
    sample.span_us = 20000;
    sample.duty = 0.0 / 0.0;
    assert_string_equal(field_out_of_range(&table, &sample)->name, "duty");
    sample.duty = 1;
    sample.value = 2;
    assert_string_equal(field_out_of_range(&table, &sample)->name, "value");
}

static void expect_schema(const char *name, const char *expected)
{
    struct buffer text;
    char quoted[512];
    buffer_init(&text, sizeof quoted);
    struct json_writer writer = json_writer_begin(&text);
    field_write_schema(field_find(&table, name), NULL, &writer);
    (void)snprintf(quoted, sizeof quoted, "%s", expected);
    replace_quotes(quoted);
    assert_string_equal(buffer_text(&text), quoted);
    buffer_done(&text);
}

static void field_prints_its_schema_with_exact_numbers(void **state)
{
    (void)state;
    expect_schema("seq",
                  "{'type':'integer','format':'int64','minimum':0,'maximum':9007199254740991,"
                  "'description':'which'}");
    expect_schema("span_ms",
                  "{'type':'integer','format':'int32','minimum':1,'maximum':1000,'default':20,"
                  "'description':'how long','x-unit':'ms'}");
    expect_schema("duty", "{'type':'number','minimum':0.1,'maximum':1,'default':0.5,"
                          "'description':'share'}");
    expect_schema("mode", "{'enum':['slow',1,'rapid'],'default':'rapid','description':'how'}");
    expect_schema("value", "{'enum':[0,1,false,true],'description':'the value'}");
}

static void field_prints_a_row_of_markdown(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 1024);
    field_print_row(field_find(&table, "span_ms"), &text);
    field_print_row(field_find(&table, "line"), &text);
    assert_string_equal(buffer_text(&text), "| `span_ms` | 1 to 1000 ms | 20 | how long |\n"
                                            "| `line` | a line's name | required | the line |\n");
    buffer_done(&text);
}

static void field_prints_the_usage_of_its_table(void **state)
{
    (void)state;
    struct buffer text;
    static const struct field_table first = {.fields = rows, .count = 4};
    buffer_init(&text, 1024);
    field_print_usage(&first, true, &text);
    assert_string_equal(buffer_text(&text), "LINE [0|1] [span_ms=MS] [seq=SEQ]");
    buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_fills_every_kind_of_member),
        cmocka_unit_test(field_sets_its_default_where_nothing_is_given),
        cmocka_unit_test(field_is_read_by_position_from_a_list),
        cmocka_unit_test(field_tells_what_is_wrong_with_a_value),
        cmocka_unit_test(field_tells_the_nearest_of_a_misspelt_name),
        cmocka_unit_test(field_that_stands_twice_is_refused),
        cmocka_unit_test(field_tells_every_fault_in_one_reading),
        cmocka_unit_test(field_reading_ends_when_no_more_faults_are_wanted),
        cmocka_unit_test(field_takes_on_and_off_as_words_in_any_case),
        cmocka_unit_test(field_reads_words_as_strictly_as_json),
        cmocka_unit_test(field_takes_words_by_name_and_by_place),
        cmocka_unit_test(field_refuses_more_words_than_it_has_places),
        cmocka_unit_test(field_finds_what_is_out_of_its_range),
        cmocka_unit_test(field_prints_its_schema_with_exact_numbers),
        cmocka_unit_test(field_prints_a_row_of_markdown),
        cmocka_unit_test(field_prints_the_usage_of_its_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
