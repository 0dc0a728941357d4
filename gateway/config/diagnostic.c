#include "config/diagnostic.h"

#include "base/field_reader.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* CONFIG_ERRORS_MAX lines with the longest path that Linux knows. */
enum { REPORT_MAX_BYTES = 1024 * 1024 };

void config_report_init(struct config_report *report)
{
    report->errors = 0;
    buffer_init(&report->text, REPORT_MAX_BYTES);
}

void config_report_done(struct config_report *report)
{
    buffer_done(&report->text);
    report->errors = 0;
}

/* Bytes that would move a terminal's cursor become '?'. */
static void calm(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

void report_add(struct config_report *report, const char *file, const char *format, ...)
{
    char text[DIAGNOSTIC_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    calm(text);
    report->errors++;
    (void)buffer_printf(&report->text, "%s: %s\n", file, text);
}

bool diagnostics_are_full(const struct diagnostics *diagnostics)
{
    return diagnostics->count == CONFIG_ERRORS_MAX;
}

void diagnostics_add(struct diagnostics *diagnostics, const struct field_fault *fault)
{
    if (diagnostics_are_full(diagnostics))
        return;
    struct diagnostic *diagnostic = &diagnostics->list[diagnostics->count++];
    diagnostic->at = fault->at;
    (void)snprintf(diagnostic->text, sizeof diagnostic->text, "%s%s%s", fault->path,
                   *fault->path ? ": " : "", fault->text);
}

/* Gives every problem the number of its value in the document, counted from 1. */
static void number(struct diagnostics *diagnostics, const struct json *root)
{
    const struct json *trail[JSON_DEPTH_MAX + 1];
    size_t depth = 0;
    size_t order = 0;
    const struct json *at = root;
    while (at) {
        order++;
        for (size_t i = 0; i < diagnostics->count; i++)
            if (diagnostics->list[i].at == at)
                diagnostics->list[i].order = order;
        const struct json *next = json_first(at);
        if (next)
            trail[depth++] = at;
        else
            next = json_next(at);
        while (!next && depth > 0)
            next = json_next(trail[--depth]);
        at = next;
    }
}

void diagnostics_report(struct diagnostics *diagnostics, const struct json *root, const char *file,
                        struct config_report *report)
{
    number(diagnostics, root);
    size_t written = 0;
    for (size_t order = 0; written < diagnostics->count;) {
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < diagnostics->count; i++) {
            const struct diagnostic *diagnostic = &diagnostics->list[i];
            if (diagnostic->order == order) {
                report_add(report, file, "%s", diagnostic->text);
                written++;
            } else if (diagnostic->order > order && diagnostic->order < next) {
                next = diagnostic->order;
            }
        }
        order = next;
    }
    if (diagnostics_are_full(diagnostics))
        (void)buffer_printf(&report->text, "%s: reading ended after %d errors\n", file,
                            CONFIG_ERRORS_MAX);
}
