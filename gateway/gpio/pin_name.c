#include "gpio/pin_name.h"
#include "gpio/header.h"

#include "base/number.h"
#include "base/owner.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *text;
    bool of_header; /* the number is one of a header pin, not of a GPIO */
    bool is_ours;   /* not a name of the kernel, whatever follows */
} prefixes[] = {
    {"physical", true, true}, {"phys", true, true},   {"board", true, true}, {"pin", true, false},
    {"j8", true, true},       {"gpio", false, false}, {"bcm", false, true},  {"gp", false, false},
    {"io", false, false},     {"d", false, false},    {"", false, true},
};

/* Reads the number behind the prefix and a separator; false if there is something else. */
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
    if (number < 1 || number > HEADER_PINS) {
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "the header has the pins 1 to %d", HEADER_PINS);
        return;
    }
    const struct header_pin *pin = header_pin_at((int)number);
    const char *supply = strcmp(pin->name, "GND") == 0  ? "ground"
                         : strcmp(pin->name, "5V") == 0 ? "5 V"
                                                        : "3.3 V";
    if (pin->gpio < 0)
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "pin %d of the header is %s", pin->number, supply);
    else
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "did you mean \"%s\"?", pin->name);
}

/* A bare number may be either; the GPIO's is what most programs take. */
static void advise_gpio(int64_t number, bool is_bare, char hint[PIN_NAME_HINT_SIZE])
{
    bool is_pin = number >= 1 && number <= HEADER_PINS && header_pin_at((int)number)->gpio >= 0;
    if (number > PIN_NAME_GPIO_MAX)
        (void)snprintf(hint, PIN_NAME_HINT_SIZE, "a Raspberry Pi has GPIO0 to GPIO%d",
                       PIN_NAME_GPIO_MAX);
    else if (is_bare && is_pin)
        (void)snprintf(hint, PIN_NAME_HINT_SIZE,
                       "did you mean \"GPIO%d\"? Pin %d of the header is \"GPIO%d\"", (int)number,
                       (int)number, header_pin_at((int)number)->gpio);
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
