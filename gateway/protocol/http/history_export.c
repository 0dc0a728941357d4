#include "protocol/http/history_export.h"

#include "base/json.h"
#include "circuit/circuit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char *text_of(const struct json *event, const char *key)
{
    const char *text = json_text(json_get(event, key));
    return text ? text : "";
}

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

int history_export_csv(const struct json *history, struct buffer *out)
{
    (void)buffer_append_text(out, "boot,seq,time,line,value,cause,source,role\r\n");
    for (const struct json *event = json_first(json_get(history, "events")); event;
         event = json_next(event)) {
        (void)buffer_printf(out, "%s,", text_of(event, "boot"));
        (void)json_print(json_get(event, "seq"), out);
        (void)buffer_printf(out, ",%s,%s,", text_of(event, "time"), text_of(event, "line"));
        (void)json_print(json_get(event, "value"), out);
        (void)buffer_printf(out, ",%s,", text_of(event, "cause"));
        put_quoted(out, text_of(event, "source"));
        (void)buffer_printf(out, ",%s\r\n", text_of(event, "role"));
    }
    return out->error;
}

/* VCD names wires by one or two printable characters. */
static void put_code(struct buffer *out, size_t line)
{
    (void)buffer_append_char(out, (char)('!' + line % 90));
    if (line >= 90)
        (void)buffer_append_char(out, (char)('!' + line / 90));
}

static int64_t microseconds_of(const struct json *event)
{
    int64_t time_ns = 0;
    (void)json_exact(json_get(event, "time_ns"), &time_ns);
    return time_ns / 1000;
}

int history_export_vcd(const struct json *history, const struct circuit *circuit,
                       struct buffer *out)
{
    const struct circuit_options *options = circuit_description(circuit);
    (void)buffer_append_text(out, "$timescale 1 us $end\n$scope module circuit $end\n");
    for (size_t i = 0; i < options->line_count; i++) {
        (void)buffer_append_text(out, "$var wire 1 ");
        put_code(out, i);
        (void)buffer_printf(out, " %s $end\n", options->lines[i].name);
    }
    (void)buffer_append_text(out, "$upscope $end\n$enddefinitions $end\n");
    const struct json *event = json_first(json_get(history, "events"));
    int64_t start_us = event ? microseconds_of(event) : 0;
    int64_t last_us = -1;
    for (; event; event = json_next(event)) {
        int line = circuit_find(circuit, text_of(event, "line"));
        int64_t at_us = microseconds_of(event) - start_us;
        if (line < 0)
            continue;
        if (at_us > last_us) { /* the wall clock may be set back: time stands still then */
            (void)buffer_printf(out, "#%lld\n", (long long)at_us);
            last_us = at_us;
        }
        (void)json_print(json_get(event, "value"), out);
        put_code(out, (size_t)line);
        (void)buffer_append_char(out, '\n');
    }
    return out->error;
}
