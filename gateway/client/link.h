/* One way to a gateway: a stream that is connected, or datagrams that are sent until one is answered.
 * Waits with poll(2), so that every wait has an end. */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "base/buffer.h"
#include "net/address.h"
#include "net/register.h"
#include "net/socket.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LINK_CONNECT_MS = 5000,
    LINK_ANSWER_MS = 5000,
    LINK_TRY_MS = 250, /* of the first datagram; each further try waits twice as long */
    LINK_TRIES = 5,    /* 7.75 s in all */
    LINK_PAD_BYTES =
        512, /* an unauthenticated peer gets no answer that is longer than its request */
    LINK_MESSAGE_MAX_BYTES = 16 * 1024 * 1024,
};

/* Lives in its owner. */
struct link {
    struct socket socket;
    struct socket_register *reg;
    struct register_listener explainer;
    bool is_datagram;
    const char *token; /* borrowed; "" for none */
    uint32_t number;   /* of the last numbered datagram */
    struct buffer in;  /* of a stream: what was received and not yet read */
    /* A message that came while an answer was waited for: an event. May be NULL. */
    void (*event)(void *context, const char *text);
    void *context;
};

/* socket(2) and connect(2), to the first of `addresses` (at least one, borrowed) that answers; `explain`
 * prints every call on standard error as it is made. `*ret_address` is that one, or the last that was
 * tried, and `*ret_call` the call that failed there. 0 or a negative errno (-ETIMEDOUT). */
int link_open(struct link *link, const struct address *addresses, size_t count, const char *token,
              bool explain, const struct address **ret_address, const char **ret_call);
void link_close(struct link *link);

/* Sends `request` (one line, without its end) and waits for the answer: a text without its last line
 * end; one of several lines ("ok 2 lines", ended by a dot) comes whole, without the dot.
 * 0; -ETIMEDOUT; -ECONNRESET when the stream ended; another negative errno. */
int link_ask(struct link *link, const char *request, struct buffer *answer);

/* The next message that nobody asked for. As above; `timeout_ms` -1 waits for ever. */
int link_receive(struct link *link, struct buffer *message, int timeout_ms);

#endif
