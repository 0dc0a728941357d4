#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_writer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct paper {
    struct buffer buffer;
    struct json_writer writer;
};

static int setup(void **state)
{
    static struct paper paper;
    buffer_init(&paper.buffer, 4096);
    paper.writer = json_writer_begin(&paper.buffer);
    *state = &paper;
    return 0;
}

static int teardown(void **state)
{
    struct paper *paper = *state;
    buffer_done(&paper->buffer);
    return 0;
}

static void expect(const struct paper *paper, const char *expected)
{
    assert_int_equal(paper->buffer.error, 0);
    assert_string_equal(buffer_text(&paper->buffer), expected);
}

static void json_writer_keeps_members_in_order_and_puts_commas_between_them(void **state)
{
    struct paper *paper = *state;
    struct json_writer *writer = &paper->writer;
    json_write_object(writer, NULL);
    json_write_text(writer, "b", "x");
    json_write_integer(writer, "a", -1);
    json_write_bool(writer, "t", true);
    json_write_bool(writer, "f", false);
    json_write_null(writer, "n");
    json_write_list(writer, "l");
    json_write_unsigned(writer, NULL, 1);
    json_write_object(writer, NULL);
    json_write_object_end(writer);
    json_write_list(writer, NULL);
    json_write_list_end(writer);
    json_write_list_end(writer);
    json_write_real(writer, "r", 0.25);
    json_write_object_end(writer);
    expect(paper, "{\"b\":\"x\",\"a\":-1,\"t\":true,\"f\":false,\"n\":null,\"l\":[1,{},[]],"
                  "\"r\":0.25}");
}

static void json_writer_appends_to_what_stands_there(void **state)
{
    struct paper *paper = *state;
    (void)buffer_append_text(&paper->buffer, "data: ");
    json_write_integer(&paper->writer, NULL, 7);
    expect(paper, "data: 7");
}

static void json_writer_puts_the_next_value_behind_a_key(void **state)
{
    struct paper *paper = *state;
    json_write_object(&paper->writer, NULL);
    json_write_integer(&paper->writer, "a", 1);
    json_write_key(&paper->writer, "b");
    json_write_integer(&paper->writer, NULL, 2);
    json_write_raw(&paper->writer, "c", "[3]", 3);
    json_write_object_end(&paper->writer);
    expect(paper, "{\"a\":1,\"b\":2,\"c\":[3]}");
}

static void json_writer_prints_integers_of_64_bits_exactly(void **state)
{
    struct paper *paper = *state;
    json_write_list(&paper->writer, NULL);
    json_write_integer(&paper->writer, NULL, INT64_C(1792231200123456789));
    json_write_integer(&paper->writer, NULL, INT64_MIN);
    json_write_integer(&paper->writer, NULL, INT64_MAX);
    json_write_unsigned(&paper->writer, NULL, UINT64_MAX);
    json_write_list_end(&paper->writer);
    expect(paper, "[1792231200123456789,-9223372036854775808,9223372036854775807,"
                  "18446744073709551615]");
}

static void json_writer_has_no_number_for_what_is_not_finite(void **state)
{
    struct paper *paper = *state;
    json_write_list(&paper->writer, NULL);
    json_write_real(&paper->writer, NULL, HUGE_VAL);
    json_write_real(&paper->writer, NULL, -HUGE_VAL);
    json_write_real(&paper->writer, NULL, (double)NAN);
    json_write_list_end(&paper->writer);
    expect(paper, "[null,null,null]");
}

static void json_writer_has_null_for_a_text_that_is_not_there(void **state)
{
    struct paper *paper = *state;
    json_write_text(&paper->writer, NULL, NULL);
    expect(paper, "null");
}

static void json_writer_prints_times_to_the_microsecond(void **state)
{
    struct paper *paper = *state;
    json_write_time(&paper->writer, NULL, INT64_C(1792231200123456789));
    expect(paper, "\"2026-10-17T10:00:00.123456Z\"");
}

