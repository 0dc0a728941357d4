/* The feed: what the journal's followers are sent, encoded once for each format however many clients
 * wait, and handed out once a turn of the loop however many events a turn brings. */
#ifndef PROTOCOL_FEED_H
#define PROTOCOL_FEED_H

#include "base/buffer.h"
#include "base/histogram.h"
#include "base/list.h"
#include "circuit/journal.h"
#include "protocol/auth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct circuit;
struct feed;
struct line_texts;
struct loop;

/* A format's encoder: appends one event, or the whole circuit as `role` sees it; for a cursor that follows
 * one line, that line alone. */
struct feed_format {
    int (*event)(struct buffer *buffer, struct circuit *circuit, const struct event *event);
    int (*snapshot)(struct buffer *buffer, struct line_texts *texts, enum role role);
    int (*line)(struct buffer *buffer, struct circuit *circuit, const char *name);
    size_t headroom; /* bytes left free before each encoded text, for a library that wants them */
};

/* Follows the journal of `circuit` (borrowed) and works once a turn of `loop`. 0 or -ENOMEM. */
int feed_new(struct loop *loop, struct circuit *circuit, struct feed **ret_feed);
struct feed *feed_free(struct feed *feed);

/* Told, once a turn, that there are events a cursor has not seen. Lives in its owner. */
struct feed_subscriber {
    struct list in_feed;
    void (*ready)(void *context);
    void *context;
};
void feed_subscribe(struct feed *feed, struct feed_subscriber *subscriber);
void feed_unsubscribe(struct feed_subscriber *subscriber);

/* One client's place in the journal. Plain data, lives in the client. */
struct feed_cursor {
    uint64_t seen;       /* seq of the last event that was handed out */
    uint32_t epoch;      /* see feed_renew() */
    bool needs_snapshot; /* before anything else */
    const char *line;    /* name of the only line whose events are wanted, borrowed; NULL for all */
};

/* Starts a cursor after `since` ("<boot>-<seq>"; NULL for now); where that can't be, or with
 * `snapshot_first`, it starts with a snapshot. */
struct feed_cursor feed_begin(const struct feed *feed, const char *since, bool snapshot_first);

/* The next text for a cursor, which moves past it; NULL when it has seen everything. The text has
 * `format->headroom` writable bytes before it. Borrowed until the next call of any feed function. */
char *feed_next(struct feed *feed, const struct feed_format *format, struct feed_cursor *cursor,
                enum role role, size_t *ret_length);

/* The lines as JSON. Borrowed as long as the feed. */
struct line_texts *feed_line_texts(const struct feed *feed);

/* The circuit is about to be described anew, and feed_renew() follows where that goes well. */
void feed_expect_renewal(struct feed *feed);

/* The circuit was described anew: every cursor gets a snapshot next, and so does who resumes after an event of
 * before. */
void feed_renew(struct feed *feed);

/* True when feed_next() would give a text, or pass over events of other lines. */
bool feed_has_next(const struct feed *feed, const struct feed_cursor *cursor);

/* A command that was called at `began_ns` (monotonic) has made events in this turn. */
void feed_note_command(struct feed *feed, int64_t began_ns);

/* How long subscribers waited, in a turn of the loop: from the call of a command that made events, and
 * from the kernel's time of an edge. Borrowed as long as the feed. */
struct feed_times {
    struct histogram commands;
    struct histogram edges;
};
const struct feed_times *feed_times(const struct feed *feed);

/* Snapshots made because a cursor had fallen out of the ring. */
uint64_t feed_snapshots(const struct feed *feed);

#endif
