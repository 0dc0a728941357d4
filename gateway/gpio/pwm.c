#include "gpio/pwm.h"

#include "gpio/gpio_error.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/owner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PWM_FOLDER "/sys/class/pwm"

enum {
    CHIPS_MAX = 9999,
    CHANNELS_MAX = 999,
    FILE_PATH_SIZE = 256,
    STATIC_PERIOD_NS =
        1000 * 1000,     /* for a channel without one: any period suits a duty of 0 or 1 */
    PERMISSION_MS = 500, /* udev needs a few milliseconds, a busy Pi Zero more */
    POLL_MS = 5,
};

/* The settings in the kernel: the time high, unless `inversed`. */
struct channel {
    int64_t period_ns;
    int64_t duty_ns;
    bool enabled;
    bool inversed;
};

static bool is_simulated(const struct gpio *gpio)
{
    return gpio->backend->capabilities() & GPIO_CAN_SIMULATE;
}

/* ---- files -------------------------------------------------------------------------------- */

/* "" for the chip's folder, "export", "pwm0/period". Too long a path is cut: it is not found then. */
static void chip_path(const struct gpio *gpio, const struct gpio_line *line, const char *file,
                      char *path)
{
    (void)snprintf(path, FILE_PATH_SIZE, "%s/%s%s%s",
                   gpio->pwm_folder ? gpio->pwm_folder : PWM_FOLDER, line->location.chip,
                   file[0] ? "/" : "", file);
}

static void channel_path(const struct gpio *gpio, const struct gpio_line *line, const char *file,
                         char *path)
{
    char below[64];
    (void)snprintf(below, sizeof below, "pwm%d%s%s", line->location.offset, file[0] ? "/" : "",
                   file);
    chip_path(gpio, line, below, path);
}

static int write_number(const char *path, int64_t number)
{
    char text[24];
    AUTO_FD fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int length = snprintf(text, sizeof text, "%" PRId64, number);
    return write(fd, text, (size_t)length) < 0 ? -errno : 0;
}

static int read_text(const char *path, char *text, size_t size)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t got = read(fd, text, size - 1);
    if (got < 0)
        return -errno;
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return 0;
}

static int read_number(const char *path, int64_t *ret_number)
{
    char text[32];
    int code = read_text(path, text, sizeof text);
    if (!code && number_parse(text, 0, INT64_MAX, ret_number))
        code = -EIO;
    return code;
}

/* ---- a channel ---------------------------------------------------------------------------- */

static int channel_read(const struct gpio *gpio, const struct gpio_line *line,
                        struct channel *ret_channel)
{
    struct channel channel = {0};
    char path[FILE_PATH_SIZE];
    char polarity[16] = "";
    int64_t enabled = 0;
    channel_path(gpio, line, "period", path);
    int code = read_number(path, &channel.period_ns);
    channel_path(gpio, line, "duty_cycle", path);
    if (!code)
        code = read_number(path, &channel.duty_ns);
    channel_path(gpio, line, "enable", path);
    if (!code)
        code = read_number(path, &enabled);
    if (code)
        return code;
    channel_path(gpio, line, "polarity", path);
    channel.inversed = read_text(path, polarity, sizeof polarity) == 0 && polarity[0] == 'i';
    channel.enabled = enabled != 0;
    *ret_channel = channel;
    return 0;
}

static int channel_write(const struct gpio *gpio, const struct gpio_line *line, const char *file,
                         int64_t number)
{
    char path[FILE_PATH_SIZE];
    channel_path(gpio, line, file, path);
    return write_number(path, number);
}

/* The kernel refuses any moment in which the duty is longer than the period. */
static int channel_change(const struct gpio *gpio, const struct gpio_line *line,
                          const struct channel *was, int64_t period_ns, int64_t duty_ns)
{
    bool period_first = period_ns >= was->duty_ns;
    int code = 0;
    if (period_first && period_ns != was->period_ns)
        code = channel_write(gpio, line, "period", period_ns);
    if (!code && duty_ns != was->duty_ns)
        code = channel_write(gpio, line, "duty_cycle", duty_ns);
    if (!code && !period_first)
        code = channel_write(gpio, line, "period", period_ns);
    if (!code && !was->enabled)
        code = channel_write(gpio, line, "enable", 1);
    return code;
}

/* The polarity is never changed, since not every chip can: an inversed channel or an active-low line gets
 * the rest of the period instead. */
static bool is_reversed(const struct gpio_line *line, const struct channel *channel)
{
    return line->config.active_low != channel->inversed;
}

static int drive(const struct gpio *gpio, const struct gpio_line *line,
                 const struct channel *channel, double duty, int64_t period_ns)
{
    int64_t duty_ns = (int64_t)(duty * (double)period_ns + 0.5);
    if (is_reversed(line, channel))
        duty_ns = period_ns - duty_ns;
    return channel_change(gpio, line, channel, period_ns, duty_ns);
}

static int drive_value(const struct gpio *gpio, const struct gpio_line *line,
                       const struct channel *channel, uint8_t value)
{
    int64_t period_ns = channel->period_ns > 0 ? channel->period_ns : STATIC_PERIOD_NS;
    return drive(gpio, line, channel, value != 0, period_ns);
}

