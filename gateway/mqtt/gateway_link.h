/* The way to the gateway: a stream on which JSON-RPC 2.0 messages go to and fro, a line each, as
 * everybody speaks them over TCP. */
#ifndef MQTT_GATEWAY_LINK_H
#define MQTT_GATEWAY_LINK_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct loop_source;
struct json;

enum {
    LINK_LINE_MAX_BYTES = 1024 * 1024,   /* a snapshot of 256 lines is about 200 kB */
    LINK_SENDING_MAX_BYTES = 256 * 1024, /* more that waits is a gateway that hangs */
};

struct gateway_link {
    struct loop *loop;
    struct loop_source *source;
    int fd; /* borrowed */
    struct buffer in, out;
    /* A whole message; borrowed until it returns. */
    void (*message)(void *context, const struct json *message);
    void (*closed)(void *context);
    void *context;
};

/* Watches `fd`, which becomes non-blocking. The members `message`, `closed` and `context` are set
 * before. 0 or a negative errno. */
int gateway_link_init(struct gateway_link *link, struct loop *loop, int fd);
void gateway_link_done(struct gateway_link *link);

/* Sends a message; `text` has no line end. 0, or -ENOBUFS. */
int gateway_link_send(struct gateway_link *link, const char *text, size_t length);

#endif
