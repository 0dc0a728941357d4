/* The backend for real chips, above the library of the build. */
#include "gpio/hardware.h"
#include "gpio/fd_store.h"
#include "gpio/gpio_error.h"

#include "base/owner.h"

#include <errno.h>
#include <string.h>

static unsigned hardware_capabilities(void)
{
    return gpio_driver_library() ? gpio_driver_library()->capabilities : 0;
}

static const char *hardware_version(void)
{
    return gpio_driver_library() ? gpio_driver_library()->version() : "";
}

/* 0 when one chip at least can be opened. */
static int check_access(const struct gpio *gpio, const struct gpio_driver *driver,
                        struct gpio_error *error)
{
    struct chip_scan chip_scan;
    const char *closed = NULL;
    bool open = false;
    int code = chip_scan_read(&chip_scan, driver, gpio->device_folder);
    if (code)
        return gpio_fail(error, code, NULL, "out of memory");
    for (size_t i = 0; i < chip_scan.count; i++) {
        const struct gpio_chip_report *report = &chip_scan.chips[i].report;
        open = open || report->code == 0;
        if (report->code == -EACCES && !closed)
            closed = report->path;
    }
    if (!open)
        code = closed                ? gpio_fail_access(error, NULL, closed)
               : chip_scan.count > 0 ? gpio_fail(error, -ENODEV, NULL, "%s cannot be opened: %s",
                                                 chip_scan.chips[0].report.path,
                                                 strerror(-chip_scan.chips[0].report.code))
                                     : gpio_fail_no_chip(error, gpio->device_folder);
    chip_scan_done(&chip_scan);
    return code;
}

static int hardware_open(struct gpio *gpio, struct gpio_error *error)
{
    const struct gpio_driver *driver = gpio_driver_library();
    if (!driver)
        return gpio_fail(error, -ENODEV, NULL,
                         "there is a GPIO chip, but this program was built without libgpiod; "
                         "install libgpiod-dev and build again, or use \"backend\": \"simulator\"");
    int code = check_access(gpio, driver, error);
    if (code)
        return code;
    struct hardware *hardware = calloc(1, sizeof *hardware);
    if (!hardware)
        return gpio_fail(error, -ENOMEM, NULL, "out of memory");
    hardware->driver = driver;
    hardware->due_ns = INT64_MAX;
    list_init(&hardware->requests);
    gpio->state = hardware;
    hotplug_open(gpio);
    return 0;
}

static void hardware_close(struct gpio *gpio)
{
    struct hardware *hardware = gpio->state;
    LIST_FOR_EACH (member, &hardware->requests)
        hardware_drop(gpio, CONTAINER_OF(member, struct gpio_request, member));
    hotplug_close(gpio);
    free(hardware);
}

/* The kernel releases whole requests only, and a reload may request the line again at once: it is released in
 * the next tick. */
static void hardware_release(struct gpio *gpio, struct gpio_line *line)
{
    struct hardware *hardware = gpio->state;
    line->request->lines[line->index] = -1;
    hardware->untidy = true;
    gpio->events.wake_at(gpio->events.context, 0);
}

/* Released outputs become inputs while other lines of their request are in use. Where the library cannot
 * reconfigure one line alone, they stay outputs. */
static void park_outputs(struct gpio_request *request)
{
    struct gpio_line_settings before[REQUEST_LINES_MAX];
    bool any = false;
    memcpy(before, request->all_settings, sizeof before);
    for (unsigned i = 0; i < request->count; i++) {
        if (request->lines[i] >= 0 || before[i].direction != GPIO_DIRECTION_OUTPUT)
            continue;
        request->all_settings[i] = (struct gpio_line_settings){
            .offset = before[i].offset, .direction = GPIO_DIRECTION_INPUT, .quiet = true};
        any = true;
    }
    if (any && (!request->kernel_request || request->driver->reconfigure(request)))
        memcpy(request->all_settings, before, sizeof before);
}

