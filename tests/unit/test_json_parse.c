#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json *parse(const char *text)
{
    struct json *json = NULL;
    struct json_error problem;
    int error = json_parse(text, strlen(text), &json, &problem);
    if (error)
        fail_msg("%s: %s", text, problem.text);
    return json;
}

/* Every text, with the column at which its first line goes wrong. */
static const struct {
    const char *text;
    size_t column;
} bad[] = {
    {"", 1},
    {" ", 2},
    {"nul", 1},
    {"True", 1},
    {"NaN", 1},
    {"Infinity", 1},
    {"-Infinity", 2},
    {"undefined", 1},
    {"'a'", 1},
    {"01", 2},
    {"-01", 3},
    {"00", 2},
    {"-", 2},
    {"+1", 1},
    {".5", 1},
    {"1.", 3},
    {"1.e3", 3},
    {"1e", 3},
    {"1e+", 4},
    {"0x10", 2},
    {"1_000", 2},
    {"1e400", 1},
    {"-1e400", 1},
    {"[1e309]", 2},
    {"1 2", 3},
    {"[1,]", 4},
    {"[,1]", 2},
    {"[1 2]", 4},
    {"[1", 3},
    {"[", 2},
    {"]", 1},
    {"[1}", 3},
    {"{\"a\":1]", 7},
    {"{", 2},
    {"{a:1}", 2},
    {"{\"a\"}", 5},
    {"{\"a\":}", 6},
    {"{\"a\" 1}", 6},
    {"{\"a\":1,}", 8},
    {"{,\"a\":1}", 2},
    {"{1:2}", 2},
    {"{\"a\":1 \"b\":2}", 8},
    {"{\"a\":1}x", 8},
    {"{} {}", 4},
    {"\"", 2},
    {"\"a", 3},
    {"\"\\", 3},
    {"\"\\x41\"", 3},
    {"\"\\u12\"", 4},
    {"\"\\u12g4\"", 4},
    {"\"\\u0000\"", 4},
    {"\"\\ud800\"", 8},
    {"\"\\ud800\\u0041\"", 8},
    {"\"\\ud800x\"", 8},
    {"\"\\udc00\"", 4},
    {"\"a\tb\"", 3},
    {"\"a\nb\"", 3},
    {"\"\x01\"", 2},
    {"\"\x80\"", 2},
    {"\"\xc0\x80\"", 2},
    {"\"\xc1\xbf\"", 2},
    {"\"\xe0\x9f\xbf\"", 2},
    {"\"\xed\xa0\x80\"", 2},
    {"\"\xf0\x8f\xbf\xbf\"", 2},
    {"\"\xf4\x90\x80\x80\"", 2},
    {"\"\xf5\x80\x80\x80\"", 2},
    {"\"\xff\"", 2},
    {"\"\xe2\x82\"", 2},
    {"// no\n1", 1},
    {"/* no */1", 1},
    {"# no", 1},
    {"\xef\xbb\xbf{}", 1},
    {"\v1", 1},
    {"\f1", 1},
    {"\xc2\xa0"
     "1",
     1},
    {"[\"a\",\n4\n,1,", 0},
    {"{\"a\":1,\"a\":2}", 1},
    {"[{\"a\":{\"b\":1,\"\\u0062\":2}}]", 1},
};

static void json_refuses_what_the_grammar_refuses(void **state)
{
    (void)state;
    struct json *untouched = parse("1");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct json *json = untouched;
        struct json_error problem = {0};
        if (json_parse(bad[i].text, strlen(bad[i].text), &json, &problem) != -EBADMSG)
            fail_msg("taken: %s", bad[i].text);
        assert_ptr_equal(json, untouched);
        assert_true(problem.text[0] && problem.line > 0);
        if (bad[i].column && problem.column != bad[i].column)
            fail_msg("%s: column %zu, not %zu (%s)", bad[i].text, problem.column, bad[i].column,
                     problem.text);
    }
    json_free(untouched);
}

static void json_refuses_a_nul_byte(void **state)
{
    (void)state;
    struct json *json = NULL;
    struct json_error problem;
    assert_int_equal(json_parse("[1]\0", 4, &json, &problem), -EBADMSG);
    assert_int_equal(problem.column, 4);
    assert_int_equal(json_parse("\"a\0b\"", 5, &json, &problem), -EBADMSG);
    assert_int_equal(json_parse("\0", 1, &json, &problem), -EBADMSG);
    assert_int_equal(json_parse("\"\\\0\"", 4, &json, &problem), -EBADMSG);
    assert_int_equal(problem.column, 3);
}

