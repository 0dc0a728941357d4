#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"

#include <errno.h>
#include <string.h>

static void assert_prints(struct json *json, const char *expected)
{
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    assert_int_equal(json_print(json, &buffer), 0);
    assert_string_equal(buffer_text(&buffer), expected);
    buffer_done(&buffer);
    json_free(json);
}

static void json_prints_members_in_the_order_of_adding(void **state)
{
    (void)state;
    struct json *root = json_new_object();
    json_add_text(root, "b", "x");
    json_add_integer(root, "a", -1);
    json_add_bool(root, "t", true);
    json_add_null(root, "n");
    json_add_real(root, "r", 0.25);
    struct json *list = json_new_array_in(root, "l");
    json_add_integer(list, NULL, 1);
    json_add_text(json_new_object_in(list, NULL), "k", "v");
    assert_prints(root, "{\"b\":\"x\",\"a\":-1,\"t\":true,\"n\":null,\"r\":0.25,"
                        "\"l\":[1,{\"k\":\"v\"}]}");
}

static void json_prints_integers_of_64_bits_exactly(void **state)
{
    (void)state;
    struct json *root = json_new_array();
    json_add_integer(root, NULL, INT64_C(1792231200123456789));
    json_add_integer(root, NULL, INT64_MIN);
    json_add_integer(root, NULL, INT64_MAX);
    assert_prints(root, "[1792231200123456789,-9223372036854775808,9223372036854775807]");
}

static void json_prints_texts_that_read_back(void **state)
{
    (void)state;
    static const char text[] = "\"\\/\b\f\n\r\t\x01\x7f 브레드보드 \xf0\x9f\x98\x80";
    struct buffer buffer;
    struct json *again = NULL;
    struct json *root = json_new_array();
    json_add_text(root, NULL, text);
    buffer_init(&buffer, 4096);
    assert_int_equal(json_print(root, &buffer), 0);
    json_free(root);
    assert_int_equal(json_parse(buffer_text(&buffer), buffer.length, &again, NULL), 0);
    assert_string_equal(json_text(json_first(again)), text);
    json_free(again);
    buffer_done(&buffer);
}

static void json_adds_copies_and_text_that_is_json_already(void **state)
{
    (void)state;
    struct json *source = NULL;
    assert_int_equal(json_parse("{\"a\":[1,2]}", 11, &source, NULL), 0);
    struct json *root = json_new_object();
    json_add_copy(root, "copy", json_get(source, "a"));
    json_add_raw(root, "raw", "{\"x\":1}");
    json_free(source);
    assert_prints(root, "{\"copy\":[1,2],\"raw\":{\"x\":1}}");
}

static void json_building_passes_a_failed_allocation_on(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    json_add_text(NULL, "a", "b");
    json_add_integer(NULL, "a", 1);
    json_add(NULL, "a", json_new_object()); /* taken, and freed */
    assert_null(json_new_object_in(NULL, "a"));
    assert_null(json_new_array_in(NULL, "a"));
    assert_int_equal(json_print(NULL, &buffer), -ENOMEM);
    buffer_done(&buffer);
}

static void json_print_stops_at_the_ceiling_of_the_buffer(void **state)
{
    (void)state;
    struct buffer buffer;
    struct json *root = json_new_array();
    json_add_text(root, NULL, "12345");
    buffer_init(&buffer, 8);
    assert_int_equal(json_print(root, &buffer), -ENOBUFS);
    assert_int_equal(buffer.length, 0);
    buffer_done(&buffer);
    buffer_init(&buffer, 9);
    assert_int_equal(json_print(root, &buffer), 0);
    buffer_done(&buffer);
    json_free(root);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(json_prints_members_in_the_order_of_adding),
        cmocka_unit_test(json_prints_integers_of_64_bits_exactly),
        cmocka_unit_test(json_prints_texts_that_read_back),
        cmocka_unit_test(json_adds_copies_and_text_that_is_json_already),
        cmocka_unit_test(json_building_passes_a_failed_allocation_on),
        cmocka_unit_test(json_print_stops_at_the_ceiling_of_the_buffer),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
