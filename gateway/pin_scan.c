#include "pin_scan.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/nearest.h"
#include "circuit/circuit.h"
#include "circuit/line_state.h"
#include "protocol/problem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIMULATED_BOARD "Simulator"

enum { GROWTH = 64 };

/* The context of the chip scan. */
struct scanning {
    struct pin_scan *pin_scan;
    const struct gpio_options *options;
    char header_chip[GPIO_NAME_SIZE]; /* "" where no chip drives a header */
    char header_label[GPIO_NAME_SIZE];
    bool out_of_memory;
};

static bool is_simulated(struct circuit *circuit)
{
    return gpio_capabilities(circuit_gpio(circuit)) & GPIO_CAN_SIMULATE;
}

static struct pin *add_pin(struct pin_scan *pin_scan)
{
    if (pin_scan->count % GROWTH == 0) {
        struct pin *grown =
            realloc(pin_scan->pins, (pin_scan->count + GROWTH) * sizeof *pin_scan->pins);
        if (!grown)
            return NULL;
        pin_scan->pins = grown;
    }
    struct pin *pin = &pin_scan->pins[pin_scan->count++];
    *pin = (struct pin){.offset = -1};
    return pin;
}

/* ---- a header ---- */

static int add_header(struct pin_scan *pin_scan, const char *chip)
{
    for (int number = 1; number <= HEADER_PINS; number++) {
        const struct header_pin *header_pin = header_pin_at(number);
        struct pin *pin = add_pin(pin_scan);
        if (!pin)
            return -ENOMEM;
        (void)snprintf(pin->name, sizeof pin->name, "%s", header_pin->name);
        pin->header_pin = header_pin;
        pin->offset = header_pin->gpio;
        if (header_pin->gpio >= 0)
            (void)snprintf(pin->chip, sizeof pin->chip, "%s", chip);
    }
    return 0;
}

static struct pin *pin_of_offset(const struct pin_scan *pin_scan, const char *chip, int offset)
{
    for (size_t i = 0; i < pin_scan->count; i++)
        if (pin_scan->pins[i].offset == offset && offset >= 0 &&
            strcmp(pin_scan->pins[i].chip, chip) == 0)
            return &pin_scan->pins[i];
    return NULL;
}

/* ---- chips ---- */

static void find_header(void *context, const struct gpio_chip_report *chip)
{
    struct scanning *scanning = context;
    if (chip->code || scanning->header_chip[0] || !header_is_of_chip(chip->label))
        return;
    (void)snprintf(scanning->header_chip, sizeof scanning->header_chip, "%s", chip->name);
    (void)snprintf(scanning->header_label, sizeof scanning->header_label, "%s", chip->label);
}

/* The config may name one chip for all lines. */
static bool is_of_config(const struct scanning *scanning, const struct gpio_chip_report *chip)
{
    const char *wanted = scanning->options->chip;
    return wanted[0] == '\0' || strcmp(wanted, chip->name) == 0 ||
           strcmp(wanted, chip->label) == 0 || strcmp(wanted, chip->path) == 0;
}

static void add_line(void *context, const struct gpio_chip_report *chip,
                     const struct gpio_line_report *line)
{
    struct scanning *scanning = context;
    struct pin_scan *pin_scan = scanning->pin_scan;
    struct pin *pin;
    if (scanning->header_chip[0]) {
        pin = pin_of_offset(pin_scan, chip->name, (int)line->offset);
    } else if (line->name[0] && is_of_config(scanning, chip)) {
        pin = add_pin(pin_scan);
        scanning->out_of_memory = scanning->out_of_memory || !pin;
    } else {
        return;
    }
    if (!pin)
        return;
    if (!pin->header_pin) {
        (void)snprintf(pin->name, sizeof pin->name, "%s", line->name);
        (void)snprintf(pin->chip, sizeof pin->chip, "%s", chip->name);
        pin->offset = (int)line->offset;
    }
    pin->is_output = line->output;
    if (line->used)
        (void)snprintf(pin->held_by, sizeof pin->held_by, "%s",
                       line->consumer[0] ? line->consumer : "unknown");
}

static int read_chips(struct scanning *scanning)
{
    const char *folder = scanning->options->device_folder;
    (void)gpio_scan_chips(folder, find_header, NULL, scanning);
    if (scanning->header_chip[0]) {
        header_board(scanning->pin_scan->board);
        if (add_header(scanning->pin_scan, scanning->header_chip))
            return -ENOMEM;
    }
    int error = gpio_scan_chips(folder, NULL, add_line, scanning);
    if (error == -ENOMEM || scanning->out_of_memory)
        return -ENOMEM;
    for (size_t i = 0; i < scanning->pin_scan->count; i++) {
        struct pin *pin = &scanning->pin_scan->pins[i];
        pin->is_busy =
            pin->header_pin && header_bus_is_busy(pin->header_pin->bus, folder ? folder : "/dev",
                                                  scanning->header_label);
    }
    return 0;
}

/* ---- the circuit ---- */

/* A PWM channel shows only by the line's name on which pin it is, if at all. */
static struct pin *pin_of_channel(const struct pin_scan *pin_scan,
                                  const struct circuit_line_options *options)
{
    for (size_t i = 0; i < pin_scan->count; i++)
        if (options->gpio.gpio[0] && strcmp(pin_scan->pins[i].name, options->gpio.gpio) == 0)
            return &pin_scan->pins[i];
    return NULL;
}

