#include "protocol/method/result.h"

#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "protocol/feed.h"
#include "protocol/json_encode.h"
#include "protocol/json_encode_rule.h"
#include "protocol/line_texts.h"

#include <stdlib.h>
#include <string.h>

void result_begin(struct result *result, struct service *service, const struct caller *caller,
                  const struct timestamps *now)
{
    result->kind = RESULT_OUTCOME;
    result->outcome = (struct outcome){0};
    result->written.context = NULL;
    result->service = service;
    result->caller = caller;
    result->now = *now;
}

void result_begin_changed(struct result *result)
{
    result->kind = RESULT_CHANGED;
    result->changed.seq = 0;
    result->changed.count = 0;
    result->changed.is_program = result->changed.running = false;
}

void result_done(struct result *result)
{
    if (result->kind == RESULT_WRITTEN)
        free(result->written.context);
    if (result->kind == RESULT_HISTORY)
        buffer_done(&result->history.stored);
    result->kind = RESULT_OUTCOME; /* which owns nothing */
}

const struct event *history_next(const struct history *history, const struct service *service,
                                 uint64_t *seq)
{
    const struct journal *journal = circuit_journal(service->circuit);
    while (*seq < history->end) {
        const struct event *event = journal_get(journal, (*seq)++);
        if (event && event->time_ns >= history->from_ns && event->time_ns < history->to_ns &&
            (!history->line || journal_is_of_line(journal, event, history->line)))
            return event;
    }
    return NULL;
}

static void write_stored(const struct buffer *stored, struct json_writer *writer)
{
    const char *at = buffer_text(stored);
    const char *newline;
    for (; (newline = strchr(at, '\n')); at = newline + 1)
        json_write_raw(writer, NULL, at, (size_t)(newline - at));
}

static void write_history(const struct result *result, struct json_writer *writer)
{
    struct circuit *circuit = result->service->circuit;
    const struct journal *journal = circuit_journal(circuit);
    uint64_t seq = result->history.first;
    const struct event *event;
    json_write_object(writer, NULL);
    json_write_text(writer, "boot", journal_run_id(journal));
    json_write_list(writer, "events");
    write_stored(&result->history.stored, writer);
    while ((event = history_next(&result->history, result->service, &seq)))
        json_encode_event(writer, circuit, event, false);
    json_write_list_end(writer);
    json_write_unsigned(writer, "seq", journal_last(journal));
    json_write_bool(writer, "complete", result->history.complete);
    if (result->history.next[0])
        json_write_text(writer, "next", result->history.next);
    json_write_object_end(writer);
}

void result_write(const struct result *result, struct json_writer *writer)
{
    struct circuit *circuit = result->service->circuit;
    struct line_texts *texts = feed_line_texts(result->service->feed);
    switch (result->kind) {
    case RESULT_OUTCOME:
        json_encode_outcome(writer, circuit, &result->outcome);
        return;
    case RESULT_CHANGED:
        json_encode_changed(writer, circuit, result->changed.seq, result->changed.lines,
                            result->changed.count,
                            result->changed.is_program ? &result->changed.running : NULL);
        return;
    case RESULT_LINE:
        line_texts_write(texts, writer, result->line, &result->now);
        return;
    case RESULT_LINES:
        json_encode_lines(writer, texts, &result->now);
        return;
    case RESULT_CIRCUIT:
        json_encode_circuit(writer, texts, result->caller->role, &result->now);
        return;
    case RESULT_RULE:
        json_encode_rule(writer, circuit, result->rule);
        return;
    case RESULT_HISTORY:
        write_history(result, writer);
        return;
    case RESULT_WRITTEN:
        result->written.write(result, writer);
        return;
    }
}
