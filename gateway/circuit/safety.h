/* Safety: what the circuit does by itself to outputs that were on for too long, whose lease ended, or
 * that a failure left at a wrong value. */
#ifndef CIRCUIT_SAFETY_H
#define CIRCUIT_SAFETY_H

#include "circuit/plan.h"

/* The lease that a command gives to a line: its own, or the line's default. */
struct lease safety_lease(const struct line *line, uint32_t lease_ms, uint32_t connection,
                          int64_t now_ns);

/* max_on_ms is over. */
void safety_limit(struct circuit *circuit, struct line *line, const struct timestamps *now);

/* The lease is over. */
void safety_lease_end(struct circuit *circuit, struct line *line, const struct timestamps *now);

/* Retries a pending write. */
void safety_retry_write(struct circuit *circuit, struct line *line, const struct timestamps *now);

/* Fills and commits `plan`, which is empty: every output goes to its safe value; with `hold_too`, the
 * actions of lines that hold their value end as well. Cannot be refused. */
void safety_off(struct plan *plan, enum event_cause cause, bool hold_too);

/* Switches off every output that is on against an interlock, except the first of each. */
void safety_settle(struct circuit *circuit, const struct origin *by, const struct timestamps *now);

#endif
