#include "protocol/http/websocket_upgrade.h"

#include "circuit/journal.h"
#include "protocol/websocket/websocket_server.h"

#include <stdio.h>
#include <string.h>

/* 16 bytes in base64: 22 digits and "==". */
static bool is_key(const char *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key && strlen(key) == UPGRADE_KEY_SIZE - 1 && strspn(key, digits) == 22 &&
           strcmp(key + 22, "==") == 0;
}

static void require_upgrade(struct http_exchange *http_exchange, const char *detail)
{
    http_exchange_refuse(http_exchange, PROBLEM_UPGRADE_REQUIRED, "%s", detail);
    http_exchange_add_header(http_exchange, "Upgrade", "websocket");
    http_exchange_add_header(http_exchange, "Sec-WebSocket-Version", "13");
}

void websocket_upgrade_request(struct http_exchange *http_exchange)
{
    const char *version = http_exchange->header(http_exchange, "Sec-WebSocket-Version");
    const char *protocols = http_exchange->header(http_exchange, "Sec-WebSocket-Protocol");
    bool has_protocol =
        http_exchange_lists_exactly(http_exchange, "Sec-WebSocket-Protocol", websocket_subprotocol);
    const char *since = http_exchange->query(http_exchange, "since");
    if (http_exchange->is_http_1_0) {
        require_upgrade(http_exchange, "HTTP/1.0 has no upgrade (RFC 6455 §4.1).");
        return;
    }
    if (!http_exchange_lists(http_exchange, "Upgrade", "websocket") ||
        !http_exchange_lists(http_exchange, "Connection", "upgrade")) {
        require_upgrade(http_exchange, "This is a WebSocket: connect with ws://, not http://.");
        return;
    }
    if (!version || strcmp(version, "13") != 0) {
        require_upgrade(http_exchange, "WebSocket version 13 is spoken here (RFC 6455).");
        return;
    }
    if (!is_key(http_exchange->header(http_exchange, "Sec-WebSocket-Key"))) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "Sec-WebSocket-Key: 16 bytes in base64 are needed (RFC 6455 §4.1).");
        return;
    }
    if (protocols && *protocols && !has_protocol) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "The subprotocol is %s, or none at all.", websocket_subprotocol);
        return;
    }
    if (since && *since && !journal_cursor_is_valid(since)) {
        http_exchange_refuse(http_exchange, PROBLEM_BAD_REQUEST,
                             "since: \"<boot>-<seq>\" is needed, as 9f3c61d2-42");
        return;
    }
    http_exchange->upgrade = UPGRADE_WEBSOCKET;
}

size_t websocket_upgrade_text(const struct http_exchange *http_exchange,
                              char text[UPGRADE_TEXT_SIZE])
{
    bool has_protocol =
        http_exchange_lists_exactly(http_exchange, "Sec-WebSocket-Protocol", websocket_subprotocol);
    int length = snprintf(text, UPGRADE_TEXT_SIZE,
                          "GET /ws HTTP/1.1\r\n"
                          "Host: gateway\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %.24s\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "%s%s%s"
                          "\r\n",
                          http_exchange->header(http_exchange, "Sec-WebSocket-Key"),
                          has_protocol ? "Sec-WebSocket-Protocol: " : "",
                          has_protocol ? websocket_subprotocol : "", has_protocol ? "\r\n" : "");
    return (size_t)length;
}
