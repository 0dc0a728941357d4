/* The browser as somebody's tool: whom a request is for (Host), whose page sent it (Origin,
 * Sec-Fetch-Site), and what a page of another origin may do (CORS, Fetch Standard §3.2). */
#ifndef PROTOCOL_ORIGIN_CHECK_H
#define PROTOCOL_ORIGIN_CHECK_H

#include "protocol/http/http_dispatch.h"
#include "protocol/http/http_exchange.h"

/* False when the request is for another host or from a foreign page: answered then. A request that
 * reads one of the page's files is served whatever its Origin, since those are no secret and the page
 * itself can then say what a proxy in front does wrong. */
bool origin_check(struct http_exchange *http_exchange, bool is_page_file);

/* True when the page that was on screen belongs to another site, as far as the browser tells. */
bool origin_is_cross_site(const struct http_exchange *http_exchange);

/* True when something in between has passed the request on, or a browser is behind it, as far as its fields
 * tell: then the peer of an AF_UNIX connection is a proxy, and says nothing of who asks. */
bool origin_is_passed_on(const struct http_exchange *http_exchange);

/* Answers an OPTIONS request of an allowed origin: which methods and fields it may use. */
void origin_answer_preflight(struct http_exchange *http_exchange, const char *allow);

/* Calls `add` for the fields that let an allowed origin read the answer. */
void origin_add_fields(const struct http_exchange *http_exchange, http_field_function add,
                       void *response);

/* True when an `Origin` field is the page of this very gateway, as its browser sees it. */
bool origin_is_own(const struct http_exchange *http_exchange, const char *origin);

#endif
