#include "gpio_loop.h"

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
    struct gpio_loop *gpio_loop;
    struct loop_source *source;
    int fd;       /* -1 while free */
    char *name;   /* the service manager may keep it under this one, or NULL; owned */
    bool is_kept; /* this process has passed it to the manager */
};

/* One for each edge line of libgpiod 1.6, one for each chip and the watch of /dev besides. */
enum { WATCHES_MAX = GPIO_LINES_MAX + 64 };

/* The prefix of the names of gpio_store_fds(); names of sockets do not have it. */
#define LINES_PREFIX "gpiochip"

/* A descriptor that the manager keeps from an orderly end to the next start; its content does not matter. */
#define ENDED_NAME "ended-in-order"

/* Between two log lines about refused rules, since an edge that bounces would fill the log. */
#define RULES_LOG_NS (CLOCK_NS_PER_MS * 1000)

struct gpio_loop {
    struct loop *loop;
    struct sd_notify *manager; /* borrowed; NULL without a service manager */
    struct gpio *gpio;
    struct circuit *circuit;
    struct loop_timer circuit_timer;
    struct loop_timer gpio_timer;
    bool stores_fds;        /* there is a service manager to keep descriptors */
    bool has_new;           /* there may be a descriptor that the manager does not have yet */
    bool is_ending;         /* the manager keeps its descriptors from now on */
    bool has_obstacle;      /* found by note_obstacle() */
    uint64_t rules_refused; /* that were logged */
    int64_t rules_logged_ns;
    const char *restoring; /* name of the descriptor that is being taken over, or NULL */
    struct watch watches[WATCHES_MAX];
};

static struct watch *find_watch(struct gpio_loop *gpio_loop, int fd)
{
    for (size_t i = 0; i < WATCHES_MAX; i++)
        if (gpio_loop->watches[i].fd == fd)
            return &gpio_loop->watches[i];
    return NULL;
}

/* ---- lines that outlive the process ---- */

/* Descriptors that were taken over are passed again: the manager recognizes those that it has. */
static void keep_line(void *context, const char *name, int fd)
{
    struct gpio_loop *gpio_loop = context;
    struct watch *watch = find_watch(gpio_loop, fd);
    if (!watch || watch->is_kept)
        return;
    if (!watch->name)
        watch->name = strdup(name);
    if (!watch->name) /* the manager could not be asked to remove it later, so it is not passed */
        return;
    sd_notify_keep(gpio_loop->manager, name, fd);
    watch->is_kept = true;
}

static void keep_new_lines(struct gpio_loop *gpio_loop)
{
    if (!gpio_loop->stores_fds || !gpio_loop->has_new)
        return;
    gpio_loop->has_new = false;
    gpio_store_fds(gpio_loop->gpio, keep_line, gpio_loop);
}

/* A line stays requested as long as the manager has a copy of its descriptor. */
static void forget_line(struct watch *watch)
{
    if (watch->name && !watch->gpio_loop->is_ending)
        sd_notify_forget(watch->gpio_loop->manager, watch->name);
    free(watch->name);
    watch->name = NULL;
    watch->is_kept = false;
}

/* A refused descriptor keeps its lines busy: the manager must close it before the lines are requested.
 * Returns whether any was taken over. */
static bool restore_lines(struct gpio_loop *gpio_loop, struct inherited *inherited)
{
    bool any_restored = false;
    char name[INHERIT_NAME_SIZE];
    bool any_refused = false;
    int fd;
    while ((fd = inherit_take_named(inherited, LINES_PREFIX, name)) >= 0) {
        gpio_loop->restoring = name;
        int error = gpio_restore_fd(gpio_loop->gpio, name, fd);
        gpio_loop->restoring = NULL;
        if (!error) {
            any_restored = true;
            log_info("lines taken over from the process before name=\"%s\"", name);
            continue;
        }
        log_warning("lines not taken over name=\"%s\" errno=%s", name, strerror(-error));
        sd_notify_forget(gpio_loop->manager, name);
        any_refused = true;
    }
    if (any_refused)
        sd_notify_wait(gpio_loop->manager);
    return any_restored;
}

