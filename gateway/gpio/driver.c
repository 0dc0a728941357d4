#include "gpio/driver.h"

#if GATEWAY_LIBGPIOD == 1
extern const struct gpio_driver gpio_libgpiod1;
#elif GATEWAY_LIBGPIOD == 2
extern const struct gpio_driver gpio_libgpiod2;
#endif

enum { ATTRIBUTES_MAX = 10 }; /* GPIO_V2_LINE_NUM_ATTRS_MAX */

static bool same_flags(const struct gpio_line_settings *a, const struct gpio_line_settings *b)
{
    return a->bias == b->bias && a->drive == b->drive && a->active_low == b->active_low &&
           a->keep == b->keep;
}

bool driver_fits(const struct gpio_request *request, const struct gpio_line_settings *wanted)
{
    unsigned attributes = 1; /* one attribute is for the values */
    if (request->all_settings[0].direction != wanted->direction)
        return false;
    for (unsigned i = 0; i <= request->count; i++) {
        const struct gpio_line_settings *counted =
            i < request->count ? &request->all_settings[i] : wanted;
        bool new_flags = true;
        bool new_debounce = counted->debounce_us > 0;
        for (unsigned j = 0; j < i; j++) {
            new_flags = new_flags && !same_flags(&request->all_settings[j], counted);
            new_debounce =
                new_debounce && request->all_settings[j].debounce_us != counted->debounce_us;
        }
        attributes += new_flags + new_debounce;
    }
    return attributes <= ATTRIBUTES_MAX;
}

const struct gpio_driver *gpio_driver_library(void)
{
#if GATEWAY_LIBGPIOD == 1
    return &gpio_libgpiod1;
#elif GATEWAY_LIBGPIOD == 2
    return &gpio_libgpiod2;
#else
    return NULL;
#endif
}
