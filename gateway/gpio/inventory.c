#include "gpio/inventory.h"
#include "gpio/pwm.h"
#include "gpio/remedy.h"

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
static size_t list_chips(const char *folder, int numbers[INVENTORY_CHIPS_MAX])
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
        if (at == INVENTORY_CHIPS_MAX)
            continue;
        count -= count == INVENTORY_CHIPS_MAX;
        memmove(&numbers[at + 1], &numbers[at], (count - at) * sizeof numbers[0]);
        numbers[at] = number;
        count++;
    }
    (void)closedir(entries);
    return count;
}

bool inventory_has_chips(const char *folder)
{
    int numbers[INVENTORY_CHIPS_MAX];
    return list_chips(folder, numbers) > 0;
}

int inventory_read(struct inventory *inventory, const struct gpio_driver *driver,
                   const char *folder)
{
    int numbers[INVENTORY_CHIPS_MAX];
    size_t count = list_chips(folder, numbers);
    memset(inventory, 0, sizeof *inventory);
    for (size_t i = 0; i < count; i++) {
        struct inventory_chip *chip = &inventory->chips[inventory->count];
        struct gpio_chip_report *report = &chip->report;
        (void)snprintf(report->name, sizeof report->name, CHIP_PREFIX "%d", numbers[i]);
        (void)snprintf(report->path, sizeof report->path, "%s/" CHIP_PREFIX "%d", folder,
                       numbers[i]);
        gpio_group_of(report->path, report->group, sizeof report->group);
        int code = driver->describe(report->path, report, &chip->lines);
        if (code == -ENOMEM) {
            inventory_done(inventory);
            return code;
        }
        /* A container's device rules say EPERM. */
        report->code = code == -EPERM ? -EACCES : code;
        inventory->count++;
    }
    return 0;
}

void inventory_done(struct inventory *inventory)
{
    for (size_t i = 0; i < inventory->count; i++)
        free(inventory->chips[i].lines);
    inventory->count = 0;
}

static void look(const struct inventory *inventory, const struct gpio_options *options,
                 const struct gpio_line_config *config, struct gpio_finding *finding)
{
    const struct inventory_chip *chip;
    if (inventory_find(inventory, config, options->chip, &finding->place, &chip, &finding->error))
        return;
    const struct gpio_line_report *line = &chip->lines[finding->place.offset];
    finding->used = line->used;
    (void)snprintf(finding->consumer, sizeof finding->consumer, "%s", line->consumer);
}

int gpio_look(const struct gpio_options *options, const struct gpio_line_config *config,
              struct gpio_finding *ret_finding)
{
    struct inventory inventory;
    const struct gpio_driver *driver = gpio_driver_library();
    const char *folder = options->device_folder ? options->device_folder : "/dev";
    *ret_finding = (struct gpio_finding){0};
    if (config->pwm[0])
        return pwm_look(options, config, ret_finding);
    if (!driver || !inventory_has_chips(folder)) {
        (void)gpio_fail_no_chip(&ret_finding->error, folder);
        return 0;
    }
    int code = inventory_read(&inventory, driver, folder);
    if (code)
        return code;
    look(&inventory, options, config, ret_finding);
    inventory_done(&inventory);
    return 0;
}

const char *gpio_built_in(void)
{
    return gpio_driver_library() ? gpio_driver_library()->version() : "";
}

int gpio_survey(const char *device_folder,
                void (*chip)(void *context, const struct gpio_chip_report *report),
                void (*line)(void *context, const struct gpio_chip_report *chip,
                             const struct gpio_line_report *report),
                void *context)
{
    struct inventory inventory;
    const struct gpio_driver *driver = gpio_driver_library();
    const char *folder = device_folder ? device_folder : "/dev";
    if (!driver)
        return inventory_has_chips(folder) ? -EOPNOTSUPP : -ENOENT;
    int code = inventory_read(&inventory, driver, folder);
    if (code)
        return code;
    for (size_t i = 0; i < inventory.count; i++) {
        const struct inventory_chip *found = &inventory.chips[i];
        if (chip)
            chip(context, &found->report);
        for (unsigned j = 0; line && found->lines && j < found->report.lines; j++)
            line(context, &found->report, &found->lines[j]);
    }
    code = inventory.count == 0 ? -ENOENT : 0;
    inventory_done(&inventory);
    return code;
}
