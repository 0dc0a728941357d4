/* The state of a circuit, shared by the files of this folder. Outputs change by plans alone: see
 * circuit/plan.h. */
#ifndef CIRCUIT_STATE_H
#define CIRCUIT_STATE_H

#include "circuit/circuit_store.h"
#include "circuit/line.h"
#include "circuit/rule_report.h"

enum {
    RULE_QUEUE_MAX = 256, /* waiting triggers; one more is dropped and counted */
    RULE_CHAIN_MAX = 256, /* rules run after one cause; more is a loop that the check missed */
    RETRY_MS = 1000,      /* between two tries of a write that the hardware refused */
};

/* A scene with steps that wait for their time. */
struct scene_run {
    bool running;
    size_t next;          /* index of the next entry of steps[] */
    unsigned step;        /* number of the step that ran last; 0 before the first */
    uint32_t rounds_done; /* of a program that repeats */
    int64_t due_ns;
    int64_t started_at_ns; /* wall clock */
    uint32_t lease_ms, lease_connection;
    enum event_cause cause;
    struct origin by;
    uint16_t caused_by_run; /* as in struct command: of the program that a rule reacted to */
    /* Lines that somebody else has commanded since the start: the run does not touch them again. */
    uint8_t is_taken[CIRCUIT_LINES_MAX];
};

/* Commands of a rule that wait. */
struct rule_delay {
    int64_t due_ns; /* monotonic */
    uint16_t caused_by_run;
    bool only_off; /* only the commands that switch off are done */
};

struct rule_state {
    bool is_disabled;
    uint16_t held_by_run; /* HELD: the run that switched the line on; 0 for none */
    uint16_t line;        /* of several: the one that went on last */
    bool is_pressed;      /* PRESS: may still be a short press */
    int64_t pressed_ns;   /* DOUBLE_PRESS, PRESS: the first press; INT64_MIN for none */
    int64_t next_s;       /* by the clock: the moment of the deadline; INT64_MAX for none */
    int64_t fired_s;      /* by the clock: the moment that it was set off for last */
    int64_t last_at_ns;   /* wall clock, when its commands were done last; 0 for never */
    enum refusal_code last_result;
    char last_detail[COMMAND_MESSAGE_SIZE];
    size_t delay_count;
    struct rule_delay delays[CIRCUIT_DELAYS_MAX];
};

/* A rule that is about to do its commands. */
struct triggered_rule {
    uint16_t rule, caused_by_run;
    bool is_delayed; /* its after_ms is over */
    bool only_off;
};

struct circuit {
    struct circuit_options options; /* a copy of its own */
    struct gpio *gpio;
    struct circuit_store store;
    struct journal *journal;
    size_t line_count;
    struct line *lines;
    int16_t by_handle[GPIO_LINES_MAX]; /* line of a gpio handle; -1 for none */
    struct deadlines deadlines;
    struct scene_run scenes[CIRCUIT_SCENES_MAX];
    struct rule_state rules[CIRCUIT_RULES_MAX];
    struct triggered_rule triggered[RULE_QUEUE_MAX]; /* rules to run, a ring */
    size_t trigger_first, trigger_count;
    struct circuit_rule_report rule_report;
    int64_t clock_ahead_ns; /* the wall clock before the monotonic one, when rules were scheduled */
    bool busy;              /* inside an entry: rules run at its end */
    const struct timestamps
        *starting;  /* inside circuit_new(), where the record of the run before counts */
    bool is_ending; /* the values that are set now are not what was commanded last */
    bool ended;     /* after circuit_shutdown() */
};

/* The origin of edges, and of chips that come and go. */
extern const struct origin gpio_origin;

/* What the source of a rule begins with; its name follows. */
#define CIRCUIT_RULE_SOURCE "rule:"

/* Appends an event of `line`, which takes its seq, time and origin. */
void circuit_append(struct circuit *circuit, struct line *line, struct event *event,
                    const struct origin *by);

/* Counts a command of a rule or of a waiting scene that was refused, for circuit_rule_report(). */
void circuit_report_refused(struct circuit *circuit, bool by_scene, const char *name,
                            const struct refusal *refusal);

/* Enters the line's next due time into the deadlines. */
void circuit_schedule(struct circuit *circuit, const struct line *line);

#endif
