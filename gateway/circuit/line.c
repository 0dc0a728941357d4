#include "circuit/line.h"

#include "base/clock.h"

int line_write(struct gpio *gpio, const struct line *line, const struct action *action, uint8_t pin)
{
    if (action_is_by_kernel(action))
        return gpio_set_pwm(gpio, line->handle, action->duty, action->hz);
    return gpio_set(gpio, &line->handle, &pin, 1);
}

int64_t line_limit_ns(const struct line *line)
{
    if (!line->value || line->options->max_on_ms == 0)
        return DEADLINE_NEVER;
    return line->on_since_ns + CLOCK_NS_PER_MS * line->options->max_on_ms;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t line_due_ns(const struct line *line)
{
    if (!line_is_output(line))
        return line->settles_ns;
    if (line->pending_write.is_waiting)
        return line->pending_write.due_ns;
    return sooner(line->action.due_ns, sooner(line->lease.due_ns, line_limit_ns(line)));
}

void line_set_value(struct line *line, uint8_t value, int64_t now_ns)
{
    if (line->value && !value && now_ns > line->on_since_ns)
        line->on_ns += now_ns - line->on_since_ns;
    if (!line->value && value)
        line->on_since_ns = now_ns;
    line->value = value;
}
