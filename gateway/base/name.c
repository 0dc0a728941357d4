#include "base/name.h"

#include <stddef.h>
#include <string.h>

static bool is_small_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool name_is_valid(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= NAME_SIZE || !is_small_or_digit(text[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!is_small_or_digit(text[i]) && text[i] != '_' && text[i] != '-')
            return false;
    return true;
}
