/* history.get: past events, from the journal and from the history file. */
#include "base/clock.h"
#include "base/field_reader.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/time_text.h"
#include "circuit/circuit.h"
#include "circuit/names.h"
#include "protocol/method/method.h"
#include "state/history_file.h"

#include <stdio.h>
#include <string.h>

enum {
    HISTORY_DEFAULT = 1000, /* events of one answer */
    /* More may be asked for, and is given page by page: an answer holds the loop for some 10 ms. */
    HISTORY_MAX = 4096,
};

struct history_params {
    uint16_t line;
    bool has_line;
    bool has_since, has_from, has_to;
    char since[JOURNAL_CURSOR_SIZE];
    int64_t from_ns, to_ns;
    uint32_t limit;
};

static void cursor_read(struct field_reader *reader, const struct field *field,
                        const struct json *value, void *member)
{
    const char *text = json_text(value);
    if (!text)
        field_fail_type(reader, value, field->name, "a text");
    else if (strlen(text) >= field->size || !journal_cursor_is_valid(text))
        field_fail(reader, value, field->name, "expected \"<boot>-<seq>\", as 9f3c61d2-42");
    else
        memcpy(member, text, strlen(text) + 1);
}

static void cursor_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "string");
    json_write_text(writer, "pattern", "^[0-9a-f]{8}-[0-9]+$");
}

const struct field_kind method_cursor = {
    .read = cursor_read,
    .form = "\"<boot>-<seq>\"",
    .write_schema = cursor_write_schema,
};

static void time_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    int64_t time_ns;
    const char *text = json_text(value);
    if (!text)
        field_fail_type(reader, value, field->name, time_text_form);
    else if (time_text_read(text, clock_wall_ns(), &time_ns))
        field_fail(reader, value, field->name, "\"%s\" is not %s", field_show_text(text, shown),
                   time_text_form);
    else
        field_store(field, member, time_ns);
}

static void time_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, time_text_form);
}

static void time_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "string");
}

static const struct field_kind kind_time = {
    .read = time_read,
    .print = time_print,
    .write_schema = time_write_schema,
};

static const struct field history_fields[] = {
    {"line", &field_reference, FIELD_MEMBER(struct history_params, line),
     .given = offsetof(struct history_params, has_line), .names = &circuit_line_names,
     .doc = "only this line"},
    {"since", &method_cursor, FIELD_MEMBER(struct history_params, since),
     .given = offsetof(struct history_params, has_since), .doc = "only events after this one"},
    {"limit", &field_integer, FIELD_MEMBER(struct history_params, limit), .min = 1,
     .max = JOURNAL_EVENTS_MAX, .fallback = HISTORY_DEFAULT, .unit = "events",
     .doc = "how many; 4096 at most in one answer: `complete` is false then"},
    {"from", &kind_time, FIELD_MEMBER(struct history_params, from_ns),
     .given = offsetof(struct history_params, has_from),
     .doc = "only events at this time or later; from the history file, too, where there is one"},
    {"to", &kind_time, FIELD_MEMBER(struct history_params, to_ns),
     .given = offsetof(struct history_params, has_to), .doc = "only events before this time"},
};

static void history_check(struct field_reader *reader, const struct json *object, void *target)
{
    const struct history_params *params = target;
    if (params->has_from && params->has_to && params->from_ns >= params->to_ns)
        field_fail(reader, json_get(object, "to"), "to", "is not after `from`");
}

/* Moves the beginning of a history so far that no more than its `limit` newest events are left. */
static void keep_newest(struct history *history, const struct service *service, uint64_t limit)
{
    uint64_t count = 0;
    uint64_t seq = history->first;
    while (history_next(history, service, &seq))
        count++;
    seq = history->first;
    for (; count > limit; count--)
        (void)history_next(history, service, &seq);
    history->complete = history->complete && seq == history->first;
    history->first = seq;
}

/* Moves its end so far that no more than its `limit` oldest events are left; the next ones come after
 * the last of them. */
