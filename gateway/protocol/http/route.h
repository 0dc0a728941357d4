/* The one table of REST routes. Most rows only name a method of the method table and say how its
 * parameters are found in path, query and body; /api/v1/openapi.json is printed from both tables. */
#ifndef PROTOCOL_ROUTE_H
#define PROTOCOL_ROUTE_H

#include "protocol/http/http_exchange.h"
#include "protocol/method/method.h"

/* Where the parameters of a called method come from, besides the path. */
enum route_body {
    ROUTE_NO_BODY, /* parameters from the query */
    ROUTE_MEMBERS, /* an object, each member a parameter; may be missing */
    ROUTE_SCALAR,  /* a switch is the parameter `value`; an object as above */
    ROUTE_WHOLE,   /* the whole body is the parameter `lines`; the others from the query */
    ROUTE_RAW,     /* the handler reads it */
};

struct route {
    const char *method;  /* "GET", which also answers HEAD */
    const char *pattern; /* "/api/v1/lines/{line}": one segment stands for {…} */
    const char *call;    /* name in the method table, or NULL */
    enum route_body body;
    enum role role; /* without `call`: needed for `handler` */
    void (*handler)(
        struct http_exchange *http_exchange); /* without `call`, or to shape its result */
    const char *summary;                      /* without `call` */
    const char *media_type;                   /* of the answer; NULL for JSON */
    bool may_be_empty;                        /* 204 is an answer, too */
};

/* Every row in order, NULL after the last. */
const struct route *route_at(size_t index);

/* The row for a request, with `exchange->path_argument` set; NULL when there is none: then
 * `ret_allow` (a comma list, "" when the path is unknown) says which methods the path has. */
const struct route *route_find(struct http_exchange *http_exchange, char *ret_allow,
                               size_t allow_size);

/* Answers a request whose body has arrived. */
void route_answer(struct http_exchange *http_exchange);

/* Calls the route's method with parameters from path, query and body. 0 with `*ret_result`, as
 * method_call() gives it; -1 when the call failed: the exchange is answered then. */
int route_call(struct http_exchange *http_exchange, struct result *ret_result);

#endif
