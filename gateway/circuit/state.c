#include "circuit/state.h"

#include <stdio.h>
#include <string.h>

const struct origin gpio_origin = {.source = "gpio"};

/* The rule's name in a source "rule:NAME", or NULL for another source. */
static const char *rule_of(const char *source)
{
    size_t length = sizeof CIRCUIT_RULE_SOURCE - 1;
    return strncmp(source, CIRCUIT_RULE_SOURCE, length) == 0 ? source + length : NULL;
}

void circuit_append(struct circuit *circuit, struct line *line, struct event *event,
                    const struct origin *by)
{
    event->line = line->index;
    event->value = line->value;
    if (line->options->counter.counts) {
        event->count = line->counter.count;
        event->details |= EVENT_HAS_COUNT;
    }
    /* Before followers are called: they must find the line as the event says. */
    line->seq = journal_last(circuit->journal) + 1;
    line->changed_at_ns = event->time_ns;
    line->by = *by;
    (void)journal_append(circuit->journal, event, line->options->name, &line->by,
                         rule_of(line->by.source));
}

void circuit_schedule(struct circuit *circuit, const struct line *line)
{
    deadlines_set(&circuit->deadlines, DEADLINE_LINES + line->index, line_due_ns(line));
}

void circuit_report_refused(struct circuit *circuit, bool by_scene, const char *name,
                            const struct refusal *refusal)
{
    struct circuit_rule_report *report = &circuit->rule_report;
    report->refused++;
    report->by_scene = by_scene;
    (void)snprintf(report->name, sizeof report->name, "%s", name);
    (void)snprintf(report->message, sizeof report->message, "%s", refusal->message);
}
