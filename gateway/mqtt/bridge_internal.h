/* The bridge from inside, shared by its five files: bridge.c lives and listens, bridge_command.c
 * carries out what is asked, bridge_publish.c publishes what the circuit does, bridge_press.c what its buttons do,
 * bridge_sync.c brings the broker up to date after a connect or a reload. */
#ifndef MQTT_BRIDGE_INTERNAL_H
#define MQTT_BRIDGE_INTERNAL_H

#include "mqtt/bridge.h"
#include "mqtt/discovery.h"
#include "mqtt/gateway_link.h"
#include "mqtt/mqtt_command.h"

#include "loop/loop.h"

enum {
    CALL_MAX_BYTES = 4000,      /* of one line of the text protocol, and some */
    CALLS_MAX = 512,            /* to the gateway that wait for an answer */
    SYNC_MAX_MS = 2000,         /* how long retained messages are waited for */
    STATUS_DELAY_MAX_MS = 3000, /* after Home Assistant has started */
    TAKEN_OVER_PAUSE_S = 60,
    LOG_AGAIN_S = 60, /* why there is no connection, while that stays the same */
    ID_TEXT_SIZE = 64,
};

enum call_kind { CALL_FREE, CALL_WORDS, CALL_RULES, CALL_STATE, CALL_COMMAND, CALL_RPC };

/* A call to the gateway; its id is its place. */
struct hub_call {
    enum call_kind kind;
    int line;                    /* STATE; COMMAND: whose state is repeated, -1 for none */
    char topic[MQTT_TOPIC_SIZE]; /* COMMAND: where it came from; RPC: where the answer goes */
    char id[ID_TEXT_SIZE];       /* RPC: the id of who asked, as JSON; "" for a notification */
    char correlation[BROKER_CORRELATION_MAX_BYTES];
    size_t correlation_length;
};

enum sync_step { SYNC_IDLE, SYNC_SUBSCRIBING, SYNC_READING, SYNC_SAYING };

struct bridge {
    struct loop *loop;
    const struct bridge_options *options;
    struct broker *broker;
    struct loop_source *broker_source;
    struct gateway_link link;
    struct loop_timer publish_timer, sync_timer, lost_timer, status_timer, press_timer;
    bool is_connected, has_lines, has_words, has_rules;

    char base[BRIDGE_PREFIX_SIZE + BRIDGE_ID_SIZE + 1]; /* "gpio-gateway/3f9a1c20be77" */
    char client_id[32];
    char status_topic[128], document_topic[128], hub_status_topic[128], barrier_topic[128];

    char name[HUB_NAME_SIZE], title[HUB_TITLE_SIZE], run_id[HUB_NAME_SIZE];
    struct hub_line lines[HUB_LINES_MAX];
    size_t line_count;
    struct hub_scene scenes[HUB_SCENES_MAX];
    size_t scene_count;
    struct hub_word words[HUB_WORDS_MAX];
    size_t word_count;
    struct hub_call calls[CALLS_MAX];

    enum sync_step sync;
    int barrier_id; /* of the last subscription */
    struct discovery_key removed[DISCOVERY_KEYS_MAX];
    size_t removed_count;
    bool must_publish_online;

    int64_t taken_over_ns; /* when another client took our place last; 0 for never */
    bool has_published;    /* states of this run are at the broker */
    bool has_rival;        /* and some of another run were found there since */
    bool logged_retained;
    char logged_reason[BROKER_REASON_SIZE]; /* why there is no connection; "" while there is one */
    int64_t logged_ns;
    uint64_t dropped_retained, dropped_large, dropped_malformed;
};

/* ---- bridge.c ---- */

/* A place for a call, or NULL while all are taken. */
struct hub_call *bridge_call_new(struct bridge *bridge, enum call_kind kind);

/* Sends `{"jsonrpc":"2.0","id":<place>,` + `members` + `}`; frees the place where that fails. 0 or
 * -ENOBUFS. */
int bridge_call_send(struct bridge *bridge, struct hub_call *call, const char *members);

/* Two gateways of one id would take each other's place for ever: this one stops for a while. */
void bridge_yield(struct bridge *bridge);

/* Tells the gateway, by a line on standard output, what it shows as this helper's state. */
void bridge_report(const char *state);
void bridge_report_dropped(const struct bridge *bridge);

/* The line of that name, or NULL. */
struct hub_line *bridge_find_line(struct bridge *bridge, const char *name);

/* ---- bridge_press.c ---- */

/* Asks the gateway for its rules; bridge_sync() waits for what they know of buttons. */
void bridge_press_ask(struct bridge *bridge);
void bridge_press_take_rules(struct bridge *bridge, const struct json *result);

/* A button went on or off. */
void bridge_press_event(struct bridge *bridge, struct hub_line *line, const struct json *event);

/* A hold is long enough. */
void bridge_press_on_due(void *context);

/* ---- bridge_command.c ---- */

/* A message on a topic that was subscribed: a command, a call, the hub's start, or something retained. */
void bridge_command_message(struct bridge *bridge, const struct broker_event *event);

/* ---- bridge_publish.c ---- */

/* Publishes states that are due, as far as the broker takes them; asks for those that are dirty. */
void bridge_publish(struct bridge *bridge);

/* The answer of line.get. */
void bridge_publish_state(struct bridge *bridge, int line, const struct json *state);

/* Why a command was refused; the state is repeated, since the hub waits for one. */
void bridge_publish_error(struct bridge *bridge, int line, const char *topic, const char *code,
                          const char *detail);

/* ---- bridge_sync.c ---- */

/* Publishes everything anew: reads what is retained, removes what is no longer there, then publishes the document, all
 * states and `online`. Legal at any time; starts over. */
void bridge_sync(struct bridge *bridge);
void bridge_sync_stop(struct bridge *bridge);
void bridge_sync_subscribed(struct bridge *bridge, int id);

/* True when the message belonged to reading what is retained. */
bool bridge_sync_message(struct bridge *bridge, const struct broker_event *event);

/* What is retained was waited for long enough. */
void bridge_sync_late(struct bridge *bridge);

/* Says `online` once every state has been published. */
void bridge_sync_published(struct bridge *bridge);

#endif
