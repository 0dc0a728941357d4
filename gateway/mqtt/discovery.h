/* The document by which Home Assistant finds the circuit: device-based MQTT discovery, one component
 * for each line, sensor, trigger and scene. Retained at <discovery>/device/gpio-gateway-<id>/config. */
#ifndef MQTT_DISCOVERY_H
#define MQTT_DISCOVERY_H

#include "mqtt/hub_line.h"

#include "base/buffer.h"

#include <stddef.h>

enum { DISCOVERY_KEY_SIZE = HUB_NAME_SIZE + 16, DISCOVERY_KEYS_MAX = 8 * HUB_LINES_MAX };

/* Everything that the document describes; borrowed. */
struct discovery {
    const char *id;      /* 12 hex digits */
    const char *base;    /* "gpio-gateway/3f9a1c20be77" */
    const char *name;    /* the circuit's name, in ASCII */
    const char *title;   /* the circuit's title, for people */
    const char *model;   /* "Raspberry Pi 4B" */
    const char *version; /* of the gateway */
    const char *url;     /* of the page, "" for none */
    const struct hub_line *lines;
    size_t line_count;
    const struct hub_scene *scenes;
    size_t scene_count;
};

/* A component that an earlier document has: its key and its platform. */
struct discovery_key {
    char key[DISCOVERY_KEY_SIZE];
    char platform[HUB_NAME_SIZE];
};

/* Appends the document. A component of `removed` is named with its platform alone, which removes it, and
 * nothing else has its key. 0 or the buffer's error. */
int discovery_write(const struct discovery *discovery, const struct discovery_key *removed,
                    size_t removed_count, struct buffer *buffer);

/* Finds the components of the retained document `text` that the new one does not have, or has with
 * another platform. Returns how many were put into `removed` (room for DISCOVERY_KEYS_MAX). */
size_t discovery_find_removed(const struct discovery *discovery, const char *text, size_t length,
                              struct discovery_key *removed);

#endif