static bool keeps_any(const struct gpio_loop *gpio_loop)
{
    for (size_t i = 0; i < WATCHES_MAX; i++)
        if (gpio_loop->watches[i].is_kept)
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

/* Logs commands of rules that were refused, which no client would see. */
static void log_rules(struct gpio_loop *gpio_loop)
{
    const struct circuit_rule_report *report = circuit_rule_report(gpio_loop->circuit);
    if (report->refused == gpio_loop->rules_refused)
        return;
    int64_t now_ns = loop_now_ns(gpio_loop->loop);
    if (gpio_loop->rules_refused > 0 && now_ns - gpio_loop->rules_logged_ns < RULES_LOG_NS)
        return;
    gpio_loop->rules_logged_ns = now_ns;
    gpio_loop->rules_refused = report->refused;
    const char *kind = report->by_scene ? "scene" : "rule";
    log_warning("a %s was refused %s=%s reason=\"%s\" refused_so_far=%llu", kind, kind,
                report->name, report->message, (unsigned long long)report->refused);
}

void gpio_loop_touched(struct gpio_loop *gpio_loop)
{
    keep_new_lines(gpio_loop);
    if (!gpio_loop->circuit)
        return;
    log_rules(gpio_loop);
    int64_t due_ns = circuit_due_ns(gpio_loop->circuit);
    if (due_ns != gpio_loop->circuit_timer.due_ns)
        (void)loop_timer_set(&gpio_loop->circuit_timer, due_ns);
}

static void on_fd(void *context, uint32_t events)
{
    (void)events;
    struct watch *watch = context;
    struct gpio_loop *gpio_loop = watch->gpio_loop;
    gpio_dispatch(gpio_loop->gpio, watch->fd);
    gpio_loop_touched(gpio_loop);
}

static int on_watch(void *context, int fd, bool on)
{
    struct gpio_loop *gpio_loop = context;
    struct watch *watch = find_watch(gpio_loop, on ? -1 : fd);
    if (!watch)
        return on ? -ENOSPC : 0;
    if (!on) {
        watch->source = loop_source_free(watch->source);
        watch->fd = -1;
        forget_line(watch);
        return 0;
    }
    int error = loop_watch_urgent(gpio_loop->loop, fd, EPOLLIN, on_fd, watch, &watch->source);
    if (error)
        return error;
    watch->fd = fd;
    watch->name = gpio_loop->restoring ? strdup(gpio_loop->restoring) : NULL;
    gpio_loop->has_new = true;
    return 0;
}

static void on_edge(void *context, const struct gpio_edge *edge)
{
    struct gpio_loop *gpio_loop = context;
    struct timestamps now = clock_now();
    if (gpio_loop->circuit)
        circuit_edge(gpio_loop->circuit, edge, &now);
}

static void on_available(void *context, int line, bool available, int value, const char *reason)
{
    struct gpio_loop *gpio_loop = context;
    struct timestamps now = clock_now();
    if (!gpio_loop->circuit)
        return;
    if (available)
        log_info("line is back handle=%d", line);
    else
        log_warning("line is gone handle=%d reason=\"%s\"", line, reason);
    circuit_available(gpio_loop->circuit, line, available, value, reason, &now);
}

static void on_wake_at(void *context, int64_t due_ns)
{
    struct gpio_loop *gpio_loop = context;
    (void)loop_timer_set(&gpio_loop->gpio_timer, due_ns);
}

static void on_circuit_due(void *context)
{
    struct gpio_loop *gpio_loop = context;
    struct timestamps now = clock_now();
    circuit_tick(gpio_loop->circuit, &now);
    gpio_loop_touched(gpio_loop);
}

static void on_gpio_due(void *context)
{
    struct gpio_loop *gpio_loop = context;
    gpio_tick(gpio_loop->gpio, clock_now().monotonic_ns);
    gpio_loop_touched(gpio_loop);
}

/* On a real chip every line needs a location; the simulator accepts any line. */
static int check_locations(const struct gpio_loop *gpio_loop, const struct config *config,
                           const char *path, struct gpio_error *error)
{
    if (gpio_capabilities(gpio_loop->gpio) & GPIO_CAN_SIMULATE)
        return 0;
    struct config_report report;
    config_report_init(&report);
    int result = config_check_locations(config, path, &report);
    if (result) {
        error->code = -EBADMSG;
        (void)snprintf(error->message, sizeof error->message, "%.*s",
                       (int)(report.text.length > 0 ? report.text.length - 1 : 0),
                       buffer_text(&report.text));
    }
    config_report_done(&report);
    return result;
}

static void log_backend(const struct gpio_loop *gpio_loop, const struct config *config)
{
    size_t lines = config->circuit.line_count;
    if (gpio_capabilities(gpio_loop->gpio) & GPIO_CAN_SIMULATE)
        log_warning("gpio is simulated: no pin of this machine is touched backend=%s lines=%zu",
                    gpio_backend_name(gpio_loop->gpio), lines);
    else
        log_info("gpio backend=%s libgpiod=%s lines=%zu", gpio_backend_name(gpio_loop->gpio),
                 gpio_library_version(gpio_loop->gpio), lines);
}

int gpio_loop_new(struct loop *loop, const struct config *config, const char *config_path,
                  struct inherited *inherited, const struct circuit_store *line_store,
                  struct sd_notify *manager, struct gpio_loop **ret_gpio_loop,
                  struct gpio_error *error)
{
    struct gpio_loop *gpio_loop = calloc(1, sizeof *gpio_loop);
    char run_id[JOURNAL_RUN_ID_SIZE];
    *error = (struct gpio_error){.code = -ENOMEM, .message = "out of memory"};
    if (!gpio_loop || random_hex((JOURNAL_RUN_ID_SIZE - 1) / 2, run_id)) {
        free(gpio_loop);
        return -ENOMEM;
    }
    gpio_loop->loop = loop;
    gpio_loop->manager = manager;
    for (size_t i = 0; i < WATCHES_MAX; i++)
        gpio_loop->watches[i] = (struct watch){.gpio_loop = gpio_loop, .fd = -1};
    loop_timer_init(&gpio_loop->circuit_timer, loop, on_circuit_due, gpio_loop);
    loop_timer_init(&gpio_loop->gpio_timer, loop, on_gpio_due, gpio_loop);
    loop_timer_make_urgent(&gpio_loop->circuit_timer);
    loop_timer_make_urgent(&gpio_loop->gpio_timer);
    struct gpio_events events = {.context = gpio_loop,
                                 .watch = on_watch,
                                 .edge = on_edge,
                                 .available = on_available,
                                 .wake_at = on_wake_at};
    struct timestamps now = clock_now();
    struct gpio_options options = config->gpio;
    options.store_fds = gpio_loop->stores_fds = manager != NULL;
    int result = gpio_new(&options, &events, &gpio_loop->gpio, error);
    if (!result) {
        log_backend(gpio_loop, config);
        result = check_locations(gpio_loop, config, config_path, error);
    }
    if (!result) {
        struct circuit_store known = *line_store;
        known.ended = take_ended(inherited);
        known.goes_on = restore_lines(gpio_loop, inherited);
        result = circuit_new(&config->circuit, gpio_loop->gpio, run_id, &known, &now,
                             &gpio_loop->circuit, error);
        if (!result && known.ended)
            sd_notify_forget(manager, ENDED_NAME);
    }
    if (result) {
        gpio_loop_free(gpio_loop);
        return result;
    }
    gpio_loop_touched(gpio_loop);
    *ret_gpio_loop = gpio_loop;
    return 0;
}

struct gpio_loop *gpio_loop_free(struct gpio_loop *gpio_loop)
{
    if (!gpio_loop)
        return NULL;
    gpio_loop->is_ending = true;
    loop_timer_stop(&gpio_loop->circuit_timer);
    loop_timer_stop(&gpio_loop->gpio_timer);
    gpio_loop->circuit = circuit_free(gpio_loop->circuit);
    gpio_free(gpio_loop->gpio);
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        loop_source_free(gpio_loop->watches[i].source);
        free(gpio_loop->watches[i].name);
    }
    free(gpio_loop);
    return NULL;
}