static void json_writer_escapes_what_a_text_may_not_hold(void **state)
{
    struct paper *paper = *state;
    json_write_text(&paper->writer, NULL, "\"\\/\b\f\n\r\t\x01\x1f\x7f");
    expect(paper, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
}

static void json_writer_escapes_keys_as_it_does_texts(void **state)
{
    struct paper *paper = *state;
    json_write_object(&paper->writer, NULL);
    json_write_null(&paper->writer, "a\"b");
    json_write_object_end(&paper->writer);
    expect(paper, "{\"a\\\"b\":null}");
}

static void json_writer_prints_every_byte_so_that_it_reads_back(void **state)
{
    struct paper *paper = *state;
    char text[128 + sizeof "브레드보드 \xf0\x9f\x98\x80"];
    struct json *again = NULL;
    for (int i = 1; i < 128; i++)
        text[i - 1] = (char)i;
    memcpy(text + 127, "브레드보드 \xf0\x9f\x98\x80", sizeof "브레드보드 \xf0\x9f\x98\x80");
    json_write_text(&paper->writer, NULL, text);
    assert_int_equal(json_parse(buffer_text(&paper->buffer), paper->buffer.length, &again, NULL),
                     0);
    assert_string_equal(json_text(again), text);
    json_free(again);
}

static void json_writer_replaces_bytes_that_are_no_utf8(void **state)
{
    static const struct {
        const char *text, *printed;
    } pairs[] = {
        {"a\x80z", "\"a\xef\xbf\xbdz\""},
        {"\xff\xfe", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"cut \xed\x95", "\"cut \xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
        {"\xe3\x81\"", "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\""},
    };
    struct paper *paper = *state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        buffer_clear(&paper->buffer);
        paper->writer = json_writer_begin(&paper->buffer);
        json_write_text(&paper->writer, NULL, pairs[i].text);
        expect(paper, pairs[i].printed);
    }
}

static void json_writer_never_reads_behind_the_bytes_it_is_given(void **state)
{
    struct paper *paper = *state;
    json_write_bytes(&paper->writer, NULL, "\xed\x95\x9c", 2);
    expect(paper, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void json_writer_stops_at_the_ceiling_of_the_buffer(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 64);
    struct json_writer writer = json_writer_begin(&buffer);
    json_write_list(&writer, NULL);
    for (int i = 0; i < 64; i++)
        json_write_text(&writer, NULL, "12345");
    size_t length = buffer.length;
    assert_int_equal(buffer.error, -ENOBUFS);
    assert_true(length <= 64);
    json_write_list_end(&writer); /* a single byte would fit still */
    assert_int_equal(buffer.length, length);
    buffer_done(&buffer);
}

static void json_writer_copies_what_was_read(void **state)
{
    static const char text[] = "{\"a\":[1,{\"b\":[]},2.5,-0.1],\"c\":{},\"d\":\"x\","
                               "\"e\":[null,true,false,9007199254740991],\"f\":{\"g\":{\"h\":1}}}";
    struct paper *paper = *state;
    struct json *source = NULL;
    assert_int_equal(json_parse(text, sizeof text - 1, &source, NULL), 0);
    json_write_list(&paper->writer, NULL);
    json_write_copy(&paper->writer, NULL, source);
    json_write_copy(&paper->writer, NULL, json_get(source, "c"));
    json_write_copy(&paper->writer, NULL, NULL);
    json_write_list_end(&paper->writer);
    json_free(source);
    char expected[256];
    (void)snprintf(expected, sizeof expected, "[%s,{},null]", text);
    expect(paper, expected);
}

#define WRITER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest rules[] = {
        WRITER_TEST(json_writer_keeps_members_in_order_and_puts_commas_between_them),
        WRITER_TEST(json_writer_appends_to_what_stands_there),
        WRITER_TEST(json_writer_puts_the_next_value_behind_a_key),
        WRITER_TEST(json_writer_prints_integers_of_64_bits_exactly),
        WRITER_TEST(json_writer_has_no_number_for_what_is_not_finite),
        WRITER_TEST(json_writer_has_null_for_a_text_that_is_not_there),
        WRITER_TEST(json_writer_prints_times_to_the_microsecond),
        WRITER_TEST(json_writer_escapes_what_a_text_may_not_hold),
        WRITER_TEST(json_writer_escapes_keys_as_it_does_texts),
        WRITER_TEST(json_writer_prints_every_byte_so_that_it_reads_back),
        WRITER_TEST(json_writer_replaces_bytes_that_are_no_utf8),
        WRITER_TEST(json_writer_never_reads_behind_the_bytes_it_is_given),
        WRITER_TEST(json_writer_stops_at_the_ceiling_of_the_buffer),
        WRITER_TEST(json_writer_copies_what_was_read),
    };
    return cmocka_run_group_tests_name("json_writer", rules, NULL, NULL);
}
