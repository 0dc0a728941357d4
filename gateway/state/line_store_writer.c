#include "state/line_store_writer.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/thread.h"
#include "loop/loop.h"
#include "state/line_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    VALUES_DELAY_MS = 1000,
    BUSY_MS = 5, /* between two checks of a writer that works while something urgent waits */
    EDGES_DELAY_MS = 60 * 1000,
};

struct line_store_writer {
    struct loop *loop;
    struct loop_timer timer;
    struct line_store *line_store;
    struct circuit *circuit; /* NULL until one is followed */
    int error;               /* of the newest try to store; logged once */
    /* The disk is waited for in a thread: a card that syncs for half a second must not keep the pins
     * waiting. Until `has_written` only that thread touches `text` and `result`. */
    pthread_t writer;
    bool is_writing;
    bool has_changed; /* more than counters since the last writing began */
    bool is_urgent;
    atomic_bool has_written;
    struct buffer text;
    int result;
    struct journal_follower follower;
};

static void note_rules(struct line_store_writer *line_store_writer, const struct timestamps *now)
{
    const struct circuit *circuit = line_store_writer->circuit;
    struct rule_record record;
    for (size_t i = 0; circuit && i < circuit_description(circuit)->rule_count; i++) {
        circuit_rule_record(circuit, i, now, &record);
        line_store_note_rule(line_store_writer->line_store,
                             circuit_description(circuit)->rules[i].name, &record);
    }
}

void line_store_writer_note(struct line_store_writer *line_store_writer)
{
    struct timestamps now = clock_now();
    struct line_state state;
    struct line_record record;
    for (size_t i = 0;
         line_store_writer->circuit && i < circuit_line_count(line_store_writer->circuit); i++) {
        circuit_line(line_store_writer->circuit, i, &now, &state);
        line_store_count(line_store_writer->line_store, state.options->name, state.edges);
        if (state.options->counter.counts)
            line_store_note_counter(line_store_writer->line_store, state.options->name,
                                    state.pulses, state.value);
        circuit_record(line_store_writer->circuit, i, &now, &record);
        line_store_note_record(line_store_writer->line_store, state.options->name, &record);
    }
    note_rules(line_store_writer, &now);
}

static void report(struct line_store_writer *line_store_writer, int error)
{
    if (error && error != line_store_writer->error)
        log_warning("last values and counters not stored file=%s error=\"%s\"",
                    line_store_path(line_store_writer->line_store), file_error_text(error));
    line_store_writer->error = error;
}

static void *write_out(void *context)
{
    struct line_store_writer *line_store_writer = context;
    line_store_writer->result =
        line_store_write(line_store_writer->line_store, &line_store_writer->text);
    atomic_store(&line_store_writer->has_written, true);
    return NULL;
}

/* False while the writer is at work; it is waited for when `wait`. */
static bool collect(struct line_store_writer *line_store_writer, bool wait)
{
    if (!line_store_writer->is_writing)
        return true;
    if (!wait && !atomic_load(&line_store_writer->has_written))
        return false;
    (void)pthread_join(line_store_writer->writer, NULL);
    line_store_writer->is_writing = false;
    buffer_done(&line_store_writer->text);
    if (line_store_writer->result)
        line_store_failed(line_store_writer->line_store);
    report(line_store_writer, line_store_writer->result);
    return true;
}

static void begin_writing(struct line_store_writer *line_store_writer)
{
    buffer_init(&line_store_writer->text, LINE_STORE_MAX_BYTES);
    atomic_store(&line_store_writer->has_written, false);
    int error = line_store_print(line_store_writer->line_store, &line_store_writer->text);
    if (!error)
        error = thread_start(&line_store_writer->writer, write_out, line_store_writer);
    line_store_writer->is_writing = error == 0;
    if (error) {
        buffer_done(&line_store_writer->text);
        line_store_failed(line_store_writer->line_store);
        report(line_store_writer, error);
    }
}

static void store_within(struct line_store_writer *line_store_writer, int64_t delay_ms)
{
    int64_t due_ns = loop_now_ns(line_store_writer->loop) + delay_ms * CLOCK_NS_PER_MS;
    if (line_store_writer->timer.heap_slot == 0 || line_store_writer->timer.due_ns > due_ns)
        (void)loop_timer_set(&line_store_writer->timer, due_ns);
}

