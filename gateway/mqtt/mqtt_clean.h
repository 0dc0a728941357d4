/* `gpio-gateway mqtt clean`: empties what this gateway has left at the broker. */
#ifndef MQTT_MQTT_CLEAN_H
#define MQTT_MQTT_CLEAN_H

#include <stdio.h>

struct bridge_options;

/* Clears every retained message below the gateway's topics, and its discovery document, and prints one
 * line about it to `out`. Waits for the broker, 10 s at most. 0, -ETIMEDOUT, or another negative errno. */
int mqtt_clean(const struct bridge_options *options, FILE *out);

#endif
