#include "pin_trial_state.h"

enum {
    SETTLE_MS = 10,   /* in which a pull charges the wire: 50 kΩ and 100 nF take 5 */
    BOUNCE_US = 5000, /* a contact's bouncing is one movement, where the kernel debounces */
    BOUNCE_MS = 30,   /* and where it does not */
    MOVES_MAX =
        200, /* of one pin in a watch: a wire that hums shall not fill the clients' queues */
};

/* ---- movements ---- */

/* The level at which the bias holds a wire that nobody drives; -1 for none. */
static int bias_level(enum pin_bias bias)
{
    return bias == PIN_BIAS_PULL_UP ? 1 : bias == PIN_BIAS_PULL_DOWN ? 0 : -1;
}

/* What is wired there drives the wire by itself when it rests against the pull. */
static enum pin_bias fitting_bias(enum pin_bias bias, uint8_t rest)
{
    int level = bias_level(bias);
    return level >= 0 && level != rest ? PIN_BIAS_DISABLED : bias;
}

static void report_move(struct pin_trial *trial, struct tried_pin *pin)
{
    struct pin_notice notice = {
        .rest = pin->rest, .value = pin->value, .bias = fitting_bias(trial->bias, pin->rest)};
    (void)snprintf(notice.pin, sizeof notice.pin, "%s", pin->name);
    pin_notices_add(&trial->notices, &notice);
}

void pin_watch_edge(void *context, const struct gpio_edge *edge)
{
    struct pin_trial *trial = context;
    struct tried_pin *pin = NULL;
    for (size_t i = 0; i < trial->count && !pin; i++)
        if (trial->pins[i].handle == edge->line)
            pin = &trial->pins[i];
    if (!pin || trial->is_arming || trial->kind != TRIAL_WATCH)
        return;
    int64_t now_ns = clock_monotonic_ns();
    unsigned capabilities = gpio_capabilities(trial->port.gpio);
    bool settles = !(capabilities & GPIO_CAN_SIMULATE) &&
                   now_ns < trial->began_ns + SETTLE_MS * CLOCK_NS_PER_MS &&
                   edge->value == bias_level(trial->bias) && pin->moves == 0;
    if (settles) {
        pin->rest = pin->value = (uint8_t)edge->value;
        return;
    }
    bool bounces =
        !(capabilities & GPIO_CAN_DEBOUNCE) && now_ns < pin->moved_ns + BOUNCE_MS * CLOCK_NS_PER_MS;
    if (edge->value == pin->value || bounces || pin->moves >= MOVES_MAX)
        return;
    pin->value = (uint8_t)edge->value;
    pin->moved_ns = now_ns;
    pin->moves++;
    report_move(trial, pin);
}

/* ---- watch ---- */

/* Pins of the simulator rest where their pull holds them, or where somebody has moved them. */
static void move_simulated(struct pin_trial *trial)
{
    for (size_t i = 0; i < trial->count; i++) {
        const struct tried_pin *pin = &trial->pins[i];
        int level = trial->levels[pin->offset];
        if (level == TRIAL_LEVEL_FREE)
            level = bias_level(trial->bias) == 1;
        (void)gpio_simulate(trial->port.gpio, pin->handle, level, clock_monotonic_ns());
    }
}

static void drop_pin(struct pin_trial *trial, size_t index)
{
    trial->count--;
    memmove(&trial->pins[index], &trial->pins[index + 1],
            (trial->count - index) * sizeof trial->pins[0]);
}

/* Which of the tried pins an error is about; `count` when it does not say. */
static size_t blamed(const struct pin_trial *trial, const struct gpio_error *error)
{
    size_t i = 0;
    while (i < trial->count && (!error->line || strcmp(error->line, trial->pins[i].name) != 0))
        i++;
    return i;
}

/* One that somebody took meanwhile, or whose chip refuses the pull, is left out. */
static int request_watched(struct pin_trial *trial, struct gpio_error *error)
{
    static const enum gpio_bias biases[] = {[PIN_BIAS_PULL_UP] = GPIO_BIAS_PULL_UP,
                                            [PIN_BIAS_PULL_DOWN] = GPIO_BIAS_PULL_DOWN,
                                            [PIN_BIAS_AS_IS] = GPIO_BIAS_AS_IS,
                                            [PIN_BIAS_DISABLED] = GPIO_BIAS_DISABLED};
    unsigned capabilities = gpio_capabilities(trial->port.gpio);
    bool bounces = (capabilities & GPIO_CAN_DEBOUNCE) && !(capabilities & GPIO_CAN_SIMULATE);
    int code = -ENOENT;
    while (trial->count > 0 && code) {
        struct gpio_line_config configs[PINS_WATCHED_MAX];
        int handles[PINS_WATCHED_MAX];
        for (size_t i = 0; i < trial->count; i++) {
            configs[i] = pin_trial_config(&trial->pins[i]);
            configs[i].bias = biases[trial->bias];
            configs[i].debounce_us = bounces ? BOUNCE_US : 0;
        }
        code = gpio_request_lines(trial->port.gpio, configs, trial->count, handles, error);
        for (size_t i = 0; !code && i < trial->count; i++)
            trial->pins[i].handle = handles[i];
        size_t refused = code ? blamed(trial, error) : 0;
        if (code && refused == trial->count)
            return code;
        if (code)
            drop_pin(trial, refused);
    }
    return code;
}

