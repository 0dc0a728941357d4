#include "hardware_rules.h"

#include "base/clock.h"
#include "base/owner.h"
#include "sim.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

/* The emulated kernel serves interrupts at its tick, 100 times a second. So a burst is one change on
 * each of many pins, and the next as soon as all were served. */
enum { PINS = 40, FIRST_PIN = 10, PATIENCE_MS = 2000 };

static void wait_until_served(unsigned long wanted)
{
    for (int i = 0; sim_served() < wanted && i < PATIENCE_MS; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = CLOCK_NS_PER_MS}, NULL);
}

static void toggle_all(const int pins[PINS], int changes)
{
    unsigned long served = sim_served();
    for (int i = 0; i < changes; i++) {
        const char *level = i % 2 == 0 ? "pull-up" : "pull-down";
        for (int j = 0; j < PINS; j++)
            if (write(pins[j], level, strlen(level)) < 0)
                _exit(1);
        wait_until_served(served += PINS);
    }
}

/* Changes all pins `changes` times from another process. */
static pid_t start_burst(int changes)
{
    int pins[PINS];
    for (int j = 0; j < PINS; j++)
        pins[j] = sim_open_pull(FIRST_PIN + (unsigned)j);
    pid_t child = fork();
    if (child == 0) {
        toggle_all(pins, changes);
        _exit(0);
    }
    for (int j = 0; j < PINS; j++)
        assert_int_equal(close(pins[j]), 0);
    return child;
}

static void end_burst(pid_t child)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void claim_pins(struct rig *rig, int lines[PINS])
{
    struct gpio_line_config configs[PINS];
    for (int j = 0; j < PINS; j++) {
        configs[j] = an_input("");
        configs[j].offset = FIRST_PIN + j;
        (void)snprintf(configs[j].chip, sizeof configs[j].chip, "pinctrl-bcm2711");
    }
    request_all(rig, configs, PINS, lines);
}

static size_t sum_lost(const struct rig *rig, bool *ret_overrun)
{
    size_t lost = 0;
    *ret_overrun = false;
    for (size_t i = 0; i < rig->edge_count; i++) {
        lost += rig->edges[i].lost;
        *ret_overrun = *ret_overrun || rig->edges[i].overrun;
    }
    return lost;
}

/* All are counted as long as the machine gives the reader its time. */
static void burst_of_10000_edges_is_counted_or_told_as_lost(void **state)
{
    enum { CHANGES = 250, ALL = PINS * CHANGES };
    struct rig *rig = *state;
    int lines[PINS];
    bool overrun;
    claim_pins(rig, lines);
    pid_t child = start_burst(CHANGES);
    size_t count = rig_run(rig, &rig->edge_count, ALL, 20000);
    end_burst(child);
    size_t lost = sum_lost(rig, &overrun);
    print_message("%zu edges, %zu told as lost\n", count, lost);
    assert_true(count >= ALL / 2);
    if (gpio_capabilities(rig->gpio) & GPIO_CAN_COUNT_EDGES)
        assert_int_equal(count + lost, ALL);
    else
        assert_true(count == ALL || overrun);
    int64_t last_ns = 0;
    for (size_t i = 0; i < count; i++)
        if (rig->edges[i].line == lines[7]) {
            assert_true(rig->edges[i].edge_ns > last_ns);
            last_ns = rig->edges[i].edge_ns;
        }
}

/* Nobody reads for a while: the kernel's queues overflow. */
static void overflow_is_told_and_ends_with_the_true_value(void **state)
{
    enum { CHANGES = 61 };
    struct rig *rig = *state;
    int lines[PINS];
    uint8_t values[PINS];
    bool overrun;
    claim_pins(rig, lines);
    end_burst(start_burst(CHANGES));
    (void)rig_run(rig, &rig->edge_count, (size_t)PINS * CHANGES, 300);
    size_t lost = sum_lost(rig, &overrun);
    assert_true(rig->edge_count < (size_t)PINS * CHANGES);
    if (gpio_capabilities(rig->gpio) & GPIO_CAN_COUNT_EDGES)
        assert_int_equal(rig->edge_count + lost, PINS * CHANGES);
    else
        assert_true(overrun);
    memset(values, 9, sizeof values);
    for (size_t i = 0; i < rig->edge_count; i++)
        for (int j = 0; j < PINS; j++)
            if (rig->edges[i].line == lines[j])
                values[j] = (uint8_t)rig->edges[i].value;
    for (int j = 0; j < PINS; j++)
        assert_int_equal(values[j], 1);
}

size_t input_rules(struct CMUnitTest *tests)
{
    RULES(RULE(burst_of_10000_edges_is_counted_or_told_as_lost),
          RULE(overflow_is_told_and_ends_with_the_true_value));
}
