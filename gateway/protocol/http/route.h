/* What REST serves. Every method that has a path is a route of its own; the table here adds what only
 * HTTP has, and who shapes a method's answer in another way. /api/v1/openapi.json is printed from both. */
#ifndef PROTOCOL_ROUTE_H
#define PROTOCOL_ROUTE_H

#include "protocol/http/http_exchange.h"
#include "protocol/method/method.h"

/* A row of the table. Its verb is the route's own: `name` is the method that is called, NULL where the
 * handler does everything; a row without a path is for the method's own route. Its fields are what the
 * handler reads from the query besides the method's. */
struct route {
    struct verb verb;
    void (*handler)(struct http_exchange *http_exchange);
    const char *media_type; /* of the answer; NULL for JSON */
    const char *others[2];  /* media types that it has on demand */
    const char *takes; /* the shape of the request's body, which the handler reads; NULL for none */
    bool has_precondition; /* If-Match */
    bool is_upgrade;       /* to another protocol: 101 */
    bool may_be_empty;     /* 204 is an answer, too */
};

/* The next verb with a path; begin with `*position` 0. NULL after the last. */
const struct verb *route_next(size_t *position);

/* The row that answers in place of the method; NULL where the method's result is the answer. */
const struct route *route_of(const struct verb *verb);

/* The method that a route calls, or NULL; the role that it needs. */
const struct verb *route_method(const struct verb *verb);
enum role route_role(const struct verb *verb);

/* Answers a request whose body has arrived. */
void route_answer(struct http_exchange *http_exchange);

/* Calls the route's method with parameters from path, query and body. 0 with `*ret_result`, for which
 * result_done() is due; or -1: the exchange is answered. */
int route_call(struct http_exchange *http_exchange, struct result *ret_result);

/* Fills the structure that the fields of the route's own row describe from the query. 0; or -1: the
 * exchange is answered. */
int route_read_query(struct http_exchange *http_exchange, void *target);

#endif
