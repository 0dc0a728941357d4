/* A line at run time: its value, and the action that runs on it. */
#ifndef CIRCUIT_LINE_H
#define CIRCUIT_LINE_H

#include "circuit/counter.h"
#include "circuit/deadlines.h"
#include "circuit/journal.h"
#include "circuit/line_state.h"
#include "circuit/signal_stats.h"

/* What a line does by itself. GAP waits until the line may be switched on; then `then` begins. */
struct action {
    enum circuit_action_kind kind;
    enum circuit_action_kind then; /* GAP: NONE for a plain set */
    enum event_cause cause;        /* of its later events */
    int64_t due_ns;                /* of its next step; DEADLINE_NEVER for none */
    uint32_t for_ms;               /* FOR, PULSE */
    uint8_t back; /* FOR, PULSE: the value afterwards; BLINK, PWM: the one before */
    uint32_t on_ms, off_ms, count; /* BLINK */
    uint32_t left;                 /* BLINK: times on that are still to end */
    double duty, hz;               /* PWM */
    bool by_kernel;                /* PWM: a channel of the kernel flips the pin */
    /* PWM that fades: from which duty to which, and when (monotonic); `fade_to_ns` 0 for none. */
    double fade_from, fade_to;
    int64_t fade_from_ns, fade_to_ns;
};

/* While it runs the line may differ from its safe value. No `ms` and no `connection`: there is none. */
struct lease {
    uint32_t ms;
    uint32_t connection;
    int64_t due_ns; /* DEADLINE_NEVER without `ms` */
};

/* A change that safety requires and the hardware refused: it is retried until it succeeds. */
struct pending_write {
    bool is_waiting;
    uint8_t value;
    enum event_cause cause;
    int64_t due_ns;
};

/* What one line becomes when a plan is committed. */
struct line_change {
    uint16_t line;
    uint8_t value;
    uint8_t pin;
    bool continues; /* a step of the running action, which neither begins nor ends */
    enum event_cause cause;
    uint8_t details; /* enum event_detail, besides those that follow from the rest */
    struct action action;
    struct lease lease;
};

struct line {
    uint16_t index;
    int handle; /* in gpio/ */
    const struct circuit_line_options *options;
    uint32_t groups;    /* bit i: member of interlock i */
    uint8_t value;      /* what the line is described with; under PWM: whether there is any duty */
    uint8_t pin;        /* outputs: what was written last; under PWM by the kernel as `value` */
    bool state_unknown; /* outputs: a write failed, and so may have its undoing */
    bool available;
    char unavailable_reason[COMMAND_MESSAGE_SIZE];
    int8_t remembered; /* outputs: value stored last; -1 for none */
    bool has_record;   /* outputs: more than a value may be stored of it */

    uint64_t seq;
    int64_t changed_at_ns;
    uint64_t edges, lost;
    struct origin by;        /* of the newest event */
    struct origin commander; /* who began the action or holds the lease */

    struct action action;
    struct lease lease;
    struct pending_write pending_write;
    int64_t on_since_ns;  /* monotonic, of `value` */
    int64_t on_ns;        /* how long `value` was 1, up to its last change to 0 */
    int64_t off_since_ns; /* monotonic, of `pin`; the start counts as just switched off */
    bool locked;
    char lock_reason[COMMAND_REASON_SIZE];
    struct origin locker;

    struct signal_stats signal_stats; /* inputs */
    struct counter counter;           /* inputs */
    uint8_t level;                    /* inputs: before the debounce */
    uint32_t lost_unreported;         /* inputs: edges lost since the debounce began */
    int64_t settles_ns;   /* inputs: when the debounce ends; DEADLINE_NEVER when nothing bounces */
    uint16_t run;         /* outputs: the run that switched it on, from 1; 0 for none */
    struct origin driver; /* inputs: who drives a simulated one; source "" for the wire */
};

static inline bool line_is_output(const struct line *line)
{
    return line->options->gpio.direction == GPIO_DIRECTION_OUTPUT;
}

static inline bool lease_exists(const struct lease *lease)
{
    return lease->ms != 0 || lease->connection != 0;
}

/* The value that a lease, `off` and the end set. For a line that holds its value it is 0. */
static inline uint8_t line_safe_value(const struct line *line)
{
    return line->options->safe == CIRCUIT_SAFE_1;
}

/* Whether the kernel's PWM channel of the line carries more than a value. */
static inline bool action_is_by_kernel(const struct action *action)
{
    return action->kind == CIRCUIT_ACTION_PWM && action->by_kernel;
}

/* Writes what an action wants: the kernel's PWM, or else the level `pin`. As gpio_set(). */
int line_write(struct gpio *gpio, const struct line *line, const struct action *action,
               uint8_t pin);

/* Sets `value`, and counts the time on that ends with it. */
void line_set_value(struct line *line, uint8_t value, int64_t now_ns);

/* Monotonic time at which a line is cut off by max_on_ms; DEADLINE_NEVER for never. */
int64_t line_limit_ns(const struct line *line);

/* Monotonic time of the next thing to do for a line. */
int64_t line_due_ns(const struct line *line);

#endif
