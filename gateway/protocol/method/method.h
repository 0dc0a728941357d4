/* Methods: what every protocol calls by name, word or path. The circuit's verbs (circuit/verbs.h) are
 * methods; the tables here add what is no business of the circuit: history, sockets, the gateway itself.
 * A method is a struct verb; its handler gets a filled structure. */
#ifndef PROTOCOL_METHOD_H
#define PROTOCOL_METHOD_H

#include "circuit/verbs.h"
#include "protocol/method/result.h"
#include "protocol/problem.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>

struct field_fault;
struct json;
struct json_writer;

enum {
    METHOD_PARAMS_BYTES = 2048
}; /* of the largest structure of parameters: 256 lines and values */

struct method_call {
    struct service *service;
    const struct caller *caller;
    struct timestamps now;
    const struct verb *verb;
    const void *params;     /* the structure that the verb's fields describe, filled */
    struct result *result;  /* to be set by the handler; owned by the caller */
    struct problem problem; /* set where the handler answers -1 */
};

/* 0 with `call->result`, or -1 with `call->problem`. */
typedef int method_handler(struct method_call *call);

/* A table of a protocol's own methods. */
struct method {
    struct verb verb;
    method_handler *handler;
};
struct method_table {
    const struct method *rows;
    size_t count;
};

/* Every method in order, those of the circuit first; NULL after the last. */
const struct verb *method_at(size_t index);

/* The method of `name`, or NULL. */
const struct verb *method_find(const char *name);

/* Checks role and parameters (`params`: an object, a list in the order of the fields, or NULL), calls
 * the handler. 0 with `*ret_result`, for which result_done() is due: it speaks of the circuit as it is
 * now, so write it down before anything else happens, while `caller` stands. Or -1 with `problem`. */
int method_call(struct service *service, const struct verb *method, const struct caller *caller,
                const struct json *params, struct result *ret_result, struct problem *problem);

/* ---- for handlers ---- */

/* Answers 0 with what only `write` knows; it finds in `result->written` what the handler has put there. */
int method_answer(struct method_call *call,
                  void (*write)(const struct result *result, struct json_writer *writer));

/* Copies the call's struct command, with the caller as its origin and its connection for the lease.
 * 0, or -1 with the call's problem. */
int method_take_command(struct method_call *call, struct command *ret_command);

/* The refusal in the words of the interface, with the name of the line that blocks. -1. */
int method_refuse(struct method_call *call, const struct refusal *refusal);

/* The handlers of the circuit's verbs: of those that act, and of the others by their name (NULL for none). */
method_handler command_call, system_ping;
method_handler *query_handler(const struct verb *verb);

/* A field's kind: "<boot>-<seq>", a char[JOURNAL_CURSOR_SIZE]. */
extern const struct field_kind method_cursor;

/* Takes a fault of field_read() into a problem (`context`), the first one alone. */
bool method_take_fault(void *context, const struct field_fault *fault);

extern const struct method_table circuit_methods, history_methods, socket_methods, lesson_methods,
    classroom_methods, pin_methods, system_methods;

#endif
