#include "gpio/pin_name.h"

#include "base/number.h"
#include "base/owner.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A pin of the header that is no line. */
enum { PIN_3V3 = -1, PIN_5V = -2, PIN_GROUND = -3 };

/* The GPIO of each pin of the 40-pin header; pin 1 stands first. */
static const int8_t header[] = {
    PIN_3V3, PIN_5V, 2,  PIN_5V,     3,          PIN_GROUND, 4,       14, PIN_GROUND, 15,
    17,      18,     27, PIN_GROUND, 22,         23,         PIN_3V3, 24, 10,         PIN_GROUND,
    9,       25,     11, 8,          PIN_GROUND, 7,          0,       1,  5,          PIN_GROUND,
    6,       12,     13, PIN_GROUND, 19,         16,         26,      20, PIN_GROUND, 21,
};

static const struct {
    const char *text;
    bool of_header; /* its number is a pin's, not a GPIO's */
    bool is_ours;   /* no kernel calls a line so, whatever follows */
} prefixes[] = {
    {"physical", true, true}, {"phys", true, true},   {"board", true, true}, {"pin", true, false},
    {"j8", true, true},       {"gpio", false, false}, {"bcm", false, true},  {"gp", false, false},
    {"io", false, false},     {"d", false, false},    {"", false, true},
};

/* The number behind the prefix and what may part them; false where something else stands there. */
static bool number_after(const char *text, size_t length, int64_t *ret_number)
{
    const char *digits = text + length + strspn(text + length, " _.:#-");
    size_t end = strspn(digits, "0123456789");
    char number[8];
    if (end == 0 || end >= sizeof number || digits[end + strspn(digits + end, " ")] != '\0')
        return false;
    while (end > 1 && *digits == '0') { /* "GPIO04" */
        digits++;
        end--;
    }
    memcpy(number, digits, end);
    number[end] = '\0';
    return number_parse(number, 0, 9999999, ret_number) == 0;
}

static void advise_pin(int64_t number, char hint[PIN_NAME_HINT_SIZE])
{
    static const char *const supplies[] = {
        [-PIN_3V3] = "3.3 V", [-PIN_5V] = "5 V", [-PIN_GROUND] = "ground"};
    if (number < 1 || number > (int64_t)ARRAY_LENGTH(header))
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "the header has the pins 1 to %zu",
                       ARRAY_LENGTH(header));
    else if (header[number - 1] < 0)
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "pin %d of the header is %s", (int)number,
                       supplies[-header[number - 1]]);
    else
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "did you mean \"GPIO%d\"?", header[number - 1]);
}

/* A bare number may be either; the GPIO's is what most programs take. */
static void advise_gpio(int64_t number, bool is_bare, char hint[PIN_NAME_HINT_SIZE])
{
    bool is_pin = number >= 1 && number <= (int64_t)ARRAY_LENGTH(header) && header[number - 1] >= 0;
    if (number > PIN_NAME_GPIO_MAX)
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "a Raspberry Pi has GPIO0 to GPIO%d",
                       PIN_NAME_GPIO_MAX);
    else if (is_bare && is_pin)
        (void)snprintf(hint, PIN_NAME_HINT_SIZE,
                       "did you mean \"GPIO%d\"? Pin %d of the header is \"GPIO%d\"", (int)number,
                       (int)number, header[number - 1]);
    else
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "did you mean \"GPIO%d\"?", (int)number);
}

static bool is_own_name(const char *text, int64_t number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "GPIO%d", (int)number);
    return strcmp(text, name) == 0;
}

enum pin_name pin_name_read(const char *text, char hint[PIN_NAME_HINT_SIZE])
{
    hint[0] = '\0';
    const char *start = text + strspn(text, " ");
    for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
        int64_t number;
        size_t length = strlen(prefixes[i].text);
        if (strncasecmp(start, prefixes[i].text, length) != 0 ||
            !number_after(start, length, &number))
            continue;
        if (is_own_name(text, number))
            return PIN_NAME_UNKNOWN;
        if (prefixes[i].of_header)
            advise_pin(number, hint);
        else
            advise_gpio(number, length == 0, hint);
        bool is_spaced = strchr(text, ' ') != NULL;
        bool is_small_pin = strncmp(start, "pin", 3) == 0;
        return prefixes[i].is_ours || is_spaced || is_small_pin ? PIN_NAME_CERTAIN
                                                                : PIN_NAME_LIKELY;
    }
    return PIN_NAME_UNKNOWN;
}
