/* The circuit: lines, the commands that change outputs, the edges that change inputs. Both end in
 * one place that checks, applies to gpio/ and appends to the journal. Pure: no I/O but gpio.h, no
 * JSON, no clock; whoever calls tells the time. */
#ifndef CIRCUIT_CIRCUIT_H
#define CIRCUIT_CIRCUIT_H

#include "circuit/command.h"
#include "circuit/journal.h"
#include "circuit/options.h"

struct circuit;

/* What outlives a run: the values of `initial: "last"` and the counters of edges. Stored by whoever owns
 * the disk, told here. */
struct circuit_memory {
    void *context;
    /* Value last commanded for a line: 0, 1, or -1 when nothing is stored. */
    int (*recall)(void *context, const char *line);
    /* A commanded value changed; called at most once a command and line. */
    void (*remember)(void *context, const char *line, int value);
    /* Where the line's counter of edges goes on; NULL for 0. To be stored: what circuit_line() tells. */
    uint64_t (*recall_edges)(void *context, const char *line);
    /* The run before ended in order: what is taken over from it stands at its safe value, and begins
     * with `initial` from there; but for lines that hold. */
    bool ended;
    /* Outputs were handed over from the run before: any may be on. */
    bool goes_on;
};

/* Claims the lines and journals their first values (cause start), one event for each line. The start
 * counts as "just switched off" for min_off_ms and for the gaps of interlocks: what was on before is
 * not known. `options` and its lines are copied; journal_events 0 is the default;
 * `gpio` is borrowed; `memory` may be NULL. The caller forwards gpio events to circuit_edge() and
 * circuit_available() from the moment of this call.
 * 0; the negative errno of gpio_request_lines() with `error` filled; -ENOMEM. */
int circuit_new(const struct circuit_options *options, struct gpio *gpio, const char *run_id,
                const struct circuit_memory *memory, const struct timestamps *now,
                struct circuit **ret_circuit, struct gpio_error *error);

/* Frees without touching a pin: call circuit_shutdown() first. NULL is legal. */
struct circuit *circuit_free(struct circuit *circuit);

/* The end of the program: actions end, outputs go to their safe values (cause stop). A line that
 * holds its value keeps it, unless a lease runs on it. Commands are refused from then
 * on, as REFUSAL_GPIO with ESHUTDOWN. */
void circuit_shutdown(struct circuit *circuit, const struct timestamps *now);

/* Takes a checked new description (SIGHUP): a line of the same name whose pin is claimed as before
 * keeps request, value, action, lease and lock, under its new limits; one that must be claimed anew
 * keeps its value and lock, but goes off where that is what would have become of it: a pulse, PWM, what
 * is owed. Outputs that leave go to their safe values. A scene that waits for its next
 * step, and a rule that waits for more of its condition, go on where their description and lines are
 * the same. Indices may change: clients need a snapshot. The journal keeps its size.
 * All or nothing: 0 and `log` is told of each line "kept", "changed", "added" or "removed"; or the
 * negative errno of gpio_request_lines() with `error` filled (its line borrowed from `options`); -ENOMEM. */
int circuit_reload(struct circuit *circuit, const struct circuit_options *options,
                   const struct timestamps *now,
                   void (*log)(void *context, const char *line, const char *what), void *context,
                   struct gpio_error *error);

/* Whether rules can set each other off without an end: a change that a rule makes leads, over other
 * rules, back to the edge that it waits for. 0, or -ELOOP with a sentence that names the rules. */
int circuit_check_rules(const struct circuit_options *options, char *message, size_t message_size);

/* What rules, and the later steps of scenes, could not do since the start: they have nobody to tell, so
 * whoever keeps a log looks here. Borrowed as long as the circuit. */
struct circuit_rule_report {
    uint64_t refused; /* commands that were refused */
    uint64_t dropped; /* triggers that came faster than rules run, or in a loop */
    bool by_scene;    /* the one that was refused last, its name ("" for none), and why */
    char name[CIRCUIT_NAME_SIZE];
    char message[COMMAND_MESSAGE_SIZE];
};
const struct circuit_rule_report *circuit_rule_report(const struct circuit *circuit);

struct journal *circuit_journal(struct circuit *circuit);
struct gpio *circuit_gpio(struct circuit *circuit);
const struct circuit_options *circuit_description(const struct circuit *circuit);

size_t circuit_line_count(const struct circuit *circuit);

/* Index of a line or scene by name, or -1. */
int circuit_find(const struct circuit *circuit, const char *name);
int circuit_find_scene(const struct circuit *circuit, const char *name);

enum circuit_action_kind {
    CIRCUIT_ACTION_NONE,
    CIRCUIT_ACTION_FOR, /* set with for_ms */
    CIRCUIT_ACTION_PULSE,
    CIRCUIT_ACTION_BLINK,
    CIRCUIT_ACTION_PWM,
    CIRCUIT_ACTION_GAP, /* waits for the gap of an interlock, or for min_off_ms */
};

