#include "mqtt/broker.h"

#include "mqtt/broker_queue.h"
#include "mqtt/broker_reason.h"
#include "mqtt/broker_sending.h"

#include "base/random.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    RETRY_MIN_MS = 1000,
    RETRY_MAX_MS = 60 * 1000,
    OTHER_VERSION_MS = 100,
    LOOP_MS = 1000, /* how late the thread may notice that it shall end */
    TOPIC_OVERHEAD_BYTES = 64,
};

struct broker {
    struct broker_options options;
    struct mosquitto *client;
    pthread_t thread;
    bool has_thread;
    struct broker_queue queue;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t wake;
    struct broker_sending sending;
    bool must_end, is_connected, has_answer;
    int version;
    unsigned pause_ms;
    char complaint[BROKER_REASON_SIZE]; /* libmosquitto's last error in words; of the thread */
};

/* ---- what libmosquitto calls, in the thread of the connection ---- */

static void on_connect(struct mosquitto *client, void *context, int code, int flags,
                       const mosquitto_property *properties)
{
    struct broker *broker = context;
    (void)client;
    (void)flags;
    (void)properties;
    (void)pthread_mutex_lock(&broker->lock);
    broker->is_connected = code == 0;
    bool other_version =
        code == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION || code == CONNACK_REFUSED_PROTOCOL_VERSION;
    broker->has_answer = !other_version;
    (void)pthread_mutex_unlock(&broker->lock);
    struct broker_event event = {.kind = BROKER_EVENT_STATE, .state = BROKER_CONNECTED};
    if (code != 0 && !(other_version && broker->options.version == BROKER_VERSION_AUTO)) {
        event.state = BROKER_REFUSED;
        event.reason =
            broker->version == 5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code);
    }
    if (code == 0 || event.state == BROKER_REFUSED)
        broker_queue_put(&broker->queue, &event);
}

static void on_disconnect(struct mosquitto *client, void *context, int code,
                          const mosquitto_property *properties)
{
    struct broker *broker = context;
    (void)client;
    (void)properties;
    (void)pthread_mutex_lock(&broker->lock);
    bool was_connected = broker->is_connected;
    broker->is_connected = false;
    broker_sending_clear(&broker->sending);
    (void)pthread_mutex_unlock(&broker->lock);
    bool by_broker = code >= MQTT_RC_UNSPECIFIED;
    struct broker_event event = {.kind = BROKER_EVENT_STATE,
                                 .state = BROKER_CONNECTING,
                                 .taken_over = code == MQTT_RC_SESSION_TAKEN_OVER,
                                 .reason = by_broker ? mosquitto_reason_string(code)
                                                     : mosquitto_strerror(code)};
    if (was_connected)
        broker_queue_put(&broker->queue, &event);
}

static void on_message(struct mosquitto *client, void *context,
                       const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    struct broker *broker = context;
    char *response = NULL;
    void *correlation = NULL;
    uint16_t length = 0;
    (void)client;
    bool is_own = strcmp(message->topic, broker->options.own_document) == 0;
    size_t max = is_own ? BROKER_DOCUMENT_MAX_BYTES : BROKER_PAYLOAD_MAX_BYTES;
    struct broker_event event = {.kind = BROKER_EVENT_MESSAGE,
                                 .topic = message->topic,
                                 .payload = message->payload,
                                 .length = (size_t)message->payloadlen,
                                 .retained = message->retain};
    if (event.length > max) {
        event = (struct broker_event){.kind = BROKER_EVENT_DROPPED, .topic = message->topic};
    } else {
        (void)mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &response,
                                             false);
        (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation,
                                             &length, false);
        event.response_topic = response;
        event.correlation = correlation;
        event.correlation_length = length <= BROKER_CORRELATION_MAX_BYTES ? length : 0;
    }
    broker_queue_put(&broker->queue, &event);
    free(response);
    free(correlation);
}

static void on_subscribe(struct mosquitto *client, void *context, int id, int count,
                         const int *granted, const mosquitto_property *properties)
{
    (void)client;
    (void)count;
    (void)granted;
    (void)properties;
    broker_queue_put(&((struct broker *)context)->queue,
                     &(struct broker_event){.kind = BROKER_EVENT_SUBSCRIBED, .id = id});
}

static void on_publish(struct mosquitto *client, void *context, int id, int code,
                       const mosquitto_property *properties)
{
    struct broker *broker = context;
    (void)client;
    (void)code;
    (void)properties;
    (void)pthread_mutex_lock(&broker->lock);
    broker_sending_end(&broker->sending, id);
    if (broker->sending.bytes == 0)
        broker_queue_wake(&broker->queue); /* who was asked to try again later */
    (void)pthread_mutex_unlock(&broker->lock);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    struct broker *broker = context;
    (void)client;
    if (level == MOSQ_LOG_ERR)
        broker_reason_note(broker->complaint, text);
}

/* ---- the thread ---- */

