#include "protocol/feed.h"

#include "base/clock.h"
#include "base/owner.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "protocol/line_texts.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SLOTS = 64,  /* events kept encoded: a client further behind pays for its own encoding */
    FORMATS = 6, /* websocket, event stream, words, … */
    /* Commands of one turn whose times are noted: more than fit into its budget. The rest is not counted. */
    COMMANDS_MAX = 512,
    TEXT_MAX_BYTES = 4 * 1024 * 1024, /* a snapshot of 256 lines is about 200 kB */
};

/* The last events in one format, by seq modulo SLOTS. */
struct encoded {
    const struct feed_format *format;
    struct {
        uint64_t seq;
        struct buffer text;
    } slots[SLOTS];
};

struct feed {
    struct circuit *circuit;
    struct journal_follower follower;
    struct loop_hook hook;
    bool is_ready; /* events came since the subscribers were called */
    struct list subscribers;
    struct encoded *formats[FORMATS];
    struct line_texts *texts;
    struct buffer snapshot; /* the text handed out last, when it was no kept event */
    uint64_t snapshots;
    uint64_t timed; /* seq of the last event whose time was noted */
    size_t command_count;
    int64_t commands_ns[COMMANDS_MAX]; /* of this turn: when they were called */
    struct feed_times times;
    uint32_t epoch;             /* grows with each new description of the circuit */
    uint64_t expected, renewed; /* seq of the last event before the next and the newest of these */
};

static void on_appended(void *context)
{
    struct feed *feed = context;
    feed->is_ready = true;
}

static int64_t hook_due(void *context)
{
    const struct feed *feed = context;
    return feed->is_ready ? 0 : LOOP_NEVER;
}

/* Events of the process before came by its feed. */
static void note_times(struct feed *feed)
{
    const struct journal *journal = circuit_journal(feed->circuit);
    int64_t now_ns = clock_monotonic_ns();
    for (size_t i = 0; i < feed->command_count; i++)
        histogram_note(&feed->times.commands, now_ns - feed->commands_ns[i]);
    feed->command_count = 0;
    if (feed->timed < journal_before(journal))
        feed->timed = journal_before(journal);
    if (feed->timed + 1 < journal_first(journal))
        feed->timed = journal_first(journal) - 1;
    for (const struct event *event; (event = journal_get(journal, feed->timed + 1));) {
        if (event->edge_ns)
            histogram_note(&feed->times.edges, now_ns - event->edge_ns);
        feed->timed = event->seq;
    }
}

static void hook_run(void *context)
{
    struct feed *feed = context;
    feed->is_ready = false;
    LIST_FOR_EACH (member, &feed->subscribers) {
        struct feed_subscriber *subscriber = CONTAINER_OF(member, struct feed_subscriber, in_feed);
        subscriber->ready(subscriber->context);
    }
    note_times(feed);
}

int feed_new(struct loop *loop, struct circuit *circuit, struct feed **ret_feed)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed || line_texts_new(circuit, &feed->texts)) {
        free(feed);
        return -ENOMEM;
    }
    feed->circuit = circuit;
    feed->follower = (struct journal_follower){.appended = on_appended, .context = feed};
    feed->hook = (struct loop_hook){.due = hook_due, .run = hook_run, .context = feed};
    list_init(&feed->subscribers);
    buffer_init(&feed->snapshot, TEXT_MAX_BYTES);
    journal_follow(circuit_journal(circuit), &feed->follower);
    loop_hook_add(loop, &feed->hook);
    *ret_feed = feed;
    return 0;
}

struct feed *feed_free(struct feed *feed)
{
    if (!feed)
        return NULL;
    journal_unfollow(&feed->follower);
    loop_hook_remove(&feed->hook);
    for (size_t i = 0; i < FORMATS && feed->formats[i]; i++) {
        for (size_t slot = 0; slot < SLOTS; slot++)
            buffer_done(&feed->formats[i]->slots[slot].text);
        free(feed->formats[i]);
    }
    buffer_done(&feed->snapshot);
    line_texts_free(feed->texts);
    free(feed);
    return NULL;
}

void feed_subscribe(struct feed *feed, struct feed_subscriber *subscriber)
{
    list_append(&feed->subscribers, &subscriber->in_feed);
}

void feed_unsubscribe(struct feed_subscriber *subscriber)
{
    list_remove(&subscriber->in_feed);
}

struct feed_cursor feed_begin(const struct feed *feed, const char *since, bool snapshot_first)
{
    const struct journal *journal = circuit_journal(feed->circuit);
    struct feed_cursor cursor = {
        .seen = journal_last(journal), .needs_snapshot = snapshot_first, .epoch = feed->epoch};
    if (since)
        cursor.needs_snapshot = !journal_resume(journal, since, &cursor.seen);
    /* Who comes back over a reload knows the lines of before. */
    if (since && feed->epoch > 0 && cursor.seen <= feed->renewed)
        cursor.epoch = feed->epoch - 1;
    return cursor;
}

