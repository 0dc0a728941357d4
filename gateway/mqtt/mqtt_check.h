/* Whether the broker lets us in, for `gpio-gateway doctor`. */
#ifndef MQTT_CHECK_H
#define MQTT_CHECK_H

#include "mqtt/broker.h"

#include <stdbool.h>

/* Connects once, under an id of its own, and waits 10 s at most. True, or false with why. */
bool mqtt_check(const struct broker_options *options, char reason[BROKER_REASON_SIZE]);

#endif
