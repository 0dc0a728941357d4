/* What a button does: pressed and released, and where rules of the circuit know them, the second of two
 * presses and a hold. They are published whether the rule's condition is true or not. */
#include "mqtt/bridge_internal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <stdio.h>
#include <string.h>

enum {
    EVENT_MAX_BYTES = 1024,
    DOUBLE_MS = 400, /* as the edge "double-press" of a rule */
};

/* ---- what the rules know ---- */

void bridge_press_ask(struct bridge *bridge)
{
    struct hub_call *call = bridge_call_new(bridge, CALL_RULES);
    bridge->has_rules = !call || bridge_call_send(bridge, call, "\"method\":\"rule.list\"");
}

static void teach(struct hub_line *line, const struct json *when)
{
    const char *edge = json_text(json_get(when, "edge"));
    int64_t held_ms = 0;
    if (edge && strcmp(edge, "double-press") == 0)
        line->knows_double = true;
    if (!edge || strcmp(edge, "held") != 0 ||
        json_integer(json_get(when, "held_ms"), 1, UINT32_MAX, &held_ms))
        return;
    if (line->held_ms == 0 || held_ms < line->held_ms)
        line->held_ms = (uint32_t)held_ms;
}

static void teach_named(struct bridge *bridge, const struct json *name, const struct json *when)
{
    struct hub_line *line = bridge_find_line(bridge, json_text(name));
    if (line && line->component == HUB_EVENT)
        teach(line, when);
}

void bridge_press_take_rules(struct bridge *bridge, const struct json *result)
{
    for (const struct json *rule = json_first(json_get(result, "rules")); rule;
         rule = json_next(rule)) {
        const struct json *when = json_get(rule, "when");
        const struct json *watched = json_get(when, "line");
        if (!json_is(watched, JSON_ARRAY))
            teach_named(bridge, watched, when);
        for (const struct json *name = json_first(watched); name; name = json_next(name))
            teach_named(bridge, name, when);
    }
    bridge->has_rules = true;
    bridge_sync(bridge);
}

/* ---- publishing: not retained, never thinned ---- */

static void publish(const struct bridge *bridge, const struct hub_line *line,
                    const struct buffer *text)
{
    char topic[MQTT_TOPIC_SIZE];
    (void)snprintf(topic, sizeof topic, "%s/lines/%s/event", bridge->base, line->name);
    if (!text->error && bridge->is_connected)
        (void)broker_publish(bridge->broker, topic, text->data, text->length, false);
}

static void publish_press(const struct bridge *bridge, const struct hub_line *line,
                          const char *type, const struct json *event)
{
    static const char *const copied[] = {"value", "seq", "boot", "time", "cause", "source"};
    struct buffer text;
    buffer_init(&text, EVENT_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&text);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "event_type", type);
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        if (json_get(event, copied[i]))
            json_write_copy(&writer, copied[i], json_get(event, copied[i]));
    json_write_object_end(&writer);
    publish(bridge, line, &text);
    buffer_done(&text);
}

/* A hold has no event of the circuit: it is that of the press, later. */
static void say_held(const struct bridge *bridge, struct hub_line *line)
{
    struct buffer text;
    line->held_due_ns = 0;
    buffer_init(&text, EVENT_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&text);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "event_type", "held");
    json_write_integer(&writer, "value", 1);
    json_write_unsigned(&writer, "seq", line->seq);
    json_write_text(&writer, "boot", bridge->run_id);
    json_write_time(&writer, "time", clock_wall_ns());
    json_write_object_end(&writer);
    publish(bridge, line, &text);
    buffer_done(&text);
}

/* ---- presses ---- */

static void set_timer(struct bridge *bridge)
{
    int64_t next_ns = LOOP_NEVER;
    for (size_t i = 0; i < bridge->line_count; i++) {
        int64_t due_ns = bridge->lines[i].held_due_ns;
        if (due_ns > 0 && due_ns < next_ns)
            next_ns = due_ns;
    }
    (void)loop_timer_set(&bridge->press_timer, next_ns);
}

void bridge_press_on_due(void *context)
{
    struct bridge *bridge = context;
    int64_t now_ns = loop_now_ns(bridge->loop);
    for (size_t i = 0; i < bridge->line_count; i++)
        if (bridge->lines[i].held_due_ns > 0 && bridge->lines[i].held_due_ns <= now_ns)
            say_held(bridge, &bridge->lines[i]);
    set_timer(bridge);
}

static void on_press(struct bridge *bridge, struct hub_line *line, const struct json *event,
                     int64_t at_ns)
{
    int64_t seq = 0;
    bool is_second = line->knows_double && line->pressed_ns > 0 &&
                     at_ns - line->pressed_ns <= DOUBLE_MS * CLOCK_NS_PER_MS;
    publish_press(bridge, line, "pressed", event);
    if (is_second)
        publish_press(bridge, line, "double", event);
    line->pressed_ns = is_second ? 0 : at_ns;
    line->held_due_ns = line->held_ms > 0 ? at_ns + line->held_ms * CLOCK_NS_PER_MS : 0;
    (void)json_integer(json_get(event, "seq"), 0, INT64_MAX, &seq);
    line->seq = (uint64_t)seq;
}

void bridge_press_event(struct bridge *bridge, struct hub_line *line, const struct json *event)
{
    double edge_ns =
        (double)loop_now_ns(bridge->loop); /* of the same clock as the kernel's times */
    (void)json_real(json_get(event, "edge_ns"), 0, (double)INT64_MAX / 2, &edge_ns);
    int64_t at_ns = (int64_t)edge_ns;
    if (line->value) {
        on_press(bridge, line, event, at_ns);
    } else {
        if (line->held_due_ns > 0 && line->held_due_ns <= at_ns)
            say_held(bridge, line); /* both are read late */
        line->held_due_ns = 0;
        publish_press(bridge, line, "released", event);
    }
    set_timer(bridge);
}
