/* GET /ws: everything about an upgrade that a client should be answered with a real status code, before
 * the connection is handed over (RFC 6455 §4.2). The WebSocket library refuses silently. */
#ifndef PROTOCOL_WEBSOCKET_UPGRADE_H
#define PROTOCOL_WEBSOCKET_UPGRADE_H

#include "protocol/http/http_exchange.h"

enum {
    UPGRADE_KEY_SIZE = 25, /* 16 bytes as base64, and a NUL */
    UPGRADE_SINCE_SIZE = 32,
    UPGRADE_TEXT_SIZE = 512,
};

/* The route's handler: 400 and 426, or the hand-over. */
void websocket_upgrade_request(struct http_exchange *http_exchange);

/* The request as the library needs to see it: only what it reads. Returns its length. */
size_t websocket_upgrade_text(const struct http_exchange *http_exchange,
                              char text[UPGRADE_TEXT_SIZE]);

#endif
