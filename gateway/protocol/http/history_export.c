#include "protocol/http/history_export.h"

#include "base/clock.h"
#include "circuit/circuit.h"

#include <inttypes.h>
#include <stdint.h>

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

static void put_row(struct buffer *out, const struct journal *journal, const struct event *event)
{
    char time[CLOCK_TEXT_SIZE];
    (void)buffer_printf(out, "%s,%" PRIu64 ",%s,%s,%u,%s,", journal_run_id(journal), event->seq,
                        clock_format(event->time_ns, time),
                        event->cause == EVENT_SCENE ? "" : journal_text(journal, event->line_name),
                        event->value, event_cause_name((enum event_cause)event->cause));
    put_quoted(out, journal_text(journal, event->source));
    (void)buffer_printf(out, ",%s\r\n",
                        event->role > ROLE_NONE ? role_name((enum role)event->role) : "");
}

int history_export_csv(const struct history *history, const struct service *service,
                       struct buffer *out)
{
    uint64_t seq = history->first;
    const struct event *event;
    (void)buffer_append_text(out, "boot,seq,time,line,value,cause,source,role\r\n");
    while ((event = history_next(history, service, &seq)))
        put_row(out, circuit_journal(service->circuit), event);
    return out->error;
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

int history_export_vcd(const struct history *history, const struct service *service,
                       struct buffer *out)
{
    const struct circuit *circuit = service->circuit;
    const struct journal *journal = circuit_journal(service->circuit);
    uint64_t seq = history->first;
    int64_t start_us = -1;
    int64_t last_us = -1;
    const struct event *event;
    put_declarations(out, circuit_description(circuit));
    while ((event = history_next(history, service, &seq))) {
        int64_t at_us = event->time_ns / 1000;
        if (start_us < 0)
            start_us = at_us;
        at_us -= start_us;
        int line = circuit_find(circuit, journal_text(journal, event->line_name));
        if (line < 0 || event->cause == EVENT_SCENE)
            continue;
        if (at_us > last_us) { /* the wall clock may be set back: time stands still then */
            (void)buffer_printf(out, "#%lld\n", (long long)at_us);
            last_us = at_us;
        }
        (void)buffer_append_char(out, event->value ? '1' : '0');
        put_code(out, (size_t)line);
        (void)buffer_append_char(out, '\n');
    }
    return out->error;
}
