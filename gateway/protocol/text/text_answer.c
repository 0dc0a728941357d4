#include "protocol/text/text_answer.h"

#include "base/json.h"
#include "circuit/circuit.h"
#include "protocol/text/text_command.h"

#include <inttypes.h>
#include <stdint.h>

static int64_t integer(const struct json *object, const char *key)
{
    int64_t value = 0;
    (void)json_integer(json_get(object, key), INT64_MIN, INT64_MAX, &value);
    return value;
}

static const char *text(const struct json *object, const char *key)
{
    const char *value = json_text(json_get(object, key));
    return value ? value : "-";
}

static int say_state(const struct json *line, struct buffer *reply)
{
    return buffer_printf(reply, "%s %" PRId64 " %" PRId64 "\n", text(line, "name"),
                         integer(line, "value"), integer(line, "seq"));
}

/* A title is a text, or a text for each language: the first one then. */
static const char *title_of(const struct json *line)
{
    const struct json *title = json_get(line, "title");
    const char *first = json_text(json_is(title, JSON_OBJECT) ? json_first(title) : title);
    return first ? first : "";
}

static int say_description(const struct json *line, struct buffer *reply)
{
    return buffer_printf(reply, "%s %s %s %" PRId64 " %" PRId64 " %s\n", text(line, "name"),
                         text(line, "direction"), text(line, "part"), integer(line, "value"),
                         integer(line, "seq"), title_of(line));
}

static int say_lines(const struct json *lines, bool described, struct buffer *reply)
{
    (void)buffer_printf(reply, "ok %zu lines\n", json_count(lines));
    for (const struct json *line = json_first(lines); line; line = json_next(line))
        (void)(described ? say_description(line, reply) : say_state(line, reply));
    (void)buffer_append_text(reply, ".\n");
    return reply->error;
}

static int say_changed(const struct json *result, struct buffer *reply)
{
    const struct json *changed = json_get(result, "changed");
    (void)buffer_printf(reply, "ok %" PRId64, integer(result, "seq"));
    for (const struct json *name = json_first(changed); name; name = json_next(name))
        (void)buffer_printf(reply, " %s", json_text(name));
    (void)buffer_append_char(reply, '\n');
    return reply->error;
}

int text_answer(const struct json *result, bool described, struct buffer *reply)
{
    const struct json *lines = json_get(result, "lines");
    if (lines)
        return say_lines(lines, described, reply);
    if (json_get(result, "changed"))
        return say_changed(result, reply);
    if (json_get(result, "line"))
        return buffer_printf(reply, "ok %s %" PRId64 " %" PRId64 "\n", text(result, "line"),
                             integer(result, "value"), integer(result, "seq"));
    if (json_get(result, "name")) {
        (void)buffer_append_text(reply, "ok ");
        return say_state(result, reply);
    }
    return buffer_append_text(reply, "ok\n");
}

static int encode_event(struct buffer *buffer, struct circuit *circuit, const struct event *event)
{
    const struct journal *journal = circuit_journal(circuit);
    return buffer_printf(buffer, "event %" PRIu64 " %s %u %s\n", event->seq,
                         journal_text(journal, event->line_name), event->value,
                         event_cause_name((enum event_cause)event->cause));
}

static int encode_snapshot(struct buffer *buffer, struct circuit *circuit, enum role role)
{
    (void)role;
    struct timestamps now = service_now();
    size_t count = circuit_line_count(circuit);
    (void)buffer_printf(buffer, "snapshot %" PRIu64 " %zu lines\n",
                        journal_last(circuit_journal(circuit)), count);
    for (size_t i = 0; i < count; i++) {
        struct line_state state;
        circuit_line(circuit, i, &now, &state);
        (void)buffer_printf(buffer, "%s %u %" PRIu64 "\n", state.options->name, state.value,
                            state.seq);
    }
    (void)buffer_append_text(buffer, ".\n");
    return buffer->error;
}

const struct feed_format text_format = {.event = encode_event, .snapshot = encode_snapshot};
