#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

#include <errno.h>

static void number_takes_plain_decimal_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } pairs[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"-1", -1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int64_t value = 99;
        assert_int_equal(number_parse(pairs[i].text, INT64_MIN, INT64_MAX, &value), 0);
        assert_true(value == pairs[i].value);
    }
}

static void number_refuses_everything_else(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    "-",     "+1", " 1",  "1 ", "01", "-01", "00",  "0x10", "1.0",
        "1e3", "1_000", "١",  "--1", "1-", "a",  "1a",  "\t1", "1\n",  "9223372036854775808x",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t value = 99;
        assert_int_equal(number_parse(texts[i], INT64_MIN, INT64_MAX, &value), -EINVAL);
        assert_int_equal(value, 99);
    }
}

static void number_tells_what_is_out_of_range(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "11", "-6", "9223372036854775808", "-9223372036854775809", "99999999999999999999999999",
    };
    int64_t value = 99;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(number_parse(texts[i], -5, 10, &value), -ERANGE);
    assert_int_equal(value, 99);
    assert_int_equal(number_parse("10", -5, 10, &value), 0);
    assert_int_equal(number_parse("-5", -5, 10, &value), 0);
}

static void number_looks_at_the_given_bytes_only(void **state)
{
    (void)state;
    int64_t value = 99;
    assert_int_equal(number_parse_bytes("123456", 3, 0, 1000, &value), 0);
    assert_int_equal(value, 123);
    assert_int_equal(number_parse_bytes("1", 0, 0, 1000, &value), -EINVAL);
    assert_int_equal(number_parse_bytes("1\0002", 3, 0, 1000, &value), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(number_takes_plain_decimal_integers),
        cmocka_unit_test(number_refuses_everything_else),
        cmocka_unit_test(number_tells_what_is_out_of_range),
        cmocka_unit_test(number_looks_at_the_given_bytes_only),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