void gpio_loop_shutdown(struct gpio_loop *gpio_loop)
{
    struct timestamps now = clock_now();
    circuit_shutdown(gpio_loop->circuit, &now);
    AUTO_FD ended = keeps_any(gpio_loop) ? eventfd(0, EFD_CLOEXEC) : -1;
    if (ended >= 0)
        sd_notify_keep(gpio_loop->manager, ENDED_NAME, ended);
}

static void note_obstacle(void *context, const char *name, int fd)
{
    struct gpio_loop *gpio_loop = context;
    const struct watch *watch = find_watch(gpio_loop, fd);
    (void)name;
    gpio_loop->has_obstacle |= !watch || !watch->is_kept;
}

const char *gpio_loop_handover_obstacle(struct gpio_loop *gpio_loop)
{
    if (gpio_capabilities(gpio_loop->gpio) & GPIO_CAN_SIMULATE)
        return NULL;
    if (!gpio_loop->stores_fds)
        return "no service manager would keep the outputs as they are meanwhile: run it as a "
               "systemd service with FileDescriptorStoreMax= (gpio-gateway.service), or stop it "
               "and start it again";
    keep_new_lines(gpio_loop);
    gpio_loop->has_obstacle = false;
    gpio_store_fds(gpio_loop->gpio, note_obstacle, gpio_loop);
    if (!gpio_loop->has_obstacle && !sd_notify_failed(gpio_loop->manager))
        return NULL;
    return "the service manager has not taken every output: see the warnings above, or stop it and "
           "start it again";
}

void gpio_loop_hand_over(struct gpio_loop *gpio_loop)
{
    circuit_hand_over(gpio_loop->circuit);
    sd_notify_wait(gpio_loop->manager);
}

struct circuit *gpio_loop_circuit(const struct gpio_loop *gpio_loop)
{
    return gpio_loop->circuit;
}