static void hardware_tick(struct gpio *gpio, int64_t now_ns)
{
    struct hardware *hardware = gpio->state;
    bool untidy = hardware->untidy;
    hardware->untidy = false;
    if (untidy) {
        LIST_FOR_EACH (member, &hardware->requests) {
            struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
            if (hardware_is_unused(request))
                hardware_drop(gpio, request);
            else
                park_outputs(request);
        }
    }
    if (now_ns >= hardware->due_ns)
        hotplug_tick(gpio, now_ns);
    else if (untidy)
        gpio->events.wake_at(gpio->events.context, hardware->due_ns);
}

/* ---- values ------------------------------------------------------------------------------- */

/* The lines from `first` on that stand in the same request as it; marks them in `done`. */
static uint64_t collect(struct gpio_line *const *lines, size_t count, size_t first, bool *done)
{
    uint64_t mask = 0;
    for (size_t i = first; i < count; i++) {
        if (lines[i]->request != lines[first]->request)
            continue;
        mask |= UINT64_C(1) << lines[i]->index;
        done[i] = true;
    }
    return mask;
}

/* The level of an open-drain pin depends on all drivers of the wire, not on this output alone. */
static uint8_t value_of(const struct gpio_line *line, uint64_t bits)
{
    if (line->config.direction == GPIO_DIRECTION_OUTPUT &&
        line->config.drive != GPIO_DRIVE_PUSH_PULL)
        return line->value;
    return bits >> line->index & 1;
}

static int hardware_get(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                        uint8_t *ret_values)
{
    bool done[GPIO_LINES_MAX] = {false};
    uint8_t values[GPIO_LINES_MAX];
    for (size_t i = 0; i < count; i++) {
        struct gpio_request *request = lines[i]->request;
        uint64_t bits = 0;
        if (done[i])
            continue;
        if (!request->kernel_request || !lines[i]->available)
            return -ENODEV;
        int code = request->driver->get(request, collect(lines, count, i, done), &bits);
        if (code) {
            hotplug_suspect(gpio, request, code);
            return code;
        }
        for (size_t j = i; j < count; j++)
            if (lines[j]->request == request)
                values[j] = value_of(lines[j], bits);
    }
    memcpy(ret_values, values, count);
    return 0;
}

static int hardware_set(struct gpio *gpio, struct gpio_line *const *lines, const uint8_t *values,
                        size_t count)
{
    bool done[GPIO_LINES_MAX] = {false};
    for (size_t i = 0; i < count; i++)
        if (!lines[i]->request->kernel_request || !lines[i]->available)
            return -ENODEV;
    for (size_t i = 0; i < count; i++) {
        struct gpio_request *request = lines[i]->request;
        uint64_t bits = 0;
        if (done[i])
            continue;
        uint64_t mask = collect(lines, count, i, done);
        for (size_t j = i; j < count; j++)
            if (lines[j]->request == request) /* the last value for a line counts */
                bits = (bits & ~(UINT64_C(1) << lines[j]->index)) | (uint64_t)(values[j] != 0)
                                                                        << lines[j]->index;
        int code = request->driver->set(request, mask, bits);
        if (code) {
            hotplug_suspect(gpio, request, code);
            return code;
        }
        for (size_t j = i; j < count; j++)
            if (lines[j]->request == request)
                lines[j]->value = request->all_settings[lines[j]->index].value =
                    bits >> lines[j]->index & 1;
    }
    return 0;
}

static void hardware_set_on_return(struct gpio *gpio, struct gpio_line *line, uint8_t value)
{
    (void)gpio;
    if (!line->request->kernel_request || !line->available)
        line->value = line->request->all_settings[line->index].value = value != 0;
}

/* ---- edges -------------------------------------------------------------------------------- */

/* The count of lost edges: those that the kernel counted but did not store; or one that must lie between two
 * edges to the same value; or one for a full queue without a count. */
static uint32_t count_lost(uint32_t last, const struct gpio_line *line,
                           const struct gpio_edge_event *edge_event)
{
    uint32_t gap = edge_event->sequence > 0 ? edge_event->sequence - last - 1 : 0;
    bool missing = last > 0 && line->value == edge_event->value;
    return gap > 0 ? gap : missing || edge_event->overrun;
}

