#include "mqtt/bridge_internal.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { RPC_ANSWER_MAX_BYTES = 1024 * 1024 };

static const char offline[] = "offline";

/* ---- calls to the gateway ---- */

struct hub_call *bridge_call_new(struct bridge *bridge, enum call_kind kind)
{
    for (size_t i = 0; i < CALLS_MAX; i++) {
        if (bridge->calls[i].kind != CALL_FREE)
            continue;
        bridge->calls[i] = (struct hub_call){.kind = kind, .line = -1};
        return &bridge->calls[i];
    }
    return NULL;
}

int bridge_call_send(struct bridge *bridge, struct hub_call *call, const char *members)
{
    char text[CALL_MAX_BYTES + 64];
    int length = snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%td,%s}",
                          call - bridge->calls, members);
    int error = length >= CALL_MAX_BYTES ? -ENOBUFS
                                         : gateway_link_send(&bridge->link, text, (size_t)length);
    if (error)
        call->kind = CALL_FREE;
    return error;
}

static void ask_words(struct bridge *bridge)
{
    struct hub_call *call = bridge_call_new(bridge, CALL_WORDS);
    if (call)
        (void)bridge_call_send(bridge, call, "\"method\":\"system.methods\"");
}

/* ---- what the gateway shows of this helper ---- */

void bridge_report(const char *state)
{
    (void)printf("state %s\n", state);
    (void)fflush(stdout);
}

void bridge_report_dropped(const struct bridge *bridge)
{
    (void)printf("dropped %llu %llu %llu\n", (unsigned long long)bridge->dropped_large,
                 (unsigned long long)bridge->dropped_retained,
                 (unsigned long long)bridge->dropped_malformed);
    (void)fflush(stdout);
}

/* ---- messages of the gateway ---- */

struct hub_line *bridge_find_line(struct bridge *bridge, const char *name)
{
    for (size_t i = 0; name && i < bridge->line_count; i++)
        if (strcmp(bridge->lines[i].name, name) == 0)
            return &bridge->lines[i];
    return NULL;
}

static void take_scenes(struct bridge *bridge, const struct json *scenes)
{
    bridge->scene_count = 0;
    for (const struct json *scene = json_first(scenes);
         scene && bridge->scene_count < HUB_SCENES_MAX; scene = json_next(scene)) {
        const char *name = json_text(json_get(scene, "name"));
        struct hub_scene *added = &bridge->scenes[bridge->scene_count];
        if (!name)
            continue;
        (void)snprintf(added->name, sizeof added->name, "%s", name);
        (void)snprintf(added->title, sizeof added->title, "%s",
                       hub_title(json_get(scene, "title"), bridge->options->language, name));
        bridge->scene_count++;
    }
}

/* Calls that wait are about lines of before: their answers are dropped. */
static void take_snapshot(struct bridge *bridge, const struct json *snapshot)
{
    const char *name = json_text(json_get(snapshot, "name"));
    const char *run_id = json_text(json_get(snapshot, "boot"));
    bridge->line_count = 0;
    for (const struct json *line = json_first(json_get(snapshot, "lines"));
         line && bridge->line_count < HUB_LINES_MAX; line = json_next(line))
        if (hub_line_read(&bridge->lines[bridge->line_count], line, bridge->options->language))
            bridge->line_count++;
    (void)snprintf(bridge->name, sizeof bridge->name, "%s", name && *name ? name : "gateway");
    bridge->has_published = bridge->has_published && run_id && strcmp(bridge->run_id, run_id) == 0;
    (void)snprintf(bridge->run_id, sizeof bridge->run_id, "%s", run_id ? run_id : "");
    (void)snprintf(bridge->title, sizeof bridge->title, "%s",
                   hub_title(json_get(snapshot, "title"), bridge->options->language, bridge->name));
    take_scenes(bridge, json_get(snapshot, "scenes"));
    for (size_t i = 0; i < CALLS_MAX; i++) {
        if (bridge->calls[i].kind == CALL_STATE)
            bridge->calls[i].line = -1;
        if (bridge->calls[i].kind == CALL_COMMAND)
            bridge->calls[i].line = -1;
    }
    bridge->has_lines = true;
    bridge_press_ask(bridge);
    bridge_sync(bridge);
}

