/* A plan: changes of outputs that happen together, or not at all. Code that changes an output (a
 * command, a timer, a scene, a lease that ends, the end of the program) writes a plan. Plans are checked
 * and committed here alone, so that nothing bypasses interlocks, minimum off times and leases.
 *
 * A checked plan may be refused: plan_check(), then plan_commit(). A forced plan is safety's own:
 * plan_force() cannot be refused, and what the hardware refuses is retried.
 *
 * A plan is owned by its caller, lives until it is committed, and needs no clean-up. */
#ifndef CIRCUIT_PLAN_H
#define CIRCUIT_PLAN_H

#include "circuit/state.h"

struct plan {
    struct circuit *circuit; /* borrowed */
    const struct origin *by; /* borrowed */
    struct timestamps now;
    bool by_itself; /* no new command: the line keeps its commander, and scenes go on */
    uint16_t run;   /* as in struct command */
    uint16_t caused_by_run;
    bool keeps_run; /* a lock, or a lease that is renewed: the line stays with its run */
    size_t count;
    struct line_change changes[CIRCUIT_LINES_MAX];
    uint16_t change_of_line[CIRCUIT_LINES_MAX]; /* of a line in `changes`, from 1; 0 for none */
};

/* Makes an empty plan. */
void plan_init(struct plan *plan, struct circuit *circuit, const struct origin *by,
               const struct timestamps *now);

/* Adds a line that is not in the plan yet: its value stays, its action and its lease end. Borrowed as
 * long as the plan. */
struct line_change *plan_add(struct plan *plan, size_t line, enum event_cause cause);

/* Adds the change of a line to its safe value; switches on only where that is allowed. */
void plan_add_safe(struct plan *plan, size_t line, enum event_cause cause);

/* Whether a line is on, or will switch itself on, after the plan. */
bool plan_holds(const struct plan *plan, size_t line);

/* Index of the line that blocks a change by an interlock, or -1. */
int plan_blocker(const struct plan *plan, const struct line_change *change);

/* Monotonic time from which the line may be switched on: its minimum off time and the gaps of its
 * interlocks. */
int64_t plan_ready_ns(const struct circuit *circuit, size_t line, const struct timestamps *now);

/* Turns a change that switches on into one that waits until `ready_ns`. */
void plan_delay(struct line_change *change, int64_t ready_ns);

/* Checks locks, availability, interlocks and minimum off times; adds the lines that a
 * break-before-make switches off, and delays the others by the gap. 0, or -1 with `refusal`. */
int plan_check(struct plan *plan, struct refusal *refusal);

/* Writes the pins and journals the changes. 0, or -1 with `refusal`: then nothing has changed. */
int plan_commit(struct plan *plan, struct refusal *refusal);

/* The same where nobody can be refused. */
void plan_force(struct plan *plan);

#endif
