#include "protocol/http/rest_value.h"

#include "circuit/circuit.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/http_exchange.h"
#include "protocol/http/route.h"

#include <string.h>

struct value_query {
    char since[JOURNAL_CURSOR_SIZE];
    bool has_since;
    uint32_t wait_s;
};

const struct field rest_value_fields[REST_VALUE_FIELDS] = {
    {"since", &method_cursor, FIELD_MEMBER(struct value_query, since),
     .given = offsetof(struct value_query, has_since),
     .doc =
         "the line's next event after this one; without wait and text/event-stream, 204 when there "
         "is none"},
    {"wait", &field_integer, FIELD_MEMBER(struct value_query, wait_s), .max = REST_VALUE_WAIT_MAX_S,
     .unit = "s", .doc = "how long to wait for the line's next event; 204 when none came"},
};

static void answer_value(struct http_exchange *http_exchange, unsigned value)
{
    struct json_writer writer = http_exchange_begin_json(http_exchange, 200);
    json_write_unsigned(&writer, NULL, value);
    http_exchange_end_json(http_exchange);
}

/* Where the next poll goes on. */
static void add_cursor(struct http_exchange *http_exchange, uint64_t seq)
{
    char cursor[JOURNAL_CURSOR_SIZE];
    const struct journal *journal = circuit_journal(http_exchange->service->circuit);
    http_exchange_add_header(http_exchange, "Last-Event-ID", "%s",
                             journal_cursor(journal, seq, cursor));
}

/* `now` is the line's value. */
static void answer_poll(struct http_exchange *http_exchange, const char *line, unsigned now)
{
    struct circuit *circuit = http_exchange->service->circuit;
    const struct journal *journal = circuit_journal(circuit);
    struct value_query query = {0};
    uint64_t seen = journal_last(journal);
    uint8_t value = (uint8_t)now;
    if (route_read_query(http_exchange, &query))
        return;
    bool is_lost = query.has_since && !journal_resume(journal, query.since, &seen);
    if (is_lost || value_poll_read(circuit, line, &seen, &value)) {
        answer_value(http_exchange, value);
        add_cursor(http_exchange, seen);
    } else if (query.wait_s == 0 || strcmp(http_exchange->method, "HEAD") == 0) {
        http_exchange_answer_empty(http_exchange, 204);
        add_cursor(http_exchange, seen);
    } else {
        http_exchange->poll_seen = seen;
        http_exchange->poll_wait_s = query.wait_s;
        http_exchange->upgrade = UPGRADE_POLL;
    }
}

static bool is_poll(const struct http_exchange *http_exchange)
{
    for (size_t i = 0; i < REST_VALUE_FIELDS; i++)
        if (http_exchange->query(http_exchange, rest_value_fields[i].name))
            return true;
    return false;
}

void rest_value(struct http_exchange *http_exchange)
{
    const struct circuit *circuit = http_exchange->service->circuit;
    struct result result;
    struct line_state state;
    if (route_call(http_exchange, &result))
        return;
    circuit_line(circuit, result.line, &result.now, &state);
    const char *accept = http_exchange->header(http_exchange, "Accept");
    if (accept && strstr(accept, "event-stream") &&
        http_exchange_lists(http_exchange, "Accept", "text/event-stream"))
        event_stream_request(http_exchange);
    else if (is_poll(http_exchange))
        answer_poll(http_exchange, circuit_description(circuit)->lines[result.line].name,
                    state.value);
    else
        answer_value(http_exchange, state.value);
    result_done(&result);
}