/* A channel without its folder was removed with its chip. */
static int removed_code(int code)
{
    return code == -ENOENT ? -ENODEV : code;
}

/* ---- finding and opening ------------------------------------------------------------------ */

static int parse_after(const char *text, size_t length, const char *prefix, int64_t max,
                       int64_t *ret_number)
{
    size_t skip = strlen(prefix);
    if (length <= skip || strncmp(text, prefix, skip) != 0)
        return -EINVAL;
    return number_parse_bytes(text + skip, length - skip, 0, max, ret_number);
}

static bool parse_channel(const char *text, int64_t *ret_chip, int64_t *ret_channel)
{
    static const char folder[] = PWM_FOLDER "/";
    const char *chip = text + sizeof folder - 1;
    if (strncmp(text, folder, sizeof folder - 1) != 0)
        return false;
    size_t length = strcspn(chip, "/");
    const char *name = chip[length] ? chip + length + 1 : "";
    return parse_after(chip, length, "pwmchip", CHIPS_MAX, ret_chip) == 0 &&
           parse_after(name, strlen(name), "pwm", CHANNELS_MAX, ret_channel) == 0;
}

bool gpio_is_pwm_channel(const char *text)
{
    int64_t chip;
    int64_t channel;
    return parse_channel(text, &chip, &channel);
}

int pwm_find(struct gpio_line *line, struct gpio_error *error)
{
    int64_t chip_number;
    int64_t channel;
    if (!parse_channel(line->config.pwm, &chip_number, &channel))
        return gpio_fail(error, -EINVAL, line->config.name, "\"%s\" is not a channel as %s",
                         line->config.pwm, PWM_FOLDER "/pwmchip0/pwm0");
    struct gpio_line_location *location = &line->location;
    (void)snprintf(location->chip, sizeof location->chip, "pwmchip%d", (int)chip_number);
    (void)snprintf(location->label, sizeof location->label, "pwm");
    (void)snprintf(location->name, sizeof location->name, "%s", line->config.gpio);
    if (!location->name[0])
        (void)snprintf(location->name, sizeof location->name, "pwm%d", (int)channel);
    location->offset = (int)channel;
    return 0;
}

static int fail_no_chip(const char *path, const struct gpio_line *line, struct gpio_error *error)
{
    return gpio_fail(error, -ENOENT, line->name,
                     "no %s here; on a Raspberry Pi dtoverlay=pwm (one channel, on GPIO18) or "
                     "dtoverlay=pwm-2chan in /boot/firmware/config.txt and a new start bring it",
                     path);
}

static int fail_no_channel(const struct gpio *gpio, const struct gpio_line *line,
                           struct gpio_error *error)
{
    char path[FILE_PATH_SIZE];
    int64_t count;
    chip_path(gpio, line, "npwm", path);
    if (read_number(path, &count) == 0 && count > 0 && line->location.offset >= count)
        return gpio_fail(error, -ENOENT, line->name, "%s has the channels 0 to %d, not %d",
                         line->location.chip, (int)count - 1, line->location.offset);
    return gpio_fail(error, -ENOENT, line->name, "%s does not give its channel %d",
                     line->location.chip, line->location.offset);
}

static int fail_access(const char *path, const struct gpio_line *line, struct gpio_error *error)
{
    char group[32];
    struct stat status;
    gpio_group_of(path, group, sizeof group);
    if (strcmp(group, "root") != 0 && stat(path, &status) == 0 && (status.st_mode & 020)) {
        const struct passwd *user = getpwuid(geteuid());
        return gpio_fail(error, -EACCES, line->name,
                         "no permission for %s (group %s); sudo usermod -aG %s %s, then log in "
                         "again",
                         path, group, group, user ? user->pw_name : "$USER");
    }
    return gpio_fail(error, -EACCES, line->name,
                     "no permission for %s (group %s); a udev rule gives it to the group gpio: "
                     "SUBSYSTEM==\"pwm\", ACTION==\"add|change\", RUN+=\"/bin/sh -c 'chgrp -R gpio "
                     "/sys%%p; chmod -R g=u /sys%%p'\"",
                     path, group);
}

static int fail_file(const char *path, int code, const struct gpio_line *line,
                     struct gpio_error *error)
{
    if (code == -EACCES)
        return fail_access(path, line, error);
    if (code == -EROFS)
        return gpio_fail(error, code, line->name,
                         "%s cannot be written: /sys is read-only in this service or container; "
                         "ProtectKernelTunables=no in the unit, or --privileged, lets it through",
                         path);
    return gpio_fail(error, code, line->name, "%s: %s", path, strerrordesc_np(-code));
}

static bool channel_exists(const struct gpio *gpio, const struct gpio_line *line)
{
    char path[FILE_PATH_SIZE];
    channel_path(gpio, line, "", path);
    return access(path, F_OK) == 0;
}

