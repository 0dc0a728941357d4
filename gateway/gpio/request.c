/* From line configs to kernel requests, in three phases: each line is located on its chip; lines that may
 * share a request are grouped (outputs first, so that one call sets them all); each group is requested
 * once, or taken over from the descriptors that an earlier process left. */
#include "gpio/fd_store.h"
#include "gpio/gpio_error.h"
#include "gpio/hardware.h"

#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct gpio_line_settings hardware_line_settings(const struct gpio_line *line)
{
    const struct gpio_line_config *config = &line->config;
    return (struct gpio_line_settings){
        .offset = (unsigned)line->location.offset,
        .direction = config->direction,
        .bias = config->bias,
        .drive = config->drive,
        .active_low = config->active_low,
        .keep = config->direction == GPIO_DIRECTION_OUTPUT && config->initial == GPIO_INITIAL_KEEP,
        .value = config->initial == GPIO_INITIAL_ACTIVE,
        .debounce_us = config->debounce_us,
    };
}

static int watch(struct gpio *gpio, const struct gpio_request *request, bool on)
{
    int last_fd = -1;
    for (unsigned i = 0; i < request->count; i++) {
        int fd = request->driver->descriptor(request, i);
        if (fd < 0 || fd == last_fd)
            continue;
        int code = gpio->events.watch(gpio->events.context, fd, on);
        if (code && on)
            return code;
        last_fd = fd;
    }
    return 0;
}

int hardware_watch(struct gpio *gpio, const struct gpio_request *request)
{
    return watch(gpio, request, true);
}

int hardware_request(struct gpio *gpio, struct gpio_request *request)
{
    memset(request->sequences, 0, sizeof request->sequences);
    int code = request->driver->request(request, gpio->consumer);
    if (code)
        return code;
    code = hardware_watch(gpio, request);
    if (code)
        hardware_let_go(gpio, request);
    return code;
}

void hardware_let_go(struct gpio *gpio, struct gpio_request *request)
{
    if (!request->kernel_request)
        return;
    (void)watch(gpio, request, false);
    request->driver->release(request);
}

bool hardware_is_unused(const struct gpio_request *request)
{
    for (unsigned i = 0; i < request->count; i++)
        if (request->lines[i] >= 0)
            return false;
    return true;
}

void hardware_drop(struct gpio *gpio, struct gpio_request *request)
{
    list_remove(&request->member);
    hardware_let_go(gpio, request);
    free(request);
}

/* ---- finding ------------------------------------------------------------------------------ */

static int find_locations(struct gpio *gpio, const struct chip_scan *chip_scan,
                          struct gpio_line *const *lines, size_t count,
                          const struct chip_scan_chip **chips, struct gpio_error *error)
{
    for (size_t i = 0; i < count; i++) {
        int code = chip_scan_find(chip_scan, &lines[i]->config, gpio->chip, &lines[i]->location,
                                  &chips[i], error);
        if (code)
            return code;
    }
    return gpio_check_locations(gpio, lines, count, error);
}

/* ---- a line that was released while the rest of its request is in use ---------------------- */

static struct gpio_request *find_released(const struct hardware *hardware, const char *path,
                                          unsigned offset, unsigned *ret_index)
{
    LIST_FOR_EACH (member, &hardware->requests) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        for (unsigned i = 0; i < request->count; i++) {
            if (request->lines[i] >= 0 || request->all_settings[i].offset != offset ||
                !request->kernel_request || strcmp(request->path, path) != 0)
                continue;
            *ret_index = i;
            return request;
        }
    }
    return NULL;
}

static bool same_config(const struct gpio_line_settings *a, const struct gpio_line_settings *b)
{
    return a->direction == b->direction && a->bias == b->bias && a->drive == b->drive &&
           a->active_low == b->active_low && a->debounce_us == b->debounce_us &&
           a->quiet == b->quiet;
}

/* Makes the smallest change: nothing, the value, or the whole configuration. */
static int change_settings(struct gpio_request *request, unsigned index,
                           const struct gpio_line_settings *wanted)
{
    struct gpio_line_settings before = request->all_settings[index];
    bool same = same_config(wanted, &before);
    if (same && (wanted->direction == GPIO_DIRECTION_INPUT || wanted->value == before.value))
        return 0;
    request->all_settings[index] = *wanted;
    int code =
        same ? request->driver->set(request, UINT64_C(1) << index, (uint64_t)wanted->value << index)
             : request->driver->reconfigure(request);
    if (code)
        request->all_settings[index] = before;
    return code;
}