static void report_edge(struct gpio *gpio, struct gpio_request *request,
                        const struct gpio_edge_event *edge_event)
{
    int handle = request->lines[edge_event->index];
    uint32_t last = request->sequences[edge_event->index];
    request->sequences[edge_event->index] =
        edge_event->sequence > 0 ? edge_event->sequence : last + 1;
    if (handle < 0)
        return;
    struct gpio_line *line = gpio->lines[handle];
    struct gpio_edge edge = {
        .line = handle,
        .value = edge_event->value,
        .edge_ns = edge_event->edge_ns,
        .lost = count_lost(last, line, edge_event),
        .overrun = edge_event->overrun,
    };
    line->value = edge_event->value;
    gpio->events.edge(gpio->events.context, &edge);
}

static struct gpio_request *find_request(const struct hardware *hardware, int fd)
{
    LIST_FOR_EACH (member, &hardware->requests) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        for (unsigned i = 0; request->kernel_request && i < request->count; i++)
            if (request->driver->descriptor(request, i) == fd)
                return request;
    }
    return NULL;
}

static void hardware_dispatch(struct gpio *gpio, int fd)
{
    struct hardware *hardware = gpio->state;
    struct gpio_edge_event edge_events[REQUEST_EDGES_MAX];
    if (fd == hardware->folder_fd) {
        hotplug_changed(gpio);
        return;
    }
    struct gpio_request *request = find_request(hardware, fd);
    if (!request)
        return;
    int count = request->driver->read(request, fd, edge_events);
    if (count < 0 && count != -EAGAIN)
        hotplug_suspect(gpio, request, count);
    for (int i = 0; i < count; i++)
        report_edge(gpio, request, &edge_events[i]);
}

/* ---- handing over ------------------------------------------------------------------------- */

static bool has_output(const struct gpio_request *request)
{
    for (unsigned i = 0; i < request->count; i++)
        if (request->lines[i] >= 0 && request->all_settings[i].direction == GPIO_DIRECTION_OUTPUT)
            return true;
    return false;
}

static void hardware_store_fds(struct gpio *gpio,
                               void (*report)(void *context, const char *name, int fd),
                               void *context)
{
    struct hardware *hardware = gpio->state;
    LIST_FOR_EACH (member, &hardware->requests) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        char name[GPIO_FD_NAME_SIZE];
        if (request->kernel_request && request->driver->shows_descriptor && has_output(request) &&
            fd_store_name(request, name, sizeof name) == 0)
            report(context, name, request->driver->descriptor(request, 0));
    }
}

static int hardware_restore_fd(struct gpio *gpio, const char *name, int fd)
{
    struct hardware *hardware = gpio->state;
    struct gpio_request *request = NULL;
    int code = fd_store_request(name, fd, gpio->device_folder, gpio->consumer, &request);
    if (code)
        return code;
    code = hardware_watch(gpio, request);
    if (code) {
        request->driver->release(request);
        free(request);
        return code;
    }
    list_append(&hardware->requests, &request->member);
    return 0;
}

static int hardware_simulate(struct gpio *gpio, struct gpio_line *line, int value, int64_t now_ns)
{
    (void)gpio;
    (void)line;
    (void)value;
    (void)now_ns;
    return -EOPNOTSUPP;
}

const struct gpio_backend gpio_hardware = {
    .name = "gpiod",
    .version = hardware_version,
    .capabilities = hardware_capabilities,
    .open = hardware_open,
    .close = hardware_close,
    .request_lines = hardware_request_lines,
    .release = hardware_release,
    .get = hardware_get,
    .set = hardware_set,
    .set_on_return = hardware_set_on_return,
    .dispatch = hardware_dispatch,
    .tick = hardware_tick,
    .simulate = hardware_simulate,
    .store_fds = hardware_store_fds,
    .restore_fd = hardware_restore_fd,
};
