#include "config/keys.h"

#include "config/diagnostic.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *chip_of(const struct config *config, const struct gpio_line_config *line)
{
    return line->chip[0] ? line->chip : config->gpio.chip;
}

/* What is missing to find the line on a machine with GPIO chips; NULL for nothing. */
static const char *missing_location(const struct config *config,
                                    const struct circuit_line_options *options)
{
    const struct gpio_line_config *line = &options->gpio;
    if (options->pwm_channel[0] || line->gpio[0] || (line->offset >= 0 && *chip_of(config, line)))
        return NULL;
    if (line->offset >= 0)
        return "an offset needs a chip, here or in gpio.chip";
    return "nothing says where the line is: give gpio, or chip and offset";
}

/* The key by which the two are surely at one location; NULL when they are not, or only the hardware can
 * tell. */
static const char *same_location(const struct config *config, const struct gpio_line_config *a,
                                 const struct gpio_line_config *b)
{
    if (strcmp(chip_of(config, a), chip_of(config, b)) != 0)
        return NULL;
    if (a->gpio[0] && strcmp(a->gpio, b->gpio) == 0)
        return "gpio";
    return a->offset >= 0 && a->offset == b->offset ? "offset" : NULL;
}

static void check_taken(struct field_reader *reader, const struct json *item, size_t index)
{
    const struct config *config = config_of(reader);
    const struct circuit_line_options *lines = config->circuit.lines;
    for (size_t i = 0; i < index; i++) {
        const char *key = same_location(config, &lines[i].gpio, &lines[index].gpio);
        if (!key)
            continue;
        char leaf[64];
        (void)snprintf(leaf, sizeof leaf, "circuit.lines[%zu].%s", index, key);
        char shown[FIELD_SHOWN_SIZE];
        field_fail(reader, json_get(item, key), leaf, "%s is taken by \"%s\", circuit.lines[%zu]",
                   field_show(json_get(item, key), shown), lines[i].name, i);
        return;
    }
}

void locations_check(struct field_reader *reader, const struct json *root)
{
    const struct config *config = config_of(reader);
    const struct json *item = json_first(json_get(json_get(root, "circuit"), "lines"));
    for (size_t i = 0; i < config->circuit.line_count; i++, item = json_next(item)) {
        const char *missing = missing_location(config, &config->circuit.lines[i]);
        if (missing && config->gpio.backend == GPIO_BACKEND_GPIOD && json_is(item, JSON_OBJECT)) {
            char leaf[64];
            (void)snprintf(leaf, sizeof leaf, "circuit.lines[%zu]", i);
            field_fail(reader, item, leaf, "%s", missing);
        }
        check_taken(reader, item, i);
    }
}

int config_check_locations(const struct config *config, const char *path,
                           struct config_report *report)
{
    size_t before = report->errors;
    for (size_t i = 0; i < config->circuit.line_count; i++) {
        const char *missing = missing_location(config, &config->circuit.lines[i]);
        if (missing)
            report_add(report, path, "circuit.lines[%zu]: %s", i, missing);
    }
    if (report->text.error)
        return report->text.error;
    return report->errors > before ? -EBADMSG : 0;
}