/* Each prefix of a good text is either refused or a whole value; none reads beyond its end. */
static void json_reads_no_byte_beyond_the_given_length(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,-2.5e+3,true,false,null,\"x\\u00e9\\ud83d\\ude00\\n\",{}],\"b\":{\"c\":[]}}";
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *exact = malloc(length ? length : 1);
        assert_non_null(exact);
        memcpy(exact, text, length);
        struct json *json = NULL;
        assert_int_equal(json_parse(exact, length, &json, NULL), -EBADMSG);
        free(exact);
    }
    json_free(parse(text));
}

static void json_tells_the_line_of_a_problem(void **state)
{
    (void)state;
    struct json *json = NULL;
    struct json_error problem;
    static const char text[] = "{\n  \"a\": 1,\r\n  \"b\": ,\n}";
    assert_int_equal(json_parse(text, sizeof text - 1, &json, &problem), -EBADMSG);
    assert_int_equal(problem.line, 3);
    assert_int_equal(problem.column, 8);
    assert_string_equal(problem.text, "expected a value");
}

static void json_takes_what_the_grammar_takes(void **state)
{
    (void)state;
    static const char *const good[] = {
        "null",
        " \t\r\n1\n",
        "-0",
        "0",
        "0.5",
        "1E-2",
        "1e+2",
        "\"\"",
        "[]",
        "{}",
        "[[]]",
        "{\"\":1}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\ud83d\\ude00\"",
        "\"\xf4\x8f\xbf\xbf\"",
        "\"\x7f\"",
        "{\"a\":1,\"A\":2}",
        "[1,2,3]",
        "1e308",
        "5e-324",
        "1e-400",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        json_free(parse(good[i]));
}

static void json_nests_32_deep_and_no_deeper(void **state)
{
    (void)state;
    char text[2 * JSON_DEPTH_MAX + 3] = "";
    struct json *json = NULL;
    struct json_error problem;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    json_free(parse(text));
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_int_equal(json_parse(text, strlen(text), &json, &problem), -EBADMSG);
    assert_int_equal(problem.column, JSON_DEPTH_MAX + 1);
    assert_string_equal(problem.text, "nested too deeply");
}

static void json_number_has_63_bytes_and_no_more(void **state)
{
    (void)state;
    char text[JSON_DIGITS_MAX + 2];
    struct json *json = NULL;
    struct json_error problem;
    double value;
    memset(text, '1', JSON_DIGITS_MAX);
    text[JSON_DIGITS_MAX] = '\0';
    json = parse(text);
    assert_int_equal(json_real(json, 0, HUGE_VAL, &value), 0);
    assert_true(value > 1.1e62 && value < 1.2e62);
    json_free(json);
    memset(text, '1', JSON_DIGITS_MAX + 1);
    text[JSON_DIGITS_MAX + 1] = '\0';
    assert_int_equal(json_parse(text, strlen(text), &json, &problem), -EBADMSG);
    assert_string_equal(problem.text, "a number is too long");
}

static void json_object_has_512_keys_and_no_more(void **state)
{
    (void)state;
    struct buffer text;
    struct json *json = NULL;
    struct json_error problem;
    buffer_init(&text, 16 * 1024);
    buffer_append_text(&text, "{\"k0\":0");
    for (int i = 1; i < JSON_KEYS_MAX; i++)
        buffer_printf(&text, ",\"k%d\":%d", i, i);
    size_t length = text.length;
    buffer_append_text(&text, "}");
    json_free(parse(buffer_text(&text)));
    text.length = length;
    buffer_append_text(&text, ",\"more\":1}");
    assert_int_equal(json_parse(buffer_text(&text), text.length, &json, &problem), -EBADMSG);
    assert_string_equal(problem.text, "an object has too many keys");
    buffer_done(&text);
}

static void json_names_a_key_that_stands_twice(void **state)
{
    (void)state;
    static const char text[] = "{\"b\":1,\"a\":2,\"b\":3}";
    struct json *json = NULL;
    struct json_error problem;
    assert_int_equal(json_parse(text, strlen(text), &json, &problem), -EBADMSG);
    assert_string_equal(problem.text, "the key \"b\" stands twice");
}

static void json_keeps_duplicates_for_who_asks_for_them(void **state)
{
    (void)state;
    static const char text[] = "{\"b\":1,\"a\":2,\"b\":3}";
    struct json *json = NULL;
    int64_t value;
    assert_int_equal(json_parse_keeping_duplicates(text, strlen(text), &json, NULL), 0);
    assert_int_equal(json_count(json), 3);
    assert_int_equal(json_integer(json_get(json, "b"), 0, 9, &value), 0);
    assert_int_equal(value, 1);
    json_free(json);
    assert_int_equal(json_parse_keeping_duplicates("{\"b\":01}", 8, &json, NULL), -EBADMSG);
}

static void json_keys_are_compared_by_case(void **state)
{
    (void)state;
    struct json *json = parse("{\"Line\":1}");
    assert_null(json_get(json, "line"));
    assert_non_null(json_get(json, "Line"));
    json_free(json);
}

static void json_integer_is_whole_and_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        int64_t value;
    } cases[] = {
        {"42", 0, 42},
        {"4.2e1", 0, 42},
        {"1.0", 0, 1},
        {"-0", 0, 0},
        {"9007199254740991", 0, INT64_C(9007199254740991)},
        {"9007199254740992", -ERANGE, 0},
        {"9007199254740994", -ERANGE, 0},
        {"1e300", -ERANGE, 0},
        {"-1e300", -ERANGE, 0},
        {"1.5", -EINVAL, 0},
        {"1e-400", 0, 0},
        {"\"1\"", -EINVAL, 0},
        {"true", -EINVAL, 0},
        {"null", -EINVAL, 0},
        {"[1]", -EINVAL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json *json = parse(cases[i].text);
        int64_t value = 77;
        assert_int_equal(json_integer(json, INT64_MIN, INT64_MAX, &value), cases[i].error);
        assert_true(value == (cases[i].error ? 77 : cases[i].value));
        json_free(json);
    }
}

