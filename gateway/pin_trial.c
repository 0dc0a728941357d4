#include "pin_trial_state.h"

enum { BLINK_MS = 250 }; /* longest time on, and off, of a wiggle */

/* ---- shared with the watch ---- */

int pin_trial_open(struct pin_trial *trial, struct gpio_error *error)
{
    struct gpio_options options = *trial->options;
    bool is_simulated = gpio_capabilities(circuit_gpio(trial->circuit)) & GPIO_CAN_SIMULATE;
    options.store_fds = false;
    options.backend = is_simulated ? GPIO_BACKEND_SIMULATOR : GPIO_BACKEND_GPIOD;
    return pin_port_open(&trial->port, &options, error);
}

void pin_trial_close(struct pin_trial *trial)
{
    pin_port_close(&trial->port);
    trial->count = 0;
}

struct gpio_line_config pin_trial_config(const struct tried_pin *pin)
{
    struct gpio_line_config config = {.name = pin->name, .offset = pin->offset};
    (void)snprintf(config.chip, sizeof config.chip, "%s", pin->chip);
    return config;
}

int pin_trial_scan(const struct pin_trial *trial, struct pin_scan *pin_scan)
{
    int error = pin_scan_read(pin_scan, trial->circuit, trial->options);
    for (size_t i = 0; !error && i < pin_scan->count; i++) {
        struct pin *pin = &pin_scan->pins[i];
        for (size_t j = 0; j < trial->count; j++) {
            const struct tried_pin *tried = &trial->pins[j];
            if (pin->offset != tried->offset || strcmp(pin->chip, tried->chip) != 0)
                continue;
            pin->held_by[0] = '\0';
            pin->is_output = false;
        }
    }
    return error;
}

void pin_trial_add(struct pin_trial *trial, const struct pin *pin)
{
    struct tried_pin *tried = &trial->pins[trial->count++];
    *tried = (struct tried_pin){.offset = pin->offset, .handle = -1};
    (void)snprintf(tried->name, sizeof tried->name, "%s", pin->name);
    (void)snprintf(tried->chip, sizeof tried->chip, "%s", pin->chip);
}

int pin_trial_fail(struct problem *problem, const struct gpio_error *error)
{
    enum problem_code code = error->code == -EBUSY ? PROBLEM_CONFLICT : PROBLEM_GPIO;
    problem_set(problem, code, "%.300s", error->message);
    problem->errno_code = code == PROBLEM_GPIO ? -error->code : 0;
    return -1;
}

/* ---- the end of a trial ---- */

/* A pin that is let go as an output would go on driving its wire. */
static void make_input(struct pin_trial *trial)
{
    struct tried_pin *pin = &trial->pins[0];
    struct gpio_line_config config = pin_trial_config(pin);
    struct gpio_error error;
    uint8_t off = 0;
    (void)gpio_set(trial->port.gpio, &pin->handle, &off, 1);
    gpio_release(trial->port.gpio, pin->handle);
    config.direction = GPIO_DIRECTION_INPUT;
    if (gpio_request_lines(trial->port.gpio, &config, 1, &pin->handle, &error) == 0)
        return;
    gpio_tick(trial->port.gpio, clock_monotonic_ns());
    if (gpio_request_lines(trial->port.gpio, &config, 1, &pin->handle, &error))
        log_error("wiggled pin could not be made an input again pin=%s reason=\"%s\"", pin->name,
                  error.message);
}

void pin_trial_stop(struct pin_trial *trial, const char *reason)
{
    enum pin_trial_kind was = trial->kind;
    if (was == TRIAL_NONE)
        return;
    trial->kind = TRIAL_NONE;
    loop_timer_stop(&trial->timer);
    if (was == TRIAL_WIGGLE)
        make_input(trial);
    pin_trial_close(trial);
    if (was == TRIAL_WATCH)
        pin_notices_add(&trial->notices, &(struct pin_notice){.reason = reason});
}

/* ---- the pins ---- */

static void list(void *context, struct json_writer *writer)
{
    const struct pin_trial *trial = context;
    struct pin_scan pin_scan;
    if (pin_trial_scan(trial, &pin_scan))
        pin_scan = (struct pin_scan){0};
    json_write_text(writer, "board", pin_scan.board[0] ? pin_scan.board : NULL);
    json_write_list(writer, "pins");
    for (size_t i = 0; i < pin_scan.count; i++)
        pin_write(&pin_scan.pins[i], writer);
    json_write_list_end(writer);
    pin_scan_done(&pin_scan);
}

/* ---- wiggle ---- */

