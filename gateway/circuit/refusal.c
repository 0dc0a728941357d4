#include "circuit/refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int refuse(struct refusal *refusal, enum refusal_code code, const char *format, ...)
{
    *refusal = (struct refusal){.code = code, .blocked_by = -1};
    va_list values;
    va_start(values, format);
    (void)vsnprintf(refusal->message, sizeof refusal->message, format, values);
    va_end(values);
    return -1;
}

int refuse_gpio(struct refusal *refusal, const char *line, int error)
{
    const char *name = strerrorname_np(-error);
    (void)refuse(refusal, REFUSAL_GPIO, "Line %s cannot be set: %s (%s).", line,
                 error == -ENODEV ? "its chip is gone" : strerrordesc_np(-error),
                 name ? name : "?");
    refusal->errno_code = -error;
    refusal->unavailable = error == -ENODEV;
    return -1;
}
