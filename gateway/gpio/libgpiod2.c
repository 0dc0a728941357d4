/* libgpiod 2, which speaks the kernel's second GPIO ABI: one request, one descriptor, a
 * configuration for each line. */
#include "gpio/driver.h"

#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdio.h>
#include <string.h>

struct kernel_request {
    struct gpiod_line_request *request;
    struct gpiod_edge_event_buffer *events;
};

static int failed(void)
{
    return errno > 0 ? -errno : -EIO;
}

/* ---- describing --------------------------------------------------------------------------- */

static int describe_line(struct gpiod_chip *chip, unsigned offset, struct gpio_line_report *report)
{
    struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);
    if (!info)
        return failed();
    const char *name = gpiod_line_info_get_name(info);
    const char *consumer = gpiod_line_info_get_consumer(info);
    (void)snprintf(report->name, sizeof report->name, "%s", name ? name : "");
    (void)snprintf(report->consumer, sizeof report->consumer, "%s", consumer ? consumer : "");
    report->offset = offset;
    report->used = gpiod_line_info_is_used(info);
    report->output = gpiod_line_info_get_direction(info) == GPIOD_LINE_DIRECTION_OUTPUT;
    report->active_low = gpiod_line_info_is_active_low(info);
    gpiod_line_info_free(info);
    return 0;
}

static int describe_lines(struct gpiod_chip *chip, unsigned count,
                          struct gpio_line_report **ret_lines)
{
    struct gpio_line_report *reports = calloc(count > 0 ? count : 1, sizeof *reports);
    if (!reports)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        int code = describe_line(chip, i, &reports[i]);
        if (code) {
            free(reports);
            return code;
        }
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
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    int code = info ? 0 : failed();
    if (!code) {
        (void)snprintf(report->label, sizeof report->label, "%s", gpiod_chip_info_get_label(info));
        report->lines = (unsigned)gpiod_chip_info_get_num_lines(info);
        gpiod_chip_info_free(info);
        code = ret_lines ? describe_lines(chip, report->lines, ret_lines) : 0;
    }
    gpiod_chip_close(chip);
    return code;
}

/* ---- settings ----------------------------------------------------------------------------- */

static const enum gpiod_line_bias biases[] = {
    [GPIO_BIAS_AS_IS] = GPIOD_LINE_BIAS_AS_IS,
    [GPIO_BIAS_DISABLED] = GPIOD_LINE_BIAS_DISABLED,
    [GPIO_BIAS_PULL_UP] = GPIOD_LINE_BIAS_PULL_UP,
    [GPIO_BIAS_PULL_DOWN] = GPIOD_LINE_BIAS_PULL_DOWN,
};

static const enum gpiod_line_drive drives[] = {
    [GPIO_DRIVE_PUSH_PULL] = GPIOD_LINE_DRIVE_PUSH_PULL,
    [GPIO_DRIVE_OPEN_DRAIN] = GPIOD_LINE_DRIVE_OPEN_DRAIN,
    [GPIO_DRIVE_OPEN_SOURCE] = GPIOD_LINE_DRIVE_OPEN_SOURCE,
};

/* A line that keeps its value is first requested without a direction; only its polarity is set. */
static int fill_settings(struct gpiod_line_settings *settings,
                         const struct gpio_line_settings *wanted)
{
    bool input = wanted->direction == GPIO_DIRECTION_INPUT;
    gpiod_line_settings_reset(settings);
    gpiod_line_settings_set_active_low(settings, wanted->active_low);
    if (wanted->keep)
        return 0;
    if (gpiod_line_settings_set_direction(settings, input ? GPIOD_LINE_DIRECTION_INPUT
                                                          : GPIOD_LINE_DIRECTION_OUTPUT) < 0 ||
        gpiod_line_settings_set_bias(settings, biases[wanted->bias]) < 0 ||
        gpiod_line_settings_set_drive(settings, drives[wanted->drive]) < 0)
        return failed();
    if (!input)
        return gpiod_line_settings_set_output_value(settings, wanted->value
                                                                  ? GPIOD_LINE_VALUE_ACTIVE
                                                                  : GPIOD_LINE_VALUE_INACTIVE) < 0
                   ? failed()
                   : 0;
    if (wanted->quiet)
        return 0;
    gpiod_line_settings_set_debounce_period_us(settings, wanted->debounce_us);
    return gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH) < 0 ? failed()
                                                                                      : 0;
}

static int fill_config(struct gpiod_line_config *config, const struct gpio_request *request)
{
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    int code = settings ? 0 : failed();
    for (unsigned i = 0; i < request->count && !code; i++) {
        const struct gpio_line_settings *wanted = &request->all_settings[i];
        code = fill_settings(settings, wanted);
        if (!code && gpiod_line_config_add_line_settings(config, &wanted->offset, 1, settings) < 0)
            code = failed();
    }
    gpiod_line_settings_free(settings);
    return code;
}

/* ---- requests ----------------------------------------------------------------------------- */

static int get_lines(struct gpio_request *request, uint64_t mask, uint64_t *ret_bits)
{
    struct kernel_request *kernel_request = request->kernel_request;
    unsigned offsets[REQUEST_LINES_MAX];
    enum gpiod_line_value values[REQUEST_LINES_MAX];
    size_t count = 0;
    uint64_t bits = 0;
    for (unsigned i = 0; i < request->count; i++)
        if (mask >> i & 1)
            offsets[count++] = request->all_settings[i].offset;
    if (gpiod_line_request_get_values_subset(kernel_request->request, count, offsets, values) < 0)
        return failed();
    count = 0;
    for (unsigned i = 0; i < request->count; i++)
        if (mask >> i & 1)
            bits |= (uint64_t)(values[count++] == GPIOD_LINE_VALUE_ACTIVE) << i;
    *ret_bits = bits;
    return 0;
}

