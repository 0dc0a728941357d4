#include "protocol/history_log.h"

#include "base/buffer.h"
#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "protocol/feed.h"
#include "protocol/json_encode.h"
#include "protocol/line_texts.h"
#include "protocol/service.h"
#include "state/history_file.h"

#include <errno.h>
#include <stdlib.h>

struct history_log {
    struct feed *feed;
    struct history_file *file;
    struct feed_subscriber subscriber;
    struct feed_cursor cursor;
};

static int encode_event(struct buffer *buffer, struct circuit *circuit, const struct event *event)
{
    struct json_writer writer = json_writer_begin(buffer);
    json_encode_event(&writer, circuit, event, false);
    (void)buffer_append_char(buffer, '\n');
    return buffer->error;
}

/* A gap: more events came in one turn than the journal holds. */
static int encode_snapshot(struct buffer *buffer, struct line_texts *texts, enum role role)
{
    (void)role;
    const struct journal *journal = circuit_journal(line_texts_circuit(texts));
    return buffer_printf(buffer, "{\"boot\":\"%s\",\"lost_before\":%llu}\n",
                         journal_run_id(journal), (unsigned long long)journal_last(journal) + 1);
}

static const struct feed_format format = {.event = encode_event, .snapshot = encode_snapshot};

static void on_events(void *context)
{
    struct history_log *log = context;
    size_t length;
    char *text;
    while ((text = feed_next(log->feed, &format, &log->cursor, ROLE_VIEWER, &length)))
        history_file_append(log->file, text, length);
}

int history_log_new(struct service *service, struct history_file *file,
                    struct history_log **ret_log)
{
    struct history_log *log = calloc(1, sizeof *log);
    if (!log)
        return -ENOMEM;
    log->feed = service->feed;
    log->file = file;
    log->subscriber = (struct feed_subscriber){.ready = on_events, .context = log};
    log->cursor.seen = journal_before(circuit_journal(service->circuit));
    feed_subscribe(log->feed, &log->subscriber);
    on_events(log); /* those of the start */
    *ret_log = log;
    return 0;
}

struct history_log *history_log_free(struct history_log *log)
{
    if (!log)
        return NULL;
    on_events(log);
    feed_unsubscribe(&log->subscriber);
    free(log);
    return NULL;
}
