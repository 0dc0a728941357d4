/* The connection to an MQTT broker: libmosquitto, driven by a thread of its own, since it resolves
 * names, shakes hands and connects by blocking. This header and its .c are the program's only border
 * to libmosquitto. What the thread receives waits in a bounded queue until the owner's loop takes
 * it; what the owner publishes is bounded, too. MQTT 5.0 (OASIS) and 3.1.1. */
#ifndef MQTT_BROKER_H
#define MQTT_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct broker;

enum {
    BROKER_PAYLOAD_MAX_BYTES = 64 * 1024,   /* of one message that is received */
    BROKER_DOCUMENT_MAX_BYTES = 512 * 1024, /* of our own retained document, which is larger */
    BROKER_RECEIVED_MAX = 256,              /* messages that wait for the owner */
    BROKER_RECEIVED_MAX_BYTES = 1024 * 1024,
    BROKER_SENDING_MAX_BYTES = 1024 * 1024, /* published, and not yet taken by the kernel */
    BROKER_CORRELATION_MAX_BYTES = 256,
    BROKER_REASON_SIZE = 160,
};

enum broker_version { BROKER_VERSION_AUTO, BROKER_VERSION_5, BROKER_VERSION_3_1_1 };

/* Borrowed until broker_free(). */
struct broker_options {
    const char *host; /* a name or an address, without brackets */
    uint16_t port;
    bool tls;
    const char *ca_file; /* "" for the system's CAs */
    const char *user;    /* "" for none */
    const char *password;
    const char *client_id;
    enum broker_version version;
    unsigned keepalive_s;   /* 5 to 3600 */
    const char *will_topic; /* retained, QoS 1 */
    const char *will_payload;
    const char *own_document; /* topic of the one message that may be longer than the others */
};

enum broker_state { BROKER_CONNECTING, BROKER_CONNECTED, BROKER_REFUSED };

/* What happened, in order. Texts and bytes are borrowed until the next broker_next(). */
struct broker_event {
    enum {
        BROKER_EVENT_STATE, /* connected, lost, refused */
        BROKER_EVENT_MESSAGE,
        BROKER_EVENT_SUBSCRIBED, /* the broker has answered subscription `id` */
        BROKER_EVENT_DROPPED,    /* a message was longer than the limit, or found no room */
    } kind;
    enum broker_state state;
    bool taken_over;    /* STATE: another client connected with our id (reason code 0x8E) */
    const char *reason; /* STATE: why it is not connected, in one sentence */
    const char *topic;
    const char *payload; /* followed by a NUL */
    size_t length;
    bool retained;
    const char *response_topic; /* MQTT 5: "" for none */
    const char *correlation;    /* MQTT 5 */
    size_t correlation_length;
    int id;
};

/* Starts the thread, which connects, and connects again after 1 to 60 s (twice as long each time,
 * ±20 %). 0, -ENOMEM, or a negative errno of eventfd(2) or pthread_create(3). */
int broker_new(const struct broker_options *options, struct broker **ret_broker);

/* Says DISCONNECT where it is connected (the will is not sent then), and ends the thread: a name
 * look-up in progress is waited for, one second at most. NULL is legal; returns NULL. */
struct broker *broker_free(struct broker *broker);

/* Readable while events wait: an eventfd(2). Borrowed. */
int broker_fd(const struct broker *broker);

/* Takes the next event. False when none waits. */
bool broker_next(struct broker *broker, struct broker_event *ret_event);

/* The version in use: 5 or 3 (for 3.1.1); of the last connection. */
int broker_version(const struct broker *broker);

/* Publishes. 0; -EAGAIN while too much waits (try again later); -ENOTCONN; -ENOMEM. `correlation` may
 * be NULL; it is sent with MQTT 5 only. */
int broker_publish(struct broker *broker, const char *topic, const void *payload, size_t length,
                   bool retain);
int broker_answer(struct broker *broker, const char *topic, const void *payload, size_t length,
                  const char *correlation, size_t correlation_length);

enum broker_wanted {
    BROKER_COMMANDS, /* of others, never retained ones (MQTT 5: Retain Handling 2, No Local) */
    BROKER_LIVE,     /* what is published from now on, by ourselves, too */
    BROKER_RETAINED, /* what is retained as well */
};

/* Subscribes with QoS 1. 0 with `*ret_id`, that comes back in SUBSCRIBED; or a negative errno. */
int broker_subscribe(struct broker *broker, const char *topic, enum broker_wanted wanted,
                     int *ret_id);
int broker_unsubscribe(struct broker *broker, const char *topic);

/* Drops the connection and does not connect for `seconds`. */
void broker_pause(struct broker *broker, unsigned seconds);

/* Bytes published that the kernel has not taken yet. */
size_t broker_sending_bytes(const struct broker *broker);

#endif
