/* libgpiod 1.6, which speaks the kernel's first GPIO ABI: one configuration for all lines of a
 * request, no debounce, no sequence numbers, and a descriptor for each line with edges. */
#include "gpio/driver.h"

#include "base/clock.h"
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdio.h>
#include <string.h>

/* Edges that the kernel keeps for a line (drivers/gpio/gpiolib-cdev.c), and that one call reads. */
enum { QUEUE_MAX = 16 };

struct kernel_request {
    struct gpiod_chip *chip;
    struct gpiod_line_bulk lines;
    int fds[REQUEST_LINES_MAX]; /* of inputs; borrowed from the library */
};

static int failed(void)
{
    return errno > 0 ? -errno : -EIO;
}

static void describe_line(struct gpiod_line *line, unsigned offset, struct gpio_line_report *report)
{
    const char *name = gpiod_line_name(line);
    const char *consumer = gpiod_line_consumer(line);
    (void)snprintf(report->name, sizeof report->name, "%s", name ? name : "");
    (void)snprintf(report->consumer, sizeof report->consumer, "%s", consumer ? consumer : "");
    report->offset = offset;
    report->used = gpiod_line_is_used(line);
    report->output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
    report->active_low = gpiod_line_active_state(line) == GPIOD_LINE_ACTIVE_STATE_LOW;
}

static int describe_lines(struct gpiod_chip *chip, unsigned count,
                          struct gpio_line_report **ret_lines)
{
    struct gpio_line_report *reports = calloc(count > 0 ? count : 1, sizeof *reports);
    if (!reports)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        struct gpiod_line *line = gpiod_chip_get_line(chip, i);
        if (!line) {
            int code = failed();
            free(reports);
            return code;
        }
        describe_line(line, i, &reports[i]);
    }
    *ret_lines = reports;
    return 0;
}

static int describe(const char *path, struct gpio_chip_report *report,
                    struct gpio_line_report **ret_lines)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip)
        return failed();
    (void)snprintf(report->label, sizeof report->label, "%s", gpiod_chip_label(chip));
    report->lines = gpiod_chip_num_lines(chip);
    int code = ret_lines ? describe_lines(chip, report->lines, ret_lines) : 0;
    gpiod_chip_close(chip);
    return code;
}

static bool joins(const struct gpio_request *request, const struct gpio_line_settings *wanted)
{
    const struct gpio_line_settings *first = &request->all_settings[0];
    return first->direction == wanted->direction && first->bias == wanted->bias &&
           first->drive == wanted->drive && first->active_low == wanted->active_low &&
           first->keep == wanted->keep;
}

static int flags_of(const struct gpio_line_settings *wanted)
{
    int flags = wanted->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    switch (wanted->bias) {
    case GPIO_BIAS_AS_IS:
        break;
    case GPIO_BIAS_DISABLED:
        flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
        break;
    case GPIO_BIAS_PULL_UP:
        flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
        break;
    case GPIO_BIAS_PULL_DOWN:
        flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
        break;
    }
    if (wanted->drive == GPIO_DRIVE_OPEN_DRAIN)
        flags |= GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN;
    if (wanted->drive == GPIO_DRIVE_OPEN_SOURCE)
        flags |= GPIOD_LINE_REQUEST_FLAG_OPEN_SOURCE;
    return flags;
}

static void values_of(const struct gpio_request *request, int values[REQUEST_LINES_MAX])
{
    for (unsigned i = 0; i < request->count; i++)
        values[i] = request->all_settings[i].value;
}

static int get_output_bits(struct kernel_request *kernel_request, uint64_t *ret_bits)
{
    int values[REQUEST_LINES_MAX];
    uint64_t bits = 0;
    if (gpiod_line_get_value_bulk(&kernel_request->lines, values) < 0)
        return failed();
    for (unsigned i = 0; i < gpiod_line_bulk_num_lines(&kernel_request->lines); i++)
        bits |= (uint64_t)(values[i] != 0) << i;
    *ret_bits = bits;
    return 0;
}

static int request_edges(struct gpio_request *request, struct kernel_request *kernel_request,
                         const struct gpiod_line_request_config *config)
{
    if (gpiod_line_request_bulk(&kernel_request->lines, config, NULL) < 0)
        return failed();
    for (unsigned i = 0; i < request->count; i++) {
        kernel_request->fds[i] = gpiod_line_event_get_fd(kernel_request->lines.lines[i]);
        if (kernel_request->fds[i] < 0 || fcntl(kernel_request->fds[i], F_SETFL, O_NONBLOCK) < 0)
            return failed();
    }
    return 0;
}

static int request_outputs(struct gpio_request *request, struct kernel_request *kernel_request,
                           const struct gpiod_line_request_config *config)
{
    int values[REQUEST_LINES_MAX];
    values_of(request, values);
    return gpiod_line_request_bulk(&kernel_request->lines, config, values) < 0 ? failed() : 0;
}

/* Requests the pins without a direction, reads them, and then makes them outputs with these values. */
static int request_kept(struct gpio_request *request, struct kernel_request *kernel_request,
                        const struct gpiod_line_request_config *config)
{
    struct gpiod_line_request_config as_is = *config;
    int values[REQUEST_LINES_MAX];
    uint64_t bits;
    as_is.request_type = GPIOD_LINE_REQUEST_DIRECTION_AS_IS;
    as_is.flags &= GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW;
    if (gpiod_line_request_bulk(&kernel_request->lines, &as_is, NULL) < 0)
        return failed();
    int code = get_output_bits(kernel_request, &bits);
    if (code)
        return code;
    for (unsigned i = 0; i < request->count; i++) {
        request->all_settings[i].value = bits >> i & 1;
        request->all_settings[i].keep = false;
    }
    values_of(request, values);
    if (gpiod_line_set_config_bulk(&kernel_request->lines, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
                                   config->flags, values) < 0)
        return failed();
    return 0;
}

