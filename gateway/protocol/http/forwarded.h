/* What a reverse proxy says of the request that it passes on: Forwarded (RFC 7239), or X-Forwarded-For, -Proto and
 * -Host. Only peers that the config names (proxy.from) are believed. */
#ifndef PROTOCOL_HTTP_FORWARDED_H
#define PROTOCOL_HTTP_FORWARDED_H

#include "protocol/http/http_exchange.h"

struct proxy_list;

/* Sets the exchange's client, host and scheme from what the proxy says, or from the connection itself. False with a
 * refusal when the fields of a trusted proxy cannot be read or contradict each other. */
bool forwarded_read(struct http_exchange *http_exchange, const struct proxy_list *proxies);

/* The address that a node of RFC 7239 §6 names: "192.0.2.43", "192.0.2.43:47011", "[2001:db8::17]:4711",
 * "2001:db8::17". The port is left out. False for "unknown", "_hidden" and everything else. */
bool forwarded_parse_node(const char *text, size_t length, struct address *ret_address);

#endif
