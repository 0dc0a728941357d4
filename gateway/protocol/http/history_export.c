#include "protocol/http/history_export.h"

#include "base/clock.h"
#include "base/json.h"
#include "circuit/circuit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* A field that may hold a comma or a quote, RFC 4180 §2.7. */
static void put_quoted(struct buffer *out, const char *text)
{
    (void)buffer_append_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            (void)buffer_append_char(out, '"');
        (void)buffer_append_char(out, *text);
    }
    (void)buffer_append_char(out, '"');
}

/* One event in either form: of the journal, or a line of the history file. */
struct row {
    const char *run_id, *line, *cause, *source, *role, *time; /* borrowed; "" for none */
    const char *scene, *state;                                /* of a program: it has no line */
    uint64_t seq;
    int64_t time_ns;
    unsigned value;
};

static void take_event(const struct journal *journal, const struct event *event,
                       char time[CLOCK_TEXT_SIZE], struct row *row)
{
    bool is_scene = event->cause == EVENT_SCENE;
    *row = (struct row){
        .run_id = journal_run_id(journal),
        .line = is_scene ? "" : journal_text(journal, event->line_name),
        .scene = is_scene ? journal_text(journal, event->line_name) : "",
        .state = is_scene ? event_scene_state_name(event->value) : "",
        .cause = event_cause_name((enum event_cause)event->cause),
        .source = journal_text(journal, event->source),
        .role = event->role > ROLE_NONE ? role_name((enum role)event->role) : "",
        .time = clock_format(event->time_ns, time),
        .seq = event->seq,
        .time_ns = event->time_ns,
        .value = event->value,
    };
}

static const char *text_of(const struct json *event, const char *key)
{
    const char *text = json_text(json_get(event, key));
    return text ? text : "";
}

static void take_stored(const struct json *event, struct row *row)
{
    int64_t seq = 0;
    int64_t value = 0;
    *row = (struct row){.run_id = text_of(event, "boot"),
                        .line = text_of(event, "line"),
                        .scene = text_of(event, "scene"),
                        .state = text_of(event, "state"),
                        .cause = text_of(event, "cause"),
                        .source = text_of(event, "source"),
                        .role = text_of(event, "role"),
                        .time = text_of(event, "time")};
    (void)json_integer(json_get(event, "seq"), 0, INT64_MAX, &seq);
    (void)json_integer(json_get(event, "value"), 0, 1, &value);
    (void)json_integer(json_get(event, "time_ns"), 0, INT64_MAX, &row->time_ns);
    row->seq = (uint64_t)seq;
    row->value = (unsigned)value;
}

/* Gives every event to `put`, oldest first. */
static int walk(const struct history *history, const struct service *service,
                void (*put)(void *context, const struct row *row), void *context)
{
    struct row row;
    const struct event *event;
    uint64_t seq = history->first;
    const char *at = buffer_text(&history->stored);
    const char *newline;
    for (; (newline = strchr(at, '\n')); at = newline + 1) {
        struct json *json = NULL;
        if (json_parse(at, (size_t)(newline - at), &json, NULL) == -ENOMEM)
            return -ENOMEM;
        take_stored(json, &row);
        put(context, &row);
        json_free(json);
    }
    while ((event = history_next(history, service, &seq))) {
        char time[CLOCK_TEXT_SIZE];
        take_event(circuit_journal(service->circuit), event, time, &row);
        put(context, &row);
    }
    return 0;
}

static void put_row(void *context, const struct row *row)
{
    struct buffer *out = context;
    (void)buffer_printf(out, "%s,%" PRIu64 ",%s,%s,", row->run_id, row->seq, row->time, row->line);
    if (!row->scene[0]) /* a program has no value */
        (void)buffer_printf(out, "%u", row->value);
    (void)buffer_printf(out, ",%s,", row->cause);
    put_quoted(out, row->source);
    (void)buffer_printf(out, ",%s,%s,%s\r\n", row->role, row->scene, row->state);
}

int history_export_csv(const struct history *history, const struct service *service,
                       struct buffer *out)
{
    (void)buffer_append_text(out, "boot,seq,time,line,value,cause,source,role,scene,state\r\n");
    int error = walk(history, service, put_row, out);
    return error ? error : out->error;
}

/* VCD names wires by one or two printable characters. */
static void put_code(struct buffer *out, size_t line)
{
    (void)buffer_append_char(out, (char)('!' + line % 90));
    if (line >= 90)
        (void)buffer_append_char(out, (char)('!' + line / 90));
}

static void put_declarations(struct buffer *out, const struct circuit_options *options)
{
    (void)buffer_append_text(out, "$timescale 1 us $end\n$scope module circuit $end\n");
    for (size_t i = 0; i < options->line_count; i++) {
        (void)buffer_append_text(out, "$var wire 1 ");
        put_code(out, i);
        (void)buffer_printf(out, " %s $end\n", options->lines[i].name);
    }
    (void)buffer_append_text(out, "$upscope $end\n$enddefinitions $end\n");
}

struct vcd {
    struct buffer *out;
    const struct circuit *circuit;
    int64_t start_us, last_us; /* -1 before the first */
};

static void put_change(void *context, const struct row *row)
{
    struct vcd *vcd = context;
    int64_t at_us = row->time_ns / 1000;
    if (vcd->start_us < 0)
        vcd->start_us = at_us;
    at_us -= vcd->start_us;
    int line = row->line[0] ? circuit_find(vcd->circuit, row->line) : -1;
    if (line < 0)
        return;
    if (at_us > vcd->last_us) { /* the wall clock may be set back: time stands still then */
        (void)buffer_printf(vcd->out, "#%lld\n", (long long)at_us);
        vcd->last_us = at_us;
    }
    (void)buffer_append_char(vcd->out, row->value ? '1' : '0');
    put_code(vcd->out, (size_t)line);
    (void)buffer_append_char(vcd->out, '\n');
}

int history_export_vcd(const struct history *history, const struct service *service,
                       struct buffer *out)
{
    struct vcd vcd = {.out = out, .circuit = service->circuit, .start_us = -1, .last_us = -1};
    put_declarations(out, circuit_description(service->circuit));
    int error = walk(history, service, put_change, &vcd);
    return error ? error : out->error;
}
