#include "mqtt/bridge_internal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct discovery describe(const struct bridge *bridge)
{
    return (struct discovery){
        .id = bridge->options->id,
        .base = bridge->base,
        .name = bridge->name,
        .title = bridge->title,
        .model = bridge->options->model,
        .version = GATEWAY_VERSION,
        .url = bridge->options->url,
        .lines = bridge->lines,
        .line_count = bridge->line_count,
        .scenes = bridge->scenes,
        .scene_count = bridge->scene_count,
    };
}

static void topic_of(const struct bridge *bridge, const char *rest, char topic[MQTT_TOPIC_SIZE])
{
    (void)snprintf(topic, MQTT_TOPIC_SIZE, "%s/%s", bridge->base, rest);
}

/* ---- reading what is retained ---- */

static void subscribe_commands(struct bridge *bridge)
{
    static const char *const commands[] = {"lines/+/+", "off", "scenes/+", "rpc"};
    char topic[MQTT_TOPIC_SIZE];
    int id;
    for (size_t i = 0; bridge->options->commands && i < sizeof commands / sizeof commands[0]; i++) {
        topic_of(bridge, commands[i], topic);
        (void)broker_subscribe(bridge->broker, topic, BROKER_COMMANDS, &id);
    }
}

void bridge_sync(struct bridge *bridge)
{
    char topic[MQTT_TOPIC_SIZE];
    int id;
    if (!bridge->is_connected || !bridge->has_lines || !bridge->has_words)
        return;
    bridge->sync = SYNC_SUBSCRIBING;
    bridge->removed_count = 0;
    if (!bridge->has_rules) { /* nothing is published before they are there */
        bridge->barrier_id = -1;
        loop_timer_stop(&bridge->sync_timer);
        return;
    }
    topic_of(bridge, "lines/+/state", topic);
    (void)broker_subscribe(bridge->broker, topic, BROKER_RETAINED, &id);
    if (bridge->options->discovery[0]) {
        (void)broker_subscribe(bridge->broker, bridge->document_topic, BROKER_RETAINED, &id);
        (void)broker_subscribe(bridge->broker, bridge->hub_status_topic, BROKER_LIVE, &id);
    }
    (void)broker_subscribe(bridge->broker, bridge->barrier_topic, BROKER_LIVE, &bridge->barrier_id);
    (void)loop_timer_set(&bridge->sync_timer,
                         loop_now_ns(bridge->loop) + SYNC_MAX_MS * CLOCK_NS_PER_MS);
}

void bridge_sync_stop(struct bridge *bridge)
{
    bridge->sync = SYNC_IDLE;
    bridge->must_publish_online = false;
    loop_timer_stop(&bridge->sync_timer);
}

/* A broker delivers in order: when this message of ours comes back, what was retained has come. */
void bridge_sync_subscribed(struct bridge *bridge, int id)
{
    if (bridge->sync != SYNC_SUBSCRIBING || id != bridge->barrier_id)
        return;
    bridge->sync = SYNC_READING;
    (void)broker_publish(bridge->broker, bridge->barrier_topic, "", 0, false);
}

/* A retained state of a line that is no more, or that MQTT shall not see. */
static void clear_state(struct bridge *bridge, const char *topic)
{
    size_t prefix = strlen(bridge->base) + strlen("/lines/");
    size_t length = strcspn(topic + prefix, "/");
    for (size_t i = 0; i < bridge->line_count; i++)
        if (strlen(bridge->lines[i].name) == length && bridge->lines[i].access != HUB_OFF &&
            memcmp(bridge->lines[i].name, topic + prefix, length) == 0)
            return;
    (void)broker_publish(bridge->broker, topic, "", 0, true);
}

/* ---- publishing anew ---- */

