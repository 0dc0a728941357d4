#include "pins.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/owner.h"
#include "base/random.h"
#include "config/config.h"
#include "loop/loop.h"
#include "net/inherit.h"
#include "protocol/service.h"
#include "sd_notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* A descriptor of the backend that the loop watches. */
struct watch {
    struct pins *pins;
    struct loop_source *source;
    int fd;       /* -1 while free */
    char *name;   /* the service manager may keep it under this one, or NULL; owned */
    bool is_kept; /* the manager was given it by this process */
};

/* One for each edge line of libgpiod 1.6, one for each chip and the watch of /dev besides. */
enum { WATCHES_MAX = GPIO_LINES_MAX + 64 };

/* How the names of gpio_store_fds() begin; those of sockets do not. */
#define LINES_PREFIX "gpiochip"

/* Kept by the manager from an end in order to the next start; what it is does not matter. */
#define ENDED_NAME "ended-in-order"

/* Between two words on refused rules: an edge that bounces would fill the log. */
#define RULES_LOG_NS (CLOCK_NS_PER_MS * 1000)

struct pins {
    struct loop *loop;
    struct gpio *gpio;
    struct circuit *circuit;
    struct loop_timer circuit_timer;
    struct loop_timer gpio_timer;
    bool hands_over;        /* there is a service manager to keep descriptors */
    bool has_new;           /* a descriptor came that it may not have yet */
    bool is_ending;         /* from now on, what it keeps stays with it */
    uint64_t rules_refused; /* of which the log knows */
    int64_t rules_told_ns;
    const char *adopting; /* name of the descriptor that is being taken over, or NULL */
    struct watch watches[WATCHES_MAX];
};

static struct watch *find_watch(struct pins *pins, int fd)
{
    for (size_t i = 0; i < WATCHES_MAX; i++)
        if (pins->watches[i].fd == fd)
            return &pins->watches[i];
    return NULL;
}

/* ---- lines that outlive the process ---- */

/* What was taken over is given as well: a manager knows a file that it has already. */
static void keep_line(void *context, const char *name, int fd)
{
    struct pins *pins = context;
    struct watch *watch = find_watch(pins, fd);
    if (!watch || watch->is_kept)
        return;
    if (!watch->name)
        watch->name = strdup(name);
    if (!watch->name) /* it could not be taken back from the manager: better not given */
        return;
    service_manager_keep(name, fd);
    watch->is_kept = true;
}

static void keep_new_lines(struct pins *pins)
{
    if (!pins->hands_over || !pins->has_new)
        return;
    pins->has_new = false;
    gpio_store_fds(pins->gpio, keep_line, pins);
}

/* A line is held as long as the manager has a copy of its descriptor. */
static void forget_line(struct watch *watch)
{
    if (watch->name && !watch->pins->is_ending)
        service_manager_forget(watch->name);
    free(watch->name);
    watch->name = NULL;
    watch->is_kept = false;
}

/* A descriptor that is refused would hold its lines against us: the manager must let go of it before
 * they are claimed. Whether any was adopted. */
static bool adopt_lines(struct pins *pins, struct inherited *inherited)
{
    bool any_restored = false;
    char name[INHERIT_NAME_SIZE];
    bool any_refused = false;
    int fd;
    while ((fd = inherit_take_named(inherited, LINES_PREFIX, name)) >= 0) {
        pins->adopting = name;
        int error = gpio_restore_fd(pins->gpio, name, fd);
        pins->adopting = NULL;
        if (!error) {
            any_restored = true;
            log_info("lines taken over from the process before name=\"%s\"", name);
            continue;
        }
        log_warning("lines not taken over name=\"%s\" errno=%s", name, strerror(-error));
        service_manager_forget(name);
        any_refused = true;
    }
    if (any_refused)
        service_manager_wait();
    return any_restored;
}

static bool keeps_any(const struct pins *pins)
{
    for (size_t i = 0; i < WATCHES_MAX; i++)
        if (pins->watches[i].is_kept)
            return true;
    return false;
}

static bool take_ended(struct inherited *inherited)
{
    char name[INHERIT_NAME_SIZE];
    AUTO_FD fd = inherit_take_named(inherited, ENDED_NAME, name);
    return fd >= 0;
}

/* ---- between gpio/, circuit/ and the loop ---- */

/* A rule that is refused has nobody to tell, and its maker wonders. */
static void log_rules(struct pins *pins)
{
    const struct circuit_rule_report *report = circuit_rule_report(pins->circuit);
    if (report->refused == pins->rules_refused)
        return;
    int64_t now_ns = loop_now_ns(pins->loop);
    if (pins->rules_refused > 0 && now_ns - pins->rules_told_ns < RULES_LOG_NS)
        return;
    pins->rules_told_ns = now_ns;
    pins->rules_refused = report->refused;
    const char *kind = report->by_scene ? "scene" : "rule";
    log_warning("a %s was refused %s=%s reason=\"%s\" refused_so_far=%llu", kind, kind,
                report->name, report->message, (unsigned long long)report->refused);
}

void pins_touched(struct pins *pins)
{
    keep_new_lines(pins);
    if (!pins->circuit)
        return;
    log_rules(pins);
    int64_t due_ns = circuit_due_ns(pins->circuit);
    if (due_ns != pins->circuit_timer.due_ns)
        (void)loop_timer_set(&pins->circuit_timer, due_ns);
}

static void on_fd(void *context, uint32_t events)
{
    (void)events;
    struct watch *watch = context;
    struct pins *pins = watch->pins;
    gpio_dispatch(pins->gpio, watch->fd);
    pins_touched(pins);
}

