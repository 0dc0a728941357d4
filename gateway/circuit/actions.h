/* The timed actions of an output: one row for each kind. The functions of a row compute and change
 * nothing but what they are given; circuit/action.h executes them. */
#ifndef CIRCUIT_ACTIONS_H
#define CIRCUIT_ACTIONS_H

#include "circuit/line.h"

struct action_row {
    const char *name; /* as protocols name it; NULL for no action */
    /* The command records which value stood before it, and the action returns to that value. */
    bool restores;
    /* Sets the time of the first step; what else the action needs is already set, and the line is on. */
    void (*begin)(struct action *action, int64_t now_ns);
    /* Sets `change` to what the line becomes in the step that is due. NULL: the pin flips, and the
     * line's value does not change. */
    void (*step)(const struct line *line, struct line_change *change, int64_t now_ns);
    /* Monotonic time at which the action ends by itself; NULL or 0 for never. */
    int64_t (*ends_at_ns)(const struct line *line);
    /* Whether the line would be off after the action; NULL for no. */
    bool (*ends_off)(const struct line *line);
    /* Whether a line with this value occupies its interlocks: it is on, or will switch itself on. NULL:
     * as its value. */
    bool (*holds)(uint8_t value, const struct action *action);
};

/* The row of a kind. Never NULL. */
const struct action_row *action_row(enum circuit_action_kind kind);

/* Begins `kind` on a line that is on from `now_ns`. */
void action_begin(struct action *action, enum circuit_action_kind kind, int64_t now_ns);

/* As the row's functions of the same name; these may be called for every kind. */
bool action_holds(uint8_t value, const struct action *action);
bool action_ends_off(const struct line *line);
int64_t action_ends_at_ns(const struct line *line);

/* How long one phase of a PWM period lasts. */
int64_t action_pwm_phase_ns(const struct action *action, bool on);

/* Whether software flips the pin: neither the kernel does, nor is the duty 0 or 1. */
bool action_pwm_flips(const struct action *action);

#endif
