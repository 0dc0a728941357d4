#include "gpio/backend.h"
#include "gpio/chip_scan.h"
#include "gpio/gpio_error.h"
#include "gpio/pwm.h"

#include "base/owner.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int choose_backend(struct gpio *gpio, const struct gpio_options *options,
                          struct gpio_error *error)
{
    gpio->backend = &gpio_simulator;
    if (options->backend == GPIO_BACKEND_SIMULATOR)
        return 0;
    bool chips = chip_scan_has_chips(gpio->device_folder);
    if (options->backend == GPIO_BACKEND_AUTO && !chips)
        return 0;
    gpio->backend = &gpio_hardware;
    return chips ? 0 : gpio_fail_no_chip(error, gpio->device_folder);
}

int gpio_new(const struct gpio_options *options, const struct gpio_events *events,
             struct gpio **ret_gpio, struct gpio_error *error)
{
    struct gpio *gpio = calloc(1, sizeof *gpio);
    if (!gpio)
        return gpio_fail(error, -ENOMEM, NULL, "out of memory");
    gpio->events = *events;
    gpio->device_folder = options->device_folder ? options->device_folder : "/dev";
    gpio->store_fds = options->store_fds;
    gpio->pwm_folder = options->pwm_folder;
    (void)snprintf(gpio->chip, sizeof gpio->chip, "%s", options->chip);
    (void)snprintf(gpio->consumer, sizeof gpio->consumer, "%s",
                   options->consumer[0] ? options->consumer : "gpio-gateway");
    int code = choose_backend(gpio, options, error);
    if (!code)
        code = gpio->backend->open(gpio, error);
    if (code) {
        free(gpio);
        return code;
    }
    *ret_gpio = gpio;
    return 0;
}

struct gpio *gpio_free(struct gpio *gpio)
{
    if (!gpio)
        return NULL;
    /* All at once: one by one, the remaining lines of a request would be reconfigured before their release. */
    gpio->backend->close(gpio);
    for (int i = 0; i < GPIO_LINES_MAX; i++)
        free(gpio->lines[i]);
    free(gpio);
    return NULL;
}

const char *gpio_backend_name(const struct gpio *gpio)
{
    return gpio->backend->name;
}

const char *gpio_library_version(const struct gpio *gpio)
{
    return gpio->backend->version();
}

unsigned gpio_capabilities(const struct gpio *gpio)
{
    return gpio->backend->capabilities();
}

static struct gpio_line *line_new(int handle, const struct gpio_line_config *config)
{
    struct gpio_line *line = calloc(1, sizeof *line);
    if (!line)
        return NULL;
    line->handle = handle;
    line->config = *config;
    (void)snprintf(line->name, sizeof line->name, "%s", config->name ? config->name : "");
    line->config.name = line->name;
    line->due_ns = INT64_MAX;
    return line;
}

/* Refuses what is wrong whatever the backend. */
static int check_config(const struct gpio *gpio, const struct gpio_line_config *config,
                        struct gpio_error *error)
{
    bool input = config->direction == GPIO_DIRECTION_INPUT;
    bool simulated = gpio_capabilities(gpio) & GPIO_CAN_SIMULATE;
    bool pwm = config->pwm[0] != '\0';
    if (pwm && (input || config->drive != GPIO_DRIVE_PUSH_PULL || config->bias != GPIO_BIAS_AS_IS))
        return gpio_fail(error, -EINVAL, config->name,
                         "a PWM channel is an output, and has neither drive nor bias");
    if (!simulated && !pwm && !config->gpio[0] && config->offset < 0)
        return gpio_fail(error, -EINVAL, config->name,
                         "where is it? give \"gpio\" (as \"GPIO17\") or \"chip\" and \"offset\"");
    if (input && config->drive != GPIO_DRIVE_PUSH_PULL)
        return gpio_fail(error, -EINVAL, config->name, "an input has no drive");
    if (!input && config->debounce_us > 0)
        return gpio_fail(error, -EINVAL, config->name, "an output has no debounce");
    return 0;
}

static void drop_lines(struct gpio_line **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
}

