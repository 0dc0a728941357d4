/* What the broker's thread hands to the owner's loop: events in order, bounded in number and bytes. */
#ifndef MQTT_BROKER_QUEUE_H
#define MQTT_BROKER_QUEUE_H

#include "mqtt/broker.h"

#include "base/list.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Lives in its owner. */
struct broker_queue {
    int fd;               /* eventfd(2): readable while events wait */
    void *taken;          /* what was handed out last; of the owner's thread */
    pthread_mutex_t lock; /* guards what follows */
    struct list received;
    size_t count, bytes;
    bool dropped_before;
};

/* 0, or a negative errno of eventfd(2); done in both cases by broker_queue_done(). */
int broker_queue_init(struct broker_queue *queue);
void broker_queue_done(struct broker_queue *queue);

/* Copies an event into the queue; from any thread. */
void broker_queue_put(struct broker_queue *queue, const struct broker_event *event);

/* Takes the next one; its texts are borrowed until the next call. False when none waits. */
bool broker_queue_take(struct broker_queue *queue, struct broker_event *ret_event);

/* Makes the descriptor readable without an event: there is room to publish again. */
void broker_queue_wake(const struct broker_queue *queue);

#endif