static void json_number_is_held_to_its_range(void **state)
{
    (void)state;
    struct json *json = parse("5");
    int64_t whole;
    double real;
    assert_int_equal(json_integer(json, 5, 5, &whole), 0);
    assert_int_equal(json_integer(json, 6, 9, &whole), -ERANGE);
    assert_int_equal(json_integer(json, 0, 4, &whole), -ERANGE);
    assert_int_equal(json_real(json, 5, 5, &real), 0);
    assert_int_equal(json_real(json, 5.1, 9, &real), -ERANGE);
    json_free(json);
}

static void json_switch_is_true_false_1_or_0(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int value; /* -1: refused */
    } cases[] = {
        {"true", 1}, {"false", 0},  {"1", 1},    {"0", 0},     {"2", -1},
        {"-1", -1},  {"\"1\"", -1}, {"0.5", -1}, {"null", -1}, {"[]", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json *json = parse(cases[i].text);
        int value = -1;
        assert_int_equal(json_switch(json, &value), cases[i].value < 0 ? -EINVAL : 0);
        assert_int_equal(value, cases[i].value);
        json_free(json);
    }
}

static void json_reading_takes_nothing_for_not_there(void **state)
{
    (void)state;
    int64_t whole;
    double real;
    int on;
    assert_null(json_get(NULL, "a"));
    assert_null(json_first(NULL));
    assert_null(json_next(NULL));
    assert_null(json_key(NULL));
    assert_null(json_text(NULL));
    assert_int_equal(json_count(NULL), 0);
    assert_false(json_is(NULL, JSON_NULL));
    assert_int_equal(json_integer(NULL, 0, 1, &whole), -EINVAL);
    assert_int_equal(json_real(NULL, 0, 1, &real), -EINVAL);
    assert_int_equal(json_switch(NULL, &on), -EINVAL);
    assert_null(json_free(NULL));
}

static void utf8_is_checked_alone_too(void **state)
{
    (void)state;
    assert_true(utf8_is_valid("브레드보드 \xf0\x9f\x98\x80", strlen("브레드보드 ....")));
    assert_true(utf8_is_valid("", 0));
    assert_false(utf8_is_valid("\xf0\x9f\x98", 3));
    assert_false(utf8_is_valid("a\x80", 2));
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(json_refuses_what_the_grammar_refuses),
        cmocka_unit_test(json_refuses_a_nul_byte),
        cmocka_unit_test(json_reads_no_byte_beyond_the_given_length),
        cmocka_unit_test(json_tells_the_line_of_a_problem),
        cmocka_unit_test(json_takes_what_the_grammar_takes),
        cmocka_unit_test(json_nests_32_deep_and_no_deeper),
        cmocka_unit_test(json_number_has_63_bytes_and_no_more),
        cmocka_unit_test(json_object_has_512_keys_and_no_more),
        cmocka_unit_test(json_names_a_key_that_stands_twice),
        cmocka_unit_test(json_keeps_duplicates_for_who_asks_for_them),
        cmocka_unit_test(json_keys_are_compared_by_case),
        cmocka_unit_test(json_integer_is_whole_and_exact),
        cmocka_unit_test(json_number_is_held_to_its_range),
        cmocka_unit_test(json_switch_is_true_false_1_or_0),
        cmocka_unit_test(json_reading_takes_nothing_for_not_there),
        cmocka_unit_test(utf8_is_checked_alone_too),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