static void on_step(void *context)
{
    struct pin_trial *trial = context;
    int64_t now_ns = loop_now_ns(trial->loop);
    if (trial->kind == TRIAL_WATCH || now_ns >= trial->ends_ns) {
        pin_trial_stop(trial, "time");
        return;
    }
    trial->level = !trial->level;
    if (gpio_set(trial->port.gpio, &trial->pins[0].handle, &trial->level, 1)) {
        pin_trial_stop(trial, "time");
        return;
    }
    int64_t due_ns = now_ns + trial->blink_ms * CLOCK_NS_PER_MS;
    (void)loop_timer_set(&trial->timer, due_ns < trial->ends_ns ? due_ns : trial->ends_ns);
}

static int begin_wiggle(struct pin_trial *trial, uint32_t ms, struct problem *problem)
{
    struct gpio_line_config config = pin_trial_config(&trial->pins[0]);
    struct gpio_error error;
    config.direction = GPIO_DIRECTION_OUTPUT;
    config.initial = GPIO_INITIAL_ACTIVE;
    if (pin_trial_open(trial, &error) ||
        gpio_request_lines(trial->port.gpio, &config, 1, &trial->pins[0].handle, &error)) {
        pin_trial_close(trial);
        return pin_trial_fail(problem, &error);
    }
    trial->kind = TRIAL_WIGGLE;
    trial->level = 1;
    trial->blink_ms = ms / 2 < BLINK_MS ? ms / 2 : BLINK_MS;
    trial->began_ns = clock_monotonic_ns();
    trial->ends_ns = trial->began_ns + ms * CLOCK_NS_PER_MS;
    (void)loop_timer_set(&trial->timer, trial->began_ns + trial->blink_ms * CLOCK_NS_PER_MS);
    log_info("pin wiggles pin=%s ms=%u", trial->pins[0].name, ms);
    return 0;
}

static int wiggle(void *context, const char *name, uint32_t ms, bool anyway,
                  struct problem *problem)
{
    struct pin_trial *trial = context;
    struct pin_scan pin_scan;
    if (pin_trial_scan(trial, &pin_scan))
        return problem_set(problem, PROBLEM_INTERNAL, "Out of memory.");
    const struct pin *pin = pin_scan_find_free(&pin_scan, name, problem);
    int error = pin ? 0 : -1;
    if (pin && pin->is_busy && !anyway)
        error = problem_set(problem, PROBLEM_FORBIDDEN_PIN,
                            "%s may be in use by %s; \"anyway\": true tries it all the same.", name,
                            pin->header_pin->bus ? header_bus_name(pin->header_pin->bus) : "PWM");
    if (!error) {
        pin_trial_stop(trial, "wiggle");
        pin_trial_add(trial, pin);
        error = begin_wiggle(trial, ms, problem);
    }
    pin_scan_done(&pin_scan);
    return error;
}

/* ---- the simulator ---- */

static int simulate(void *context, const char *name, int level, struct problem *problem)
{
    struct pin_trial *trial = context;
    struct pin_scan pin_scan;
    if (!(gpio_capabilities(circuit_gpio(trial->circuit)) & GPIO_CAN_SIMULATE))
        return problem_set(problem, PROBLEM_NOT_SIMULATED,
                           "The pins are real; only the simulator's can be moved.");
    if (pin_trial_scan(trial, &pin_scan))
        return problem_set(problem, PROBLEM_INTERNAL, "Out of memory.");
    const struct pin *pin = pin_scan_find_free(&pin_scan, name, problem);
    if (pin)
        trial->levels[pin->offset] = level;
    for (size_t i = 0; pin && trial->kind == TRIAL_WATCH && i < trial->count; i++)
        if (trial->pins[i].offset == pin->offset)
            (void)gpio_simulate(trial->port.gpio, trial->pins[i].handle, level,
                                clock_monotonic_ns());
    pin_scan_done(&pin_scan);
    return pin ? 0 : -1;
}

/* ---- life ---- */

int pin_trial_new(struct loop *loop, struct circuit *circuit, const struct gpio_options *options,
                  struct pin_trial **ret_trial)
{
    struct pin_trial *trial = calloc(1, sizeof *trial);
    if (!trial)
        return -ENOMEM;
    trial->loop = loop;
    trial->circuit = circuit;
    trial->options = options;
    pin_notices_init(&trial->notices);
    pin_port_init(&trial->port, loop, pin_watch_edge, trial);
    loop_timer_init(&trial->timer, loop, on_step, trial);
    memset(trial->levels, TRIAL_LEVEL_FREE, sizeof trial->levels);
    trial->finder = (struct pin_finder){.context = trial,
                                        .notices = &trial->notices,
                                        .list = list,
                                        .wiggle = wiggle,
                                        .watch = pin_watch_begin,
                                        .write_watch = pin_watch_write,
                                        .simulate = simulate};
    *ret_trial = trial;
    return 0;
}

struct pin_trial *pin_trial_free(struct pin_trial *trial)
{
    if (!trial)
        return NULL;
    pin_trial_stop(trial, "end");
    free(trial);
    return NULL;
}

const struct pin_finder *pin_trial_finder(const struct pin_trial *trial)
{
    return &trial->finder;
}
