#include "base/number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reals of up to six decimals, which is what the program measures, are printed as integers. */
#define DECIMALS 6
#define DECIMAL_SCALE 1e6
/* Any decimal of 15 digits is distinguished from any other by the double that is nearest to it. */
#define DECIMAL_DIGITS_MAX 1e15

static const char pairs[] = "00010203040506070809"
                            "10111213141516171819"
                            "20212223242526272829"
                            "30313233343536373839"
                            "40414243444546474849"
                            "50515253545556575859"
                            "60616263646566676869"
                            "70717273747576777879"
                            "80818283848586878889"
                            "90919293949596979899";

int number_parse_bytes(const char *text, size_t length, int64_t min, int64_t max,
                       int64_t *ret_value)
{
    bool negative = length > 0 && text[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == length || (text[i] == '0' && length > i + 1))
        return -EINVAL;
    int64_t value = 0;
    bool overflow = false;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        int digit = text[i] - '0';
        /* Counted downwards, since INT64_MIN has no positive twin. */
        overflow = overflow || __builtin_mul_overflow(value, 10, &value) ||
                   __builtin_sub_overflow(value, digit, &value);
    }
    if (overflow || (!negative && value == INT64_MIN))
        return -ERANGE;
    if (!negative)
        value = -value;
    if (value < min || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

int number_parse(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    return number_parse_bytes(text, strlen(text), min, max, ret_value);
}

void number_print_pair(unsigned value, char *text)
{
    memcpy(text, pairs + 2 * (value % 100), 2);
}

size_t number_print_unsigned(uint64_t value, char *text)
{
    char digits[NUMBER_TEXT_MAX];
    size_t at = sizeof digits;
    while (value >= 100) {
        at -= 2;
        number_print_pair((unsigned)(value % 100), digits + at);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        number_print_pair((unsigned)value, digits + at);
    } else {
        digits[--at] = (char)('0' + value);
    }
    memcpy(text, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

size_t number_print(int64_t value, char *text)
{
    if (value >= 0)
        return number_print_unsigned((uint64_t)value, text);
    text[0] = '-';
    return 1 + number_print_unsigned(0 - (uint64_t)value, text + 1);
}

/* Prints `scaled` millionths, 0 or more, without zeros at the end. */
static size_t print_decimals(uint64_t scaled, char *text)
{
    uint64_t fraction = scaled % (uint64_t)DECIMAL_SCALE;
    size_t length = number_print_unsigned(scaled / (uint64_t)DECIMAL_SCALE, text);
    if (fraction == 0)
        return length;
    text[length] = '.';
    for (size_t i = DECIMALS; i > 0; i--) {
        text[length + i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    length += 1 + DECIMALS;
    while (text[length - 1] == '0')
        length--;
    return length;
}

/* Not round(3), which would be all that the program wants of libm. */
static uint64_t millionths(double size)
{
    return (uint64_t)(size * DECIMAL_SCALE + 0.5);
}

double number_round(double value)
{
    double size = value < 0 ? -value : value;
    if (!(size * DECIMAL_SCALE < DECIMAL_DIGITS_MAX))
        return value;
    double rounded = (double)millionths(size) / DECIMAL_SCALE;
    return value < 0 ? -rounded : rounded;
}

size_t number_print_real(double value, char *text)
{
    double size = value < 0 ? -value : value;
    size_t sign = value < 0;
    text[0] = '-';
    if (size * DECIMAL_SCALE < DECIMAL_DIGITS_MAX && number_round(size) == size)
        return sign + print_decimals(millionths(size), text + sign);
    if (size <= (double)(INT64_C(1) << 53) && (double)(uint64_t)size == size)
        return sign + number_print_unsigned((uint64_t)size, text + sign);
    char longest[NUMBER_TEXT_MAX + 1] = "";
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(longest, sizeof longest, "%.*g", digits, value);
        if (strtod(longest, NULL) == value)
            break;
    }
    memcpy(text, longest, (size_t)length);
    return (size_t)length;
}
