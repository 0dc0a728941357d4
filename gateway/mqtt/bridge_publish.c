#include "mqtt/bridge_internal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BRIGHTNESS_MAX = 255, STATE_MAX_BYTES = 4096 };

static void put_copy(struct json_writer *writer, const char *key, const struct json *value)
{
    if (value)
        json_write_copy(writer, key, value);
}

/* ---- states ---- */

static int64_t due_ns(const struct bridge *bridge, const struct hub_line *line)
{
    return line->published_ns + 1000 * CLOCK_NS_PER_MS / bridge->options->rate_hz;
}

static bool ask_state(struct bridge *bridge, struct hub_line *line)
{
    char members[128];
    struct hub_call *call = bridge_call_new(bridge, CALL_STATE);
    if (!call)
        return false;
    call->line = (int)(line - bridge->lines);
    (void)snprintf(members, sizeof members, "\"method\":\"line.get\",\"params\":{\"line\":\"%s\"}",
                   line->name);
    line->is_dirty = false;
    line->is_asked = true;
    return bridge_call_send(bridge, call, members) == 0;
}

void bridge_publish(struct bridge *bridge)
{
    int64_t now_ns = loop_now_ns(bridge->loop);
    int64_t next_ns = LOOP_NEVER;
    bool can_publish =
        bridge->is_connected && (bridge->sync == SYNC_IDLE || bridge->sync == SYNC_SAYING);
    for (size_t i = 0; can_publish && i < bridge->line_count; i++) {
        struct hub_line *line = &bridge->lines[i];
        if (!line->is_dirty || line->is_asked || line->access == HUB_OFF)
            continue;
        if (due_ns(bridge, line) > now_ns) {
            if (due_ns(bridge, line) < next_ns)
                next_ns = due_ns(bridge, line);
        } else if (broker_sending_bytes(bridge->broker) > BROKER_SENDING_MAX_BYTES / 2 ||
                   !ask_state(bridge, line)) {
            break; /* goes on when something was taken */
        }
    }
    (void)loop_timer_set(&bridge->publish_timer, next_ns);
}

static double duty_of(const struct json *state, int value)
{
    double duty = value;
    (void)json_real(json_get(json_get(state, "pwm"), "duty"), 0, 1, &duty);
    return duty;
}

static void write_state(const struct bridge *bridge, const struct hub_line *line,
                        const struct json *state, struct buffer *text)
{
    int value = 0;
    (void)json_switch(json_get(state, "value"), &value);
    double duty = duty_of(state, value);
    bool on = value || duty > 0;
    struct json_writer writer = json_writer_begin(text);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "state", on ? "ON" : "OFF");
    json_write_integer(&writer, "value", on);
    if (line->component == HUB_LIGHT)
        json_write_integer(&writer, "brightness", (int64_t)(duty * BRIGHTNESS_MAX + 0.5));
    if (line->component == HUB_FAN)
        json_write_integer(&writer, "percentage", (int64_t)(duty * 100 + 0.5));
    put_copy(&writer, "seq", json_get(state, "seq"));
    json_write_text(&writer, "boot", bridge->run_id);
    put_copy(&writer, "time", json_get(state, "changed_at"));
    json_write_text(&writer, "cause", line->cause);
    put_copy(&writer, "source", json_get(state, "source"));
    static const char *const copied[] = {"edges", "count", "total", "rate", "unit"};
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        put_copy(&writer, copied[i], json_get(state, copied[i]));
    json_write_object_end(&writer);
}

void bridge_publish_state(struct bridge *bridge, int index, const struct json *state)
{
    struct hub_line *line = &bridge->lines[index];
    char topic[MQTT_TOPIC_SIZE];
    struct buffer text;
    line->is_asked = false;
    if (!state || !bridge->is_connected)
        return;
    buffer_init(&text, STATE_MAX_BYTES);
    write_state(bridge, line, state, &text);
    (void)snprintf(topic, sizeof topic, "%s/lines/%s/state", bridge->base, line->name);
    int error =
        text.error ? 0 : broker_publish(bridge->broker, topic, text.data, text.length, true);
    buffer_done(&text);
    if (error == -EAGAIN) /* the last state comes when there is room: none but that is kept */
        line->is_dirty = true;
    else
        line->published_ns = loop_now_ns(bridge->loop);
    bridge_sync_published(bridge);
    bridge_publish(bridge);
}

/* ---- what happens once ---- */

void bridge_publish_error(struct bridge *bridge, int line, const char *topic, const char *code,
                          const char *detail)
{
    char error_topic[MQTT_TOPIC_SIZE];
    struct buffer text;
    buffer_init(&text, STATE_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&text);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "code", code);
    json_write_text(&writer, "detail", detail);
    json_write_text(&writer, "topic", topic);
    json_write_object_end(&writer);
    (void)snprintf(error_topic, sizeof error_topic, "%s/error", bridge->base);
    if (!text.error && bridge->is_connected)
        (void)broker_publish(bridge->broker, error_topic, text.data, text.length, false);
    buffer_done(&text);
    if (line >= 0) {
        bridge->lines[line].is_dirty = true;
        bridge->lines[line].published_ns = INT64_MIN / 2;
    }
    bridge_publish(bridge);
}