/* Makes the lines, under the lowest free handles, not yet entered in `gpio`. */
static int make_lines(struct gpio *gpio, const struct gpio_line_config *configs, size_t count,
                      struct gpio_line **lines, struct gpio_error *error)
{
    int handle = 0;
    for (size_t i = 0; i < count; i++, handle++) {
        while (handle < GPIO_LINES_MAX && gpio->lines[handle])
            handle++;
        int code = check_config(gpio, &configs[i], error);
        if (!code && handle == GPIO_LINES_MAX)
            code = gpio_fail(error, -EINVAL, configs[i].name, "more than %d lines", GPIO_LINES_MAX);
        if (!code && !(lines[i] = line_new(handle, &configs[i])))
            code = gpio_fail(error, -ENOMEM, configs[i].name, "out of memory");
        if (code) {
            drop_lines(lines, i);
            return code;
        }
    }
    return 0;
}

/* The backend does not get lines with a PWM channel: to request the line would take the pin from the PWM. */
struct split {
    struct gpio_line *lines[GPIO_LINES_MAX]; /* for the backend */
    struct gpio_line *channels[GPIO_LINES_MAX];
    size_t line_count, channel_count;
};

static void split_lines(struct gpio_line *const *lines, size_t count, struct split *split)
{
    split->line_count = split->channel_count = 0;
    for (size_t i = 0; i < count; i++)
        if (pwm_drives(lines[i]))
            split->channels[split->channel_count++] = lines[i];
        else
            split->lines[split->line_count++] = lines[i];
}

static int open_channels(const struct gpio *gpio, const struct split *split,
                         struct gpio_error *error)
{
    int code = 0;
    for (size_t i = 0; !code && i < split->channel_count; i++)
        code = pwm_find(split->channels[i], error);
    if (!code)
        code = gpio_check_locations(gpio, split->channels, split->channel_count, error);
    for (size_t i = 0; !code && i < split->channel_count; i++)
        code = pwm_open(gpio, split->channels[i], error);
    return code;
}

static int request_all(struct gpio *gpio, const struct split *split, struct gpio_error *error)
{
    int code = open_channels(gpio, split, error);
    if (!code) /* also without a line: the backend closes descriptors that were handed over and are not requested */
        code = gpio->backend->request_lines(gpio, split->lines, split->line_count, error);
    if (code)
        return code;
    size_t started = 0;
    for (; !code && started < split->channel_count; started++)
        code = pwm_start(gpio, split->channels[started], error);
    for (size_t i = 0; code && i + 1 < started; i++)
        if (split->channels[i]->config.initial != GPIO_INITIAL_KEEP)
            (void)pwm_set(gpio, split->channels[i], 0);
    for (size_t i = 0; code && i < split->line_count; i++)
        gpio->backend->release(gpio, split->lines[i]);
    return code;
}

int gpio_request_lines(struct gpio *gpio, const struct gpio_line_config *configs, size_t count,
                       int *ret_handles, struct gpio_error *error)
{
    struct gpio_line *lines[GPIO_LINES_MAX];
    struct split split;
    if (count > GPIO_LINES_MAX)
        return gpio_fail(error, -EINVAL, NULL, "more than %d lines", GPIO_LINES_MAX);
    int code = make_lines(gpio, configs, count, lines, error);
    if (code)
        return code;
    split_lines(lines, count, &split);
    code = request_all(gpio, &split, error);
    if (code) {
        for (size_t i = 0; i < count; i++)
            if (error->line == lines[i]->name)
                error->line = configs[i].name;
        drop_lines(lines, count);
        return code;
    }
    for (size_t i = 0; i < count; i++) {
        gpio->lines[lines[i]->handle] = lines[i];
        ret_handles[i] = lines[i]->handle;
    }
    return 0;
}

static struct gpio_line *find_line(const struct gpio *gpio, int handle)
{
    assert(handle >= 0 && handle < GPIO_LINES_MAX && gpio->lines[handle]);
    return gpio->lines[handle];
}

void gpio_release(struct gpio *gpio, int line)
{
    struct gpio_line *released = find_line(gpio, line);
    gpio->lines[line] = NULL;
    if (!pwm_drives(released))
        gpio->backend->release(gpio, released);
    free(released);
}

const struct gpio_line_location *gpio_location(const struct gpio *gpio, int line)
{
    return &find_line(gpio, line)->location;
}

