/* The port to the hardware, made of memory: included by one test, whose executable then takes these
 * functions instead of the library's. It tells each pin that was written, in its order, and fails
 * where a test asks for it. */
#ifndef TEST_FAKE_GPIO_H
#define TEST_FAKE_GPIO_H

#include "gpio/gpio.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_WRITES_MAX = 4096 };

struct fake_line {
    bool requested, output;
    char name[GPIO_NAME_SIZE];
    struct gpio_line_config config;
    struct gpio_line_location location;
    uint8_t level;    /* logical */
    int set_error;    /* what gpio_set() answers when this line is among the lines; 0 to succeed */
    int set_failures; /* the next so many gpio_set() with this line among the lines fail with -EIO */
    bool taken_over;
};

struct fake_write {
    int line;
    uint8_t level;
};

/* `level` of a pin that nobody claimed is kept by its offset, for "initial": "keep". */
struct gpio {
    unsigned capabilities;
    int claim_error;       /* what the next gpio_request_lines() answers; 0 to succeed */
    int claim_errors_more; /* and as many after that one */
    int claims, releases, set_calls;
    struct fake_line lines[GPIO_LINES_MAX];
    uint8_t pins[GPIO_LINES_MAX];
    bool handed_over[GPIO_LINES_MAX]; /* pins that an earlier process left */
    struct fake_write writes[FAKE_WRITES_MAX];
    size_t write_count;
    void (*edge)(void *context, const struct gpio_edge *edge);
    void (*written)(void *context, int line, uint8_t level);
    void *context;
};

const char *gpio_backend_name(const struct gpio *gpio)
{
    (void)gpio;
    return "fake";
}

const char *gpio_library_version(const struct gpio *gpio)
{
    (void)gpio;
    return "";
}

unsigned gpio_capabilities(const struct gpio *gpio)
{
    return gpio->capabilities;
}

int gpio_new(const struct gpio_options *options, const struct gpio_events *events,
             struct gpio **ret_gpio, struct gpio_error *error)
{
    (void)options, (void)events, (void)ret_gpio, (void)error;
    return -ENODEV;
}

struct gpio *gpio_free(struct gpio *gpio)
{
    (void)gpio;
    return NULL;
}

static int fake_location(const struct gpio_line_config *config)
{
    return config->gpio[0] ? (int)strtol(config->gpio + strlen("GPIO"), NULL, 10) : config->offset;
}

static bool fake_is_taken(const struct gpio *gpio, int offset)
{
    for (int i = 0; i < GPIO_LINES_MAX; i++)
        if (gpio->lines[i].requested && gpio->lines[i].location.offset == offset)
            return true;
    return false;
}

static void fake_write(struct gpio *gpio, int line, uint8_t level)
{
    gpio->lines[line].level = level;
    gpio->pins[gpio->lines[line].location.offset] = level;
    gpio->writes[gpio->write_count++ % FAKE_WRITES_MAX] =
        (struct fake_write){.line = line, .level = level};
    if (gpio->written)
        gpio->written(gpio->context, line, level);
}

static void fake_claim_one(struct gpio *gpio, int line, const struct gpio_line_config *config)
{
    struct fake_line *requested = &gpio->lines[line];
    *requested = (struct fake_line){.requested = true, .config = *config};
    (void)snprintf(requested->name, sizeof requested->name, "%s", config->name);
    (void)snprintf(requested->location.chip, sizeof requested->location.chip, "gpiochip0");
    (void)snprintf(requested->location.name, sizeof requested->location.name, "%s", config->gpio);
    requested->location.offset = fake_location(config);
    requested->output = config->direction == GPIO_DIRECTION_OUTPUT;
    requested->level = gpio->pins[requested->location.offset];
    requested->taken_over = requested->output && gpio->handed_over[requested->location.offset];
    if (requested->output && !requested->taken_over && config->initial != GPIO_INITIAL_KEEP)
        fake_write(gpio, line, config->initial == GPIO_INITIAL_ACTIVE);
}

int gpio_request_lines(struct gpio *gpio, const struct gpio_line_config *configs, size_t count,
                       int *ret_handles, struct gpio_error *error)
{
    int code = gpio->claim_error;
    if (code == 0 || gpio->claim_errors_more-- <= 0)
        gpio->claim_error = gpio->claim_errors_more = 0;
    for (size_t i = 0; i < count; i++)
        if (fake_is_taken(gpio, fake_location(&configs[i])))
            code = -EBUSY;
    if (code < 0) {
        *error = (struct gpio_error){.code = code, .line = configs[0].name, .message = "taken"};
        return code;
    }
    gpio->claims++;
    for (size_t i = 0; i < count; i++) {
        int line = 0;
        while (gpio->lines[line].requested)
            line++;
        fake_claim_one(gpio, line, &configs[i]);
        ret_handles[i] = line;
    }
    return 0;
}

void gpio_release(struct gpio *gpio, int line)
{
    gpio->releases++;
    gpio->lines[line].requested = false;
}

const struct gpio_line_location *gpio_location(const struct gpio *gpio, int line)
{
    return &gpio->lines[line].location;
}

int gpio_get(struct gpio *gpio, const int *lines, size_t count, uint8_t *ret_values)
{
    for (size_t i = 0; i < count; i++)
        ret_values[i] = gpio->lines[lines[i]].level;
    return 0;
}

/* The lines before the one that fails are written: a failure leaves the rest unknown. */
int gpio_set(struct gpio *gpio, const int *lines, const uint8_t *values, size_t count)
{
    gpio->set_calls++;
    for (size_t i = 0; i < count; i++) {
        if (!gpio->lines[lines[i]].output)
            return -EPERM;
        if (gpio->lines[lines[i]].set_failures > 0) {
            gpio->lines[lines[i]].set_failures--;
            return -EIO;
        }
        if (gpio->lines[lines[i]].set_error)
            return gpio->lines[lines[i]].set_error;
        fake_write(gpio, lines[i], values[i]);
    }
    return 0;
}

void gpio_set_on_return(struct gpio *gpio, int line, uint8_t value)
{
    gpio->lines[line].level = value;
}

void gpio_dispatch(struct gpio *gpio, int fd)
{
    (void)gpio, (void)fd;
}

void gpio_tick(struct gpio *gpio, int64_t now_ns)
{
    (void)gpio, (void)now_ns;
}

bool gpio_took_over(const struct gpio *gpio, int line)
{
    return gpio->lines[line].taken_over;
}

int gpio_simulate(struct gpio *gpio, int line, int value, int64_t now_ns)
{
    if (!(gpio->capabilities & GPIO_CAN_SIMULATE))
        return -EOPNOTSUPP;
    if (gpio->lines[line].level == value)
        return 0;
    gpio->lines[line].level = (uint8_t)value;
    struct gpio_edge edge = {.line = line, .value = value, .edge_ns = now_ns};
    gpio->edge(gpio->context, &edge);
    return 0;
}

int gpio_scan_chips(const char *device_folder,
                    void (*chip)(void *context, const struct gpio_chip_report *report),
                    void (*line)(void *context, const struct gpio_chip_report *chip,
                                 const struct gpio_line_report *report),
                    void *context)
{
    (void)device_folder, (void)chip, (void)line, (void)context;
    return -ENOENT;
}

#endif