static void on_due(void *context)
{
    struct line_store_writer *line_store_writer = context;
    bool was_writing = line_store_writer->is_writing;
    if (!collect(line_store_writer, false)) {
        store_within(line_store_writer, line_store_writer->is_urgent ? BUSY_MS : VALUES_DELAY_MS);
        return;
    }
    bool has_changed = line_store_writer->has_changed;
    line_store_writer->has_changed = line_store_writer->is_urgent = false;
    line_store_writer_note(line_store_writer);
    if (!line_store_is_dirty(line_store_writer->line_store))
        return;
    if (was_writing && (!has_changed || line_store_writer->error)) { /* counters have time */
        store_within(line_store_writer, EDGES_DELAY_MS);
        return;
    }
    begin_writing(line_store_writer);
    store_within(line_store_writer,
                 line_store_writer->is_writing ? VALUES_DELAY_MS : EDGES_DELAY_MS);
}

static void on_event(void *context)
{
    store_within(context, EDGES_DELAY_MS);
}

/* ---- struct circuit_store ---- */

static int recall(void *context, const char *line)
{
    const struct line_store_writer *line_store_writer = context;
    return line_store_recall(line_store_writer->line_store, line);
}

static void remember(void *context, const char *line, int value)
{
    struct line_store_writer *line_store_writer = context;
    line_store_remember(line_store_writer->line_store, line, value);
    line_store_writer->has_changed = true;
    if (line_store_is_dirty(line_store_writer->line_store))
        store_within(line_store_writer, VALUES_DELAY_MS);
}

static uint64_t recall_edges(void *context, const char *line)
{
    const struct line_store_writer *line_store_writer = context;
    return line_store_recall_edges(line_store_writer->line_store, line);
}

static bool recall_counter(void *context, const char *line, uint64_t *ret_count, uint8_t *ret_value)
{
    const struct line_store_writer *line_store_writer = context;
    return line_store_recall_counter(line_store_writer->line_store, line, ret_count, ret_value);
}

static bool recall_record(void *context, const char *line, struct line_record *ret_record)
{
    const struct line_store_writer *line_store_writer = context;
    return line_store_recall_record(line_store_writer->line_store, line, ret_record);
}

static bool recall_rule(void *context, const char *rule, struct rule_record *ret_record)
{
    const struct line_store_writer *line_store_writer = context;
    return line_store_recall_rule(line_store_writer->line_store, rule, ret_record);
}

static void rename_line(void *context, const char *from, const char *to)
{
    struct line_store_writer *line_store_writer = context;
    line_store_rename(line_store_writer->line_store, from, to);
    line_store_writer->has_changed = true;
    if (line_store_is_dirty(line_store_writer->line_store))
        store_within(line_store_writer, 0);
}

static void changed(void *context, bool is_urgent)
{
    struct line_store_writer *line_store_writer = context;
    line_store_writer->has_changed = true;
    line_store_writer->is_urgent |= is_urgent;
    store_within(line_store_writer, is_urgent ? 0 : VALUES_DELAY_MS);
}

struct circuit_store line_store_writer_circuit_store(struct line_store_writer *line_store_writer)
{
    return (struct circuit_store){.context = line_store_writer,
                                  .recall = recall,
                                  .remember = remember,
                                  .recall_edges = recall_edges,
                                  .recall_counter = recall_counter,
                                  .recall_record = recall_record,
                                  .recall_rule = recall_rule,
                                  .rename = rename_line,
                                  .changed = changed};
}

/* ---- life ---- */

int line_store_writer_new(struct loop *loop, const char *folder,
                          struct line_store_writer **ret_writer)
{
    struct line_store_writer *line_store_writer = calloc(1, sizeof *line_store_writer);
    if (!line_store_writer)
        return -ENOMEM;
    int error = file_make_writable_folder(folder, 0700);
    if (!error)
        error = line_store_new(folder, &line_store_writer->line_store);
    if (error) {
        free(line_store_writer);
        return error;
    }
    line_store_writer->loop = loop;
    loop_timer_init(&line_store_writer->timer, loop, on_due, line_store_writer);
    *ret_writer = line_store_writer;
    return 0;
}

void line_store_writer_follow(struct line_store_writer *line_store_writer, struct circuit *circuit)
{
    line_store_writer->circuit = circuit;
    line_store_writer->follower =
        (struct journal_follower){.appended = on_event, .context = line_store_writer};
    journal_follow(circuit_journal(circuit), &line_store_writer->follower);
}

struct line_store_writer *line_store_writer_free(struct line_store_writer *line_store_writer)
{
    if (!line_store_writer)
        return NULL;
    loop_timer_stop(&line_store_writer->timer);
    line_store_writer_note(line_store_writer);
    (void)collect(line_store_writer, true);
    report(line_store_writer, line_store_save(line_store_writer->line_store));
    if (line_store_writer->circuit)
        journal_unfollow(&line_store_writer->follower);
    line_store_free(line_store_writer->line_store);
    free(line_store_writer);
    return NULL;
}