/* A line that an earlier process handed over continues with the value of its pin, as with KEEP. */
static int take_released(struct gpio_request *request, unsigned index, struct gpio_line *line)
{
    struct gpio_line_settings wanted = hardware_line_settings(line);
    if (wanted.keep || request->restored) {
        uint64_t bits;
        int code = request->driver->get(request, UINT64_C(1) << index, &bits);
        if (code)
            return code;
        wanted.value =
            (bits >> index & 1) ^ (wanted.active_low != request->all_settings[index].active_low);
        wanted.keep = false;
    }
    int code = change_settings(request, index, &wanted);
    if (code)
        return code;
    request->lines[index] = line->handle;
    line->request = request;
    line->index = index;
    line->taken_over = request->restored;
    return 0;
}

static int take_all_released(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                             const struct chip_scan_chip *const *chips,
                             struct gpio_line_settings *before, struct gpio_error *error)
{
    for (size_t i = 0; i < count; i++) {
        unsigned index;
        struct gpio_request *request = find_released(gpio->state, chips[i]->report.path,
                                                     (unsigned)lines[i]->location.offset, &index);
        if (!request)
            continue;
        before[i] = request->all_settings[index];
        int code = take_released(request, index, lines[i]);
        if (code == -EOPNOTSUPP && hardware_is_unused(request)) {
            hardware_drop(gpio, request); /* to be requested */
            continue;
        }
        if (code == -EOPNOTSUPP)
            return gpio_fail(error, -EBUSY, lines[i]->name,
                             "libgpiod %s cannot change the configuration of one line of several; "
                             "restart the gateway",
                             request->driver->version());
        if (code)
            return gpio_fail(error, code, lines[i]->name, "%s offset %d: %s",
                             lines[i]->location.chip, lines[i]->location.offset, strerror(-code));
    }
    return 0;
}

/* ---- grouping ----------------------------------------------------------------------------- */

static void request_add(struct gpio_request *request, struct gpio_line *line)
{
    request->all_settings[request->count] = hardware_line_settings(line);
    request->lines[request->count] = line->handle;
    line->request = request;
    line->index = request->count++;
}

static struct gpio_request *request_new(const struct gpio_driver *driver, const char *path)
{
    struct gpio_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->driver = driver;
    (void)snprintf(request->path, sizeof request->path, "%s", path);
    return request;
}

/* The library that requests the line: one with a descriptor that can be handed over, if that is wanted. */
static const struct gpio_driver *choose_driver(const struct gpio *gpio,
                                               const struct gpio_line *line)
{
    const struct hardware *hardware = gpio->state;
    bool store_fds = gpio->store_fds && line->config.direction == GPIO_DIRECTION_OUTPUT;
    return store_fds && !hardware->driver->shows_descriptor ? &gpio_fd_store_driver
                                                            : hardware->driver;
}

static int group_line(const struct gpio *gpio, struct list *groups, struct gpio_line *line,
                      const char *path)
{
    struct gpio_line_settings wanted = hardware_line_settings(line);
    unsigned most = gpio->store_fds ? FD_STORE_LINES_MAX : REQUEST_LINES_MAX;
    LIST_FOR_EACH (member, groups) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        if (strcmp(request->path, path) == 0 && request->count < most &&
            request->driver->joins(request, &wanted)) {
            request_add(request, line);
            return 0;
        }
    }
    struct gpio_request *request = request_new(choose_driver(gpio, line), path);
    if (!request)
        return -ENOMEM;
    request_add(request, line);
    list_append(groups, &request->member);
    return 0;
}

static int group_lines(const struct gpio *gpio, struct list *groups, enum gpio_direction direction,
                       struct gpio_line *const *lines, size_t count,
                       const struct chip_scan_chip *const *chips)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i]->request || lines[i]->config.direction != direction)
            continue;
        int code = group_line(gpio, groups, lines[i], chips[i]->report.path);
        if (code)
            return code;
    }
    return 0;
}

/* ---- asking ------------------------------------------------------------------------------- */

/* The kernel refuses a request as a whole: finds the line that is in use already. */
static int fail_busy_line(const struct gpio_request *request, struct gpio_line *const *lines,
                          size_t count, const struct chip_scan_chip *const *chips,
                          struct gpio_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct gpio_line_location *location = &lines[i]->location;
        const struct gpio_line_report *report = &chips[i]->lines[location->offset];
        char what[2 * GPIO_NAME_SIZE + 24];
        if (lines[i]->request != request || !report->used)
            continue;
        (void)snprintf(what, sizeof what, "%s (%s offset %d)",
                       location->name[0] ? location->name : lines[i]->config.gpio, location->chip,
                       location->offset);
        return gpio_fail_busy(error, lines[i]->name, what, report->consumer);
    }
    return gpio_fail_busy(error, NULL, request->path, "");
}