static void report_failure(struct broker *broker, int code, int error)
{
    char reason[BROKER_REASON_SIZE];
    bool is_errno = code == MOSQ_ERR_ERRNO && error != 0;
    broker_reason_join(reason, is_errno ? strerrordesc_np(error) : mosquitto_strerror(code),
                       broker->complaint);
    broker_queue_put(&broker->queue, &(struct broker_event){.kind = BROKER_EVENT_STATE,
                                                            .state = BROKER_CONNECTING,
                                                            .reason = reason});
}

static int connect_now(struct broker *broker)
{
    const struct broker_options *options = &broker->options;
    mosquitto_property *properties = NULL;
    (void)mosquitto_int_option(broker->client, MOSQ_OPT_PROTOCOL_VERSION,
                               broker->version == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    if (broker->version == 5)
        (void)mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                           BROKER_DOCUMENT_MAX_BYTES + 1024);
    int code = mosquitto_connect_bind_v5(broker->client, options->host, options->port,
                                         (int)options->keepalive_s, NULL, properties);
    int error = errno;
    mosquitto_property_free_all(&properties);
    if (code == MOSQ_ERR_SUCCESS)
        return 0;
    report_failure(broker, code, error);
    return -1;
}

/* Waits, but for the end. False when it is time to end. */
static bool sleep_ms(struct broker *broker, unsigned ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    int code = 0;
    while (!broker->must_end && code == 0)
        code = pthread_cond_timedwait(&broker->wake, &broker->lock, &until);
    return !broker->must_end;
}

/* A broker that knows MQTT 3.1.1 only refuses version 5, or just closes. True when the other version is
 * worth a try at once: after 5, and once in a row, since a broker that closes every connection must not be
 * asked ten times a second. */
static bool choose_version(struct broker *broker)
{
    if (broker->options.version != BROKER_VERSION_AUTO || broker->has_answer)
        return false;
    broker->version = broker->version == 5 ? 3 : 5;
    return broker->version == 3;
}

/* Until the connection ends, or could not be made. Milliseconds until the next try. */
static unsigned stay_connected(struct broker *broker, unsigned *retry_ms)
{
    broker->has_answer = true;
    broker->complaint[0] = '\0';
    bool opened = connect_now(broker) == 0;
    int code = MOSQ_ERR_SUCCESS;
    broker->has_answer = !opened;
    while (opened && (code = mosquitto_loop(broker->client, LOOP_MS, 1)) == MOSQ_ERR_SUCCESS) {
        if (broker->is_connected)
            *retry_ms = RETRY_MIN_MS;
    }
    int error = errno;
    bool has_failed = opened && !broker->has_answer;
    broker->has_answer |= code == MOSQ_ERR_TLS; /* which is no word about the version */
    if (choose_version(broker))
        return OTHER_VERSION_MS;
    if (has_failed)
        report_failure(broker, code, error);
    unsigned wait_ms = random_spread(*retry_ms);
    *retry_ms = *retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : *retry_ms * 2;
    return wait_ms;
}

static void *run(void *context)
{
    struct broker *broker = context;
    unsigned retry_ms = RETRY_MIN_MS;
    bool goes_on = true;
    while (goes_on) {
        unsigned wait_ms = stay_connected(broker, &retry_ms);
        (void)pthread_mutex_lock(&broker->lock);
        if (broker->pause_ms > 0)
            wait_ms = broker->pause_ms;
        broker->pause_ms = 0;
        goes_on = sleep_ms(broker, wait_ms);
        (void)pthread_mutex_unlock(&broker->lock);
    }
    return NULL;
}

/* ---- life ---- */

static int configure(struct broker *broker)
{
    const struct broker_options *options = &broker->options;
    struct mosquitto *client = broker->client;
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_disconnect_v5_callback_set(client, on_disconnect);
    mosquitto_message_v5_callback_set(client, on_message);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_log_callback_set(client, on_log);
    /* Publishing from the owner's thread wakes the one of the connection. */
    int code = mosquitto_threaded_set(client, true);
    if (!code && options->user[0])
        code = mosquitto_username_pw_set(client, options->user, options->password);
    if (!code && options->tls)
        code = options->ca_file[0]
                   ? mosquitto_tls_set(client, options->ca_file, NULL, NULL, NULL, NULL)
                   : mosquitto_tls_set(client, NULL, "/etc/ssl/certs", NULL, NULL, NULL);
    if (!code && options->will_topic)
        code = mosquitto_will_set(client, options->will_topic, (int)strlen(options->will_payload),
                                  options->will_payload, 1, true);
    if (code == MOSQ_ERR_SUCCESS)
        return 0;
    return code == MOSQ_ERR_NOMEM ? -ENOMEM : -EINVAL;
}

