/* A rule as a reader sees it: what circuit_rule() fills. Plain data. */
#ifndef CIRCUIT_RULE_DESCRIPTION_H
#define CIRCUIT_RULE_DESCRIPTION_H

#include "circuit/options.h"

/* Texts are borrowed until the next change of the circuit. */
struct rule_description {
    const struct circuit_rule_options *options;
    bool is_enabled;
    int64_t next_at_ns;            /* wall clock: when it is set off by itself; 0 for unknown */
    int64_t last_at_ns;            /* wall clock: when its commands were done last; 0 for never */
    enum refusal_code last_result; /* NONE: they were done */
    const char *last_detail;       /* why one was refused; "" for none */
    size_t waiting;                /* how often its commands wait for their after_ms */
    int64_t due_at_ns;             /* wall clock: when the first of these is over; 0 for none */
};

#endif