static int read_rest(struct pin_trial *trial)
{
    int handles[PINS_WATCHED_MAX];
    uint8_t values[PINS_WATCHED_MAX];
    for (size_t i = 0; i < trial->count; i++)
        handles[i] = trial->pins[i].handle;
    int error = gpio_get(trial->port.gpio, handles, trial->count, values);
    for (size_t i = 0; !error && i < trial->count; i++)
        trial->pins[i].rest = trial->pins[i].value = values[i];
    return error;
}

static int begin_watch(struct pin_trial *trial, const struct pin_watch *watch,
                       struct problem *problem)
{
    struct gpio_error error = {.code = -ENOENT, .message = "no pin is free"};
    trial->bias = watch->bias;
    trial->is_arming = true;
    int code = pin_trial_open(trial, &error);
    if (!code)
        code = request_watched(trial, &error);
    if (!code && gpio_capabilities(trial->port.gpio) & GPIO_CAN_SIMULATE)
        move_simulated(trial);
    if (!code && (code = read_rest(trial)))
        error = (struct gpio_error){.code = code, .message = "the pins cannot be read"};
    trial->is_arming = false;
    if (code) {
        pin_trial_close(trial);
        return pin_trial_fail(problem, &error);
    }
    struct timestamps now = clock_now();
    trial->kind = TRIAL_WATCH;
    trial->began_ns = now.monotonic_ns;
    trial->ends_ns = now.monotonic_ns + watch->seconds * CLOCK_NS_PER_SECOND;
    trial->ends_wall_ns = now.wall_ns + watch->seconds * CLOCK_NS_PER_SECOND;
    (void)loop_timer_set(&trial->timer, trial->ends_ns);
    log_info("pins are watched pins=%zu seconds=%u", trial->count, watch->seconds);
    return 0;
}

/* Chooses what is watched. 0, or -1 with `problem` about a pin that was named. */
static int choose_pins(struct pin_trial *trial, const struct pin_scan *pin_scan,
                       const struct pin_watch *watch, struct problem *problem)
{
    const struct pin *named[PINS_NAMED_MAX];
    for (size_t i = 0; i < watch->pin_count; i++) {
        named[i] = pin_scan_find_free(pin_scan, watch->pins[i], problem);
        if (!named[i])
            return -1;
        for (size_t j = 0; j < i; j++)
            if (named[j] == named[i])
                return problem_set(problem, PROBLEM_BAD_REQUEST, "pins: %s stands there twice",
                                   watch->pins[i]);
    }
    pin_trial_stop(trial, "watch");
    for (size_t i = 0; i < watch->pin_count; i++)
        pin_trial_add(trial, named[i]);
    for (size_t i = 0; watch->pin_count == 0 && i < pin_scan->count; i++) {
        const struct pin *pin = &pin_scan->pins[i];
        bool carries_bus = pin->header_pin && header_carries_bus(pin->header_pin);
        if (pin_is_free(pin) && !pin->is_output && !pin->is_busy && !carries_bus &&
            trial->count < PINS_WATCHED_MAX)
            pin_trial_add(trial, pin);
    }
    if (trial->count == 0)
        return problem_set(problem, PROBLEM_CONFLICT, "No pin is free.");
    return 0;
}

int pin_watch_begin(void *context, const struct pin_watch *watch, struct problem *problem)
{
    struct pin_trial *trial = context;
    struct pin_scan pin_scan;
    if (pin_trial_scan(trial, &pin_scan))
        return problem_set(problem, PROBLEM_INTERNAL, "Out of memory.");
    int error = choose_pins(trial, &pin_scan, watch, problem);
    pin_scan_done(&pin_scan);
    return error ? error : begin_watch(trial, watch, problem);
}

void pin_watch_write(void *context, struct json_writer *writer)
{
    const struct pin_trial *trial = context;
    json_write_list(writer, "watching");
    for (size_t i = 0; i < trial->count; i++)
        json_write_text(writer, NULL, trial->pins[i].name);
    json_write_list_end(writer);
    json_write_time(writer, "ends_at", trial->ends_wall_ns);
}