static int set_lines(struct gpio_request *request, uint64_t mask, uint64_t bits)
{
    struct kernel_request *kernel_request = request->kernel_request;
    unsigned offsets[REQUEST_LINES_MAX];
    enum gpiod_line_value values[REQUEST_LINES_MAX];
    size_t count = 0;
    for (unsigned i = 0; i < request->count; i++) {
        if (!(mask >> i & 1))
            continue;
        offsets[count] = request->all_settings[i].offset;
        values[count++] = bits >> i & 1 ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    }
    return gpiod_line_request_set_values_subset(kernel_request->request, count, offsets, values) < 0
               ? failed()
               : 0;
}

static int reconfigure(struct gpio_request *request)
{
    struct kernel_request *kernel_request = request->kernel_request;
    struct gpiod_line_config *config = gpiod_line_config_new();
    if (!config)
        return failed();
    int code = fill_config(config, request);
    if (!code && gpiod_line_request_reconfigure_lines(kernel_request->request, config) < 0)
        code = failed();
    gpiod_line_config_free(config);
    return code;
}

/* Reads the pins that keep their value, then makes them outputs. */
static int keep_values(struct gpio_request *request)
{
    uint64_t mask = 0;
    uint64_t bits;
    for (unsigned i = 0; i < request->count; i++)
        mask |= (uint64_t)request->all_settings[i].keep << i;
    if (mask == 0)
        return 0;
    int code = get_lines(request, mask, &bits);
    if (code)
        return code;
    for (unsigned i = 0; i < request->count; i++) {
        if (!(mask >> i & 1))
            continue;
        request->all_settings[i].keep = false;
        request->all_settings[i].value = bits >> i & 1;
    }
    return reconfigure(request);
}

static struct gpiod_line_request *ask(const struct gpio_request *request, const char *consumer,
                                      struct gpiod_line_config *lines)
{
    struct gpiod_request_config *config = gpiod_request_config_new();
    if (!config)
        return NULL;
    gpiod_request_config_set_consumer(config, consumer);
    gpiod_request_config_set_event_buffer_size(config, REQUEST_QUEUE_MAX);
    struct gpiod_chip *chip = gpiod_chip_open(request->path);
    struct gpiod_line_request *asked = NULL;
    int error = errno;
    if (chip) {
        asked = gpiod_chip_request_lines(chip, config, lines);
        error = errno;
        gpiod_chip_close(chip);
    }
    gpiod_request_config_free(config);
    errno = error;
    return asked;
}

static void release(struct gpio_request *request)
{
    struct kernel_request *kernel_request = request->kernel_request;
    if (kernel_request->request)
        gpiod_line_request_release(kernel_request->request);
    gpiod_edge_event_buffer_free(kernel_request->events);
    free(kernel_request);
    request->kernel_request = NULL;
}

static int request_lines(struct gpio_request *request, const char *consumer)
{
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct kernel_request *kernel_request = calloc(1, sizeof *kernel_request);
    int code = config && kernel_request ? 0 : -ENOMEM;
    if (!code)
        code = fill_config(config, request);
    if (!code && !(kernel_request->events = gpiod_edge_event_buffer_new(REQUEST_EDGES_MAX)))
        code = failed();
    if (!code && !(kernel_request->request = ask(request, consumer, config)))
        code = failed();
    gpiod_line_config_free(config);
    if (!kernel_request)
        return code;
    request->kernel_request = kernel_request;
    if (!code && fcntl(gpiod_line_request_get_fd(kernel_request->request), F_SETFL, O_NONBLOCK) < 0)
        code = failed();
    if (!code)
        code = keep_values(request);
    if (code)
        release(request);
    return code;
}

/* ---- edges -------------------------------------------------------------------------------- */

static int descriptor(const struct gpio_request *request, unsigned index)
{
    const struct kernel_request *kernel_request = request->kernel_request;
    (void)index;
    return gpiod_line_request_get_fd(kernel_request->request);
}

static int read_edges(struct gpio_request *request, int fd, struct gpio_edge_event *edge_events)
{
    struct kernel_request *kernel_request = request->kernel_request;
    (void)fd;
    int count = gpiod_line_request_read_edge_events(kernel_request->request, kernel_request->events,
                                                    REQUEST_EDGES_MAX);
    if (count < 0)
        return failed();
    for (int i = 0; i < count; i++) {
        struct gpiod_edge_event *event =
            gpiod_edge_event_buffer_get_event(kernel_request->events, (unsigned long)i);
        unsigned offset = gpiod_edge_event_get_line_offset(event);
        unsigned index = 0;
        while (index + 1 < request->count && request->all_settings[index].offset != offset)
            index++;
        edge_events[i] = (struct gpio_edge_event){
            .index = index,
            .value = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
            .sequence = (uint32_t)gpiod_edge_event_get_line_seqno(event),
            .edge_ns = (int64_t)gpiod_edge_event_get_timestamp_ns(event),
        };
    }
    return count;
}

const struct gpio_driver gpio_libgpiod2 = {
    .version = gpiod_api_version,
    .capabilities = GPIO_CAN_DEBOUNCE | GPIO_CAN_COUNT_EDGES | GPIO_CAN_SET_AT_ONCE,
    .shows_descriptor = true,
    .describe = describe,
    .joins = driver_fits,
    .request = request_lines,
    .reconfigure = reconfigure,
    .release = release,
    .get = get_lines,
    .set = set_lines,
    .descriptor = descriptor,
    .read = read_edges,
};