static void take_event(struct bridge *bridge, const struct json *event)
{
    struct hub_line *line = bridge_find_line(bridge, json_text(json_get(event, "line")));
    const char *cause = json_text(json_get(event, "cause"));
    const char *source = json_text(json_get(event, "source"));
    int value = 0;
    if (!line)
        return; /* of a scene, of the configuration */
    uint8_t was = line->value;
    (void)json_switch(json_get(event, "value"), &value);
    line->value = (uint8_t)value;
    line->by_mqtt = source && strncmp(source, "mqtt:", 5) == 0;
    (void)snprintf(line->cause, sizeof line->cause, "%s", cause ? cause : "");
    if (line->access == HUB_OFF)
        return;
    if (line->component == HUB_EVENT && line->value != was)
        bridge_press_event(bridge, line, event);
    line->is_dirty = true;
    bridge_publish(bridge);
}

static void take_words(struct bridge *bridge, const struct json *result)
{
    bridge->word_count = 0;
    for (const struct json *method = json_first(json_get(result, "methods"));
         method && bridge->word_count < HUB_WORDS_MAX; method = json_next(method)) {
        const char *name = json_text(json_get(method, "name"));
        const char *word = json_text(json_get(method, "word"));
        const char *role = json_text(json_get(method, "role"));
        struct hub_word *added = &bridge->words[bridge->word_count];
        if (!name || !word || !role || strncmp(name, "line.", 5) != 0 ||
            strcmp(role, "viewer") == 0 || strcmp(name, "line.set") == 0)
            continue;
        (void)snprintf(added->word, sizeof added->word, "%s", word);
        (void)snprintf(added->method, sizeof added->method, "%s", name);
        bridge->word_count++;
    }
    bridge->has_words = true;
    bridge_sync(bridge);
}

static void answer_command(struct bridge *bridge, const struct hub_call *call,
                           const struct json *error)
{
    const struct json *data = json_get(error, "data");
    const char *code = json_text(json_get(data, "code"));
    const char *detail = json_text(json_get(data, "detail"));
    if (!detail)
        detail = json_text(json_get(error, "message"));
    if (error)
        bridge_publish_error(bridge, call->line, call->topic, code ? code : "bad-request",
                             detail ? detail : "");
}

/* The answer with the id of who asked in place of ours. */
static void answer_rpc(struct bridge *bridge, const struct hub_call *call,
                       const struct json *message)
{
    struct buffer text;
    if (!call->id[0])
        return;
    buffer_init(&text, RPC_ANSWER_MAX_BYTES);
    struct json_writer writer = json_writer_begin(&text);
    json_write_object(&writer, NULL);
    json_write_text(&writer, "jsonrpc", "2.0");
    json_write_raw(&writer, "id", call->id, strlen(call->id));
    const char *member = json_get(message, "error") ? "error" : "result";
    json_write_copy(&writer, member, json_get(message, member));
    json_write_object_end(&writer);
    if (!text.error)
        (void)broker_answer(bridge->broker, call->topic, text.data, text.length, call->correlation,
                            call->correlation_length);
    buffer_done(&text);
}

static void take_answer(struct bridge *bridge, const struct json *message, int64_t id)
{
    struct hub_call call = bridge->calls[id];
    bridge->calls[id].kind = CALL_FREE;
    switch (call.kind) {
    case CALL_WORDS:
        take_words(bridge, json_get(message, "result"));
        return;
    case CALL_RULES:
        bridge_press_take_rules(bridge, json_get(message, "result"));
        return;
    case CALL_STATE:
        if (call.line >= 0)
            bridge_publish_state(bridge, call.line, json_get(message, "result"));
        return;
    case CALL_COMMAND:
        answer_command(bridge, &call, json_get(message, "error"));
        return;
    case CALL_RPC:
        answer_rpc(bridge, &call, message);
        return;
    case CALL_FREE:
        return;
    }
}

