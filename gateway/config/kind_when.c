/* What sets a rule off: lines, times of day, days of the week. */
#include "config/kind.h"

#include "config/keys.h"

#include "base/civil_time.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/owner.h"
#include "circuit/names.h"

#include <stdio.h>
#include <string.h>

static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* Two digits below `end`, and what must stand behind them. */
static bool read_part(const char **text, int end, int32_t *ret_number)
{
    const char *digits = *text;
    if (digits[0] < '0' || digits[0] > '9' || digits[1] < '0' || digits[1] > '9')
        return false;
    *ret_number = (digits[0] - '0') * 10 + digits[1] - '0';
    *text += 2;
    return *ret_number < end;
}

bool time_of_day_read(struct field_reader *reader, const struct json *value, const char *leaf,
                      int32_t *ret_time_s)
{
    char shown[FIELD_SHOWN_SIZE];
    const char *text = json_text(value);
    int32_t hours;
    int32_t minutes;
    int32_t seconds = 0;
    if (!text) {
        field_fail_type(reader, value, leaf, "a time of day, as \"06:30\"");
        return false;
    }
    const char *at = text;
    bool valid = read_part(&at, 24, &hours) && *at++ == ':' && read_part(&at, 60, &minutes) &&
                 (!*at || (*at++ == ':' && read_part(&at, 60, &seconds) && !*at));
    if (!valid) {
        field_fail(reader, value, leaf,
                   "\"%s\" is not a time of day from \"00:00\" to \"23:59:59\"",
                   field_show_text(text, shown));
        return false;
    }
    *ret_time_s = hours * 3600 + minutes * 60 + seconds;
    return true;
}

/* Has `take` read each text of a list, or one that stands alone. */
static void each_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member,
                      void (*take)(struct field_reader *reader, const struct json *item,
                                   const char *leaf, void *member))
{
    if (!json_is(value, JSON_ARRAY))
        take(reader, value, field->name, member);
    else if (json_count(value) == 0)
        field_fail(reader, value, field->name, "the list is empty");
    else if (json_count(value) > (size_t)field->max)
        field_fail(reader, value, field->name, "%zu is above the maximum %lld (items)",
                   json_count(value), (long long)field->max);
    else
        field_each_item(reader, field, value, "a list", take, member);
}

static void write_one_or_list(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_list(writer, "type");
    json_write_text(writer, NULL, "string");
    json_write_text(writer, NULL, "array");
    json_write_list_end(writer);
    json_write_object(writer, "items");
    json_write_text(writer, "type", "string");
    json_write_object_end(writer);
}

/* ---- lines ---- */

static void take_line(struct field_reader *reader, const struct json *item, const char *leaf,
                      void *member)
{
    struct circuit_when *when = member;
    if (!json_text(item)) {
        field_fail_type(reader, item, leaf, "a line's name");
        return;
    }
    int line = field_look_up(reader, &circuit_line_names, item, leaf, json_text(item));
    if (line < 0)
        return;
    for (size_t i = 0; i < when->line_count; i++)
        if (when->lines[i] == line)
            field_fail(reader, item, leaf, "\"%s\" stands twice in this list", json_text(item));
    when->lines[when->line_count++] = (uint16_t)line;
}

static void lines_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    each_read(reader, field, value, member, take_line);
}

static void lines_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "name of a line, or a list of at most %lld", (long long)field->max);
}

const struct field_kind kind_watched_lines = {
    .read = lines_read, .print = lines_print, .write_schema = write_one_or_list};

/* ---- times of day ---- */

static void take_time(struct field_reader *reader, const struct json *item, const char *leaf,
                      void *member)
{
    struct circuit_when *when = member;
    int32_t time_s;
    if (time_of_day_read(reader, item, leaf, &time_s))
        when->times_s[when->time_count++] = time_s;
}

static void times_read(struct field_reader *reader, const struct field *field,
                       const struct json *value, void *member)
{
    each_read(reader, field, value, member, take_time);
}

static void times_print(const struct field *field, struct buffer *out)
{
    (void)buffer_printf(out, "`\"HH:MM\"` or `\"HH:MM:SS\"`, or a list of at most %lld",
                        (long long)field->max);
}

const struct field_kind kind_times = {
    .read = times_read, .print = times_print, .write_schema = write_one_or_list};

/* ---- days of the week ---- */

static void take_day(struct field_reader *reader, const struct json *item, const char *leaf,
                     void *member)
{
    struct circuit_when *when = member;
    char shown[FIELD_SHOWN_SIZE];
    for (size_t i = 0; json_text(item) && i < ARRAY_LENGTH(days); i++)
        if (strcmp(days[i], json_text(item)) == 0) {
            when->days |= (uint8_t)(1U << i);
            return;
        }
    field_fail(reader, item, leaf, "%s is not one of mon, tue, wed, thu, fri, sat, sun",
               field_show(item, shown));
}

static void days_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    struct circuit_when *when = member;
    when->days = 0;
    if (json_is(value, JSON_ARRAY))
        each_read(reader, field, value, when, take_day);
    else
        field_fail_type(reader, value, field->name, "a list of days, as [\"mon\", \"tue\"]");
}

static void days_default(const struct field *field, void *member)
{
    (void)field;
    ((struct circuit_when *)member)->days = CIRCUIT_DAYS_ALL;
}

static void days_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, "list of mon, tue, wed, thu, fri, sat, sun");
}

static void days_write_schema(const struct field *field, struct json_writer *writer)
{
    (void)field;
    json_write_text(writer, "type", "array");
    json_write_object(writer, "items");
    json_write_list(writer, "enum");
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++)
        json_write_text(writer, NULL, days[i]);
    json_write_list_end(writer);
    json_write_object_end(writer);
}

const struct field_kind kind_days = {.set_default = days_default,
                                     .read = days_read,
                                     .print = days_print,
                                     .write_schema = days_write_schema};

/* ---- the zone that they are in ---- */

static void zone_read(struct field_reader *reader, const struct field *field,
                      const struct json *value, void *member)
{
    char shown[FIELD_SHOWN_SIZE];
    if (!field_check_text(reader, value, field->name, 1, field->max))
        return;
    const char *zone = json_text(value);
    if (civil_zone_exists(zone))
        memcpy(member, zone, strlen(zone) + 1);
    else
        field_fail(reader, value, field->name,
                   "\"%s\" is not a time zone of this machine, as \"Asia/Seoul\" (timedatectl "
                   "list-timezones shows them; the package is tzdata)",
                   field_show_text(zone, shown));
}

static void zone_print(const struct field *field, struct buffer *out)
{
    (void)field;
    (void)buffer_append_text(out, "name of a time zone, as `\"Asia/Seoul\"`");
}

const struct field_kind kind_zone = {
    .read = zone_read, .print = zone_print, .write_schema = field_text_write_schema};
