/* Long polls: GET /api/v1/lines/{line}/value?since=…&wait=30 answers with the line's next event, or 204
 * when none came in time. While it waits, the connection is out of the HTTP library's hands; it counts
 * against the limits of connections as any other, and costs its buffer and a timer. */
#ifndef PROTOCOL_VALUE_POLL_H
#define PROTOCOL_VALUE_POLL_H

#include "base/list.h"
#include "protocol/feed.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* Those that wait. Lives in its owner. */
struct value_polls {
    struct service *service; /* borrowed */
    struct feed_subscriber subscriber;
    struct list waiting;
};

struct value_poll_request {
    const char *line;   /* copied */
    const char *origin; /* an allowed one whose page may read the answer, "" for none; copied */
    uint64_t seen;      /* seq of the last event that the client knows */
    uint32_t wait_s;
};

void value_polls_init(struct value_polls *polls, struct service *service);
void value_polls_done(struct value_polls *polls);

/* Takes `stream`; `grant` says whose it is. */
void value_polls_add(struct value_polls *polls, struct stream *stream,
                     const struct auth_grant *grant, const struct value_poll_request *request);

/* Answers 204 to everybody: the program ends. */
void value_polls_close(struct value_polls *polls);

/* Closes those whose token or session has ended. */
void value_polls_check_grants(struct value_polls *polls);

/* Whether there is an event of the line after `*seen`: then `*ret_value` is its value and `*seen` its seq.
 * Where the journal has lost some, the answer is the line's value as it is now. Moves `*seen` past events
 * of other lines. */
bool value_poll_read(struct circuit *circuit, const char *line, uint64_t *seen, uint8_t *ret_value);

#endif
