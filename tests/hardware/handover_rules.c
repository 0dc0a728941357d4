/* Outputs that outlive the process which claimed them. */
#include "hardware_rules.h"

#include "base/owner.h"
#include "calls.h"
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* What a service manager keeps: a copy of the descriptor, and its name. */
struct stored {
    int fd;
    char name[GPIO_FD_NAME_SIZE];
    size_t count;
};

static void store(void *context, const char *name, int fd)
{
    struct stored *stored = context;
    stored->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    (void)snprintf(stored->name, sizeof stored->name, "%s", name);
    stored->count++;
}

static struct rig *open_successor(const struct rig *rig)
{
    struct gpio_options options = {.backend = GPIO_BACKEND_AUTO, .store_fds = true};
    struct rig *next = malloc(sizeof *next);
    rig_open(next, rig->bench, &options);
    return next;
}

static void close_successor(struct rig *rig)
{
    rig_close(rig);
    free(rig);
}

/* Claims GPIO17 = 1 and GPIO27 = 0, keeps the descriptor, and ends as a process does. */
static struct stored run_and_end(const struct rig *rig)
{
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("GPIO27"),
                                         an_input("GPIO22")};
    struct stored stored = {.fd = -1};
    struct rig *first = open_successor(rig);
    int lines[3];
    request_all(first, configs, 3, lines);
    rig_set(first, lines[0], 1);
    gpio_store_fds(first->gpio, store, &stored);
    assert_int_equal(stored.count, 1);
    assert_string_equal(stored.name, "gpiochip0/17,27");
    close_successor(first);
    assert_int_equal(sim_level(17), 1);
    return stored;
}

/* Another process that looks at the pin all the time. */
static pid_t start_observer(unsigned offset)
{
    pid_t child = fork();
    if (child == 0) {
        int before = sim_level(offset);
        for (;;)
            if (sim_level(offset) != before)
                _exit(1);
    }
    return child;
}