static bool has_pwm(const struct pin *pin)
{
    for (size_t i = 0; pin->header_pin && i < HEADER_FUNCTIONS_MAX; i++) {
        const char *function = pin->header_pin->functions[i];
        if (function && strncmp(function, "PWM", 3) == 0)
            return true;
    }
    return false;
}

static void mark_channel(struct pin_scan *pin_scan, const struct circuit_line_options *options)
{
    struct pin *pin = pin_of_channel(pin_scan, options);
    if (pin)
        pin->line = options->name;
    for (size_t i = 0; !pin && i < pin_scan->count; i++)
        pin_scan->pins[i].is_busy = pin_scan->pins[i].is_busy || has_pwm(&pin_scan->pins[i]);
}

static void mark_lines(struct pin_scan *pin_scan, struct circuit *circuit)
{
    struct timestamps now = clock_now();
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        struct line_state state;
        circuit_line(circuit, i, &now, &state);
        if (state.options->pwm_channel[0] && !is_simulated(circuit)) {
            mark_channel(pin_scan, state.options);
            continue;
        }
        struct pin *pin = pin_of_offset(pin_scan, state.location->chip, state.location->offset);
        if (!pin)
            continue;
        pin->line = state.options->name;
        pin->held_by[0] = '\0';
    }
}

int pin_scan_read(struct pin_scan *pin_scan, struct circuit *circuit,
                  const struct gpio_options *options)
{
    struct scanning scanning = {.pin_scan = pin_scan, .options = options};
    *pin_scan = (struct pin_scan){0};
    int error;
    if (is_simulated(circuit)) {
        (void)snprintf(pin_scan->board, sizeof pin_scan->board, SIMULATED_BOARD);
        error = add_header(pin_scan, gpio_backend_name(circuit_gpio(circuit)));
        /* A class shall see what is forbidden on a Pi with its buses switched on. */
        for (size_t i = 0; i < pin_scan->count; i++)
            pin_scan->pins[i].is_busy = header_carries_bus(pin_scan->pins[i].header_pin);
    } else {
        error = read_chips(&scanning);
    }
    if (error) {
        pin_scan_done(pin_scan);
        return error;
    }
    mark_lines(pin_scan, circuit);
    return 0;
}

void pin_scan_done(struct pin_scan *pin_scan)
{
    free(pin_scan->pins);
    *pin_scan = (struct pin_scan){0};
}

bool pin_is_free(const struct pin *pin)
{
    return pin->chip[0] && !pin->line && !pin->held_by[0];
}

void pin_write(const struct pin *pin, struct json_writer *writer)
{
    const struct header_pin *header_pin = pin->header_pin;
    json_write_object(writer, NULL);
    if (header_pin)
        json_write_integer(writer, "pin", header_pin->number);
    else
        json_write_null(writer, "pin");
    json_write_text(writer, "name", pin->name);
    json_write_text(writer, "chip", pin->chip[0] ? pin->chip : NULL);
    if (pin->chip[0])
        json_write_integer(writer, "offset", pin->offset);
    else
        json_write_null(writer, "offset");
    json_write_text(writer, "line", pin->line);
    json_write_text(writer, "held_by", pin->held_by[0] ? pin->held_by : NULL);
    json_write_list(writer, "functions");
    for (size_t i = 0; header_pin && i < HEADER_FUNCTIONS_MAX && header_pin->functions[i]; i++)
        json_write_text(writer, NULL, header_pin->functions[i]);
    json_write_list_end(writer);
    json_write_bool(writer, "safe_to_try", pin_is_free(pin) && !pin->is_busy);
    json_write_object_end(writer);
}

static int fail_unknown(const struct pin_scan *pin_scan, const char *name, struct problem *problem)
{
    const char *names[HEADER_PINS];
    size_t count = 0;
    for (size_t i = 0; i < pin_scan->count && count < HEADER_PINS; i++)
        if (pin_scan->pins[i].chip[0])
            names[count++] = pin_scan->pins[i].name;
    const char *nearest = nearest_name(name, names, count);
    problem_set(problem, PROBLEM_NOT_FOUND,
                "There is no pin %.40s%s%s; GET /api/v1/pins lists them.", name,
                nearest ? "; did you mean " : "", nearest ? nearest : "");
    if (nearest)
        (void)snprintf(problem->nearest, sizeof problem->nearest, "%s", nearest);
    return -1;
}

const struct pin *pin_scan_find_free(const struct pin_scan *pin_scan, const char *name,
                                     struct problem *problem)
{
    const struct pin *found = NULL;
    for (size_t i = 0; i < pin_scan->count; i++) {
        const struct pin *pin = &pin_scan->pins[i];
        if (!pin->chip[0] || strcmp(pin->name, name) != 0)
            continue;
        if (found) {
            problem_set(problem, PROBLEM_CONFLICT, "Two chips have a line %s: %s and %s.", name,
                        found->chip, pin->chip);
            return NULL;
        }
        found = pin;
    }
    if (!found)
        fail_unknown(pin_scan, name, problem);
    else if (found->line)
        problem_set(problem, PROBLEM_CONFLICT, "%s is the line %s of the circuit.", name,
                    found->line);
    else if (found->held_by[0])
        problem_set(problem, PROBLEM_CONFLICT, "%s is in use by \"%s\".", name, found->held_by);
    return found && pin_is_free(found) ? found : NULL;
}
