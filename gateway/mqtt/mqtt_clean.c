#include "mqtt/mqtt_clean.h"

#include "mqtt/bridge.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

static const char ALL_SEEN[] = "seen", ALL_CLEARED[] = "cleared";

enum { WAIT_MS = 10 * 1000, TOPIC_SIZE = 128 };

/* What is known of the broker's messages so far. */
struct cleaning {
    struct broker *broker;
    char all[TOPIC_SIZE], document[TOPIC_SIZE], barrier[TOPIC_SIZE];
    int last_id;
    unsigned cleared;
    bool is_over;
};

static void begin(struct cleaning *cleaning)
{
    int id;
    (void)broker_subscribe(cleaning->broker, cleaning->document, BROKER_RETAINED, &id);
    (void)broker_subscribe(cleaning->broker, cleaning->all, BROKER_RETAINED, &cleaning->last_id);
}

/* A message of our own that the broker sends back behind all that came to it before. */
static void send_barrier(struct cleaning *cleaning, const char *text)
{
    (void)broker_publish(cleaning->broker, cleaning->barrier, text, strlen(text), false);
}

/*
 * The first barrier comes back behind everything that is retained, the second behind the clears: a
 * connection that closes with echoes unread is reset, and the broker loses what it had not read yet.
 */
static void pass_barrier(struct cleaning *cleaning, const struct broker_event *event)
{
    if (event->length == strlen(ALL_CLEARED) &&
        memcmp(event->payload, ALL_CLEARED, event->length) == 0)
        cleaning->is_over = true;
    else
        send_barrier(cleaning, ALL_CLEARED);
}

static void take(struct cleaning *cleaning, const struct broker_event *event)
{
    if (event->kind == BROKER_EVENT_STATE && event->state == BROKER_CONNECTED) {
        begin(cleaning);
    } else if (event->kind == BROKER_EVENT_SUBSCRIBED && event->id == cleaning->last_id) {
        send_barrier(cleaning, ALL_SEEN);
    } else if (event->kind == BROKER_EVENT_MESSAGE) {
        if (event->retained && event->length > 0) {
            cleaning->cleared++;
            (void)broker_publish(cleaning->broker, event->topic, "", 0, true);
        } else if (!event->retained && strcmp(event->topic, cleaning->barrier) == 0) {
            pass_barrier(cleaning, event);
        }
    }
}

int mqtt_clean(const struct bridge_options *options, FILE *out)
{
    struct cleaning cleaning = {0};
    char client_id[TOPIC_SIZE];
    (void)snprintf(client_id, sizeof client_id, "gpio-gateway-clean-%s", options->id);
    (void)snprintf(cleaning.all, sizeof cleaning.all, "%s/%s/#", options->prefix, options->id);
    (void)snprintf(cleaning.barrier, sizeof cleaning.barrier, "%s/%s/sync", options->prefix,
                   options->id);
    (void)snprintf(cleaning.document, sizeof cleaning.document, "%s/device/gpio-gateway-%s/config",
                   options->discovery[0] ? options->discovery : "homeassistant", options->id);
    struct broker_options broker = options->broker;
    broker.client_id = client_id;
    broker.own_document = cleaning.document;
    int error = broker_new(&broker, &cleaning.broker);
    int64_t until_ns = clock_monotonic_ns() + WAIT_MS * CLOCK_NS_PER_MS;
    while (!error && !cleaning.is_over) {
        struct pollfd ready = {.fd = broker_fd(cleaning.broker), .events = POLLIN};
        struct broker_event event;
        (void)poll(&ready, 1, 100);
        while (!cleaning.is_over && broker_next(cleaning.broker, &event))
            take(&cleaning, &event);
        if (!cleaning.is_over && clock_monotonic_ns() > until_ns)
            error = -ETIMEDOUT;
    }
    while (!error && broker_sending_bytes(cleaning.broker) > 0 && clock_monotonic_ns() < until_ns)
        (void)poll(NULL, 0, 10);
    broker_free(cleaning.broker);
    if (!error)
        (void)fprintf(out, "cleared %u retained messages of %s/%s\n", cleaning.cleared,
                      options->prefix, options->id);
    return error;
}
