#include "protocol/pin_notices.h"

#include "base/json_writer.h"
#include "base/owner.h"
#include "protocol/json_encode.h"

const char *const pin_bias_names[] = {"pull-up", "pull-down", "as-is", "disabled", NULL};

void pin_notices_init(struct pin_notices *notices)
{
    notices->next = 1;
    list_init(&notices->subscribers);
}

void pin_notices_listen(struct pin_notices *notices, struct pin_notice_subscriber *subscriber)
{
    list_append(&notices->subscribers, &subscriber->in_notices);
}

void pin_notices_add(struct pin_notices *notices, const struct pin_notice *notice)
{
    notices->ring[notices->next++ % PIN_NOTICES_MAX] = *notice;
    LIST_FOR_EACH (member, &notices->subscribers) {
        struct pin_notice_subscriber *subscriber =
            CONTAINER_OF(member, struct pin_notice_subscriber, in_notices);
        subscriber->added(subscriber->context);
    }
}

const struct pin_notice *pin_notices_get(const struct pin_notices *notices, uint64_t *number)
{
    if (*number >= notices->next)
        return NULL;
    if (notices->next - *number > PIN_NOTICES_MAX)
        *number = notices->next - PIN_NOTICES_MAX;
    return &notices->ring[(*number)++ % PIN_NOTICES_MAX];
}

int pin_notice_encode(const struct pin_notice *notice, struct buffer *buffer)
{
    bool is_end = notice->pin[0] == '\0';
    struct json_writer writer =
        json_encode_notification(buffer, is_end ? "pins.watched" : "pins.moved");
    json_write_object(&writer, NULL);
    if (is_end) {
        json_write_text(&writer, "reason", notice->reason);
    } else {
        json_write_text(&writer, "pin", notice->pin);
        json_write_unsigned(&writer, "rest", notice->rest);
        json_write_unsigned(&writer, "value", notice->value);
        json_write_text(&writer, "bias", pin_bias_names[notice->bias]);
        json_write_bool(&writer, "active_low", notice->rest == 1);
    }
    json_write_object_end(&writer);
    json_write_object_end(&writer);
    return buffer->error;
}
