#include "gpio/chip_scan.h"
#include "gpio/gpio_error.h"
#include "gpio/pwm.h"

#include "base/number.h"
#include "base/owner.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHIP_PREFIX "gpiochip"

enum { CHIP_NUMBER_MAX = 999999 };

static int chip_number(const char *name)
{
    int64_t number;
    if (strncmp(name, CHIP_PREFIX, strlen(CHIP_PREFIX)) != 0 ||
        number_parse(name + strlen(CHIP_PREFIX), 0, CHIP_NUMBER_MAX, &number))
        return -1;
    return (int)number;
}

/* The numbers of the chips in `folder`, in order; how many. */
static size_t list_chips(const char *folder, int numbers[CHIP_SCAN_CHIPS_MAX])
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    if (!entries)
        return 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        int number = chip_number(entry->d_name);
        size_t at = count;
        if (number < 0)
            continue;
        while (at > 0 && number < numbers[at - 1])
            at--;
        if (at == CHIP_SCAN_CHIPS_MAX)
            continue;
        count -= count == CHIP_SCAN_CHIPS_MAX;
        memmove(&numbers[at + 1], &numbers[at], (count - at) * sizeof numbers[0]);
        numbers[at] = number;
        count++;
    }
    (void)closedir(entries);
    return count;
}

bool chip_scan_has_chips(const char *folder)
{
    int numbers[CHIP_SCAN_CHIPS_MAX];
    return list_chips(folder, numbers) > 0;
}

int chip_scan_read(struct chip_scan *chip_scan, const struct gpio_driver *driver,
                   const char *folder)
{
    int numbers[CHIP_SCAN_CHIPS_MAX];
    size_t count = list_chips(folder, numbers);
    memset(chip_scan, 0, sizeof *chip_scan);
    for (size_t i = 0; i < count; i++) {
        struct chip_scan_chip *chip = &chip_scan->chips[chip_scan->count];
        struct gpio_chip_report *report = &chip->report;
        (void)snprintf(report->name, sizeof report->name, CHIP_PREFIX "%d", numbers[i]);
        (void)snprintf(report->path, sizeof report->path, "%s/" CHIP_PREFIX "%d", folder,
                       numbers[i]);
        gpio_group_of(report->path, report->group, sizeof report->group);
        int code = driver->describe(report->path, report, &chip->lines);
        if (code == -ENOMEM) {
            chip_scan_done(chip_scan);
            return code;
        }
        /* A container's device rules say EPERM. */
        report->code = code == -EPERM ? -EACCES : code;
        chip_scan->count++;
    }
    return 0;
}

void chip_scan_done(struct chip_scan *chip_scan)
{
    for (size_t i = 0; i < chip_scan->count; i++)
        free(chip_scan->chips[i].lines);
    chip_scan->count = 0;
}

static void examine(const struct chip_scan *chip_scan, const struct gpio_options *options,
                    const struct gpio_line_config *config, struct gpio_finding *finding)
{
    const struct chip_scan_chip *chip;
    if (chip_scan_find(chip_scan, config, options->chip, &finding->location, &chip,
                       &finding->error))
        return;
    const struct gpio_line_report *line = &chip->lines[finding->location.offset];
    finding->used = line->used;
    (void)snprintf(finding->consumer, sizeof finding->consumer, "%s", line->consumer);
}

int gpio_locate(const struct gpio_options *options, const struct gpio_line_config *config,
                struct gpio_finding *ret_finding)
{
    struct chip_scan chip_scan;
    const struct gpio_driver *driver = gpio_driver_library();
    const char *folder = options->device_folder ? options->device_folder : "/dev";
    *ret_finding = (struct gpio_finding){0};
    if (config->pwm[0])
        return pwm_locate(options, config, ret_finding);
    if (!driver || !chip_scan_has_chips(folder)) {
        (void)gpio_fail_no_chip(&ret_finding->error, folder);
        return 0;
    }
    int code = chip_scan_read(&chip_scan, driver, folder);
    if (code)
        return code;
    examine(&chip_scan, options, config, ret_finding);
    chip_scan_done(&chip_scan);
    return 0;
}

const char *gpio_built_in(void)
{
    return gpio_driver_library() ? gpio_driver_library()->version() : "";
}

int gpio_scan_chips(const char *device_folder,
                    void (*chip)(void *context, const struct gpio_chip_report *report),
                    void (*line)(void *context, const struct gpio_chip_report *chip,
                                 const struct gpio_line_report *report),
                    void *context)
{
    struct chip_scan chip_scan;
    const struct gpio_driver *driver = gpio_driver_library();
    const char *folder = device_folder ? device_folder : "/dev";
    if (!driver)
        return chip_scan_has_chips(folder) ? -EOPNOTSUPP : -ENOENT;
    int code = chip_scan_read(&chip_scan, driver, folder);
    if (code)
        return code;
    for (size_t i = 0; i < chip_scan.count; i++) {
        const struct chip_scan_chip *found = &chip_scan.chips[i];
        if (chip)
            chip(context, &found->report);
        for (unsigned j = 0; line && found->lines && j < found->report.lines; j++)
            line(context, &found->report, &found->lines[j]);
    }
    code = chip_scan.count == 0 ? -ENOENT : 0;
    chip_scan_done(&chip_scan);
    return code;
}