static void on_message(void *context, const struct json *message)
{
    struct bridge *bridge = context;
    const char *method = json_text(json_get(message, "method"));
    int64_t id;
    if (method && strcmp(method, "snapshot") == 0)
        take_snapshot(bridge, json_get(message, "params"));
    else if (method && strcmp(method, "event") == 0)
        take_event(bridge, json_get(message, "params"));
    else if (!method && json_integer(json_get(message, "id"), 0, CALLS_MAX - 1, &id) == 0)
        take_answer(bridge, message, id);
}

static void on_closed(void *context)
{
    struct bridge *bridge = context;
    loop_stop(bridge->loop);
}

/* ---- the connection to the broker ---- */

void bridge_yield(struct bridge *bridge)
{
    log_warning("helper=mqtt two gateways use the id %s; this one stops for %d s",
                bridge->options->id, TAKEN_OVER_PAUSE_S);
    broker_pause(bridge->broker, TAKEN_OVER_PAUSE_S);
}

static void on_lost(struct bridge *bridge, const struct broker_event *event)
{
    int64_t now_ns = loop_now_ns(bridge->loop);
    bridge->is_connected = false;
    bridge_sync_stop(bridge);
    if (bridge->options->lost_ms > 0)
        (void)loop_timer_set(&bridge->lost_timer,
                             now_ns + bridge->options->lost_ms * CLOCK_NS_PER_MS);
    if (!event->taken_over)
        return;
    if (bridge->taken_over_ns != 0 &&
        now_ns - bridge->taken_over_ns < TAKEN_OVER_PAUSE_S * CLOCK_NS_PER_SECOND)
        bridge_yield(bridge);
    bridge->taken_over_ns = now_ns;
}

/* Logs a reason that stays the same once a minute. */
static void log_not_connected(struct bridge *bridge, const struct broker_event *event)
{
    int64_t now_ns = loop_now_ns(bridge->loop);
    if (strcmp(bridge->logged_reason, event->reason) == 0 &&
        now_ns - bridge->logged_ns < LOG_AGAIN_S * CLOCK_NS_PER_SECOND)
        return;
    (void)snprintf(bridge->logged_reason, sizeof bridge->logged_reason, "%s", event->reason);
    bridge->logged_ns = now_ns;
    log_warning("helper=mqtt %s broker=%s:%u reason=\"%s\"",
                event->state == BROKER_REFUSED ? "refused" : "not connected",
                bridge->options->broker.host, bridge->options->broker.port, event->reason);
}

static void take_state(struct bridge *bridge, const struct broker_event *event)
{
    bool was_connected = bridge->is_connected;
    if (event->state == BROKER_CONNECTED) {
        log_info("helper=mqtt connected broker=%s:%u version=%d", bridge->options->broker.host,
                 bridge->options->broker.port, broker_version(bridge->broker));
        bridge->is_connected = true;
        bridge->logged_reason[0] = '\0';
        loop_timer_stop(&bridge->lost_timer);
        bridge_report("connected");
        bridge_sync(bridge);
        return;
    }
    log_not_connected(bridge, event);
    bridge_report(event->state == BROKER_REFUSED ? "refused" : "connecting");
    if (was_connected)
        on_lost(bridge, event);
}

static void on_broker(void *context, uint32_t events)
{
    struct bridge *bridge = context;
    struct broker_event event;
    (void)events;
    while (broker_next(bridge->broker, &event)) {
        switch (event.kind) {
        case BROKER_EVENT_STATE:
            take_state(bridge, &event);
            break;
        case BROKER_EVENT_MESSAGE:
            bridge_command_message(bridge, &event);
            break;
        case BROKER_EVENT_SUBSCRIBED:
            bridge_sync_subscribed(bridge, event.id);
            break;
        case BROKER_EVENT_DROPPED:
            bridge->dropped_large++;
            bridge_report_dropped(bridge);
            break;
        }
    }
    bridge_sync_published(bridge);
    bridge_publish(bridge);
}

/* ---- timers ---- */

static void on_publish_due(void *context)
{
    bridge_publish(context);
}

/* A broker that keeps what is retained to itself: what there is must still be published. */
static void on_sync_late(void *context)
{
    bridge_sync_late(context);
}

static void on_status_due(void *context)
{
    bridge_sync(context);
}

