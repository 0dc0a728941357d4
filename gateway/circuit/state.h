/* The circuit from inside. Everything that changes an output goes through its plan. */
#ifndef CIRCUIT_STATE_H
#define CIRCUIT_STATE_H

#include "circuit/line.h"
#include "circuit/plan.h"

enum {
    RULE_QUEUE_MAX = 256, /* triggers that wait; one that finds no room is dropped and counted */
    RULE_CHAIN_MAX = 256, /* rules run after one cause: more is a loop that the check did not see */
    RETRY_MS = 1000,      /* between two tries of a change that the hardware refused */
};

/* A scene whose later steps wait. */
struct scene_run {
    bool running;
    size_t next; /* step */
    int64_t due_ns;
    uint32_t lease_ms, lease_connection;
    enum event_cause cause;
    struct origin by;
};

struct rule_state {
    int64_t pressed_ns; /* DOUBLE_PRESS: the first press; INT64_MIN for none */
};

struct circuit {
    struct circuit_options options; /* a copy of its own */
    struct gpio *gpio;
    struct circuit_memory memory;
    struct journal *journal;
    size_t line_count;
    struct line *lines;
    int16_t by_handle[GPIO_LINES_MAX]; /* line of a gpio handle; -1 for none */
    struct deadlines deadlines;
    struct plan plan;
    struct scene_run scenes[CIRCUIT_SCENES_MAX];
    struct rule_state rules[CIRCUIT_RULES_MAX];
    uint16_t triggered[RULE_QUEUE_MAX]; /* rules to run, a ring */
    size_t trigger_first, trigger_count;
    struct circuit_rule_report rule_report;
    bool busy;  /* inside an entry: rules wait for its end */
    bool ended; /* after circuit_shutdown() */
};

/* The wires: edges, and chips that come and go. */
extern const struct origin gpio_origin;

/* Appends an event of `line`: it gets the seq, the time and the author. */
void circuit_append(struct circuit *circuit, struct line *line, struct event *event,
                    const struct origin *by);

/* Around whatever may change a line: the outermost of nested entries runs the rules at its end. */
bool circuit_enter(struct circuit *circuit);
void circuit_leave(struct circuit *circuit, bool outermost, const struct timestamps *now);

/* What a rule or a waiting scene wanted was refused. */
void circuit_report_refused(struct circuit *circuit, bool by_scene, const char *name,
                            const struct refusal *refusal);

/* Puts the line's next due time into the agenda. */
void circuit_schedule(struct circuit *circuit, const struct line *line);

#endif
