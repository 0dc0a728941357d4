/* What the tests of protocol/ share: a circuit of simulated pins with everything a server of it needs,
 * and requests without a connection. Texts are JSON with ' in place of ", so that C can hold them. */
#ifndef TEST_PROTOCOL_RIG_H
#define TEST_PROTOCOL_RIG_H

#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/net.h"
#include "protocol/feed.h"
#include "protocol/http/http_exchange.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIG_RUN_ID "9f3c61d2"
#define RIG_OPERATOR "11112222333344445555666677778888"
#define RIG_VIEWER "aaaabbbbccccddddeeeeffff00001111"

enum { RIG_RED, RIG_GREEN, RIG_BUTTON, RIG_VALVE, RIG_LINES };

/* Red and green and valve are outputs, button is an input; green and valve are interlocked; the scene
 * "evening" switches red on. After the start `seq` is RIG_LINES. */
struct protocol_rig {
    struct loop *loop;
    struct net *net;
    struct gpio *gpio;
    struct circuit *circuit;
    struct service service;
    struct page_files *pages; /* none */
    struct route_table *routes;
    struct caller operator, viewer, stranger;
    struct circuit_line_options lines[RIG_LINES];
    struct circuit_interlock_options interlock;
    struct circuit_scene_options scene;
    struct buffer text; /* what the last helper answered */
    struct loop_timer deadline;
    unsigned touched; /* calls of service.circuit_touched */
};

/* cmocka set-up and tear-down; the state is a struct protocol_rig. The journal keeps 1,024 events. */
int protocol_rig_setup(void **state);
int protocol_rig_teardown(void **state);

/* The same with the smallest journal, of 16 events. */
int protocol_rig_setup_small(void **state);

/* Runs the loop for `ms`, one turn at least. */
void protocol_rig_run_ms(struct protocol_rig *rig, int ms);

/* Makes `count` events: toggles red so often. */
void protocol_rig_toggle(struct protocol_rig *rig, unsigned count);

/* Answers one JSON-RPC text. Borrowed until the next call of the rig; "" for no answer. */
const char *protocol_rig_rpc(struct protocol_rig *rig, const struct caller *caller,
                             const char *text);

/* Calls one method; the result, or the error object, as JSON. Borrowed as above. */
const char *protocol_rig_call(struct protocol_rig *rig, const struct caller *caller,
                              const char *method, const char *params);

/* A copy of `text` with " in place of '. The caller frees it. */
char *protocol_rig_quotes(const char *text);

/* ---- a request of HTTP ---- */

enum { REQUEST_FIELDS_MAX = 8 };

struct protocol_request {
    struct http_exchange http_exchange;
    struct request_pair {
        const char *name, *value;
    } fields[REQUEST_FIELDS_MAX], arguments[REQUEST_FIELDS_MAX];
};

/* Starts a request to this gateway ("Host: localhost") with the operator's token; `body` may be NULL. */
void protocol_request_init(struct protocol_request *request, struct protocol_rig *rig,
                           const char *method, const char *path, const char *body);
void protocol_request_done(struct protocol_request *request);

/* Sets a field or query argument; NULL removes it. */
void protocol_request_field(struct protocol_request *request, const char *name, const char *value);
void protocol_request_argument(struct protocol_request *request, const char *name,
                               const char *value);

/* Answers it; its status. */
int protocol_request_send(struct protocol_request *request);

/* All of it at once: the status of a request that is then done. */
int protocol_request_status(struct protocol_rig *rig, const char *method, const char *path,
                            const char *body);

/* A field of the answer, or NULL. */
const char *protocol_request_answer(const struct protocol_request *request, const char *name);

#endif