/* A lease of a millisecond brings an output to its safe value, whatever that is. */
static void on_lost_due(void *context)
{
    struct bridge *bridge = context;
    char members[160];
    log_warning("helper=mqtt the broker is lost since %u ms: what it switched on goes to safe",
                bridge->options->lost_ms);
    for (size_t i = 0; i < bridge->line_count; i++) {
        struct hub_line *line = &bridge->lines[i];
        struct hub_call *call =
            line->is_output && line->by_mqtt ? bridge_call_new(bridge, CALL_COMMAND) : NULL;
        if (!call)
            continue;
        (void)snprintf(members, sizeof members,
                       "\"method\":\"line.set\",\"params\":{\"line\":\"%s\",\"value\":%u,"
                       "\"lease_ms\":1}",
                       line->name, line->value);
        (void)bridge_call_send(bridge, call, members);
        line->by_mqtt = false;
    }
}

/* ---- life ---- */

static void make_topics(struct bridge *bridge)
{
    const struct bridge_options *options = bridge->options;
    (void)snprintf(bridge->base, sizeof bridge->base, "%s/%s", options->prefix, options->id);
    (void)snprintf(bridge->client_id, sizeof bridge->client_id, "gpio-gateway-%s", options->id);
    (void)snprintf(bridge->status_topic, sizeof bridge->status_topic, "%s/status", bridge->base);
    (void)snprintf(bridge->barrier_topic, sizeof bridge->barrier_topic, "%s/sync", bridge->base);
    (void)snprintf(bridge->document_topic, sizeof bridge->document_topic,
                   "%s/device/gpio-gateway-%s/config", options->discovery, options->id);
    (void)snprintf(bridge->hub_status_topic, sizeof bridge->hub_status_topic, "%s/status",
                   options->discovery);
}

static int open_broker(struct bridge *bridge)
{
    struct broker_options options = bridge->options->broker;
    options.client_id = bridge->client_id;
    options.will_topic = bridge->status_topic;
    options.will_payload = offline;
    options.own_document = bridge->document_topic;
    int error = broker_new(&options, &bridge->broker);
    if (error)
        return error;
    return loop_watch(bridge->loop, broker_fd(bridge->broker), EPOLLIN, on_broker, bridge,
                      &bridge->broker_source);
}

int bridge_new(struct loop *loop, int fd, const struct bridge_options *options,
               struct bridge **ret_bridge)
{
    static const char watch[] = "watch json";
    struct bridge *bridge = calloc(1, sizeof *bridge);
    if (!bridge)
        return -ENOMEM;
    bridge->loop = loop;
    bridge->options = options;
    make_topics(bridge);
    loop_timer_init(&bridge->publish_timer, loop, on_publish_due, bridge);
    loop_timer_init(&bridge->sync_timer, loop, on_sync_late, bridge);
    loop_timer_init(&bridge->lost_timer, loop, on_lost_due, bridge);
    loop_timer_init(&bridge->status_timer, loop, on_status_due, bridge);
    loop_timer_init(&bridge->press_timer, loop, bridge_press_on_due, bridge);
    bridge->link.message = on_message;
    bridge->link.closed = on_closed;
    bridge->link.context = bridge;
    int error = gateway_link_init(&bridge->link, loop, fd);
    if (!error)
        error = open_broker(bridge);
    if (!error)
        error = gateway_link_send(&bridge->link, watch, sizeof watch - 1);
    if (error) {
        bridge_free(bridge);
        return error;
    }
    ask_words(bridge);
    *ret_bridge = bridge;
    return 0;
}

struct bridge *bridge_free(struct bridge *bridge)
{
    if (!bridge)
        return NULL;
    if (bridge->is_connected)
        (void)broker_publish(bridge->broker, bridge->status_topic, offline, sizeof offline - 1,
                             true);
    loop_timer_stop(&bridge->publish_timer);
    loop_timer_stop(&bridge->sync_timer);
    loop_timer_stop(&bridge->lost_timer);
    loop_timer_stop(&bridge->status_timer);
    loop_timer_stop(&bridge->press_timer);
    bridge->broker_source = loop_source_free(bridge->broker_source);
    bridge->broker = broker_free(bridge->broker);
    gateway_link_done(&bridge->link);
    free(bridge);
    return NULL;
}
