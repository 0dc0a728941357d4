#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const char *print_real(double value, char text[NUMBER_TEXT_MAX + 1])
{
    text[number_print_real(value, text)] = '\0';
    return text;
}

static void number_prints_reals_with_the_fewest_digits(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } pairs[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.25, "0.25"},
        {1e-6, "0.000001"},
        {123456.654321, "123456.654321"},
        {200, "200"},
        {9007199254740992.0, "9007199254740992"},
        {1e300, "1e+300"},
        {1e-7, "1e-07"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {2.5e-9, "2.5e-09"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[NUMBER_TEXT_MAX + 1];
        assert_string_equal(print_real(pairs[i].value, text), pairs[i].text);
    }
}

static void number_prints_reals_so_that_they_read_back(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252U; /* xorshift: the same numbers in every run */
    for (int i = 0; i < 200000; i++) {
        double value;
        char text[NUMBER_TEXT_MAX + 1];
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof value);
        if (i % 2)
            value = (double)(int64_t)(bits >> 24) / 1e6;
        if (isfinite(value) && strtod(print_real(value, text), NULL) != value)
            fail_msg("%.17g is printed as %s", value, text);
    }
}

static void number_prints_integers_of_every_length(void **state)
{
    (void)state;
    uint64_t value = 0;
    for (int i = 0; i < 20; i++) {
        char text[NUMBER_TEXT_MAX + 1];
        char expected[NUMBER_TEXT_MAX + 1];
        value = value * 10 + (uint64_t)(i + 1) % 10;
        text[number_print_unsigned(value, text)] = '\0';
        (void)snprintf(expected, sizeof expected, "%llu", (unsigned long long)value);
        assert_string_equal(text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest rules[] = {
        cmocka_unit_test(number_takes_plain_decimal_integers),
        cmocka_unit_test(number_refuses_everything_else),
        cmocka_unit_test(number_tells_what_is_out_of_range),
        cmocka_unit_test(number_looks_at_the_given_bytes_only),
        cmocka_unit_test(number_prints_reals_with_the_fewest_digits),
        cmocka_unit_test(number_prints_reals_so_that_they_read_back),
        cmocka_unit_test(number_prints_integers_of_every_length),
    };
    return cmocka_run_group_tests(rules, NULL, NULL);
}