static int fail_request(const struct gpio_request *request, int code,
                        struct gpio_line *const *lines, size_t count,
                        const struct chip_scan_chip *const *chips, struct gpio_error *error)
{
    const struct gpio_line *first = NULL;
    for (size_t i = 0; i < count && !first; i++)
        if (lines[i]->request == request)
            first = lines[i];
    const char *name = first ? first->name : NULL;
    if (code == -EBUSY)
        return fail_busy_line(request, lines, count, chips, error);
    if (code == -EACCES || code == -EPERM)
        return gpio_fail_access(error, name, request->path);
    return gpio_fail(error, code, name, "%s refuses the configuration of this line%s: %s",
                     request->path, request->count > 1 ? " or of one requested with it" : "",
                     strerror(-code));
}

/* Undoes a failed request: lines that were released before and taken are released again, as in `before`. */
static void undo(struct gpio *gpio, struct list *groups, struct gpio_line *const *lines,
                 size_t count, const struct gpio_line_settings *before)
{
    LIST_FOR_EACH (member, groups)
        hardware_drop(gpio, CONTAINER_OF(member, struct gpio_request, member));
    for (size_t i = 0; i < count; i++) {
        struct gpio_request *request = lines[i]->request;
        struct hardware *hardware = gpio->state;
        lines[i]->request = NULL;
        LIST_FOR_EACH (member, &hardware->requests)
            if (request == CONTAINER_OF(member, struct gpio_request, member)) {
                request->lines[lines[i]->index] = -1;
                (void)change_settings(request, lines[i]->index, &before[i]);
            }
    }
}

static int ask_for_all(struct gpio *gpio, struct list *groups, struct gpio_line *const *lines,
                       size_t count, const struct chip_scan_chip *const *chips,
                       struct gpio_error *error)
{
    LIST_FOR_EACH (member, groups) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        int code = hardware_request(gpio, request);
        if (code)
            return fail_request(request, code, lines, count, chips, error);
    }
    return 0;
}

/* Releases lines that were handed over and are not in the config; one line of several is released in the
 * next tick. A line that is requested later is a new one. */
static void keep_groups(struct gpio *gpio, struct list *groups, struct gpio_line *const *lines,
                        size_t count)
{
    struct hardware *hardware = gpio->state;
    LIST_FOR_EACH (member, &hardware->requests) {
        struct gpio_request *request = CONTAINER_OF(member, struct gpio_request, member);
        hardware->untidy = hardware->untidy || request->restored;
        request->restored = false;
        if (hardware_is_unused(request))
            hardware_drop(gpio, request);
    }
    if (hardware->untidy)
        gpio->events.wake_at(gpio->events.context, 0);
    LIST_FOR_EACH (member, groups) {
        list_remove(member);
        list_append(&hardware->requests, member);
    }
    for (size_t i = 0; i < count; i++) {
        lines[i]->available = true;
        lines[i]->value = lines[i]->request->all_settings[lines[i]->index].value;
    }
}

int hardware_request_lines(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                           struct gpio_error *error)
{
    const struct chip_scan_chip *chips[GPIO_LINES_MAX];
    struct gpio_line_settings before[GPIO_LINES_MAX];
    struct chip_scan chip_scan;
    const struct hardware *hardware = gpio->state;
    struct list groups;
    list_init(&groups);
    int code = chip_scan_read(&chip_scan, hardware->driver, gpio->device_folder);
    if (code)
        return gpio_fail(error, code, NULL, "out of memory");
    code = find_locations(gpio, &chip_scan, lines, count, chips, error);
    if (code)
        goto done;
    code = take_all_released(gpio, lines, count, chips, before, error);
    if (!code) {
        code = group_lines(gpio, &groups, GPIO_DIRECTION_OUTPUT, lines, count, chips);
        if (!code)
            code = group_lines(gpio, &groups, GPIO_DIRECTION_INPUT, lines, count, chips);
        code = code ? gpio_fail(error, code, NULL, "out of memory")
                    : ask_for_all(gpio, &groups, lines, count, chips, error);
    }
    if (code)
        undo(gpio, &groups, lines, count, before);
    else
        keep_groups(gpio, &groups, lines, count);
done:
    chip_scan_done(&chip_scan);
    return code;
}