static void expect_nothing_seen(pid_t child)
{
    int status = 0;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void successor_goes_on_without_an_edge_on_the_pin(void **state)
{
    struct stored stored = run_and_end(*state);
    struct gpio_line_config configs[] = {an_output("GPIO17"), an_output("GPIO27")};
    int lines[2];
    pid_t observer = start_observer(17);
    struct rig *next = open_successor(*state);
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    calls_start(17);
    request_all(next, configs, 2, lines);
    calls_stop();
    assert_int_equal(calls.count, 0);
    assert_int_equal(rig_get(next, lines[0]), 1);
    assert_int_equal(rig_get(next, lines[1]), 0);
    expect_nothing_seen(observer);
    assert_int_equal(gpio_set(next->gpio, lines, (uint8_t[]){0, 1}, 2), 0);
    assert_int_equal(sim_level(17), 0);
    assert_int_equal(sim_level(27), 1);
    close_successor(next);
    assert_false(sim_flags(17) & GPIO_V2_LINE_FLAG_USED);
}

static void successor_can_be_succeeded(void **state)
{
    struct stored stored = run_and_end(*state);
    struct gpio_line_config config = an_output("GPIO17");
    for (int i = 0; i < 3; i++) {
        struct stored again = {.fd = -1};
        struct rig *next = open_successor(*state);
        assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
        assert_int_equal(rig_get(next, rig_claim(next, &config)), 1);
        gpio_store_fds(next->gpio, store, &again);
        assert_string_equal(again.name, stored.name);
        close_successor(next);
        assert_int_equal(sim_level(17), 1);
        stored = again;
    }
    assert_int_equal(close(stored.fd), 0);
}

static void changed_config_is_applied_in_place(void **state)
{
    struct stored stored = run_and_end(*state);
    struct gpio_line_config config = an_output("GPIO17");
    struct rig *next = open_successor(*state);
    config.active_low = true;
    config.drive = GPIO_DRIVE_OPEN_SOURCE;
    config.initial = GPIO_INITIAL_ACTIVE;
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    calls_start(17);
    int line = rig_claim(next, &config);
    calls_stop();
    assert_int_equal(calls.claims, 0);
    assert_int_equal(sim_level(17), 1);
    assert_int_equal(rig_get(next, line), 0);
    assert_true(sim_flags(17) & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    assert_true(sim_flags(17) & GPIO_V2_LINE_FLAG_OPEN_SOURCE);
    close_successor(next);
}

static void descriptor_that_nobody_claims_is_closed(void **state)
{
    struct stored stored = run_and_end(*state);
    struct gpio_line_config config = an_output("GPIO23");
    struct rig *next = open_successor(*state);
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    assert_true(sim_flags(17) & GPIO_V2_LINE_FLAG_USED);
    (void)rig_claim(next, &config);
    assert_false(sim_flags(17) & GPIO_V2_LINE_FLAG_USED);
    close_successor(next);
}

static void descriptor_is_closed_by_a_claim_of_no_line_too(void **state)
{
    struct stored stored = run_and_end(*state);
    struct gpio_error error;
    struct rig *next = open_successor(*state);
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    assert_int_equal(gpio_request_lines(next->gpio, NULL, 0, NULL, &error), 0);
    assert_false(sim_flags(17) & GPIO_V2_LINE_FLAG_USED);
    close_successor(next);
}

static void adopt_refuses(struct rig *rig, const char *name, int fd, int code)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    assert_int_equal(gpio_restore_fd(rig->gpio, name, copy), code);
    assert_int_equal(fcntl(copy, F_GETFD), -1); /* it was taken */
}

static void descriptor_that_is_not_what_its_name_says_is_refused(void **state)
{
    struct stored stored = run_and_end(*state);
    struct rig *next = open_successor(*state);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    adopt_refuses(next, "gpiochip0/17", stored.fd, -EINVAL);
    adopt_refuses(next, "gpiochip0/17,27,23", stored.fd, -EINVAL);
    adopt_refuses(next, "gpiochip0/", stored.fd, -EINVAL);
    adopt_refuses(next, "gpiochip0/17,", stored.fd, -EINVAL);
    adopt_refuses(next, "http", stored.fd, -EINVAL);
    adopt_refuses(next, "gpiochip9/17,27", stored.fd, -ENOENT);
    adopt_refuses(next, "gpiochip0/17,27", ends[0], -ENOTTY);
    AUTO_FD kettle = sim_hold(23, "kettle");
    adopt_refuses(next, "gpiochip0/23", kettle, -EINVAL);
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    close_successor(next);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

static void send_descriptor(int stream, const char *name, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    char text[GPIO_FD_NAME_SIZE] = "";
    struct iovec bytes = {.iov_base = text, .iov_len = sizeof text};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    (void)snprintf(text, sizeof text, "%s", name);
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (sendmsg(stream, &message, 0) != (ssize_t)sizeof text)
        _exit(1);
}

static int receive_descriptor(int stream, char name[GPIO_FD_NAME_SIZE])
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec bytes = {.iov_base = name, .iov_len = GPIO_FD_NAME_SIZE};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    int fd;
    assert_int_equal(recvmsg(stream, &message, MSG_CMSG_CLOEXEC), GPIO_FD_NAME_SIZE);
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    return fd;
}

static void send_to(void *context, const char *name, int fd)
{
    send_descriptor(*(int *)context, name, fd);
}

static void kept_output_survives_the_kill_of_its_process(void **state)
{
    struct gpio_line_config config = an_output("GPIO17");
    struct stored stored;
    int ends[2];
    config.initial = GPIO_INITIAL_ACTIVE;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rig *first = open_successor(*state);
        (void)rig_claim(first, &config);
        gpio_store_fds(first->gpio, send_to, &ends[1]);
        for (;;)
            (void)pause();
    }
    stored.fd = receive_descriptor(ends[0], stored.name);
    pid_t observer = start_observer(17);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    struct rig *next = open_successor(*state);
    config.initial = GPIO_INITIAL_INACTIVE;
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    assert_int_equal(rig_get(next, rig_claim(next, &config)), 1);
    expect_nothing_seen(observer);
    close_successor(next);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

static void descriptor_of_a_chip_that_is_gone_is_refused(void **state)
{
    struct gpio_line_config config = an_output("X0");
    struct stored stored = {.fd = -1};
    sim_make(SIM_OTHER, "expander", 8, 0, "X0");
    struct rig *first = open_successor(*state);
    (void)rig_claim(first, &config);
    gpio_store_fds(first->gpio, store, &stored);
    close_successor(first);
    sim_plug(SIM_OTHER, false);
    struct rig *next = open_successor(*state);
    assert_true(gpio_restore_fd(next->gpio, stored.name, stored.fd) < 0);
    sim_plug(SIM_OTHER, true);
    assert_int_equal(rig_get(next, rig_claim(next, &config)), 0);
    close_successor(next);
}

static void outputs_that_shall_be_handed_over_fit_their_name(void **state)
{
    enum { COUNT = 90 };
    struct rig *next;
    static struct gpio_line_config configs[COUNT];
    int lines[COUNT];
    struct stored stored = {.fd = -1};
    sim_make(SIM_OTHER, "wide", COUNT, 0, "FIRST");
    next = open_successor(*state);
    for (int i = 0; i < COUNT; i++) {
        configs[i] = an_output("");
        configs[i].offset = i;
        (void)snprintf(configs[i].chip, sizeof configs[i].chip, "wide");
    }
    request_all(next, configs, COUNT, lines);
    gpio_store_fds(next->gpio, store, &stored);
    assert_int_equal(stored.count, 3);
    close_successor(next);
}

static void fd_store_output_that_becomes_an_input_reports_edges(void **state)
{
    struct stored stored = run_and_end(*state);
    struct gpio_line_config configs[] = {an_input("GPIO17"), an_output("GPIO27")};
    int lines[2];
    struct rig *next = open_successor(*state);
    assert_int_equal(gpio_restore_fd(next->gpio, stored.name, stored.fd), 0);
    request_all(next, configs, 2, lines);
    sim_pull(17, true); /* no change: the output was 1 */
    sim_pull(17, false);
    assert_int_equal(rig_get(next, lines[0]), 0);
    size_t seen = rig_run(next, &next->edge_count, 1, 1000);
    close_successor(next);
    assert_int_equal(seen, 1);
}

static void refused_claim_leaves_a_released_output_as_it_was(void **state)
{
    struct rig *rig = *state;
    struct gpio_line_config both[] = {an_output("GPIO17"), an_output("GPIO27")};
    struct gpio_line_config next[] = {an_output("GPIO17"), an_output("GPIO22")};
    struct rig *other = open_successor(rig); /* holds GPIO22 */
    int lines[2];
    struct gpio_line_config held = an_input("GPIO22");
    (void)rig_claim(other, &held);
    request_all(rig, both, 2, lines);
    rig_release(rig, lines[0]);
    next[0].initial = GPIO_INITIAL_ACTIVE;
    assert_int_equal(gpio_request_lines(rig->gpio, next, 2, lines, &rig->error), -EBUSY);
    rig_run(rig, &rig->edge_count, 1, 1500);
    bool driven = sim_flags(17) & GPIO_V2_LINE_FLAG_OUTPUT; /* libgpiod 2 parks it as an input */
    int level = sim_level(17);
    close_successor(other);
    assert_false(driven && level);
}

size_t handover_rules(struct CMUnitTest *tests)
{
    RULES(RULE(fd_store_output_that_becomes_an_input_reports_edges),
          RULE(refused_claim_leaves_a_released_output_as_it_was),
          RULE(successor_goes_on_without_an_edge_on_the_pin), RULE(successor_can_be_succeeded),
          RULE(changed_config_is_applied_in_place), RULE(descriptor_that_nobody_claims_is_closed),
          RULE(descriptor_is_closed_by_a_claim_of_no_line_too),
          RULE(descriptor_that_is_not_what_its_name_says_is_refused),
          RULE(kept_output_survives_the_kill_of_its_process),
          RULE(outputs_that_shall_be_handed_over_fit_their_name),
          RULE(descriptor_of_a_chip_that_is_gone_is_refused));
}
