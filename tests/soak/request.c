#include "request.h"

#include <stdio.h>

int request_greeting(enum kind kind, const char *cursor, const char *port, const char *token,
                     char text[REQUEST_GREETING_SIZE])
{
    static const char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (kind == TEXT)
        return snprintf(text, REQUEST_GREETING_SIZE, "auth %s\nwatch json %s\n", token, cursor);
    if (kind == TEXT_WRITER)
        return snprintf(text, REQUEST_GREETING_SIZE, "auth %s\n", token);
    if (kind == HTTP_WRITER)
        return 0;
    return snprintf(text, REQUEST_GREETING_SIZE,
                    "GET %s%s%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n"
                    "Authorization: Bearer %s\r\n%s\r\n",
                    kind == WEBSOCKET ? "/ws" : "/api/v1/events", *cursor ? "?since=" : "", cursor,
                    port, token, kind == WEBSOCKET ? upgrade : "Accept: text/event-stream\r\n");
}

size_t request_batch(const char *port, const char *token, char text[REQUEST_BATCH_SIZE])
{
    char body[REQUEST_BATCH_SIZE - 1024];
    size_t length = 0;
    for (int i = 0; i < REQUEST_BATCH; i++)
        length += (size_t)snprintf(body + length, sizeof body - length,
                                   "%c{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"line.toggle\","
                                   "\"params\":{\"line\":\"out%d\"}}%s",
                                   i == 0 ? '[' : ',', i, i % 8, i == REQUEST_BATCH - 1 ? "]" : "");
    return (size_t)snprintf(
        text, REQUEST_BATCH_SIZE,
        "POST /api/v1/rpc HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        port, token, length, body);
}
