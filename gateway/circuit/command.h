/* What a client, a rule or a timer may ask of the circuit, and how it is answered. Plain data. */
#ifndef CIRCUIT_COMMAND_H
#define CIRCUIT_COMMAND_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COMMAND_SOURCE_SIZE = 64, /* "websocket:[fe80::1234:5678:9abc:def0%wlan0]:51514" */
    COMMAND_REASON_SIZE = 97, /* of a lock */
    COMMAND_MESSAGE_SIZE = 256,
    COMMAND_DURATION_MAX_MS = 24 * 60 * 60 * 1000, /* for_ms, pulse, on_ms, off_ms, lease_ms */
};

/* What somebody may do, in order: a higher role may do what a lower one may. */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

/* Who is behind a change: the way and the address that a command came by, "http:192.168.1.7:51514", or
 * what acts of itself, "rule:porch", "start", "gpio"; and the role that it was let in with, NONE for
 * what acts of itself. Plain data, copied freely. */
struct origin {
    char source[COMMAND_SOURCE_SIZE];
    enum role role;
};

enum command_verb {
    COMMAND_SET,
    COMMAND_TOGGLE,
    COMMAND_PULSE,
    COMMAND_BLINK,
    COMMAND_PWM,
    COMMAND_FADE,
    COMMAND_STOP,
    COMMAND_LOCK,
    COMMAND_UNLOCK,
    COMMAND_COUNT,       /* `line` is an input with a counter */
    COMMAND_SCENE,       /* `line` is the scene's index */
    COMMAND_SCENE_STOP,  /* the same */
    COMMAND_RULE_ENABLE, /* `line` is the rule's index */
    COMMAND_RULE_DISABLE,
    COMMAND_RULE_RUN,
    COMMAND_OFF, /* every output to its safe value; `line` is not used */
};

struct command {
    enum command_verb verb;
    uint16_t line;
    uint8_t value; /* SET: 0 or 1 */
    bool has_expect;
    uint64_t
        expect; /* refuse unless the line's seq is this; of several lines: if one is above it */
    uint32_t
        for_ms; /* SET: back to the value before after this; 0 for good. PULSE, FADE: its length */
    uint32_t on_ms;            /* BLINK */
    uint32_t off_ms;           /* BLINK */
    uint32_t count;            /* BLINK: times on; 0 for endless */
    double duty;               /* PWM: 0 to 1; FADE: the one at its end */
    double hz;                 /* PWM, FADE: 0.1 to 500 */
    uint32_t lease_ms;         /* 0 for none */
    uint32_t lease_connection; /* not 0: the lease ends with circuit_disconnected() of this id */
    bool with_connection;      /* the lease is to be of the connection that the command came by */
    bool off;                  /* LOCK: switch the line off */
    uint64_t pulses;           /* COUNT: the number from which the counter goes on */
    char reason[COMMAND_REASON_SIZE]; /* LOCK */
    struct origin by;                 /* who asks */
    /* Filled by the circuit, from 1; 0 for none. The run of a scene that gives the command and owns what
     * it switches on; and the run that caused it, if only by a rule, and that it does not disturb. */
    uint16_t run, caused_by_run;
};

/* Of a command that sets several lines. */
struct line_value {
    uint16_t line;
    uint8_t value;
};

/* Value `seq` is the line's own: of its newest event. `on_at_ns` is when it will be switched on after the
 * gap of an interlock (wall clock); 0 when it does not wait. */
struct outcome {
    uint16_t line;
    uint8_t was;
    uint8_t value;
    uint64_t seq;
    int64_t on_at_ns;
};

enum refusal_code {
    REFUSAL_NONE,
    REFUSAL_NO_SUCH_LINE,
    REFUSAL_NOT_AN_OUTPUT,
    REFUSAL_CONFLICT,
    REFUSAL_INTERLOCK,
    REFUSAL_LIMIT, /* min_off_ms: not yet */
    REFUSAL_LOCKED,
    REFUSAL_GPIO,
    REFUSAL_BAD_REQUEST,
    REFUSAL_NOT_SIMULATED,
};

/* Why a command was refused: nothing has changed then. */
struct refusal {
    enum refusal_code code;
    int errno_code;                     /* GPIO: positive errno; else 0 */
    int blocked_by;                     /* INTERLOCK: index of the line that is on; else -1 */
    uint32_t retry_ms;                  /* LIMIT: when it may be tried again; else 0 */
    bool unavailable;                   /* GPIO: the chip is gone and may come back */
    char message[COMMAND_MESSAGE_SIZE]; /* one sentence for a person */
};

#endif
