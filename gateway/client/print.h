/* The gateway's answers on standard output, its refusals on standard error. */
#ifndef CLIENT_PRINT_H
#define CLIENT_PRINT_H

#include "net/address.h"

#include <stdbool.h>

/* "ok red 1 43" is printed as "red 1 43", a list as its lines. An exit code: 0, or that of
 * print_refusal(). */
int print_answer(const char *answer);

/* 0 for "ok …"; "err …" is printed on standard error: 77 for unauthorized and forbidden, else 1. */
int print_refusal(const char *answer);

/* Prints the `result` of a JSON-RPC answer, or its `error`; exit codes as above. */
int print_json_answer(const char *answer);

/* "event 45 button 1 edge" as it is, or as a JSON object. `text` may be a snapshot. False when
 * nobody reads standard output any more. */
bool print_event(const char *text, bool json);

/* Reports on standard error which call failed where. The exit code: 77 or 69. */
int client_fail_call(const struct address *address, const char *call, int error);

#endif
