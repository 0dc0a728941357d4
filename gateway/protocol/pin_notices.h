/* What a watch of pins has seen, kept for the clients that follow it: each has a number, and the oldest
 * goes when there is no room. */
#ifndef PROTOCOL_PIN_NOTICES_H
#define PROTOCOL_PIN_NOTICES_H

#include "base/list.h"
#include "protocol/pin_finder.h"

enum { PIN_NOTICES_MAX = 64 }; /* a client that is farther behind has missed some movements */

/* A pin moved, or, where `pin` is "", the watch ended. */
struct pin_notice {
    char pin[PIN_NAME_SIZE];
    uint8_t rest, value; /* levels: before the watch, and now */
    enum pin_bias bias;  /* that fits what is wired there */
    const char *reason;  /* of the end: "time", "wiggle", "watch", "reload" or "end"; a literal */
};

/* Told when there is a notice that was not there before. Lives in its owner. */
struct pin_notice_subscriber {
    struct list in_notices;
    void (*added)(void *context);
    void *context;
};

struct pin_notices {
    struct pin_notice ring[PIN_NOTICES_MAX];
    uint64_t next; /* number of the one to come; the first is 1 */
    struct list subscribers;
};

void pin_notices_init(struct pin_notices *notices);
void pin_notices_listen(struct pin_notices *notices, struct pin_notice_subscriber *subscriber);

/* Keeps a copy and calls the subscribers. */
void pin_notices_add(struct pin_notices *notices, const struct pin_notice *notice);

/* The notice of that number or the oldest after it, and the number behind it; NULL when there is none. */
const struct pin_notice *pin_notices_get(const struct pin_notices *notices, uint64_t *number);

/* Appends it as a JSON-RPC notification, pins.moved or pins.watched. 0 or the error of `buffer`. */
int pin_notice_encode(const struct pin_notice *notice, struct buffer *buffer);

#endif
