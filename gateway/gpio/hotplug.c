/* Chips that are removed while in use and come back: detected by a change of the device folder or by an error,
 * and searched once a second while they are removed. */
#include "gpio/hardware.h"

#include "base/clock.h"
#include "base/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

static void wake_at(struct gpio *gpio, int64_t due_ns)
{
    struct hardware *hardware = gpio->state;
    if (hardware->due_ns == due_ns)
        return;
    hardware->due_ns = due_ns;
    gpio->events.wake_at(gpio->events.context, due_ns);
}

void hotplug_open(struct gpio *gpio)
{
    struct hardware *hardware = gpio->state;
    AUTO_FD fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    hardware->folder_fd = -1;
    /* IN_ATTRIB: udev grants the permission after the device has appeared. */
    if (fd < 0 ||
        inotify_add_watch(fd, gpio->device_folder, IN_CREATE | IN_DELETE | IN_ATTRIB) < 0 ||
        gpio->events.watch(gpio->events.context, fd, true))
        return;
    hardware->folder_fd = owner_release_fd(&fd);
}

void hotplug_close(struct gpio *gpio)
{
    struct hardware *hardware = gpio->state;
    if (hardware->folder_fd < 0)
        return;
    (void)gpio->events.watch(gpio->events.context, hardware->folder_fd, false);
    (void)close(hardware->folder_fd);
}

/* Whether an event on the inotify descriptor concerns a chip. */
static bool read_changes(int fd)
{
    _Alignas(struct inotify_event) char bytes[4096];
    bool any = false;
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < got;) {
            struct inotify_event event;
            memcpy(&event, bytes + at, sizeof event);
            const char *name = bytes + at + sizeof event;
            any = any || (event.mask & IN_Q_OVERFLOW) ||
                  (event.len > 0 && strncmp(name, "gpiochip", 8) == 0);
            at += (ssize_t)(sizeof event + event.len);
        }
    }
    return any;
}

void hotplug_changed(struct gpio *gpio)
{
    struct hardware *hardware = gpio->state;
    if (!read_changes(hardware->folder_fd))
        return;
    LIST_FOR_EACH (member, &hardware->requests) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        uint64_t bits;
        int code = request->kernel_request ? request->driver->get(request, 1, &bits) : -ENODEV;
        if (code)
            hotplug_suspect(gpio, request, code);
    }
}

void hotplug_suspect(struct gpio *gpio, struct gpio_request *request, int code)
{
    if (code != -ENODEV && code != -ENXIO)
        return;
    hardware_let_go(gpio, request);
    wake_at(gpio, 0);
}

static void report(struct gpio *gpio, const struct gpio_request *request, bool available,
                   const char *reason)
{
    for (unsigned i = 0; i < request->count; i++) {
        struct gpio_line *line = request->lines[i] < 0 ? NULL : gpio->lines[request->lines[i]];
        if (!line || line->available == available)
            continue;
        line->available = available;
        gpio->events.available(gpio->events.context, line->handle, available, line->value, reason);
    }
}

static void report_removed(struct gpio *gpio, const struct gpio_request *request)
{
    char reason[GPIO_PATH_SIZE + 16];
    (void)snprintf(reason, sizeof reason, "%s is gone", request->path);
    report(gpio, request, false, reason);
}

/* Lines that were released meanwhile are not requested again. */
static void compact(struct gpio *gpio, struct gpio_request *request)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < request->count; i++) {
        if (request->lines[i] < 0)
            continue;
        request->lines[kept] = request->lines[i];
        request->all_settings[kept] = request->all_settings[i];
        gpio->lines[request->lines[kept]]->index = kept;
        kept++;
    }
    request->count = kept;
}

/* The chip may have another number now, and the line another offset. 0 when all lines are on one chip. */
static int find_again(struct gpio *gpio, struct gpio_request *request,
                      const struct chip_scan *chip_scan)
{
    const struct chip_scan_chip *chip = NULL;
    for (unsigned i = 0; i < request->count; i++) {
        struct gpio_line *line = gpio->lines[request->lines[i]];
        const struct chip_scan_chip *found;
        struct gpio_line_location location;
        struct gpio_error error;
        int code = chip_scan_find(chip_scan, &line->config, gpio->chip, &location, &found, &error);
        if (code)
            return code;
        if (chip && found != chip)
            return -ENOENT;
        chip = found;
        line->location = location;
        request->all_settings[i].offset = (unsigned)location.offset;
    }
    if (chip)
        memcpy(request->path, chip->report.path, sizeof request->path);
    return chip ? 0 : -ENOENT;
}

/* Reads the inputs only: the level of an open-drain output depends on others. */
static void read_inputs(struct gpio *gpio, struct gpio_request *request)
{
    uint64_t all =
        request->count == REQUEST_LINES_MAX ? ~UINT64_C(0) : (UINT64_C(1) << request->count) - 1;
    uint64_t bits;
    if (request->driver->get(request, all, &bits))
        return;
    for (unsigned i = 0; i < request->count; i++)
        if (request->all_settings[i].direction == GPIO_DIRECTION_INPUT)
            gpio->lines[request->lines[i]]->value = bits >> i & 1;
}

static bool take_back(struct gpio *gpio, struct gpio_request *request,
                      const struct chip_scan *chip_scan)
{
    compact(gpio, request);
    if (find_again(gpio, request, chip_scan))
        return false;
    for (unsigned i = 0; i < request->count; i++)
        request->all_settings[i].keep = false;
    if (hardware_request(gpio, request))
        return false;
    read_inputs(gpio, request);
    report(gpio, request, true, "");
    return true;
}

void hotplug_tick(struct gpio *gpio, int64_t now_ns)
{
    struct hardware *hardware = gpio->state;
    struct chip_scan chip_scan;
    bool away = false;
    LIST_FOR_EACH (member, &hardware->requests) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        if (request->kernel_request)
            continue;
        report_removed(gpio, request);
        away = true;
    }
    if (away && chip_scan_read(&chip_scan, hardware->driver, gpio->device_folder) == 0) {
        away = false;
        LIST_FOR_EACH (member, &hardware->requests) {
            struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
            if (!request->kernel_request)
                (void)take_back(gpio, request, &chip_scan);
        }
        LIST_FOR_EACH (member, &hardware->requests)
            away = away || !CONTAINER_OF(member, struct gpio_request, member)->kernel_request;
        chip_scan_done(&chip_scan);
    }
    wake_at(gpio, away ? now_ns + CLOCK_NS_PER_SECOND : INT64_MAX);
}
