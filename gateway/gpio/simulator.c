/* The simulator stands in for a GPIO chip. It has a line of every name; a released pin keeps its level, as
 * with a driver with persistent outputs. */
#include "gpio/backend.h"
#include "gpio/gpio_error.h"

#include "base/number.h"
#include "base/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SIMULATOR_NAME "simulator"

enum {
    PINS_MAX = 2 * GPIO_LINES_MAX, /* remembered levels; one config change may bring all new pins */
    NAMED_OFFSET_MAX = 9999,       /* "GPIO9999"; names beyond get an offset above it */
};

/* The last level of a pin that was an output, which KEEP takes over. */
struct pin {
    int offset;
    uint8_t level; /* physical */
};

struct simulator {
    struct pin pins[PINS_MAX];
    size_t pin_count;
};

static const char *no_version(void)
{
    return "";
}

static unsigned simulator_capabilities(void)
{
    return GPIO_CAN_DEBOUNCE | GPIO_CAN_COUNT_EDGES | GPIO_CAN_SET_AT_ONCE | GPIO_CAN_SIMULATE;
}

static int simulator_open(struct gpio *gpio, struct gpio_error *error)
{
    gpio->state = calloc(1, sizeof(struct simulator));
    return gpio->state ? 0 : gpio_fail(error, -ENOMEM, NULL, "out of memory");
}

static void simulator_close(struct gpio *gpio)
{
    free(gpio->state);
}

static struct pin *find_pin(struct simulator *simulator, int offset)
{
    for (size_t i = 0; i < simulator->pin_count; i++)
        if (simulator->pins[i].offset == offset)
            return &simulator->pins[i];
    return NULL;
}

static void remember_level(struct simulator *simulator, const struct gpio_line *line)
{
    struct pin *pin = find_pin(simulator, line->location.offset);
    if (!pin && simulator->pin_count == PINS_MAX)
        return;
    if (!pin)
        pin = &simulator->pins[simulator->pin_count++];
    pin->offset = line->location.offset;
    pin->level = line->value ^ line->config.active_low;
}

/* "GPIO17" has offset 17; other names have offsets after the numbered ones. */
static int offset_of(const struct gpio_line *line)
{
    const char *name = line->config.gpio;
    int64_t offset;
    if (name[0] == '\0' && line->config.offset >= 0)
        return line->config.offset;
    if (strncmp(name, "GPIO", 4) == 0 && number_parse(name + 4, 0, NAMED_OFFSET_MAX, &offset) == 0)
        return (int)offset;
    return NAMED_OFFSET_MAX + 1 + line->handle;
}

static uint8_t first_value(struct simulator *simulator, const struct gpio_line *line)
{
    const struct pin *pin = find_pin(simulator, line->location.offset);
    if (line->config.direction == GPIO_DIRECTION_INPUT)
        return 0;
    if (line->config.initial != GPIO_INITIAL_KEEP)
        return line->config.initial == GPIO_INITIAL_ACTIVE;
    return pin ? pin->level ^ line->config.active_low : 0;
}

static int simulator_request_lines(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                                   struct gpio_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct gpio_line_location *location = &lines[i]->location;
        (void)snprintf(location->chip, sizeof location->chip, SIMULATOR_NAME);
        (void)snprintf(location->label, sizeof location->label, SIMULATOR_NAME);
        (void)snprintf(location->name, sizeof location->name, "%s", lines[i]->config.gpio);
        location->offset = offset_of(lines[i]);
    }
    int code = gpio_check_locations(gpio, lines, count, error);
    if (code)
        return code;
    for (size_t i = 0; i < count; i++) {
        lines[i]->available = true;
        lines[i]->value = lines[i]->level = first_value(gpio->state, lines[i]);
        if (lines[i]->config.direction == GPIO_DIRECTION_OUTPUT)
            remember_level(gpio->state, lines[i]);
    }
    return 0;
}

static void report_due(const struct gpio *gpio)
{
    int64_t due_ns = INT64_MAX;
    for (int i = 0; i < GPIO_LINES_MAX; i++)
        if (gpio->lines[i] && gpio->lines[i]->due_ns < due_ns)
            due_ns = gpio->lines[i]->due_ns;
    gpio->events.wake_at(gpio->events.context, due_ns);
}

static void simulator_release(struct gpio *gpio, struct gpio_line *line)
{
    if (line->due_ns != INT64_MAX)
        report_due(gpio);
}

static int simulator_get(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                         uint8_t *ret_values)
{
    (void)gpio;
    for (size_t i = 0; i < count; i++)
        ret_values[i] = lines[i]->value;
    return 0;
}

static int simulator_set(struct gpio *gpio, struct gpio_line *const *lines, const uint8_t *values,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lines[i]->value = values[i] != 0;
        remember_level(gpio->state, lines[i]);
    }
    return 0;
}

static void simulator_dispatch(struct gpio *gpio, int fd)
{
    (void)gpio;
    (void)fd;
}

static void report_edge(struct gpio *gpio, struct gpio_line *line, int64_t edge_ns)
{
    line->value = line->level;
    struct gpio_edge edge = {.line = line->handle, .value = line->value, .edge_ns = edge_ns};
    gpio->events.edge(gpio->events.context, &edge);
}

/* The line whose debounce ends first, not after `now_ns`; NULL when none is due. */
static struct gpio_line *next_due(const struct gpio *gpio, int64_t now_ns)
{
    struct gpio_line *due = NULL;
    for (int i = 0; i < GPIO_LINES_MAX; i++) {
        struct gpio_line *line = gpio->lines[i];
        if (line && line->due_ns <= now_ns && (!due || line->due_ns < due->due_ns))
            due = line;
    }
    return due;
}

static void simulator_tick(struct gpio *gpio, int64_t now_ns)
{
    struct gpio_line *line;
    bool any = false;
    while ((line = next_due(gpio, now_ns))) {
        int64_t edge_ns = line->due_ns;
        any = true;
        line->due_ns = INT64_MAX;
        if (line->level != line->value)
            report_edge(gpio, line, edge_ns);
    }
    if (any)
        report_due(gpio);
}

static int simulator_simulate(struct gpio *gpio, struct gpio_line *line, int value, int64_t now_ns)
{
    simulator_tick(gpio, now_ns);
    if (line->level == value)
        return 0;
    line->level = (uint8_t)value;
    if (line->config.debounce_us == 0) {
        report_edge(gpio, line, now_ns);
        return 0;
    }
    /* As in the kernel's debouncer, every change restarts the period. */
    line->due_ns = now_ns + INT64_C(1000) * line->config.debounce_us;
    report_due(gpio);
    return 0;
}

const struct gpio_backend gpio_simulator = {
    .name = SIMULATOR_NAME,
    .version = no_version,
    .capabilities = simulator_capabilities,
    .open = simulator_open,
    .close = simulator_close,
    .request_lines = simulator_request_lines,
    .release = simulator_release,
    .get = simulator_get,
    .set = simulator_set,
    .dispatch = simulator_dispatch,
    .tick = simulator_tick,
    .simulate = simulator_simulate,
};
