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
    const char *what = error == -ENODEV ? "its chip is gone" : strerrordesc_np(-error);
    *refusal = (struct refusal){.code = REFUSAL_GPIO,
                                .errno_code = -error,
                                .blocked_by = -1,
                                .unavailable = error == -ENODEV};
    (void)snprintf(refusal->message, sizeof refusal->message, "Line %s cannot be set: %s (%s).",
                   line, what ? what : "unknown error", name ? name : "?");
    return -1;
}
