/* A plan: changes of outputs that happen together, or not at all. Whoever wants an output changed
 * (a command, a timer, a scene, a lease that ends, the end of the program) writes a plan; checking
 * and doing it stand here alone, so that no way leads round interlocks, rests and leases.
 *
 * Checked plans are for those who may be refused: plan_check(), then plan_commit(). Forced plans are
 * for safety itself: plan_force() cannot be refused, and what the hardware refuses stays owed. */
#ifndef CIRCUIT_PLAN_H
#define CIRCUIT_PLAN_H

#include "circuit/line.h"

/* What one line shall be afterwards. */
struct line_change {
    uint16_t line;
    uint8_t value;
    uint8_t pin;
    bool continues; /* a step of the running action: it neither begins nor ends */
    enum event_cause cause;
    uint8_t details; /* enum event_detail, besides those that follow from the rest */
    struct action action;
    struct lease lease;
};

struct plan {
    const struct origin *by; /* borrowed */
    struct timestamps now;
    bool by_itself; /* nobody's new command: who commands the line stays, and scenes go on */
    bool renews;    /* a lease only: scenes go on */
    size_t count;
    struct line_change changes[CIRCUIT_LINES_MAX];
    uint16_t places[CIRCUIT_LINES_MAX]; /* of a line in `changes`, from 1; 0 for none */
};

/* Empties the circuit's plan. `by` is borrowed until the plan is done. */
struct plan *plan_begin(struct circuit *circuit, const struct origin *by,
                        const struct timestamps *now);

/* Adds a line that is not in the plan yet: its value stays, its action and its lease end. Borrowed
 * until the next call. */
struct line_change *plan_add(struct circuit *circuit, size_t line, enum event_cause cause);

/* Whether a line is on, or will switch itself on, once the plan is done. */
bool plan_holds(const struct circuit *circuit, size_t line);

/* The line that keeps a change from being on, by an interlock: its index, or -1. */
int plan_blocker(const struct circuit *circuit, const struct line_change *change);

/* Monotonic time from which the line may be switched on: its rest and the gaps of its interlocks. */
int64_t plan_ready_ns(const struct circuit *circuit, size_t line);

/* Turns a change that switches on into one that waits for `ready_ns`. */
void plan_delay(struct line_change *change, int64_t ready_ns);

/* Checks locks, availability, interlocks and rests; adds the lines that a break-before-make switches
 * off, and has the others wait for the gap. 0, or -1 with `refusal`. */
int plan_check(struct circuit *circuit, struct refusal *refusal);

/* Writes the pins and journals. 0, or -1 with `refusal`: then nothing has changed. */
int plan_commit(struct circuit *circuit, struct refusal *refusal);

/* The same where nobody can be refused. */
void plan_force(struct circuit *circuit);

/* Adds the change of a line to its safe value; switches on only where that is allowed. */
void plan_add_safe(struct circuit *circuit, size_t line, enum event_cause cause);

#endif
