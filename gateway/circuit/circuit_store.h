/* What outlives a run of the program: the values of `initial: "last"` and the counters of edges. The
 * owner of the disk stores them and fills this structure. */
#ifndef CIRCUIT_CIRCUIT_STORE_H
#define CIRCUIT_CIRCUIT_STORE_H

#include "circuit/line_state.h"

#include <stdbool.h>
#include <stdint.h>

/* What an output does besides having a value. Plain data, all zero for nothing; ends are wall-clock times
 * in milliseconds. */
struct line_record {
    enum circuit_action_kind action; /* NONE, FOR, PULSE, BLINK or PWM */
    uint8_t value;                   /* FOR: during the action */
    uint8_t back;                    /* FOR: afterwards */
    uint32_t on_ms, off_ms, count;   /* BLINK */
    double duty, hz;                 /* PWM */
    int64_t action_ends_ms;          /* 0 for no end */
    bool has_lease;
    bool lease_on_connection;
    int64_t lease_ends_ms; /* 0 without a time */
    uint32_t lease_ms;
    bool has_run;                          /* a program switched it on */
    uint8_t run_value;                     /* what unwinding that program makes of it */
    char lock_reason[COMMAND_REASON_SIZE]; /* "" while unlocked */
    struct origin locker;
};

struct json;

/* What of a rule outlives the process. */
struct rule_record {
    bool is_disabled;
    size_t delay_count;
    int64_t delay_ends_ms[CIRCUIT_DELAYS_MAX]; /* wall clock: when commands that wait are due */
};

struct circuit_store {
    void *context;
    /* Value last commanded for a line: 0, 1, or -1 when nothing is stored. */
    int (*recall)(void *context, const char *line);
    /* A commanded value changed; called at most once a command and line. */
    void (*remember)(void *context, const char *line, int value);
    /* The number from which the line's counter of edges goes on; NULL for 0. The owner stores what
     * circuit_line() reports. */
    uint64_t (*recall_edges)(void *context, const char *line);
    /* The number from which the counter of an input goes on, and the value that the input had. False when
     * nothing is stored; may be NULL. */
    bool (*recall_counter)(void *context, const char *line, uint64_t *ret_count,
                           uint8_t *ret_value);
    /* What an output did when the run before ended. False when nothing is stored; may be NULL. */
    bool (*recall_record)(void *context, const char *line, struct line_record *ret_record);
    /* The same of a rule. */
    bool (*recall_rule)(void *context, const char *rule, struct rule_record *ret_record);
    /* The line that was called `from` is called `to` now: what is stored of it moves along. May be NULL. */
    void (*rename)(void *context, const char *from, const char *to);
    /* What circuit_record() or circuit_rule_record() describes has changed. Urgent, since it must not be
     * forgotten: a line whose stored state comes back after a crash went off or may do less than before,
     * or is locked; or a pin that outlives a crash got something that ends by itself. May be NULL. */
    void (*changed)(void *context, bool is_urgent);
    /* What journal_print() stored of the run before, which goes on; NULL for a run of its own. Borrowed. */
    const struct json *journal;
    /* The run before ended in order: a line that is taken over from it is at its safe value and begins
     * with `initial` from there. A line that holds its value goes on. */
    bool ended;
    /* Outputs were handed over from the run before: any of them may be on. */
    bool goes_on;
    /* A service manager keeps the outputs: each pin outlives a crash with its level. */
    bool keeps_pins;
    /* The wall clock is not set yet: rules by the clock wait for circuit_clock_changed(). */
    bool clock_is_unset;
};

#endif
