#include "mqtt/mqtt_check.h"

#include "base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { WAIT_MS = 10 * 1000 };

static bool wait_for_state(struct broker *broker, struct broker_event *event)
{
    int64_t until_ns = clock_monotonic_ns() + WAIT_MS * CLOCK_NS_PER_MS;
    while (clock_monotonic_ns() < until_ns) {
        struct pollfd ready = {.fd = broker_fd(broker), .events = POLLIN};
        (void)poll(&ready, 1, 100);
        while (broker_next(broker, event))
            if (event->kind == BROKER_EVENT_STATE)
                return true;
    }
    return false;
}

bool mqtt_check(const struct broker_options *options, char reason[BROKER_REASON_SIZE])
{
    struct broker *broker = NULL;
    struct broker_event event;
    char client_id[32];
    struct broker_options asked = *options;
    (void)snprintf(client_id, sizeof client_id, "gpio-gateway-doctor-%d", (int)getpid());
    asked.client_id = client_id;
    asked.own_document = "";
    if (broker_new(&asked, &broker)) {
        (void)snprintf(reason, BROKER_REASON_SIZE, "libmosquitto cannot be set up");
        return false;
    }
    if (!wait_for_state(broker, &event)) {
        /* Not freed: a thread that hangs in a name look-up would take the process with it. */
        (void)snprintf(reason, BROKER_REASON_SIZE, "no answer for %d s", WAIT_MS / 1000);
        return false;
    }
    bool is_connected = event.state == BROKER_CONNECTED;
    if (!is_connected)
        (void)snprintf(reason, BROKER_REASON_SIZE, "%s", event.reason);
    broker_free(broker);
    return is_connected;
}
