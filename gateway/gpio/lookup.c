/* Searches a scan of the chips for the line that a config names. */
#include "gpio/chip_scan.h"
#include "gpio/gpio_error.h"
#include "gpio/header.h"
#include "gpio/pin_name.h"

#include "base/number.h"
#include "base/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_pi_chip(const struct chip_scan_chip *chip)
{
    return header_is_of_chip(chip->report.label);
}

static bool any_is_pi_chip(const struct chip_scan *chip_scan)
{
    for (size_t i = 0; i < chip_scan->count; i++)
        if (is_pi_chip(&chip_scan->chips[i]))
            return true;
    return false;
}

/* A path may be a link to the device (as /dev/gpiochip-pi made by udev). */
static bool same_device(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static bool chip_matches(const struct chip_scan_chip *chip, const char *wanted)
{
    const struct gpio_chip_report *report = &chip->report;
    if (wanted[0] == '\0' || strcmp(report->name, wanted) == 0 || strcmp(report->path, wanted) == 0)
        return true;
    if (wanted[0] == '/')
        return same_device(report->path, wanted);
    return report->code == 0 && strcmp(report->label, wanted) == 0;
}

/* The first chip of those that match which may not be opened; its lines are not known. */
static const struct chip_scan_chip *find_closed(const struct chip_scan *chip_scan,
                                                const char *wanted)
{
    for (size_t i = 0; i < chip_scan->count; i++) {
        const struct chip_scan_chip *chip = &chip_scan->chips[i];
        bool may_be = chip_matches(chip, wanted) || wanted[0] != '/';
        if (chip->report.code == -EACCES && may_be)
            return chip;
    }
    return NULL;
}

struct names {
    const char **texts;
    size_t count;
};

static int names_add(struct names *names, const char *text)
{
    if (names->count % 64 == 0) {
        const char **grown = realloc(names->texts, (names->count + 64) * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        names->texts = grown;
    }
    names->texts[names->count++] = text;
    return 0;
}

static int fail_no_chip(const struct chip_scan *chip_scan, const char *line, const char *wanted,
                        struct gpio_error *error)
{
    const char *names[3 * CHIP_SCAN_CHIPS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < chip_scan->count; i++) {
        names[count++] = chip_scan->chips[i].report.label;
        names[count++] = chip_scan->chips[i].report.name;
        names[count++] = chip_scan->chips[i].report.path;
    }
    return gpio_fail_unknown(error, line, "chip", wanted, "", names, count);
}

static int fail_no_line(const struct chip_scan *chip_scan, const struct gpio_line_config *config,
                        const char *wanted, struct gpio_error *error)
{
    struct names names = {0};
    char where[GPIO_PATH_SIZE + 8] = "";
    char hint[PIN_NAME_HINT_SIZE];
    if (wanted[0])
        (void)snprintf(where, sizeof where, " on %s", wanted);
    if (any_is_pi_chip(chip_scan) && pin_name_read(config->gpio, hint) != PIN_NAME_UNKNOWN)
        return gpio_fail(error, -ENOENT, config->name, "no line \"%s\"%s; %s", config->gpio, where,
                         hint);
    for (size_t i = 0; i < chip_scan->count; i++) {
        const struct chip_scan_chip *chip = &chip_scan->chips[i];
        for (unsigned j = 0; chip_matches(chip, wanted) && chip->lines && j < chip->report.lines;
             j++)
            if (names_add(&names, chip->lines[j].name))
                break;
    }
    int code = gpio_fail_unknown(error, config->name, "line", config->gpio, where, names.texts,
                                 names.count);
    free(names.texts);
    return code;
}

struct match {
    const struct chip_scan_chip *chip;
    unsigned offset;
    unsigned chips;    /* how many chips have a line of that name */
    unsigned pi_chips; /* how many of them are a Pi's own */
};

static void match_on_chip(struct match *match, const struct chip_scan_chip *chip, const char *name)
{
    for (unsigned j = 0; chip->lines && j < chip->report.lines; j++) {
        if (strcmp(chip->lines[j].name, name) != 0)
            continue;
        bool pi = is_pi_chip(chip);
        if (match->chips == 0 || (pi && match->pi_chips == 0)) {
            match->chip = chip;
            match->offset = j;
        }
        match->chips++;
        match->pi_chips += pi;
        return;
    }
}

/* On a Pi's own chips the offset is the GPIO's number, whatever the name of the line. */
static void match_by_number(struct match *match, const struct chip_scan_chip *chip,
                            const char *name)
{
    int64_t number;
    if (match->chips > 0 || !is_pi_chip(chip) || !chip->lines || strncmp(name, "GPIO", 4) != 0 ||
        number_parse(name + 4, 0, PIN_NAME_GPIO_MAX, &number) || number >= chip->report.lines)
        return;
    match->chip = chip;
    match->offset = (unsigned)number;
    match->chips = match->pi_chips = 1;
}

static int find_by_name(const struct chip_scan *chip_scan, const struct gpio_line_config *config,
                        const char *wanted, struct match *match, struct gpio_error *error)
{
    for (size_t i = 0; i < chip_scan->count; i++)
        if (chip_matches(&chip_scan->chips[i], wanted))
            match_on_chip(match, &chip_scan->chips[i], config->gpio);
    for (size_t i = 0; i < chip_scan->count; i++)
        if (chip_matches(&chip_scan->chips[i], wanted))
            match_by_number(match, &chip_scan->chips[i], config->gpio);
    if (match->chips > 1 && match->pi_chips != 1)
        return gpio_fail(error, -EINVAL, config->name,
                         "%u chips have a line %s; choose one with \"chip\"", match->chips,
                         config->gpio);
    if (match->chips > 0)
        return 0;
    const struct chip_scan_chip *closed = find_closed(chip_scan, wanted);
    return closed ? gpio_fail_access(error, config->name, closed->report.path)
                  : fail_no_line(chip_scan, config, wanted, error);
}

static int find_by_offset(const struct chip_scan *chip_scan, const struct gpio_line_config *config,
                          const char *wanted, struct match *match, struct gpio_error *error)
{
    if (wanted[0] == '\0')
        return gpio_fail(error, -EINVAL, config->name, "\"offset\" %d needs a \"chip\"",
                         config->offset);
    for (size_t i = 0; i < chip_scan->count && !match->chip; i++)
        if (chip_matches(&chip_scan->chips[i], wanted))
            match->chip = &chip_scan->chips[i];
    if (!match->chip)
        return fail_no_chip(chip_scan, config->name, wanted, error);
    const struct gpio_chip_report *report = &match->chip->report;
    if (report->code == -EACCES)
        return gpio_fail_access(error, config->name, report->path);
    if (report->code || !match->chip->lines)
        return gpio_fail(error, report->code ? report->code : -EIO, config->name,
                         "%s cannot be opened: %s", report->path, strerror(-report->code));
    if ((unsigned)config->offset >= report->lines)
        return gpio_fail(error, -ENOENT, config->name, "%s (%s) has the offsets 0 to %u, not %d",
                         report->name, report->label, report->lines - 1, config->offset);
    match->offset = (unsigned)config->offset;
    return 0;
}

static bool any_chip_matches(const struct chip_scan *chip_scan, const char *wanted)
{
    for (size_t i = 0; i < chip_scan->count; i++)
        if (chip_matches(&chip_scan->chips[i], wanted))
            return true;
    return false;
}

int chip_scan_find(const struct chip_scan *chip_scan, const struct gpio_line_config *config,
                   const char *default_chip, struct gpio_line_location *ret_location,
                   const struct chip_scan_chip **ret_chip, struct gpio_error *error)
{
    const char *wanted = config->chip[0] ? config->chip : default_chip;
    struct match match = {0};
    if (!any_chip_matches(chip_scan, wanted)) {
        const struct chip_scan_chip *closed = find_closed(chip_scan, wanted);
        return closed ? gpio_fail_access(error, config->name, closed->report.path)
                      : fail_no_chip(chip_scan, config->name, wanted, error);
    }
    int code = config->gpio[0] ? find_by_name(chip_scan, config, wanted, &match, error)
                               : find_by_offset(chip_scan, config, wanted, &match, error);
    if (code)
        return code;
    const struct chip_scan_chip *chip = match.chip;
    if (!chip || !chip->lines) /* both are set when found; the check is for the analyzer */
        return -EINVAL;
    const struct gpio_chip_report *report = &chip->report;
    memcpy(ret_location->chip, report->name, sizeof ret_location->chip);
    memcpy(ret_location->label, report->label, sizeof ret_location->label);
    memcpy(ret_location->name, chip->lines[match.offset].name, sizeof ret_location->name);
    ret_location->offset = (int)match.offset;
    *ret_chip = chip;
    return 0;
}
