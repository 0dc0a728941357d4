/* Requests that outlive the process. A request lasts as long as its descriptor or a copy of it. No library
 * accepts a descriptor from elsewhere, so this file makes the kernel's own calls (Linux uAPI gpio.h, second
 * ABI) for descriptors of an earlier process, and for outputs that are handed over where the library does
 * not expose its descriptor. */
#include "gpio/fd_store.h"

#include "base/number.h"
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

enum { OFFSET_MAX = 9999, EVENTS_MAX = 64 };

struct kernel_request {
    int fd;
};

static int descriptor(const struct gpio_request *request, unsigned index)
{
    const struct kernel_request *kernel_request = request->kernel_request;
    (void)index;
    return kernel_request->fd;
}

static uint64_t mask_of(unsigned count)
{
    return count >= REQUEST_LINES_MAX ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

/* ---- configuration ------------------------------------------------------------------------ */

static uint64_t flags_of(const struct gpio_line_settings *wanted)
{
    static const uint64_t biases[] = {
        [GPIO_BIAS_AS_IS] = 0,
        [GPIO_BIAS_DISABLED] = GPIO_V2_LINE_FLAG_BIAS_DISABLED,
        [GPIO_BIAS_PULL_UP] = GPIO_V2_LINE_FLAG_BIAS_PULL_UP,
        [GPIO_BIAS_PULL_DOWN] = GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN,
    };
    static const uint64_t drives[] = {
        [GPIO_DRIVE_PUSH_PULL] = 0,
        [GPIO_DRIVE_OPEN_DRAIN] = GPIO_V2_LINE_FLAG_OPEN_DRAIN,
        [GPIO_DRIVE_OPEN_SOURCE] = GPIO_V2_LINE_FLAG_OPEN_SOURCE,
    };
    uint64_t flags = wanted->active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0;
    if (wanted->keep) /* requested without a direction until its value is read */
        return flags;
    uint64_t edges = GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
    if (wanted->direction == GPIO_DIRECTION_INPUT)
        return flags | biases[wanted->bias] | GPIO_V2_LINE_FLAG_INPUT | (wanted->quiet ? 0 : edges);
    return flags | biases[wanted->bias] | drives[wanted->drive] | GPIO_V2_LINE_FLAG_OUTPUT;
}

/* Returns the attribute for lines with these flags; adds it if it is missing. */
static bool same_attribute(const struct gpio_v2_line_attribute *a,
                           const struct gpio_v2_line_attribute *b)
{
    if (a->id != b->id)
        return false;
    return a->id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE ? a->debounce_period_us == b->debounce_period_us
                                                  : a->flags == b->flags;
}

/* Gives line `index` this attribute, flags or a period; lines with equal ones share it. */
static int add_attribute(struct gpio_v2_line_config *config, struct gpio_v2_line_attribute wanted,
                         unsigned index)
{
    unsigned i = 1;
    while (i < config->num_attrs && !same_attribute(&config->attrs[i].attr, &wanted))
        i++;
    if (i == GPIO_V2_LINE_NUM_ATTRS_MAX)
        return -E2BIG;
    if (i == config->num_attrs)
        config->attrs[config->num_attrs++].attr = wanted;
    config->attrs[i].mask |= UINT64_C(1) << index;
    return 0;
}

static int add_settings(struct gpio_v2_line_config *config, const struct gpio_line_settings *wanted,
                        unsigned index)
{
    struct gpio_v2_line_attribute flags = {.id = GPIO_V2_LINE_ATTR_ID_FLAGS,
                                           .flags = flags_of(wanted)};
    struct gpio_v2_line_attribute debounce = {.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE,
                                              .debounce_period_us = wanted->debounce_us};
    const struct gpio_driver *library = gpio_driver_library();
    bool debounces = wanted->direction == GPIO_DIRECTION_INPUT && wanted->debounce_us > 0 &&
                     library &&
                     (library->capabilities & GPIO_CAN_DEBOUNCE); /* else the circuit does it */
    int code = add_attribute(config, flags, index);
    return code || !debounces ? code : add_attribute(config, debounce, index);
}

/* The first attribute is for the values. driver_fits() decides which lines fit into a request. */
static int fill_config(const struct gpio_request *request, struct gpio_v2_line_config *config)
{
    memset(config, 0, sizeof *config);
    config->num_attrs = 1;
    config->attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    config->attrs[0].mask = mask_of(request->count);
    for (unsigned i = 0; i < request->count; i++) {
        int code = add_settings(config, &request->all_settings[i], i);
        if (code)
            return code;
        config->attrs[0].attr.values |= (uint64_t)request->all_settings[i].value << i;
    }
    return 0;
}

static int reconfigure(struct gpio_request *request)
{
    struct gpio_v2_line_config config;
    int code = fill_config(request, &config);
    if (code)
        return code;
    return ioctl(descriptor(request, 0), GPIO_V2_LINE_SET_CONFIG_IOCTL, &config) < 0 ? -errno : 0;
}

/* ---- values ------------------------------------------------------------------------------- */

static int get_lines(struct gpio_request *request, uint64_t mask, uint64_t *ret_bits)
{
    struct gpio_v2_line_values values = {.mask = mask};
    if (ioctl(descriptor(request, 0), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0)
        return -errno;
    *ret_bits = values.bits;
    return 0;
}

static int set_lines(struct gpio_request *request, uint64_t mask, uint64_t bits)
{
    struct gpio_v2_line_values values = {.mask = mask, .bits = bits};
    return ioctl(descriptor(request, 0), GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? -errno : 0;
}

static int read_edges(struct gpio_request *request, int fd, struct gpio_edge_event *edge_events)
{
    struct gpio_v2_line_event events[EVENTS_MAX];
    ssize_t got = read(fd, events, sizeof events);
    if (got < 0)
        return -errno;
    int count = (int)((size_t)got / sizeof events[0]);
    for (int i = 0; i < count; i++) {
        unsigned index = 0;
        while (index + 1 < request->count &&
               request->all_settings[index].offset != events[i].offset)
            index++;
        edge_events[i] = (struct gpio_edge_event){
            .index = index,
            .value = events[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE,
            .sequence = events[i].line_seqno,
            .edge_ns = (int64_t)events[i].timestamp_ns,
        };
    }
    return count;
}

/* ---- requests ----------------------------------------------------------------------------- */

static int hold(struct gpio_request *request, int fd)
{
    struct kernel_request *kernel_request = malloc(sizeof *kernel_request);
    if (!kernel_request) {
        (void)close(fd);
        return -ENOMEM;
    }
    kernel_request->fd = fd;
    request->kernel_request = kernel_request;
    return 0;
}

static void release(struct gpio_request *request)
{
    (void)close(descriptor(request, 0));
    free(request->kernel_request);
    request->kernel_request = NULL;
}

static int keep_values(struct gpio_request *request)
{
    uint64_t bits = 0;
    bool any = false;
    for (unsigned i = 0; i < request->count; i++)
        any = any || request->all_settings[i].keep;
    if (!any)
        return 0;
    int code = get_lines(request, mask_of(request->count), &bits);
    if (code)
        return code;
    for (unsigned i = 0; i < request->count; i++) {
        if (request->all_settings[i].keep)
            request->all_settings[i].value = bits >> i & 1;
        request->all_settings[i].keep = false;
    }
    return reconfigure(request);
}

static int request_lines(struct gpio_request *request, const char *consumer)
{
    struct gpio_v2_line_request asked = {.num_lines = request->count};
    int code = fill_config(request, &asked.config);
    if (code)
        return code;
    for (unsigned i = 0; i < request->count; i++)
        asked.offsets[i] = request->all_settings[i].offset;
    (void)snprintf(asked.consumer, sizeof asked.consumer, "%s", consumer);
    AUTO_FD chip = open(request->path, O_RDWR | O_CLOEXEC);
    if (chip < 0 || ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &asked) < 0)
        return -errno;
    code = hold(request, asked.fd);
    if (code)
        return code;
    if (fcntl(asked.fd, F_SETFL, O_NONBLOCK) < 0)
        code = -errno;
    if (!code)
        code = keep_values(request);
    if (code)
        release(request);
    return code;
}

static const char *version(void)
{
    return "";
}

const struct gpio_driver gpio_fd_store_driver = {
    .version = version,
    .capabilities = GPIO_CAN_SET_AT_ONCE,
    .shows_descriptor = true,
    .describe = NULL,
    .joins = driver_fits,
    .request = request_lines,
    .reconfigure = reconfigure,
    .release = release,
    .get = get_lines,
    .set = set_lines,
    .descriptor = descriptor,
    .read = read_edges,
};

/* ---- names -------------------------------------------------------------------------------- */

int fd_store_name(const struct gpio_request *request, char *name, size_t size)
{
    const char *chip = strrchr(request->path, '/');
    int used = snprintf(name, size, "%s", chip ? chip + 1 : request->path);
    for (unsigned i = 0; i < request->count && used > 0 && (size_t)used < size; i++) {
        int more = snprintf(name + used, size - (size_t)used, "%c%u", i == 0 ? '/' : ',',
                            request->all_settings[i].offset);
        used = more < 0 ? more : used + more;
    }
    return used > 0 && (size_t)used < size ? 0 : -ENAMETOOLONG;
}

/* "gpiochip0/17,27" in `folder`. */
static int parse_name(const char *name, const char *folder, struct gpio_request *request)
{
    const char *slash = strchr(name, '/');
    if (!slash || strncmp(name, "gpiochip", 8) != 0 ||
        snprintf(request->path, sizeof request->path, "%s/%.*s", folder, (int)(slash - name),
                 name) >= (int)sizeof request->path)
        return -EINVAL;
    for (const char *at = slash; *at; at += 1 + strcspn(at + 1, ",")) {
        int64_t offset;
        if (request->count == REQUEST_LINES_MAX ||
            number_parse_bytes(at + 1, strcspn(at + 1, ","), 0, OFFSET_MAX, &offset))
            return -EINVAL;
        request->lines[request->count] = -1;
        request->all_settings[request->count++].offset = (unsigned)offset;
    }
    return request->count > 0 ? 0 : -EINVAL;
}

static void settings_from_flags(struct gpio_line_settings *wanted, uint64_t flags)
{
    wanted->direction =
        flags & GPIO_V2_LINE_FLAG_OUTPUT ? GPIO_DIRECTION_OUTPUT : GPIO_DIRECTION_INPUT;
    wanted->active_low = flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    wanted->bias = flags & GPIO_V2_LINE_FLAG_BIAS_DISABLED    ? GPIO_BIAS_DISABLED
                   : flags & GPIO_V2_LINE_FLAG_BIAS_PULL_UP   ? GPIO_BIAS_PULL_UP
                   : flags & GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN ? GPIO_BIAS_PULL_DOWN
                                                              : GPIO_BIAS_AS_IS;
    wanted->drive = flags & GPIO_V2_LINE_FLAG_OPEN_DRAIN    ? GPIO_DRIVE_OPEN_DRAIN
                    : flags & GPIO_V2_LINE_FLAG_OPEN_SOURCE ? GPIO_DRIVE_OPEN_SOURCE
                                                            : GPIO_DRIVE_PUSH_PULL;
}

/* The kernel does not report the lines of a descriptor: the chip must report each line of the name as used by
 * this consumer, and the descriptor must have as many lines. */
static int read_lines(struct gpio_request *request, const char *consumer)
{
    uint64_t bits = 0;
    AUTO_FD chip = open(request->path, O_RDWR | O_CLOEXEC);
    if (chip < 0)
        return -errno;
    for (unsigned i = 0; i < request->count; i++) {
        struct gpio_v2_line_info info = {.offset = request->all_settings[i].offset};
        if (ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &info) < 0)
            return -errno;
        if (!(info.flags & GPIO_V2_LINE_FLAG_USED) ||
            strncmp(info.consumer, consumer, sizeof info.consumer) != 0)
            return -EINVAL;
        settings_from_flags(&request->all_settings[i], info.flags);
    }
    if (request->count < REQUEST_LINES_MAX &&
        get_lines(request, UINT64_C(1) << request->count, &bits) == 0)
        return -EINVAL;
    int code = get_lines(request, mask_of(request->count), &bits);
    for (unsigned i = 0; i < request->count && !code; i++)
        request->all_settings[i].value = bits >> i & 1;
    return code;
}

static int restore_fd(struct gpio_request *request, const char *name, const char *folder,
                      const char *consumer)
{
    int fd = descriptor(request, 0);
    int code = parse_name(name, folder, request);
    if (!code)
        code = read_lines(request, consumer);
    if (!code && (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0))
        code = -errno;
    return code;
}

int fd_store_request(const char *name, int fd, const char *folder, const char *consumer,
                     struct gpio_request **ret_request)
{
    struct gpio_request *request = calloc(1, sizeof *request);
    if (!request) {
        (void)close(fd);
        return -ENOMEM;
    }
    request->driver = &gpio_fd_store_driver;
    request->restored = true;
    int code = hold(request, fd);
    if (!code)
        code = restore_fd(request, name, folder, consumer);
    if (code) {
        if (request->kernel_request)
            release(request);
        free(request);
        return code;
    }
    *ret_request = request;
    return 0;
}