bool feed_has_next(const struct feed *feed, const struct feed_cursor *cursor)
{
    return cursor->needs_snapshot || cursor->epoch != feed->epoch ||
           cursor->seen < journal_last(circuit_journal(feed->circuit));
}

void feed_expect_renewal(struct feed *feed)
{
    feed->expected = journal_last(circuit_journal(feed->circuit));
}

void feed_renew(struct feed *feed)
{
    feed->epoch++;
    line_texts_renew(feed->texts);
    feed->renewed = feed->expected;
    feed->is_ready = true;
}

void feed_note_command(struct feed *feed, int64_t began_ns)
{
    if (feed->command_count < COMMANDS_MAX)
        feed->commands_ns[feed->command_count++] = began_ns;
}

const struct feed_times *feed_times(const struct feed *feed)
{
    return &feed->times;
}

struct line_texts *feed_line_texts(const struct feed *feed)
{
    return feed->texts;
}

uint64_t feed_snapshots(const struct feed *feed)
{
    return feed->snapshots;
}

static struct encoded *find_format(struct feed *feed, const struct feed_format *format)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (!feed->formats[i]) {
            feed->formats[i] = calloc(1, sizeof *feed->formats[i]);
            if (!feed->formats[i])
                return NULL;
            feed->formats[i]->format = format;
            for (size_t slot = 0; slot < SLOTS; slot++)
                buffer_init(&feed->formats[i]->slots[slot].text, TEXT_MAX_BYTES);
        }
        if (feed->formats[i]->format == format)
            return feed->formats[i];
    }
    return NULL;
}

static int put_headroom(struct buffer *buffer, size_t headroom)
{
    buffer_clear(buffer);
    if (headroom > 0 && !buffer_reserve(buffer, headroom))
        return buffer->error;
    if (headroom > 0)
        buffer_commit(buffer, headroom);
    return 0;
}

static struct buffer *encode_event(struct feed *feed, const struct feed_format *format,
                                   const struct event *event)
{
    struct encoded *encoded = find_format(feed, format);
    bool recent = event->seq + SLOTS > journal_last(circuit_journal(feed->circuit));
    struct buffer *text = &feed->snapshot;
    if (encoded && recent) {
        text = &encoded->slots[event->seq % SLOTS].text;
        if (encoded->slots[event->seq % SLOTS].seq == event->seq)
            return text;
        encoded->slots[event->seq % SLOTS].seq = 0;
    }
    if (put_headroom(text, format->headroom) || format->event(text, feed->circuit, event))
        return NULL;
    if (encoded && recent)
        encoded->slots[event->seq % SLOTS].seq = event->seq;
    return text;
}

static struct buffer *encode_snapshot(struct feed *feed, const struct feed_format *format,
                                      const char *line, enum role role)
{
    struct buffer *text = &feed->snapshot;
    if (put_headroom(text, format->headroom))
        return NULL;
    int error =
        line ? format->line(text, feed->circuit, line) : format->snapshot(text, feed->texts, role);
    return error ? NULL : text;
}

/* The next event that the cursor wants, which moves past those of other lines; NULL where there is none
 * (any more). */
static const struct event *find_next(const struct journal *journal, struct feed_cursor *cursor)
{
    const struct event *event = journal_get(journal, cursor->seen + 1);
    while (event && cursor->line && !journal_is_of_line(journal, event, cursor->line)) {
        cursor->seen = event->seq;
        event = journal_get(journal, cursor->seen + 1);
    }
    return event;
}

char *feed_next(struct feed *feed, const struct feed_format *format, struct feed_cursor *cursor,
                enum role role, size_t *ret_length)
{
    const struct journal *journal = circuit_journal(feed->circuit);
    uint64_t last = journal_last(journal);
    struct buffer *text = NULL;
    if (!feed_has_next(feed, cursor))
        return NULL;
    bool anew = cursor->needs_snapshot || cursor->epoch != feed->epoch;
    const struct event *event = anew ? NULL : find_next(journal, cursor);
    if (!anew && cursor->seen == last)
        return NULL; /* the rest was of other lines */
    if (event) {
        text = encode_event(feed, format, event);
        if (text)
            cursor->seen = event->seq;
    } else {
        feed->snapshots += !anew;
        text = encode_snapshot(feed, format, cursor->line, role);
        if (text) {
            cursor->seen = last;
            cursor->epoch = feed->epoch;
            cursor->needs_snapshot = false;
        }
    }
    if (!text)
        return NULL; /* out of memory: the cursor stays and is tried at the next event */
    *ret_length = text->length - format->headroom;
    return text->data + format->headroom;
}
