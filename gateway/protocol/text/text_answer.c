#include "protocol/text/text_answer.h"

#include "base/clock.h"
#include "base/number.h"
#include "circuit/circuit.h"
#include "protocol/json_encode.h"
#include "protocol/line_texts.h"
#include "protocol/method/result.h"
#include "protocol/text/text_command.h"

#include <inttypes.h>
#include <stdint.h>

/* What stands behind the state of a line with a counter: " count=1234 total=555.3 L". */
static void put_counter(struct buffer *reply, const struct line_state *state)
{
    const struct circuit_counter_options *options = &state->options->counter;
    char total[NUMBER_TEXT_MAX];
    if (!options->counts)
        return;
    (void)buffer_printf(reply, " count=%" PRIu64 " total=", state->pulses);
    (void)buffer_append(
        reply, total,
        number_print_real(number_round((double)state->pulses * options->per_pulse), total));
    (void)buffer_append_text(reply, options->unit[0] ? " " : "");
    (void)buffer_append_text(reply, options->unit);
}

/* "red 1 43" */
static void put_state(struct buffer *reply, const char *name, unsigned value, uint64_t seq)
{
    (void)buffer_append_text(reply, name);
    (void)buffer_append_char(reply, ' ');
    (void)buffer_append_unsigned(reply, value);
    (void)buffer_append_char(reply, ' ');
    (void)buffer_append_unsigned(reply, seq);
}

static void put_line(struct buffer *reply, const struct line_state *state)
{
    put_state(reply, state->options->name, state->value, state->seq);
    put_counter(reply, state);
    (void)buffer_append_char(reply, '\n');
}

/* A title is a text, or a text for each language: the first one then. */
static const char *title_of(const struct circuit_line_options *options)
{
    return options->title.count > 0 ? options->title.texts[0].text : options->name;
}

static void put_description(struct buffer *reply, const struct line_state *state)
{
    const struct circuit_line_options *options = state->options;
    bool output = options->gpio.direction == GPIO_DIRECTION_OUTPUT;
    (void)buffer_printf(reply, "%s %s %s %u %" PRIu64 " %s\n", options->name,
                        output ? "output" : "input", json_encode_part_name(options->part),
                        state->value, state->seq, title_of(options));
}

static void put_lines(struct buffer *reply, const struct circuit *circuit,
                      const struct timestamps *now, bool described)
{
    for (size_t i = 0; i < circuit_line_count(circuit); i++) {
        struct line_state state;
        circuit_line(circuit, i, now, &state);
        if (described)
            put_description(reply, &state);
        else
            put_line(reply, &state);
    }
    (void)buffer_append_text(reply, ".\n");
}

static void answer_line(struct buffer *reply, const struct result *result)
{
    struct line_state state;
    circuit_line(result->service->circuit, result->line, &result->now, &state);
    (void)buffer_append_text(reply, "ok ");
    put_line(reply, &state);
}

static void answer_lines(struct buffer *reply, const struct result *result, bool described)
{
    const struct circuit *circuit = result->service->circuit;
    (void)buffer_printf(reply, "ok %zu lines\n", circuit_line_count(circuit));
    put_lines(reply, circuit, &result->now, described);
}

static void answer_outcome(struct buffer *reply, const struct result *result)
{
    const struct circuit_options *options = circuit_description(result->service->circuit);
    const struct outcome *outcome = &result->outcome;
    (void)buffer_append_text(reply, "ok ");
    put_state(reply, options->lines[outcome->line].name, outcome->value, outcome->seq);
    (void)buffer_append_char(reply, '\n');
}

static void answer_changed(struct buffer *reply, const struct result *result)
{
    const struct circuit_options *options = circuit_description(result->service->circuit);
    (void)buffer_printf(reply, "ok %" PRIu64, result->changed.seq);
    for (size_t i = 0; i < result->changed.count; i++)
        (void)buffer_printf(reply, " %s", options->lines[result->changed.lines[i]].name);
    (void)buffer_append_char(reply, '\n');
}

int text_answer(const struct result *result, bool described, struct buffer *reply)
{
    switch (result->kind) {
    case RESULT_OUTCOME:
        answer_outcome(reply, result);
        break;
    case RESULT_CHANGED:
        answer_changed(reply, result);
        break;
    case RESULT_LINE:
        answer_line(reply, result);
        break;
    case RESULT_LINES:
    case RESULT_CIRCUIT:
        answer_lines(reply, result, described);
        break;
    case RESULT_RULE:
    case RESULT_HISTORY: /* no word asks for these; JSON-RPC does */
    case RESULT_WRITTEN:
        (void)buffer_append_text(reply, "ok\n");
        break;
    }
    return reply->error;
}

static int encode_event(struct buffer *buffer, struct circuit *circuit, const struct event *event)
{
    const struct journal *journal = circuit_journal(circuit);
    if (event->cause == EVENT_SCENE)
        return buffer_printf(buffer, "event %" PRIu64 " scene %s %s\n", event->seq,
                             journal_text(journal, event->line_name),
                             event_scene_state_name(event->value));
    (void)buffer_append_text(buffer, "event ");
    (void)buffer_append_unsigned(buffer, event->seq);
    (void)buffer_append_char(buffer, ' ');
    (void)buffer_append_text(buffer, journal_text(journal, event->line_name));
    (void)buffer_append_char(buffer, ' ');
    (void)buffer_append_unsigned(buffer, event->value);
    (void)buffer_append_char(buffer, ' ');
    (void)buffer_append_text(buffer, event_cause_name((enum event_cause)event->cause));
    if (event->details & EVENT_HAS_COUNT)
        (void)buffer_printf(buffer, " count=%" PRIu64, event->count);
    (void)buffer_append_char(buffer, '\n');
    return buffer->error;
}

static int encode_snapshot(struct buffer *buffer, struct line_texts *texts, enum role role)
{
    (void)role;
    struct circuit *circuit = line_texts_circuit(texts);
    struct timestamps now = clock_now();
    size_t count = circuit_line_count(circuit);
    (void)buffer_printf(buffer, "snapshot %" PRIu64 " %zu lines\n",
                        journal_last(circuit_journal(circuit)), count);
    put_lines(buffer, circuit, &now, false);
    return buffer->error;
}

const struct feed_format text_format = {.event = encode_event, .snapshot = encode_snapshot};

static int encode_json_event(struct buffer *buffer, struct circuit *circuit,
                             const struct event *event)
{
    (void)json_encode_event_notification(buffer, circuit, event);
    return buffer_append_char(buffer, '\n');
}

static int encode_json_snapshot(struct buffer *buffer, struct line_texts *texts, enum role role)
{
    (void)json_encode_snapshot_notification(buffer, texts, role);
    return buffer_append_char(buffer, '\n');
}

const struct feed_format text_json_format = {.event = encode_json_event,
                                             .snapshot = encode_json_snapshot};