static void publish_document(struct bridge *bridge)
{
    struct discovery discovery = describe(bridge);
    struct buffer text;
    if (!bridge->options->discovery[0])
        return;
    buffer_init(&text, BROKER_DOCUMENT_MAX_BYTES);
    if (bridge->removed_count > 0 &&
        discovery_write(&discovery, bridge->removed, bridge->removed_count, &text) == 0)
        (void)broker_publish(bridge->broker, bridge->document_topic, text.data, text.length, true);
    buffer_clear(&text);
    if (discovery_write(&discovery, NULL, 0, &text) != 0 ||
        broker_publish(bridge->broker, bridge->document_topic, text.data, text.length, true) != 0)
        log_warning("helper=mqtt the discovery document was not sent bytes=%zu", text.length);
    buffer_done(&text);
}

static void publish_all(struct bridge *bridge)
{
    char topic[MQTT_TOPIC_SIZE];
    loop_timer_stop(&bridge->sync_timer);
    if (bridge->has_rival) {
        bridge->has_rival = bridge->has_published = false;
        bridge_sync_stop(bridge);
        bridge_yield(bridge);
        return;
    }
    topic_of(bridge, "lines/+/state", topic);
    (void)broker_unsubscribe(bridge->broker, topic);
    (void)broker_unsubscribe(bridge->broker, bridge->document_topic);
    (void)broker_unsubscribe(bridge->broker, bridge->barrier_topic);
    subscribe_commands(bridge);
    publish_document(bridge);
    for (size_t i = 0; i < bridge->line_count; i++) {
        bridge->lines[i].is_dirty = bridge->lines[i].access != HUB_OFF;
        bridge->lines[i].published_ns = INT64_MIN / 2;
    }
    bridge->sync = SYNC_SAYING;
    bridge->must_publish_online = true;
    bridge_publish(bridge);
    bridge_sync_published(bridge);
}

void bridge_sync_late(struct bridge *bridge)
{
    if (bridge->sync == SYNC_SUBSCRIBING || bridge->sync == SYNC_READING)
        publish_all(bridge);
}

static bool is_line_state(const struct bridge *bridge, const char *topic)
{
    size_t base = strlen(bridge->base);
    size_t length = strlen(topic);
    return strncmp(topic, bridge->base, base) == 0 &&
           strncmp(topic + base, "/lines/", strlen("/lines/")) == 0 && length > 6 &&
           strcmp(topic + length - 6, "/state") == 0;
}

/* A broker does not report by MQTT 3.1.1 who took our place, and its word by MQTT 5 may be lost with the
 * connection: states of a run that is neither ours nor older than what we published are the proof. */
static void check_for_rival(struct bridge *bridge, const struct broker_event *event)
{
    struct json *state = NULL;
    if (!bridge->has_published || json_parse(event->payload, event->length, &state, NULL) != 0)
        return;
    const char *run_id = json_text(json_get(state, "boot"));
    bridge->has_rival = bridge->has_rival || (run_id && strcmp(run_id, bridge->run_id) != 0);
    json_free(state);
}

bool bridge_sync_message(struct bridge *bridge, const struct broker_event *event)
{
    bool reads = bridge->sync == SYNC_SUBSCRIBING || bridge->sync == SYNC_READING;
    if (strcmp(event->topic, bridge->barrier_topic) == 0) {
        if (bridge->sync == SYNC_READING)
            publish_all(bridge);
        return true;
    }
    if (strcmp(event->topic, bridge->document_topic) == 0) {
        struct discovery discovery = describe(bridge);
        if (reads && event->length > 0)
            bridge->removed_count =
                discovery_find_removed(&discovery, event->payload, event->length, bridge->removed);
        return true;
    }
    if (!is_line_state(bridge, event->topic))
        return false;
    if (reads && event->length > 0) {
        check_for_rival(bridge, event);
        clear_state(bridge, event->topic);
    }
    return true;
}

void bridge_sync_published(struct bridge *bridge)
{
    if (!bridge->must_publish_online)
        return;
    for (size_t i = 0; i < bridge->line_count; i++)
        if (bridge->lines[i].is_dirty || bridge->lines[i].is_asked)
            return;
    if (broker_publish(bridge->broker, bridge->status_topic, "online", 6, true) == -EAGAIN)
        return;
    bridge->must_publish_online = false;
    bridge->has_published = true;
    bridge->sync = SYNC_IDLE;
}