static void release(struct gpio_request *request)
{
    struct kernel_request *kernel_request = request->kernel_request;
    gpiod_chip_close(kernel_request->chip); /* releases its lines, too */
    free(kernel_request);
    request->kernel_request = NULL;
}

static int ask(struct gpio_request *request, struct kernel_request *kernel_request,
               const char *consumer)
{
    const struct gpio_line_settings *first = &request->all_settings[0];
    bool input = first->direction == GPIO_DIRECTION_INPUT;
    struct gpiod_line_request_config config = {
        .consumer = consumer,
        .request_type =
            input ? GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES : GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
        .flags = flags_of(first),
    };
    gpiod_line_bulk_init(&kernel_request->lines);
    for (unsigned i = 0; i < request->count; i++) {
        struct gpiod_line *line =
            gpiod_chip_get_line(kernel_request->chip, request->all_settings[i].offset);
        if (!line)
            return failed();
        gpiod_line_bulk_add(&kernel_request->lines, line);
        kernel_request->fds[i] = -1;
    }
    if (input)
        return request_edges(request, kernel_request, &config);
    return first->keep ? request_kept(request, kernel_request, &config)
                       : request_outputs(request, kernel_request, &config);
}

static int request_lines(struct gpio_request *request, const char *consumer)
{
    struct kernel_request *kernel_request = calloc(1, sizeof *kernel_request);
    if (!kernel_request)
        return -ENOMEM;
    kernel_request->chip = gpiod_chip_open(request->path);
    if (!kernel_request->chip) {
        int code = failed();
        free(kernel_request);
        return code;
    }
    request->kernel_request = kernel_request;
    int code = ask(request, kernel_request, consumer);
    if (code)
        release(request);
    return code;
}

static int reconfigure(struct gpio_request *request)
{
    (void)request;
    return -EOPNOTSUPP;
}

static int get_lines(struct gpio_request *request, uint64_t mask, uint64_t *ret_bits)
{
    struct kernel_request *kernel_request = request->kernel_request;
    uint64_t bits = 0;
    if (request->all_settings[0].direction == GPIO_DIRECTION_OUTPUT)
        return get_output_bits(kernel_request, ret_bits);
    for (unsigned i = 0; i < request->count; i++) {
        if (!(mask >> i & 1))
            continue;
        int value = gpiod_line_get_value(kernel_request->lines.lines[i]);
        if (value < 0)
            return failed();
        bits |= (uint64_t)(value != 0) << i;
    }
    *ret_bits = bits;
    return 0;
}

/* The first ABI sets all lines of a request or none: the others get their present values. */
static int set_lines(struct gpio_request *request, uint64_t mask, uint64_t bits)
{
    struct kernel_request *kernel_request = request->kernel_request;
    int values[REQUEST_LINES_MAX];
    values_of(request, values);
    for (unsigned i = 0; i < request->count; i++)
        if (mask >> i & 1)
            values[i] = (int)(bits >> i & 1);
    return gpiod_line_set_value_bulk(&kernel_request->lines, values) < 0 ? failed() : 0;
}

static int descriptor(const struct gpio_request *request, unsigned index)
{
    const struct kernel_request *kernel_request = request->kernel_request;
    return kernel_request->fds[index];
}

/* A full queue drops the newest edges: the present value of the line is reported last. */
static int end_overrun(struct kernel_request *kernel_request, unsigned index,
                       struct gpio_edge_event *edge_events, int count)
{
    int value = gpiod_line_get_value(kernel_request->lines.lines[index]);
    edge_events[count - 1].overrun = true;
    if (value < 0 || value == edge_events[count - 1].value)
        return count;
    edge_events[count] = (struct gpio_edge_event){
        .index = index, .value = (uint8_t)value, .edge_ns = clock_monotonic_ns()};
    return count + 1;
}

static int read_edges(struct gpio_request *request, int fd, struct gpio_edge_event *edge_events)
{
    struct gpiod_line_event events[QUEUE_MAX];
    unsigned index = 0;
    while (descriptor(request, index) != fd)
        index++;
    int count = gpiod_line_event_read_fd_multiple(fd, events, QUEUE_MAX);
    if (count < 0)
        return failed();
    for (int i = 0; i < count; i++)
        edge_events[i] = (struct gpio_edge_event){
            .index = index,
            .value = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE,
            .edge_ns = events[i].ts.tv_sec * CLOCK_NS_PER_SECOND + events[i].ts.tv_nsec,
        };
    return count == QUEUE_MAX ? end_overrun(request->kernel_request, index, edge_events, count)
                              : count;
}

const struct gpio_driver gpio_libgpiod1 = {
    .version = gpiod_version_string,
    .capabilities = GPIO_CAN_SET_AT_ONCE,
    .shows_descriptor = false,
    .describe = describe,
    .joins = joins,
    .request = request_lines,
    .reconfigure = reconfigure,
    .release = release,
    .get = get_lines,
    .set = set_lines,
    .descriptor = descriptor,
    .read = read_edges,
};