static void keep_oldest(struct history *history, const struct service *service, uint64_t limit)
{
    const struct journal *journal = circuit_journal(service->circuit);
    uint64_t seq = history->first;
    while (limit > 0 && history_next(history, service, &seq))
        limit--;
    uint64_t end = seq;
    if (!history_next(history, service, &seq))
        return;
    history->complete = false;
    history->end = end;
    (void)journal_cursor(journal, end - 1, history->next);
}

/* What the history file has before the journal begins. The limit that is left, or -1. */
static int64_t add_stored(struct method_call *call, struct history *history, int64_t limit)
{
    const struct history_params *params = call->params;
    const struct journal *journal = circuit_journal(call->service->circuit);
    struct history_query query = {.from_ns = history->from_ns,
                                  .to_ns = history->to_ns,
                                  .line = history->line,
                                  .limit = (size_t)limit,
                                  .own_run_id = journal_run_id(journal),
                                  .own_first = journal_first(journal)};
    struct history_page page;
    int64_t seq = 0;
    if (params->has_since &&
        number_parse(params->since + JOURNAL_RUN_ID_SIZE, 0, INT64_MAX, &seq) == 0) {
        query.run_id = params->since;
        query.seq = (uint64_t)seq;
    }
    int error = history_file_search(call->service->history, &query, &page);
    if (error) {
        buffer_done(&page.text);
        return problem_set(&call->problem, PROBLEM_INTERNAL, "Out of memory.");
    }
    history->stored = page.text;
    history->complete = !page.is_partial && !page.is_missing;
    history->first = journal_first(journal);
    if (page.is_partial) {
        (void)snprintf(history->next, sizeof history->next, "%s-%llu", page.run_id,
                       (unsigned long long)page.seq);
        history->end = history->first;
    }
    return limit - (int64_t)page.count;
}

/* Whether the journal holds everything from `from` on: it begins with the run, or before that time. */
static bool journal_reaches(const struct journal *journal, int64_t from_ns)
{
    const struct event *oldest = journal_get(journal, journal_first(journal));
    return oldest && oldest->time_ns <= from_ns;
}

/* The part of the journal that the parameters ask for. True when the history file may have more. */
static bool find_in_journal(const struct history_params *params, const struct journal *journal,
                            struct history *history)
{
    uint64_t first = journal_first(journal);
    uint64_t seq = first - 1;
    bool is_of_times = params->has_from || params->has_to;
    bool is_here = !params->has_since || journal_resume(journal, params->since, &seq);
    history->first = seq + 1 > first ? seq + 1 : first;
    history->end = journal_last(journal) + 1;
    if (params->has_since)
        history->complete = is_here;
    else
        history->complete = is_of_times ? journal_reaches(journal, history->from_ns) : first <= 1;
    return params->has_since ? !is_here : is_of_times && !history->complete;
}

static int history_get(struct method_call *call)
{
    const struct history_params *params = call->params;
    const struct service *service = call->service;
    struct history *history = &call->result->history;
    int64_t limit = params->limit < HISTORY_MAX ? params->limit : HISTORY_MAX;
    call->result->kind = RESULT_HISTORY;
    *history = (struct history){.from_ns = params->has_from ? params->from_ns : INT64_MIN,
                                .to_ns = params->has_to ? params->to_ns : INT64_MAX};
    if (params->has_line)
        history->line = circuit_description(service->circuit)->lines[params->line].name;
    bool may_be_stored = find_in_journal(params, circuit_journal(service->circuit), history);
    if (may_be_stored && service->history)
        limit = add_stored(call, history, limit);
    if (limit < 0)
        return -1;
    /* With `since`, `from` or `to` the oldest come first, so that a reader pages on; without them the newest
     * count. */
    if (params->has_since || params->has_from || params->has_to)
        keep_oldest(history, service, (uint64_t)limit);
    else
        keep_newest(history, service, (uint64_t)limit);
    return 0;
}

static const struct method rows[] = {
    {{"history.get", .role = ROLE_VIEWER, .summary = "Past events, oldest first",
      .fields = {FIELD_TABLE(history_fields), .item_size = sizeof(struct history_params),
                 .check = history_check},
      .rest = "GET", .path = "/api/v1/history", .answers = "history"},
     history_get},
};

const struct method_table history_methods = {rows, sizeof rows / sizeof rows[0]};