/* A line as it is now. Texts are borrowed until the next change of the circuit. */
struct line_state {
    const struct circuit_line_options *options;
    const struct gpio_line_location *location;
    uint8_t value;
    bool available;
    const char *unavailable_reason; /* NULL while available */
    uint64_t seq;                   /* of its newest event */
    int64_t changed_at_ns;          /* wall clock */
    uint64_t edges;                 /* changes of value, those of earlier runs included */
    uint64_t lost;                  /* edges known to be lost */
    const struct origin *by;        /* who changed it last */
    enum circuit_action_kind action;
    int64_t action_ends_ns;        /* wall clock; 0 for no end */
    uint32_t on_ms, off_ms, count; /* BLINK */
    double duty, hz;               /* PWM */
    bool leased;                   /* a lease runs: timed, on a connection, or both */
    uint32_t lease_ms;             /* 0 for one that hangs on its connection alone */
    int64_t lease_ends_ns;         /* wall clock; 0 for "with its connection" */
    const char *lock_reason;       /* NULL while unlocked */
    const char *lock_source;
    const char *interlock;       /* group name, or NULL */
    bool held;                   /* input: on for longer than a second */
    double input_hz, input_duty; /* input: over the last 10 s */
    int64_t last_press_ns;       /* input: how long it was on last time; 0 for never */
};

/* Describes a line. `seq`, `changed_at_ns` and `by` are those of its newest event. */
void circuit_line(const struct circuit *circuit, size_t line, const struct timestamps *now,
                  struct line_state *ret_state);

/* Does one command. 0 with `ret_outcome` (not for OFF and SCENE), or -1 with `refusal`: then nothing
 * has changed, and what ran on the line runs on.
 *
 * - A command ends whatever ran on the line. An event tells each change of the value and each change
 *   of the description: an action, PWM or lease that began, changed or ended, a lock. Where neither
 *   changes there is no event: a lease that is renewed with the same length makes none.
 * - FOR and PULSE go back to the value at the moment of their command, or to the one before what ran
 *   then; that event, and each flip of a blink, has the cause of the command and the author of who gave
 *   it.
 * - Under PWM the value is 1 as long as there is any duty: for interlocks and max_on_ms it is on all
 *   the time. STOP, LOCK and the end of the program end it off; a blink they leave as it is in that
 *   moment. FOR and PULSE that end off go on to their end on a line that is
 *   locked; what would go on ends off.
 * - A line that will switch itself on (blink, a gap, "off for 5 s") takes its interlocks as if on.
 * - SET and others on a break-before-make interlock switch the others off at once (cause interlock)
 *   and, while a gap is left, answer with value 0 and the action GAP; the event of the command's own
 *   cause follows when the line goes on. STOP, off and any other command end the wait.
 * - A lease lasts while the line is away from its safe value or an action runs. When it ends the line
 *   goes to its safe value; one that holds its value goes off.
 * - Limits, leases, interlocks with inputs, interlocks at the start and OFF act on locked lines too. OFF
 *   leaves lines that hold their value as they are.
 * - A change that safety wants and the hardware refuses (limit, lease, off, the return of a pulse) is
 *   owed: it is tried again each second, and as soon as its chip is back. */
int circuit_command(struct circuit *circuit, const struct command *command,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal);

struct line_value {
    uint16_t line;
    uint8_t value;
};

/* Sets several outputs, all or none, lines of one chip at once. Of `command`, `by`, `expect` and the
 * leases count. `ret_changed` (room for `count`) gets the indices that changed. The number of them, or
 * -1 with `refusal`. */
int circuit_set_many(struct circuit *circuit, const struct line_value *values, size_t count,
                     const struct command *command, const struct timestamps *now,
                     uint16_t *ret_changed, struct refusal *refusal);

/* From gpio/: an edge; a line that went away or came back. */
void circuit_edge(struct circuit *circuit, const struct gpio_edge *edge,
                  const struct timestamps *now);
void circuit_available(struct circuit *circuit, int gpio_line, bool available, int value,
                       const char *reason, const struct timestamps *now);

/* Drives a simulated input; its edges are by `by` from now on. 0, or -1 with `refusal` (an output, or
 * real hardware). */
int circuit_simulate(struct circuit *circuit, size_t line, int value, const struct origin *by,
                     const struct timestamps *now, struct refusal *refusal);

/* A connection ended: the leases that hang on it go to the safe value. */
void circuit_disconnected(struct circuit *circuit, uint32_t connection,
                          const struct timestamps *now);

/* Monotonic time of the next thing to do by itself, INT64_MAX for never; and doing it. Ask again
 * after every call that may change the circuit. */
int64_t circuit_due_ns(const struct circuit *circuit);
void circuit_tick(struct circuit *circuit, const struct timestamps *now);

#endif
