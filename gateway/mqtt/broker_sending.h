/* The messages that libmosquitto holds until the kernel takes them, and their bytes. Its owner guards it. */
#ifndef MQTT_BROKER_SENDING_H
#define MQTT_BROKER_SENDING_H

#include "base/list.h"

#include <stddef.h>

/* Lives in its owner. */
struct broker_sending {
    struct list messages;
    size_t bytes;
};

void broker_sending_init(struct broker_sending *sending);

/* What finds no memory is sent, and not counted. */
void broker_sending_add(struct broker_sending *sending, int id, size_t bytes);

/* The kernel has taken message `id`. */
void broker_sending_end(struct broker_sending *sending, int id);

/* Forgets all: the connection is gone, or the owner. */
void broker_sending_clear(struct broker_sending *sending);

#endif