static int start_thread(struct broker *broker)
{
    pthread_condattr_t attributes;
    (void)pthread_mutex_init(&broker->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&broker->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    int code = pthread_create(&broker->thread, NULL, run, broker);
    broker->has_thread = code == 0;
    return -code;
}

int broker_new(const struct broker_options *options, struct broker **ret_broker)
{
    struct broker *broker = calloc(1, sizeof *broker);
    if (!broker)
        return -ENOMEM;
    broker->options = *options;
    broker->version = options->version == BROKER_VERSION_3_1_1 ? 3 : 5;
    broker_sending_init(&broker->sending);
    (void)mosquitto_lib_init();
    int error = broker_queue_init(&broker->queue);
    broker->client = mosquitto_new(options->client_id, true, broker);
    if (!error && !broker->client)
        error = -ENOMEM;
    if (!error)
        error = configure(broker);
    if (!error)
        error = start_thread(broker);
    if (error)
        broker_free(broker);
    else
        *ret_broker = broker;
    return error;
}

static void end_thread(struct broker *broker)
{
    (void)pthread_mutex_lock(&broker->lock);
    broker->must_end = true;
    (void)pthread_cond_broadcast(&broker->wake);
    (void)pthread_mutex_unlock(&broker->lock);
    (void)mosquitto_disconnect_v5(broker->client, 0, NULL);
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 2;
    /* A thread that hangs in a name look-up ends with the process. */
    if (pthread_timedjoin_np(broker->thread, NULL, &until) != 0)
        _exit(0);
}

struct broker *broker_free(struct broker *broker)
{
    if (!broker)
        return NULL;
    if (broker->has_thread)
        end_thread(broker);
    mosquitto_destroy(broker->client);
    (void)mosquitto_lib_cleanup();
    broker_sending_clear(&broker->sending);
    broker_queue_done(&broker->queue);
    free(broker);
    return NULL;
}

/* ---- what the owner asks ---- */

int broker_fd(const struct broker *broker)
{
    return broker->queue.fd;
}

bool broker_next(struct broker *broker, struct broker_event *ret_event)
{
    return broker_queue_take(&broker->queue, ret_event);
}

int broker_version(const struct broker *broker)
{
    return broker->version;
}

size_t broker_sending_bytes(const struct broker *broker)
{
    return broker->sending.bytes;
}

/* Counted before the lock is given back: the thread may have sent it already. */
static int publish(struct broker *broker, const char *topic, const void *payload, size_t length,
                   bool retain, const mosquitto_property *properties)
{
    size_t bytes = length + strlen(topic) + TOPIC_OVERHEAD_BYTES;
    int id = 0;
    (void)pthread_mutex_lock(&broker->lock);
    size_t waiting = broker->sending.bytes;
    int error = !broker->is_connected                                       ? -ENOTCONN
                : waiting > 0 && waiting + bytes > BROKER_SENDING_MAX_BYTES ? -EAGAIN
                                                                            : 0;
    if (!error) {
        int code = mosquitto_publish_v5(broker->client, &id, topic, (int)length, payload, 0, retain,
                                        properties);
        error = code == MOSQ_ERR_NOMEM ? -ENOMEM : code ? -ENOTCONN : 0;
    }
    if (!error)
        broker_sending_add(&broker->sending, id, bytes);
    (void)pthread_mutex_unlock(&broker->lock);
    return error;
}

int broker_publish(struct broker *broker, const char *topic, const void *payload, size_t length,
                   bool retain)
{
    return publish(broker, topic, payload, length, retain, NULL);
}

int broker_answer(struct broker *broker, const char *topic, const void *payload, size_t length,
                  const char *correlation, size_t correlation_length)
{
    mosquitto_property *properties = NULL;
    if (correlation && correlation_length > 0 && broker->version == 5)
        (void)mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA, correlation,
                                            (uint16_t)correlation_length);
    int error = publish(broker, topic, payload, length, false, properties);
    mosquitto_property_free_all(&properties);
    return error;
}

int broker_subscribe(struct broker *broker, const char *topic, enum broker_wanted wanted,
                     int *ret_id)
{
    static const int options[] = {
        [BROKER_COMMANDS] = MQTT_SUB_OPT_SEND_RETAIN_NEVER | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED |
                            MQTT_SUB_OPT_NO_LOCAL,
        [BROKER_LIVE] = MQTT_SUB_OPT_SEND_RETAIN_NEVER,
        [BROKER_RETAINED] = 0,
    };
    int code = mosquitto_subscribe_v5(broker->client, ret_id, topic, 1,
                                      broker->version == 5 ? options[wanted] : 0, NULL);
    return code == MOSQ_ERR_NOMEM ? -ENOMEM : code ? -ENOTCONN : 0;
}

int broker_unsubscribe(struct broker *broker, const char *topic)
{
    int code = mosquitto_unsubscribe_v5(broker->client, NULL, topic, NULL);
    return code ? -ENOTCONN : 0;
}

void broker_pause(struct broker *broker, unsigned seconds)
{
    (void)pthread_mutex_lock(&broker->lock);
    broker->pause_ms = seconds * 1000;
    (void)pthread_mutex_unlock(&broker->lock);
    (void)mosquitto_disconnect_v5(broker->client, 0, NULL);
}
