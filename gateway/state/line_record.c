#include "state/line_record.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/owner.h"

#include <stdio.h>
#include <string.h>

enum { SAME_END_MS = 1000 };

static const char *const actions[] = {
    [CIRCUIT_ACTION_FOR] = "for",
    [CIRCUIT_ACTION_PULSE] = "pulse",
    [CIRCUIT_ACTION_BLINK] = "blink",
    [CIRCUIT_ACTION_PWM] = "pwm",
};

/* An end that is stored a little too early switches off early; one that is too late would not. */
static bool is_near(int64_t stored, int64_t end)
{
    return stored <= end && end - stored < SAME_END_MS && !stored == !end;
}

static bool same_duty(const struct line_record *a, const struct line_record *b)
{
    return !(a->duty < b->duty || a->duty > b->duty || a->hz < b->hz || a->hz > b->hz);
}

static bool same_action(const struct line_record *stored, const struct line_record *record)
{
    if (stored->action != record->action)
        return false;
    bool counts = stored->action == CIRCUIT_ACTION_BLINK; /* its value is that of a phase */
    return stored->back == record->back && (counts || stored->value == record->value) &&
           stored->on_ms == record->on_ms && stored->off_ms == record->off_ms &&
           stored->count == record->count && same_duty(stored, record) &&
           is_near(stored->action_ends_ms, record->action_ends_ms);
}

bool record_is_same(const struct line_record *stored, const struct line_record *record)
{
    return same_action(stored, record) && stored->has_lease == record->has_lease &&
           stored->lease_on_connection == record->lease_on_connection &&
           stored->lease_ms == record->lease_ms &&
           is_near(stored->lease_ends_ms, record->lease_ends_ms) &&
           stored->has_run == record->has_run && stored->run_value == record->run_value &&
           strcmp(stored->lock_reason, record->lock_reason) == 0 &&
           strcmp(stored->locker.source, record->locker.source) == 0;
}

/* ---- writing ---- */

static void write_action(const struct line_record *record, struct json_writer *writer)
{
    json_write_text(writer, "action", actions[record->action]);
    json_write_unsigned(writer, "value", record->value);
    json_write_unsigned(writer, "back", record->back);
    if (record->action_ends_ms)
        json_write_integer(writer, "ends_ms", record->action_ends_ms);
    if (record->action == CIRCUIT_ACTION_BLINK) {
        json_write_unsigned(writer, "on_ms", record->on_ms);
        json_write_unsigned(writer, "off_ms", record->off_ms);
        json_write_unsigned(writer, "count", record->count);
    }
    if (record->action == CIRCUIT_ACTION_PWM) {
        json_write_real(writer, "duty", record->duty);
        json_write_real(writer, "hz", record->hz);
    }
}

void record_write(const struct line_record *record, const char *key, struct json_writer *writer)
{
    static const struct line_record nothing;
    if (record_is_same(record, &nothing))
        return;
    json_write_object(writer, key);
    if (record->action != CIRCUIT_ACTION_NONE)
        write_action(record, writer);
    if (record->has_lease) {
        json_write_unsigned(writer, "lease_ms", record->lease_ms);
        json_write_integer(writer, "lease_ends_ms", record->lease_ends_ms);
        json_write_bool(writer, "lease_on_connection", record->lease_on_connection);
    }
    if (record->has_run)
        json_write_unsigned(writer, "unwinds_to", record->run_value);
    if (record->lock_reason[0]) {
        json_write_text(writer, "lock", record->lock_reason);
        json_write_text(writer, "lock_source", record->locker.source);
        json_write_unsigned(writer, "lock_role", record->locker.role);
    }
    json_write_object_end(writer);
}

/* ---- reading ---- */

/* A member that may be missing; false when it is there and wrong. */
static bool read_number(const struct json *object, const char *key, int64_t max, int64_t *ret_value)
{
    const struct json *value = json_get(object, key);
    return !value || json_integer(value, 0, max, ret_value) == 0;
}

static bool read_u32(const struct json *object, const char *key, uint32_t *ret_value)
{
    int64_t value = *ret_value;
    bool valid = read_number(object, key, UINT32_MAX, &value);
    *ret_value = (uint32_t)value;
    return valid;
}

static bool read_value(const struct json *object, const char *key, uint8_t *ret_value)
{
    int64_t value = *ret_value;
    bool valid = read_number(object, key, 1, &value);
    *ret_value = (uint8_t)value;
    return valid;
}

static bool read_text(const struct json *object, const char *key, char *text, size_t size)
{
    const struct json *value = json_get(object, key);
    if (value && (!json_text(value) || strlen(json_text(value)) >= size))
        return false;
    if (value)
        (void)snprintf(text, size, "%s", json_text(value));
    return true;
}

static bool read_kind(const struct json *value, enum circuit_action_kind *ret_kind)
{
    const char *name = json_text(value);
    for (size_t i = 0; name && i < ARRAY_LENGTH(actions); i++)
        if (actions[i] && strcmp(actions[i], name) == 0) {
            *ret_kind = (enum circuit_action_kind)i;
            return true;
        }
    return !value;
}

static bool read_duty(const struct json *object, struct line_record *record)
{
    if (record->action != CIRCUIT_ACTION_PWM)
        return true;
    return json_get(object, "duty") && json_get(object, "hz") &&
           json_real(json_get(object, "duty"), 0, 1, &record->duty) == 0 &&
           json_real(json_get(object, "hz"), 0.1, 500, &record->hz) == 0;
}

static bool read_blink(const struct json *object, struct line_record *record)
{
    return read_u32(object, "on_ms", &record->on_ms) &&
           read_u32(object, "off_ms", &record->off_ms) &&
           read_u32(object, "count", &record->count) &&
           (record->action != CIRCUIT_ACTION_BLINK || (record->on_ms > 0 && record->off_ms > 0));
}

bool record_read(const struct json *object, struct line_record *ret_record)
{
    struct line_record record;
    int64_t role = 0;
    memset(&record, 0, sizeof record);
    if (object &&
        (!json_is(object, JSON_OBJECT) || !read_kind(json_get(object, "action"), &record.action) ||
         !read_value(object, "value", &record.value) || !read_value(object, "back", &record.back) ||
         !read_number(object, "ends_ms", INT64_MAX / 1000000, &record.action_ends_ms) ||
         !read_blink(object, &record) || !read_duty(object, &record) ||
         !read_u32(object, "lease_ms", &record.lease_ms) ||
         !read_number(object, "lease_ends_ms", INT64_MAX / 1000000, &record.lease_ends_ms) ||
         !read_value(object, "unwinds_to", &record.run_value) ||
         !read_text(object, "lock", record.lock_reason, sizeof record.lock_reason) ||
         !read_text(object, "lock_source", record.locker.source, sizeof record.locker.source) ||
         !read_number(object, "lock_role", ROLE_ADMIN, &role)))
        return false;
    int on_connection = 0;
    (void)json_switch(json_get(object, "lease_on_connection"), &on_connection);
    record.has_lease = json_get(object, "lease_ms") != NULL;
    record.lease_on_connection = on_connection != 0;
    record.has_run = json_get(object, "unwinds_to") != NULL;
    record.locker.role = (enum role)role;
    *ret_record = record;
    return true;
}
