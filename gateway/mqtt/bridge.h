/* Between the gateway and the broker: publishes what the circuit does, carries out what is asked of
 * it, and describes to Home Assistant what there is. A client of the gateway like any other. */
#ifndef MQTT_BRIDGE_H
#define MQTT_BRIDGE_H

#include "mqtt/broker.h"

#include <stdbool.h>
#include <stdint.h>

struct bridge;
struct loop;

enum { BRIDGE_ID_SIZE = 13, BRIDGE_PREFIX_SIZE = 65 };

/* Borrowed until bridge_free(). */
struct bridge_options {
    struct broker_options broker; /* host to version, and keepalive_s; the rest is filled in */
    const char *id;               /* 12 lower-case hex digits */
    const char *prefix;           /* "gpio-gateway" */
    const char *discovery;        /* "homeassistant"; "" for none */
    const char *language;         /* of titles */
    const char *url;              /* of the page; "" for none */
    const char *model;            /* of this machine */
    bool commands;
    unsigned rate_hz; /* states of one line in a second, 1 to 100 */
    unsigned lost_ms; /* 0 for never */
};

/* Starts to talk to the gateway on `fd` (borrowed) and to the broker. 0 or a negative errno. */
int bridge_new(struct loop *loop, int fd, const struct bridge_options *options,
               struct bridge **ret_bridge);

/* Says `offline` and disconnects. NULL is legal; returns NULL. */
struct bridge *bridge_free(struct bridge *bridge);

#endif
