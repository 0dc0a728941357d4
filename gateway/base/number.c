#include "base/number.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

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
