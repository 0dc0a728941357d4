/* A line as a reader sees it: what circuit_line() fills. Plain data. */
#ifndef CIRCUIT_LINE_STATE_H
#define CIRCUIT_LINE_STATE_H

#include "circuit/options.h"

enum circuit_action_kind {
    CIRCUIT_ACTION_NONE,
    CIRCUIT_ACTION_FOR, /* set with for_ms */
    CIRCUIT_ACTION_PULSE,
    CIRCUIT_ACTION_BLINK,
    CIRCUIT_ACTION_PWM,
    CIRCUIT_ACTION_GAP, /* waits for the gap of an interlock, or for min_off_ms */
};

/* Texts are borrowed until the next change of the circuit. */
struct line_state {
    const struct circuit_line_options *options;
    const struct gpio_line_location *location;
    uint8_t value;
    bool available;
    const char *unavailable_reason; /* NULL while available */
    uint64_t seq;                   /* of its newest event */
    int64_t changed_at_ns;          /* wall clock */
    int64_t on_ns;                  /* how long the value was 1 since the start */
    uint64_t edges;                 /* changes of value, those of earlier runs included */
    uint64_t lost;                  /* edges known to be lost */
    const struct origin *by;        /* who changed it last */
    enum circuit_action_kind action;
    int64_t action_ends_ns;        /* wall clock; 0 for no end */
    uint32_t on_ms, off_ms, count; /* BLINK */
    double duty, hz;               /* PWM */
    bool fades;                    /* PWM: the duty is on its way to another */
    double fade_to;                /* with `fades`: to which one */
    int64_t fade_ends_ns;          /* with `fades`: wall clock */
    bool leased;                   /* a lease runs: timed, on a connection, or both */
    uint32_t lease_ms;             /* 0 for one that hangs on its connection alone */
    int64_t lease_ends_ns;         /* wall clock; 0 for "with its connection" */
    const char *lock_reason;       /* NULL while unlocked */
    const char *lock_source;
    const char *interlock;       /* group name, or NULL */
    bool held;                   /* input: on for longer than a second */
    double input_hz, input_duty; /* input: over the last 10 s */
    uint64_t pulses;             /* input with a counter: how many it has counted */
    double pulse_rate;           /* the same: how many a minute */
    int64_t last_press_ns;       /* input: how long it was on last time; 0 for never */
};

/* A scene as it is now. */
struct scene_state {
    const struct circuit_scene_options *options;
    bool running;
    unsigned step, steps;  /* the step that ran last, 0 before the first; how many the config has */
    int64_t started_at_ns; /* wall clock; 0 while it does not run */
    int64_t ends_at_ns;    /* wall clock; 0 for no end of its own */
};

#endif
