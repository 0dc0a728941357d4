#include "mqtt/bridge_internal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>

static void run_command(struct bridge *bridge, const char *topic, const struct broker_event *event)
{
    const struct hub_directory directory = {.lines = bridge->lines,
                                            .line_count = bridge->line_count,
                                            .scenes = bridge->scenes,
                                            .scene_count = bridge->scene_count,
                                            .words = bridge->words,
                                            .word_count = bridge->word_count};
    struct mqtt_refusal refusal = {0};
    struct buffer members;
    int line = -1;
    buffer_init(&members, CALL_MAX_BYTES);
    if (mqtt_command_read(&directory, topic, event->payload, event->length, &members, &line,
                          &refusal)) {
        if (!refusal.code)
            refusal = (struct mqtt_refusal){"too-large", "The command is too long."};
        bridge->dropped_malformed += strcmp(refusal.code, "bad-request") == 0;
        bridge_report_dropped(bridge);
        bridge_publish_error(bridge, line, event->topic, refusal.code, refusal.detail);
    } else {
        struct hub_call *call = bridge_call_new(bridge, CALL_COMMAND);
        if (call) {
            call->line = line;
            (void)snprintf(call->topic, sizeof call->topic, "%s", event->topic);
        }
        if (!call || bridge_call_send(bridge, call, buffer_text(&members)))
            bridge_publish_error(bridge, line, event->topic, "limit",
                                 "Too many commands wait; send it again.");
    }
    buffer_done(&members);
}

static void fail_rpc(struct bridge *bridge, const struct broker_event *event, const char *detail)
{
    bridge->dropped_malformed++;
    bridge_report_dropped(bridge);
    bridge_publish_error(bridge, -1, event->topic, "bad-request", detail);
}

static void forward_rpc(struct bridge *bridge, const struct broker_event *event,
                        const struct json *request)
{
    struct buffer members;
    struct hub_call *call = bridge_call_new(bridge, CALL_RPC);
    if (!call) {
        fail_rpc(bridge, event, "Too many calls wait; send it again.");
        return;
    }
    char answer_topic[MQTT_TOPIC_SIZE];
    (void)snprintf(answer_topic, sizeof answer_topic, "%s/rpc/answer", bridge->base);
    (void)snprintf(call->topic, sizeof call->topic, "%s",
                   event->response_topic[0] ? event->response_topic : answer_topic);
    memcpy(call->correlation, event->correlation, event->correlation_length);
    call->correlation_length = event->correlation_length;
    buffer_init(&members, CALL_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&members);
    if (json_get(request, "id"))
        json_write_copy(&writer, NULL, json_get(request, "id"));
    (void)snprintf(call->id, sizeof call->id, "%s", buffer_text(&members));
    buffer_clear(&members);
    writer = json_writer_begin(&members);
    json_write_copy(&writer, "method", json_get(request, "method"));
    if (json_get(request, "params"))
        json_write_copy(&writer, "params", json_get(request, "params"));
    if (members.error || bridge_call_send(bridge, call, buffer_text(&members))) {
        call->kind = CALL_FREE;
        fail_rpc(bridge, event, "The call is too long.");
    }
    buffer_done(&members);
}

static void run_rpc(struct bridge *bridge, const struct broker_event *event)
{
    struct json *request = NULL;
    if (json_parse(event->payload, event->length, &request, NULL) != 0 ||
        !json_text(json_get(request, "method")))
        fail_rpc(bridge, event,
                 "A call is {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"line.toggle\","
                 "\"params\":{\"line\":\"red\"}}.");
    else
        forward_rpc(bridge, event, request);
    json_free(request);
}

/* Commands that a broker keeps would act at each connect: a heater that goes on at night. */
static void drop_retained(struct bridge *bridge, const char *topic)
{
    bridge->dropped_retained++;
    bridge_report_dropped(bridge);
    if (bridge->logged_retained)
        return;
    bridge->logged_retained = true;
    log_warning("helper=mqtt a retained command was dropped topic=%s; clear it with: "
                "mosquitto_pub -r -n -t '%s'",
                topic, topic);
}

static void on_hub_started(struct bridge *bridge)
{
    (void)loop_timer_set(&bridge->status_timer,
                         loop_now_ns(bridge->loop) +
                             random_number() % STATUS_DELAY_MAX_MS * CLOCK_NS_PER_MS);
}

void bridge_command_message(struct bridge *bridge, const struct broker_event *event)
{
    size_t base = strlen(bridge->base);
    if (strcmp(event->topic, bridge->hub_status_topic) == 0) {
        if (event->length == 6 && memcmp(event->payload, "online", 6) == 0)
            on_hub_started(bridge);
        return;
    }
    if (bridge_sync_message(bridge, event))
        return;
    if (strncmp(event->topic, bridge->base, base) != 0 || event->topic[base] != '/')
        return;
    const char *topic = event->topic + base + 1;
    size_t length = strlen(topic);
    if (length > 6 && strcmp(topic + length - 6, "/event") == 0)
        return; /* our own, by MQTT 3.1.1 */
    if (event->retained)
        drop_retained(bridge, event->topic);
    else if (strcmp(topic, "rpc") == 0)
        run_rpc(bridge, event);
    else
        run_command(bridge, topic, event);
}