int gpio_get(struct gpio *gpio, const int *lines, size_t count, uint8_t *ret_values)
{
    struct gpio_line *asked[GPIO_LINES_MAX];
    uint8_t values[GPIO_LINES_MAX] = {0};
    size_t asked_count = 0;
    if (count > GPIO_LINES_MAX)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        struct gpio_line *line = find_line(gpio, lines[i]);
        if (!pwm_drives(line))
            asked[asked_count++] = line;
    }
    int code = asked_count > 0 ? gpio->backend->get(gpio, asked, asked_count, values) : 0;
    if (code)
        return code;
    for (size_t i = 0, next = 0; i < count; i++) {
        const struct gpio_line *line = find_line(gpio, lines[i]);
        ret_values[i] = pwm_drives(line) ? line->value : values[next++];
    }
    return 0;
}

int gpio_set(struct gpio *gpio, const int *lines, const uint8_t *values, size_t count)
{
    struct gpio_line *written[GPIO_LINES_MAX];
    uint8_t written_values[GPIO_LINES_MAX];
    size_t written_count = 0;
    if (count > GPIO_LINES_MAX)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        struct gpio_line *line = find_line(gpio, lines[i]);
        if (line->config.direction != GPIO_DIRECTION_OUTPUT)
            return -EPERM;
        if (pwm_drives(line))
            continue;
        written[written_count] = line;
        written_values[written_count++] = values[i];
    }
    int code = 0;
    if (written_count > 0)
        code = gpio->backend->set(gpio, written, written_values, written_count);
    for (size_t i = 0; !code && i < count; i++) {
        struct gpio_line *line = find_line(gpio, lines[i]);
        if (pwm_drives(line))
            code = pwm_set(gpio, line, values[i]);
    }
    return code;
}

void gpio_set_on_return(struct gpio *gpio, int line, uint8_t value)
{
    struct gpio_line *wanted = find_line(gpio, line);
    if (gpio->backend->set_on_return && !pwm_drives(wanted))
        gpio->backend->set_on_return(gpio, wanted, value);
}

void gpio_dispatch(struct gpio *gpio, int fd)
{
    gpio->backend->dispatch(gpio, fd);
}

void gpio_tick(struct gpio *gpio, int64_t now_ns)
{
    gpio->backend->tick(gpio, now_ns);
}

int gpio_simulate(struct gpio *gpio, int line, int value, int64_t now_ns)
{
    struct gpio_line *found = find_line(gpio, line);
    if (!(gpio->backend->capabilities() & GPIO_CAN_SIMULATE))
        return -EOPNOTSUPP;
    if (found->config.direction != GPIO_DIRECTION_INPUT)
        return -EPERM;
    return gpio->backend->simulate(gpio, found, value != 0, now_ns);
}

void gpio_store_fds(struct gpio *gpio, void (*report)(void *context, const char *name, int fd),
                    void *context)
{
    if (gpio->backend->store_fds)
        gpio->backend->store_fds(gpio, report, context);
}

bool gpio_took_over(const struct gpio *gpio, int line)
{
    return find_line(gpio, line)->taken_over;
}

int gpio_restore_fd(struct gpio *gpio, const char *name, int fd)
{
    if (gpio->backend->restore_fd)
        return gpio->backend->restore_fd(gpio, name, fd);
    (void)close(fd);
    return -EOPNOTSUPP;
}

static bool same_location(const struct gpio_line *a, const struct gpio_line *b)
{
    return a->location.offset == b->location.offset &&
           strcmp(a->location.chip, b->location.chip) == 0;
}

static int fail_same_location(struct gpio_error *error, const struct gpio_line *line,
                              const struct gpio_line *other)
{
    return gpio_fail(error, -EINVAL, line->name, "line %s is at the same place, %s offset %d",
                     other->name, line->location.chip, line->location.offset);
}

int gpio_check_locations(const struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                         struct gpio_error *error)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (same_location(lines[i], lines[j]))
                return fail_same_location(error, lines[i], lines[j]);
        for (size_t j = 0; j < GPIO_LINES_MAX; j++)
            if (gpio->lines[j] && same_location(lines[i], gpio->lines[j]))
                return fail_same_location(error, lines[i], gpio->lines[j]);
    }
    return 0;
}