/* 0 when all files may be written; else the errno of the first that may not, and its `path`. */
static int check_files(const struct gpio *gpio, const struct gpio_line *line, char *path)
{
    static const char *const files[] = {"period", "duty_cycle", "enable"};
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        channel_path(gpio, line, files[i], path);
        if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
            return -errno;
    }
    return 0;
}

static int wait_for_files(const struct gpio *gpio, const struct gpio_line *line, char *path)
{
    static const struct timespec pause = {.tv_nsec = POLL_MS * CLOCK_NS_PER_MS};
    int64_t end_ns = clock_monotonic_ns() + PERMISSION_MS * CLOCK_NS_PER_MS;
    int code = check_files(gpio, line, path);
    while ((code == -ENOENT || code == -EACCES) && clock_monotonic_ns() < end_ns) {
        (void)nanosleep(&pause, NULL);
        code = check_files(gpio, line, path);
    }
    return code;
}

int pwm_locate(const struct gpio_options *options, const struct gpio_line_config *config,
               struct gpio_finding *ret_finding)
{
    const struct gpio gpio = {.pwm_folder = options->pwm_folder};
    struct gpio_line line = {.config = *config};
    char path[FILE_PATH_SIZE];
    (void)snprintf(line.name, sizeof line.name, "%s", config->name);
    if (pwm_find(&line, &ret_finding->error) == 0) {
        ret_finding->location = line.location;
        chip_path(&gpio, &line, "", path);
        if (access(path, F_OK) < 0)
            (void)fail_no_chip(path, &line, &ret_finding->error);
    }
    ret_finding->error.line = config->name;
    return 0;
}

int pwm_open(const struct gpio *gpio, const struct gpio_line *line, struct gpio_error *error)
{
    char path[FILE_PATH_SIZE];
    if (is_simulated(gpio))
        return 0;
    chip_path(gpio, line, "", path);
    if (access(path, F_OK) < 0)
        return errno == ENOENT ? fail_no_chip(path, line, error)
                               : fail_file(path, -errno, line, error);
    if (channel_exists(gpio, line)) {
        int code = check_files(gpio, line, path);
        return code ? fail_file(path, code, line, error) : 0;
    }
    chip_path(gpio, line, "export", path);
    int code = write_number(path, line->location.offset);
    if (code == -ENODEV || code == -EINVAL)
        return fail_no_channel(gpio, line, error);
    /* Busy: another program or a driver of the kernel uses it. */
    if (code == -EBUSY && !channel_exists(gpio, line)) {
        char what[64];
        (void)snprintf(what, sizeof what, "channel %d of %s", line->location.offset,
                       line->location.chip);
        return gpio_fail_busy(error, line->name, what, "");
    }
    if (code && code != -EBUSY)
        return fail_file(path, code, line, error);
    code = wait_for_files(gpio, line, path);
    return code ? fail_file(path, code, line, error) : 0;
}

/* ---- values ------------------------------------------------------------------------------- */

/* A channel that is not enabled leaves its pin low. */
static uint8_t value_found(const struct gpio_line *line, const struct channel *channel)
{
    if (!channel->enabled)
        return line->config.active_low;
    return is_reversed(line, channel) ? channel->duty_ns < channel->period_ns
                                      : channel->duty_ns > 0;
}

int pwm_start(const struct gpio *gpio, struct gpio_line *line, struct gpio_error *error)
{
    struct channel channel;
    line->available = true;
    line->value = line->config.initial == GPIO_INITIAL_ACTIVE;
    if (is_simulated(gpio))
        return 0;
    int code = channel_read(gpio, line, &channel);
    if (!code && line->config.initial == GPIO_INITIAL_KEEP)
        line->value = value_found(line, &channel);
    if (!code)
        code = drive_value(gpio, line, &channel, line->value);
    if (code)
        return gpio_fail(error, code, line->name, "channel %d of %s cannot be set: %s",
                         line->location.offset, line->location.chip, strerrordesc_np(-code));
    return 0;
}

int pwm_set(const struct gpio *gpio, struct gpio_line *line, uint8_t value)
{
    struct channel channel;
    int code = 0;
    if (!is_simulated(gpio)) {
        code = channel_read(gpio, line, &channel);
        if (!code)
            code = drive_value(gpio, line, &channel, value);
    }
    if (!code)
        line->value = value != 0;
    return removed_code(code);
}

int gpio_set_pwm(struct gpio *gpio, int line, double duty, double hz)
{
    assert(line >= 0 && line < GPIO_LINES_MAX && gpio->lines[line]);
    struct gpio_line *driven = gpio->lines[line];
    struct channel channel;
    int code = 0;
    if (!pwm_drives(driven))
        return -EOPNOTSUPP;
    if (!(duty >= 0 && duty <= 1 && hz > 0))
        return -EINVAL;
    if (!is_simulated(gpio)) {
        int64_t period_ns = (int64_t)((double)CLOCK_NS_PER_SECOND / hz + 0.5);
        code = channel_read(gpio, driven, &channel);
        if (!code)
            code = drive(gpio, driven, &channel, duty, period_ns);
    }
    if (!code)
        driven->value = duty > 0;
    return removed_code(code);
}
