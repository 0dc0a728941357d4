#include "mqtt/broker_queue.h"

#include "base/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* An event with its texts behind it. */
struct received {
    struct list in_queue;
    struct broker_event event;
    size_t bytes;
    char texts[];
};

int broker_queue_init(struct broker_queue *queue)
{
    *queue = (struct broker_queue){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    list_init(&queue->received);
    (void)pthread_mutex_init(&queue->lock, NULL);
    return queue->fd < 0 ? -errno : 0;
}

void broker_queue_done(struct broker_queue *queue)
{
    LIST_FOR_EACH (member, &queue->received)
        free(CONTAINER_OF(member, struct received, in_queue));
    free(queue->taken);
    (void)pthread_mutex_destroy(&queue->lock);
    if (queue->fd >= 0)
        (void)close(queue->fd);
}

void broker_queue_wake(const struct broker_queue *queue)
{
    uint64_t one = 1;
    ssize_t written = write(queue->fd, &one, sizeof one);
    (void)written; /* EAGAIN: it is readable already */
}

static char *put(char **at, const void *bytes, size_t length)
{
    char *copy = *at;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    *at += length + 1;
    return copy;
}

static char *put_text(char **at, const char *text)
{
    return put(at, text ? text : "", text ? strlen(text) : 0);
}

static size_t text_bytes(const char *text)
{
    return (text ? strlen(text) : 0) + 1;
}

static struct received *copy_event(const struct broker_event *event)
{
    size_t bytes = text_bytes(event->reason) + text_bytes(event->topic) + event->length + 1 +
                   text_bytes(event->response_topic) + event->correlation_length + 1;
    struct received *received = malloc(sizeof *received + bytes);
    if (!received)
        return NULL;
    char *at = received->texts;
    received->bytes = bytes;
    received->event = *event;
    received->event.reason = put_text(&at, event->reason);
    received->event.topic = put_text(&at, event->topic);
    received->event.payload = put(&at, event->payload, event->length);
    received->event.response_topic = put_text(&at, event->response_topic);
    received->event.correlation = put(&at, event->correlation, event->correlation_length);
    return received;
}

static bool has_capacity(const struct broker_queue *queue, size_t bytes)
{
    return queue->count < BROKER_RECEIVED_MAX && queue->bytes + bytes <= BROKER_RECEIVED_MAX_BYTES;
}

/* Changes of state always find a place: there is one for each connection, and the thread waits
 * between two. Messages that find none are dropped, and the owner is notified once for a row of them. */
void broker_queue_put(struct broker_queue *queue, const struct broker_event *event)
{
    static const struct broker_event dropped = {.kind = BROKER_EVENT_DROPPED};
    (void)pthread_mutex_lock(&queue->lock);
    if (event->kind == BROKER_EVENT_MESSAGE && !has_capacity(queue, event->length)) {
        event = queue->dropped_before ? NULL : &dropped;
        queue->dropped_before = true;
    } else if (event->kind == BROKER_EVENT_MESSAGE) {
        queue->dropped_before = false;
    }
    struct received *received = event ? copy_event(event) : NULL;
    if (received) {
        list_append(&queue->received, &received->in_queue);
        queue->count++;
        queue->bytes += received->bytes;
        broker_queue_wake(queue);
    }
    (void)pthread_mutex_unlock(&queue->lock);
}

bool broker_queue_take(struct broker_queue *queue, struct broker_event *ret_event)
{
    uint64_t wakes;
    free(queue->taken);
    queue->taken = NULL;
    (void)pthread_mutex_lock(&queue->lock);
    bool found = !list_is_empty(&queue->received);
    if (found) {
        struct received *first = CONTAINER_OF(queue->received.next, struct received, in_queue);
        list_remove(&first->in_queue);
        queue->count--;
        queue->bytes -= first->bytes;
        queue->taken = first;
        *ret_event = first->event;
    } else {
        ssize_t emptied = read(queue->fd, &wakes, sizeof wakes);
        (void)emptied; /* EAGAIN: it was empty */
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return found;
}
