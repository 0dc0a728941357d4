#include "circuit/journal_store.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "circuit/role.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of an event; a list, because two thousand times the names would be most of the text. */
enum member {
    TIME,
    EDGE,
    LINE,
    SOURCE,
    ROLE,
    RULE,
    CAUSE,
    VALUE,
    DETAILS,
    DUTY,
    HZ,
    STEP,
    LOST,
    MEMBERS
};

enum { NANOSECONDS_SIZE = 24 };

/* All 64 bits: a number of JSON has 53. */
static void print_ns(struct json_writer *writer, int64_t ns)
{
    char text[NANOSECONDS_SIZE];
    (void)snprintf(text, sizeof text, "%" PRId64, ns);
    json_write_text(writer, NULL, text);
}

static void print_event(struct json_writer *writer, const struct journal *journal,
                        const struct event *event)
{
    json_write_list(writer, NULL);
    print_ns(writer, event->time_ns);
    print_ns(writer, event->edge_ns);
    json_write_text(writer, NULL, journal_text(journal, event->line_name));
    json_write_text(writer, NULL, journal_text(journal, event->source));
    json_write_text(writer, NULL, role_name((enum role)event->role));
    json_write_text(writer, NULL, journal_text(journal, event->rule));
    json_write_text(writer, NULL, event_cause_name((enum event_cause)event->cause));
    json_write_unsigned(writer, NULL, event->value);
    json_write_unsigned(writer, NULL, event->details);
    json_write_real(writer, NULL, (double)event->duty);
    json_write_real(writer, NULL, (double)event->hz);
    json_write_unsigned(writer, NULL, event->step);
    json_write_unsigned(writer, NULL, event->lost);
    json_write_list_end(writer);
}

void journal_print(const struct journal *journal, struct buffer *out)
{
    struct json_writer writer = json_writer_begin(out);
    uint64_t last = journal_last(journal);
    uint64_t first = journal_first(journal);
    if (last - first >= JOURNAL_STORE_EVENTS_MAX && last >= JOURNAL_STORE_EVENTS_MAX)
        first = last - JOURNAL_STORE_EVENTS_MAX + 1;
    json_write_object(&writer, NULL);
    json_write_text(&writer, "boot", journal_run_id(journal));
    json_write_unsigned(&writer, "before", first - 1);
    json_write_list(&writer, "events");
    for (uint64_t seq = first; seq <= last; seq++)
        print_event(&writer, journal, journal_get(journal, seq));
    json_write_list_end(&writer);
    json_write_object_end(&writer);
}

/* ---- and back ---- */

struct stored_event {
    struct event event;
    struct origin by;
    const char *line, *rule; /* borrowed */
};

static int read_ns(const struct json *json, int64_t *ret_ns)
{
    const char *text = json_text(json);
    return text && number_parse(text, INT64_MIN, INT64_MAX, ret_ns) == 0 ? 0 : -EBADMSG;
}

static int read_number(const struct json *json, uint32_t max, uint32_t *ret_number)
{
    int64_t number;
    if (json_integer(json, 0, max, &number))
        return -EBADMSG;
    *ret_number = (uint32_t)number;
    return 0;
}

static int read_cause(const struct json *json, uint8_t *ret_cause)
{
    const char *name = json_text(json);
    for (int cause = EVENT_SET; name && cause <= EVENT_SCENE; cause++)
        if (strcmp(name, event_cause_name((enum event_cause)cause)) == 0) {
            *ret_cause = (uint8_t)cause;
            return 0;
        }
    return -EBADMSG;
}

static int read_texts(const struct json *const members[MEMBERS], struct stored_event *stored)
{
    const char *source = json_text(members[SOURCE]);
    const char *role = json_text(members[ROLE]);
    stored->line = json_text(members[LINE]);
    stored->rule = json_text(members[RULE]);
    if (!stored->line || !stored->rule || !source || strlen(source) >= sizeof stored->by.source)
        return -EBADMSG;
    (void)snprintf(stored->by.source, sizeof stored->by.source, "%s", source);
    stored->by.role = role ? role_find(role, strlen(role)) : ROLE_NONE;
    return 0;
}

static int read_numbers(const struct json *const members[MEMBERS], struct event *event)
{
    uint32_t value, details, step;
    double duty, hz;
    if (read_ns(members[TIME], &event->time_ns) || read_ns(members[EDGE], &event->edge_ns) ||
        read_cause(members[CAUSE], &event->cause) ||
        read_number(members[VALUE], UINT8_MAX, &value) ||
        read_number(members[DETAILS], UINT8_MAX, &details) ||
        read_number(members[STEP], UINT16_MAX, &step) ||
        read_number(members[LOST], UINT32_MAX, &event->lost) ||
        json_real(members[DUTY], 0, 1, &duty) || json_real(members[HZ], 0, 1e9, &hz))
        return -EBADMSG;
    event->value = (uint8_t)value;
    event->details = (uint8_t)details;
    event->step = (uint16_t)step;
    event->duty = (float)duty;
    event->hz = (float)hz;
    return 0;
}

static int read_event(const struct json *json, struct stored_event *ret_stored)
{
    const struct json *members[MEMBERS] = {0};
    struct stored_event stored = {0};
    size_t count = 0;
    if (!json_is(json, JSON_ARRAY) || json_count(json) != MEMBERS)
        return -EBADMSG;
    for (const struct json *member = json_first(json); member; member = json_next(member))
        members[count++] = member;
    int error = read_texts(members, &stored);
    if (!error)
        error = read_numbers(members, &stored.event);
    if (!error)
        *ret_stored = stored;
    return error;
}

static bool is_run_id(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    for (size_t i = 0; i < length; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return length == JOURNAL_RUN_ID_SIZE - 1;
}

int journal_restore(struct journal *journal, const struct json *stored)
{
    const struct json *events = json_get(stored, "events");
    const char *run_id = json_text(json_get(stored, "boot"));
    struct stored_event read;
    int64_t before;
    if (!is_run_id(run_id) || !json_is(events, JSON_ARRAY) ||
        json_integer(json_get(stored, "before"), 0, INT64_C(1) << 53, &before))
        return -EBADMSG;
    for (const struct json *event = json_first(events); event; event = json_next(event))
        if (read_event(event, &read))
            return -EBADMSG;
    journal_continue(journal, run_id, (uint64_t)before);
    for (const struct json *event = json_first(events); event; event = json_next(event))
        if (read_event(event, &read) == 0)
            (void)journal_append(journal, &read.event, read.line, &read.by, read.rule);
    journal_continue(journal, run_id, journal_last(journal));
    return 0;
}
