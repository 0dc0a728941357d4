/* The circuit: lines, the commands that change outputs, the edges that change inputs. Both end in
 * one place that checks, applies to gpio/ and appends to the journal. Pure: no I/O but gpio.h, no
 * JSON, no clock; the caller passes the time. */
#ifndef CIRCUIT_CIRCUIT_H
#define CIRCUIT_CIRCUIT_H

#include "circuit/circuit_store.h"
#include "circuit/command.h"
#include "circuit/journal.h"
#include "circuit/line_state.h"
#include "circuit/options.h"
#include "circuit/rule_description.h"
#include "circuit/rule_report.h"

struct circuit;

/* Requests the lines and journals their first values (cause start), one event for each line. The start
 * counts as "just switched off" for min_off_ms and for the gaps of interlocks: what was on before is
 * not known. `options` and its lines are copied; journal_events 0 is the default;
 * `gpio` is borrowed; `memory` may be NULL. The caller forwards gpio events to circuit_edge() and
 * circuit_available() from the moment of this call.
 * 0; the negative errno of gpio_request_lines() with `error` filled; -ENOMEM. */
int circuit_new(const struct circuit_options *options, struct gpio *gpio, const char *run_id,
                const struct circuit_store *store, const struct timestamps *now,
                struct circuit **ret_circuit, struct gpio_error *error);

/* Frees without touching a pin: call circuit_shutdown() first. NULL is legal. */
struct circuit *circuit_free(struct circuit *circuit);

/* The end of the program: actions end, outputs go to their safe values (cause stop). A line that
 * holds its value keeps it, unless a lease runs on it. Commands are refused from then
 * on, as REFUSAL_GPIO with ESHUTDOWN. */
void circuit_shutdown(struct circuit *circuit, const struct timestamps *now);

/* The end of a program with which another goes on by what circuit_record() describes: no output changes, and
 * nothing happens any more. Only the pin of a PWM that nobody flips now ends in its low phase: never more
 * power than was commanded. */
void circuit_hand_over(struct circuit *circuit);

/* Takes a checked new description (SIGHUP): a line of the same name whose pin is requested as before
 * keeps request, value, action, lease and lock, under its new limits; one that must be requested anew
 * keeps its value and lock, but goes off where that is what would have become of it: a pulse, PWM, a
 * pending write. Outputs that leave go to their safe values. A scene that waits for its next
 * step, and a rule that waits for more of its condition, go on where their description and lines are
 * the same. A line whose `was` names an
 * old one is that one. Indices may change: clients need a snapshot. The journal keeps its size.
 * All or nothing: 0 and `log` gets each line with "kept", "changed", "renamed", "added" or "removed"; or the
 * negative errno of gpio_request_lines() with `error` filled (its line borrowed from `options`); -ENOMEM. */
int circuit_reload(struct circuit *circuit, const struct circuit_options *options,
                   const struct timestamps *now,
                   void (*log)(void *context, const char *line, const char *what), void *context,
                   struct gpio_error *error);

/* Whether rules can set each other off without an end: a change that a rule makes leads, over other
 * rules, back to the edge that it waits for. 0; -ELOOP with a sentence that names the rules; 1 with a
 * sentence for a loop that goes on only while conditions are true. */
int circuit_check_rules(const struct circuit_options *options, char *message, size_t message_size);

/* Borrowed as long as the circuit. */
const struct circuit_rule_report *circuit_rule_report(const struct circuit *circuit);

struct journal *circuit_journal(struct circuit *circuit);
struct gpio *circuit_gpio(struct circuit *circuit);
const struct circuit_options *circuit_description(const struct circuit *circuit);

size_t circuit_line_count(const struct circuit *circuit);

/* Index of a line by name, or -1. */
int circuit_find(const struct circuit *circuit, const char *name);

/* Describes a line. `seq`, `changed_at_ns` and `by` are those of its newest event. */
void circuit_line(const struct circuit *circuit, size_t line, const struct timestamps *now,
                  struct line_state *ret_state);

/* Describes a scene. */
void circuit_scene(const struct circuit *circuit, size_t scene, const struct timestamps *now,
                   struct scene_state *ret_state);

/* Describes a rule. */
void circuit_rule(const struct circuit *circuit, size_t rule, struct rule_description *ret_state);

/* Describes what of a rule outlives the process. */
void circuit_rule_record(const struct circuit *circuit, size_t rule, const struct timestamps *now,
                         struct rule_record *ret_record);

/* Describes what of an output outlives the process besides its value; all zero for an input. */
void circuit_record(const struct circuit *circuit, size_t line, const struct timestamps *now,
                    struct line_record *ret_record);

/* Does one command. 0 with `ret_outcome` (not for OFF, SCENE and those of rules), or -1 with `refusal`: then nothing
 * has changed, and what ran on the line runs on.
 *
 * - A command ends whatever ran on the line. An event reports each change of the value and each change
 *   of the description: an action, PWM or lease that began, changed or ended, a lock. Where neither
 *   changes there is no event: a lease that is renewed with the same length makes none.
 * - FOR and PULSE go back to the value at the moment of their command, or to the one before what ran
 *   then; that event, and each flip of a blink, has the cause of the command and the origin of that command.
 * - Under PWM the value is 1 as long as there is any duty: for interlocks and max_on_ms it is on all
 *   the time. STOP, LOCK and the end of the program end it off; a blink they leave as it is in that
 *   moment. FOR and PULSE that end off go on to their end on a line that is
 *   locked; what would go on ends off.
 * - A line that will switch itself on (blink, a gap, "off for 5 s") is treated by its interlocks as if it were on.
 * - SET and others on a break-before-make interlock switch the others off at once (cause interlock)
 *   and, while a gap is left, answer with value 0 and the action GAP; the event of the command's own
 *   cause follows when the line goes on. STOP, off and any other command end the wait.
 * - A lease lasts while the line is away from its safe value or an action runs. When it ends the line
 *   goes to its safe value; one that holds its value goes off.
 * - Limits, leases, interlocks with inputs, interlocks at the start and OFF act on locked lines too. OFF
 *   leaves lines that hold their value as they are.
 * - A change that safety wants and the hardware refuses (limit, lease, off, the return of a pulse) is
 *   pending: it is retried each second, and as soon as its chip is back. */
int circuit_command(struct circuit *circuit, const struct command *command,
                    const struct timestamps *now, struct outcome *ret_outcome,
                    struct refusal *refusal);

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

/* The wall clock was stepped, or whether it is set (see struct circuit_store) has changed. What a step of at
 * most 90 s passed over happens once, at once; what lies in a longer one only for rules with "missed": "run".
 * Times of day are those of the process's time zone (base/civil_time.h). */
void circuit_clock_changed(struct circuit *circuit, bool is_set, const struct timestamps *now);
bool circuit_clock_is_set(const struct circuit *circuit);

/* Monotonic time of the next thing to do by itself, INT64_MAX for never; and doing it. Ask again
 * after every call that may change the circuit. */
int64_t circuit_due_ns(const struct circuit *circuit);
void circuit_tick(struct circuit *circuit, const struct timestamps *now);

#endif