static int on_watch(void *context, int fd, bool on)
{
    struct pins *pins = context;
    struct watch *watch = find_watch(pins, on ? -1 : fd);
    if (!watch)
        return on ? -ENOSPC : 0;
    if (!on) {
        watch->source = loop_source_free(watch->source);
        watch->fd = -1;
        forget_line(watch);
        return 0;
    }
    int error = loop_watch(pins->loop, fd, EPOLLIN, on_fd, watch, &watch->source);
    if (error)
        return error;
    watch->fd = fd;
    watch->name = pins->adopting ? strdup(pins->adopting) : NULL;
    pins->has_new = true;
    return 0;
}

static void on_edge(void *context, const struct gpio_edge *edge)
{
    struct pins *pins = context;
    struct timestamps now = service_now();
    if (pins->circuit)
        circuit_edge(pins->circuit, edge, &now);
}

static void on_available(void *context, int line, bool available, int value, const char *reason)
{
    struct pins *pins = context;
    struct timestamps now = service_now();
    if (!pins->circuit)
        return;
    if (available)
        log_info("line is back handle=%d", line);
    else
        log_warning("line is gone handle=%d reason=\"%s\"", line, reason);
    circuit_available(pins->circuit, line, available, value, reason, &now);
}

static void on_wake_at(void *context, int64_t due_ns)
{
    struct pins *pins = context;
    (void)loop_timer_set(&pins->gpio_timer, due_ns);
}

static void on_circuit_due(void *context)
{
    struct pins *pins = context;
    struct timestamps now = service_now();
    circuit_tick(pins->circuit, &now);
    pins_touched(pins);
}

static void on_gpio_due(void *context)
{
    struct pins *pins = context;
    gpio_tick(pins->gpio, service_now().monotonic_ns);
    pins_touched(pins);
}

/* With a real chip every line must say where it is; the simulator takes any. */
static int check_places(const struct pins *pins, const struct config *config, const char *path,
                        struct gpio_error *error)
{
    if (gpio_capabilities(pins->gpio) & GPIO_CAN_SIMULATE)
        return 0;
    struct config_report report;
    config_report_init(&report);
    int result = config_check_places(config, path, &report);
    if (result) {
        error->code = -EBADMSG;
        (void)snprintf(error->message, sizeof error->message, "%.*s",
                       (int)(report.text.length > 0 ? report.text.length - 1 : 0),
                       buffer_text(&report.text));
    }
    config_report_done(&report);
    return result;
}

static void log_backend(const struct pins *pins, const struct config *config)
{
    size_t lines = config->circuit.line_count;
    if (gpio_capabilities(pins->gpio) & GPIO_CAN_SIMULATE)
        log_warning("gpio is simulated: no pin of this machine is touched backend=%s lines=%zu",
                    gpio_backend_name(pins->gpio), lines);
    else
        log_info("gpio backend=%s libgpiod=%s lines=%zu", gpio_backend_name(pins->gpio),
                 gpio_library_version(pins->gpio), lines);
}

int pins_new(struct loop *loop, const struct config *config, const char *config_path,
             struct inherited *inherited, const struct circuit_memory *memory,
             struct pins **ret_pins, struct gpio_error *error)
{
    struct pins *pins = calloc(1, sizeof *pins);
    char run_id[JOURNAL_BOOT_SIZE];
    *error = (struct gpio_error){.code = -ENOMEM, .message = "out of memory"};
    if (!pins || random_hex((JOURNAL_BOOT_SIZE - 1) / 2, run_id)) {
        free(pins);
        return -ENOMEM;
    }
    pins->loop = loop;
    for (size_t i = 0; i < WATCHES_MAX; i++)
        pins->watches[i] = (struct watch){.pins = pins, .fd = -1};
    loop_timer_init(&pins->circuit_timer, loop, on_circuit_due, pins);
    loop_timer_init(&pins->gpio_timer, loop, on_gpio_due, pins);
    struct gpio_listener listener = {.context = pins,
                                     .watch = on_watch,
                                     .edge = on_edge,
                                     .available = on_available,
                                     .wake_at = on_wake_at};
    struct timestamps now = service_now();
    struct gpio_options options = config->gpio;
    options.store_fds = pins->hands_over = service_manager_is_heard();
    int result = gpio_new(&options, &listener, &pins->gpio, error);
    if (!result) {
        log_backend(pins, config);
        result = check_places(pins, config, config_path, error);
    }
    if (!result) {
        struct circuit_memory known = *memory;
        known.ended = take_ended(inherited);
        known.goes_on = adopt_lines(pins, inherited);
        result =
            circuit_new(&config->circuit, pins->gpio, run_id, &known, &now, &pins->circuit, error);
        if (!result && known.ended)
            service_manager_forget(ENDED_NAME);
    }
    if (result) {
        pins_free(pins);
        return result;
    }
    pins_touched(pins);
    *ret_pins = pins;
    return 0;
}

struct pins *pins_free(struct pins *pins)
{
    if (!pins)
        return NULL;
    pins->is_ending = true;
    loop_timer_stop(&pins->circuit_timer);
    loop_timer_stop(&pins->gpio_timer);
    pins->circuit = circuit_free(pins->circuit);
    gpio_free(pins->gpio);
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        loop_source_free(pins->watches[i].source);
        free(pins->watches[i].name);
    }
    free(pins);
    return NULL;
}

void pins_shutdown(struct pins *pins)
{
    struct timestamps now = service_now();
    circuit_shutdown(pins->circuit, &now);
    AUTO_FD ended = keeps_any(pins) ? eventfd(0, EFD_CLOEXEC) : -1;
    if (ended >= 0)
        service_manager_keep(ENDED_NAME, ended);
}

struct circuit *pins_circuit(const struct pins *pins)
{
    return pins->circuit;
}
