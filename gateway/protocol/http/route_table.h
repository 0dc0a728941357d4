/* Which route a request is for. The rows of route.h are made ready for this once: a request checks a
 * length and at a few bytes of most of them, and walks no table of methods. */
#ifndef PROTOCOL_ROUTE_TABLE_H
#define PROTOCOL_ROUTE_TABLE_H

#include "circuit/verbs.h"

#include <stdbool.h>
#include <stddef.h>

struct http_exchange;
struct route;
struct route_table;

struct route_row {
    const struct verb *verb;   /* its method and its path */
    const struct verb *method; /* that it calls, NULL for none */
    const struct route *route; /* what answers in place of the method, NULL for none */
    enum role role;            /* that a caller needs */
    size_t prefix_length;      /* of the path: up to the brace, or all of it */
    const char *suffix;        /* of the path: behind the brace; NULL for a path without */
    size_t suffix_length;
};

/* 0 or -ENOMEM. */
int route_table_new(struct route_table **ret_table);
struct route_table *route_table_free(struct route_table *table);

/* Finds the row of a request in its exchange's table; sets `row` and `path_argument` of the exchange. False
 * when there is none: then `ret_allow` (a comma list, "" when the path is unknown) says which methods the path
 * has. */
bool route_find(struct http_exchange *http_exchange, char *ret_allow, size_t allow_size);

#endif
