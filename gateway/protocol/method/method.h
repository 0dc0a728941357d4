/* The one table of methods that REST, JSON-RPC, the line protocol, datagrams and the command line
 * share: name, parameters with range and unit, the role it needs, and its handler. OpenAPI and
 * system.methods are printed from it. */
#ifndef PROTOCOL_METHOD_H
#define PROTOCOL_METHOD_H

#include "protocol/method/result.h"
#include "protocol/problem.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

enum { METHOD_PARAMS_MAX = 8 };

enum param_type {
    PARAM_END,     /* after the last parameter */
    PARAM_LINE,    /* name of a line, given as its index */
    PARAM_SCENE,   /* name of a scene, given as its index */
    PARAM_SWITCH,  /* 0, 1, true, false */
    PARAM_INTEGER, /* between min and max */
    PARAM_REAL,
    PARAM_TEXT,   /* at most max bytes */
    PARAM_LEASE,  /* the text "connection" */
    PARAM_CURSOR, /* "<boot>-<seq>" */
    PARAM_VALUES, /* an object of line names with switches */
};

struct param {
    const char *name;
    enum param_type type;
    bool required;
    double min, max; /* of INTEGER, REAL; max of TEXT in bytes */
    const char *unit;
    const char *doc;
};

/* Rows that several methods have. */
#define PARAM_EXPECT(doc)                                                                          \
    {                                                                                              \
        "expect", PARAM_INTEGER, false, 0, 9007199254740992.0, NULL, doc                           \
    }
#define PARAM_LEASES                                                                               \
    {"lease_ms",                                                                                   \
     PARAM_INTEGER,                                                                                \
     false,                                                                                        \
     1,                                                                                            \
     COMMAND_DURATION_MAX_MS,                                                                      \
     "ms",                                                                                         \
     "back to the safe value unless the command comes again within this time"},                    \
    {                                                                                              \
        "lease", PARAM_LEASE, false, 0, 0, NULL,                                                   \
            "\"connection\": back to the safe value when this connection ends"                     \
    }

/* A checked argument; which member is set follows from the parameter's type. */
struct argument {
    bool given;
    int64_t integer; /* LINE, SCENE, SWITCH, INTEGER */
    double real;
    const char *text;        /* TEXT, CURSOR; borrowed from params */
    const struct json *json; /* VALUES; borrowed from params */
};

struct method_call {
    struct service *service;
    const struct caller *caller;
    struct timestamps now;
    struct argument arguments[METHOD_PARAMS_MAX]; /* in the order of the method's params */
    struct result *result;  /* to be set by the handler; owned by the caller */
    struct problem problem; /* set where the handler answers -1 */
};

struct method {
    const char *name;
    enum role role;
    const char *summary;
    int (*handler)(struct method_call *call); /* 0 with `*result`, or -1 with `problem` */
    struct param params[METHOD_PARAMS_MAX];
};

/* The caller as the circuit knows one. */
struct origin method_origin(const struct method_call *call);

/* Fills the command from the arguments of those rows; the leases stand side by side. 0, or -1 with the
 * call's problem. */
void method_take_expect(struct command *command, const struct argument *expect);
int method_take_lease(struct method_call *call, struct command *command,
                      const struct argument leases[2]);

/* Answers 0 with what only `write` knows; it finds in `result->written` what the handler has put there. */
int method_answer(struct method_call *call,
                  void (*write)(const struct result *result, struct json_writer *writer));

/* The row of `name`, or NULL. */
const struct method *method_find(const char *name);

/* Every row in order; NULL after the last. */
const struct method *method_at(size_t index);

/* Checks role and parameters (`params`: an object, a list in the order of the table, or NULL), calls
 * the handler. 0 with `*ret_result`, for which result_done() is due: it speaks of the circuit as it is
 * now, so write it down before anything else happens, while `caller` stands. Or -1 with `problem`. */
int method_call(struct service *service, const struct method *method, const struct caller *caller,
                const struct json *params, struct result *ret_result, struct problem *problem);

/* The rooms of the table. */
extern const struct method line_methods[], circuit_methods[], socket_methods[], lesson_methods[],
    system_methods[];

#endif
