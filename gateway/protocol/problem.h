/* What can go wrong for a client, once for every protocol: a row has the interface's code, the HTTP
 * status (RFC 9110), the JSON-RPC number, and the title of the problem details (RFC 9457). */
#ifndef PROTOCOL_PROBLEM_H
#define PROTOCOL_PROBLEM_H

#include "base/buffer.h"
#include "circuit/command.h"

#include <stdint.h>

struct json_writer;

enum problem_code {
    PROBLEM_NONE,
    PROBLEM_BAD_REQUEST,
    PROBLEM_BAD_JSON, /* JSON-RPC parse error */
    PROBLEM_BAD_CALL, /* JSON-RPC invalid request */
    PROBLEM_NO_SUCH_LINE,
    PROBLEM_NO_SUCH_METHOD,
    PROBLEM_NOT_FOUND,
    PROBLEM_NOT_AN_OUTPUT,
    PROBLEM_CONFLICT,
    PROBLEM_INTERLOCK,
    PROBLEM_LOCKED,
    PROBLEM_NOT_SIMULATED,
    PROBLEM_FORBIDDEN_PIN, /* one that a bus is busy on: 409 */
    PROBLEM_UNAUTHORIZED,
    PROBLEM_FORBIDDEN,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_TOO_LARGE,
    PROBLEM_HEADER_TOO_LARGE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_BAD_CONFIG,            /* JSON that is no config: 422 */
    PROBLEM_READ_ONLY,             /* the circuit's file cannot be written: 409 */
    PROBLEM_PRECONDITION,          /* If-Match names another version: 412 */
    PROBLEM_PRECONDITION_REQUIRED, /* there is no If-Match: 428 */
    PROBLEM_MISDIRECTED,
    PROBLEM_UPGRADE_REQUIRED,
    PROBLEM_LIMIT,        /* try again later: 429 */
    PROBLEM_BUSY,         /* a ceiling of the gateway: 503 */
    PROBLEM_GPIO,         /* 500 */
    PROBLEM_GPIO_REMOVED, /* the chip went away and may come back: 503 */
    PROBLEM_INTERNAL,
    PROBLEM_COUNT,
};

enum { PROBLEM_DETAIL_SIZE = 320 };

struct problem {
    enum problem_code code;
    char detail[PROBLEM_DETAIL_SIZE]; /* one sentence for a person, with the remedy */
    char blocked_by[33];              /* INTERLOCK: the line that is on; else "" */
    char nearest[33];                 /* the name that was meant when one is misspelt; else "" */
    int errno_code;                   /* GPIO: positive errno; else 0 */
    uint32_t retry_after_s;           /* LIMIT and BUSY; 0 for none */
};

struct problem_kind {
    const char *code;  /* "no-such-line" */
    const char *title; /* "No such line" */
    int status;
    int rpc;
};

const struct problem_kind *problem_kind(enum problem_code code);

/* Fills `problem`; `format` gives the detail. Returns -1, for `return problem_set(…)`. */
int problem_set(struct problem *problem, enum problem_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The code of a refusal, "interlock". */
const char *problem_code_of(enum refusal_code code);

/* Puts a refusal of the circuit into the words of this table; `blocked_by` names that line or is
 * NULL. Returns -1. */
int problem_from_refusal(struct problem *problem, const struct refusal *refusal,
                         const char *blocked_by);

/* Appends the problem as application/problem+json (RFC 9457). 0 or the error of `buffer`. */
int problem_print(const struct problem *problem, struct buffer *buffer);

/* Writes the problem as the `error` of a JSON-RPC answer. */
void problem_write_rpc(const struct problem *problem, struct json_writer *writer);

#endif
