#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"

#include <errno.h>
#include <string.h>

static void buffer_is_an_empty_text_before_the_first_append(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    assert_string_equal(buffer_text(&buffer), "");
    assert_null(buffer.data);
    buffer_done(&buffer);
}

static void buffer_ends_with_a_nul(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    assert_int_equal(buffer_append(&buffer, "abc", 3), 0);
    assert_int_equal(buffer_append_char(&buffer, 'd'), 0);
    assert_int_equal(buffer_append_text(&buffer, "ef"), 0);
    assert_int_equal(buffer_printf(&buffer, "%d", 42), 0);
    assert_string_equal(buffer_text(&buffer), "abcdef42");
    assert_int_equal(buffer.length, 8);
    buffer_consume(&buffer, 3);
    assert_string_equal(buffer_text(&buffer), "def42");
    buffer_consume(&buffer, 5);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_done(&buffer);
}

static void buffer_holds_its_ceiling_and_not_a_byte_more(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 5);
    assert_int_equal(buffer_append_text(&buffer, "12345"), 0);
    assert_int_equal(buffer_append_char(&buffer, '6'), -ENOBUFS);
    assert_int_equal(buffer_append(&buffer, NULL, 0), 0);
    assert_string_equal(buffer_text(&buffer), "12345");
    assert_int_equal(buffer.error, -ENOBUFS);
    assert_true(buffer.capacity <= 6);
    buffer_done(&buffer);
}

static void buffer_appends_all_or_nothing(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    assert_int_equal(buffer_append_text(&buffer, "ab"), 0);
    assert_int_equal(buffer_append_text(&buffer, "cde"), -ENOBUFS);
    assert_int_equal(buffer_printf(&buffer, "%s", "cde"), -ENOBUFS);
    assert_int_equal(buffer_append(&buffer, "x", SIZE_MAX), -ENOBUFS);
    assert_string_equal(buffer_text(&buffer), "ab");
    buffer_done(&buffer);
}

static void buffer_remembers_its_first_failure_until_it_is_cleared(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 2);
    assert_int_equal(buffer_append_text(&buffer, "abc"), -ENOBUFS);
    assert_int_equal(buffer_append_text(&buffer, "ab"), 0);
    assert_int_equal(buffer.error, -ENOBUFS);
    buffer_clear(&buffer);
    assert_int_equal(buffer.error, 0);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_done(&buffer);
}

static void buffer_commits_what_was_written_into_its_reserve(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    char *space = buffer_reserve(&buffer, 600);
    assert_non_null(space);
    space[0] = 'x';
    space[1] = 'y';
    space[2] = 'z';
    buffer_commit(&buffer, 3);
    assert_string_equal(buffer_text(&buffer), "xyz");
    assert_null(buffer_reserve(&buffer, 998));
    buffer_done(&buffer);
}

static void buffer_keeps_bytes_of_any_value(void **state)
{
    (void)state;
    struct buffer buffer;
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    buffer_init(&buffer, 100000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(buffer_append(&buffer, bytes, sizeof bytes), 0);
    for (size_t i = 0; i < 100; i++)
        assert_memory_equal(buffer.data + i * sizeof bytes, bytes, sizeof bytes);
    buffer_done(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_int_equal(buffer.max, 100000);
}

static void buffer_truncate_keeps_the_beginning(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 16);
    buffer_truncate(&buffer, 0); /* nothing is allocated yet */
    (void)buffer_append_text(&buffer, "abcdef");
    buffer_truncate(&buffer, 2);
    assert_string_equal(buffer_text(&buffer), "ab");
    assert_int_equal(buffer.length, 2);
    buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(buffer_is_an_empty_text_before_the_first_append),
        cmocka_unit_test(buffer_ends_with_a_nul),
        cmocka_unit_test(buffer_holds_its_ceiling_and_not_a_byte_more),
        cmocka_unit_test(buffer_appends_all_or_nothing),
        cmocka_unit_test(buffer_remembers_its_first_failure_until_it_is_cleared),
        cmocka_unit_test(buffer_commits_what_was_written_into_its_reserve),
        cmocka_unit_test(buffer_keeps_bytes_of_any_value),
        cmocka_unit_test(buffer_truncate_keeps_the_beginning),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
