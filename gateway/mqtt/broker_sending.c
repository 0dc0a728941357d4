#include "mqtt/broker_sending.h"

#include "base/owner.h"

#include <stdlib.h>

struct sent_message {
    struct list in_messages;
    int id;
    size_t bytes;
};

void broker_sending_init(struct broker_sending *sending)
{
    list_init(&sending->messages);
    sending->bytes = 0;
}

void broker_sending_add(struct broker_sending *sending, int id, size_t bytes)
{
    struct sent_message *message = calloc(1, sizeof *message);
    if (!message)
        return;
    message->id = id;
    message->bytes = bytes;
    list_append(&sending->messages, &message->in_messages);
    sending->bytes += bytes;
}

void broker_sending_end(struct broker_sending *sending, int id)
{
    LIST_FOR_EACH (member, &sending->messages) {
        struct sent_message *message = CONTAINER_OF(member, struct sent_message, in_messages);
        if (message->id != id)
            continue;
        sending->bytes -= message->bytes;
        list_remove(member);
        free(message);
        return;
    }
}

void broker_sending_clear(struct broker_sending *sending)
{
    LIST_FOR_EACH (member, &sending->messages) {
        list_remove(member);
        free(CONTAINER_OF(member, struct sent_message, in_messages));
    }
    sending->bytes = 0;
}
