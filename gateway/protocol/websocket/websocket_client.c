#include "protocol/websocket/websocket_client.h"

#include "base/json_writer.h"
#include "circuit/circuit.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/register.h"
#include "net/stream.h"
#include "protocol/classroom.h"
#include "protocol/json_encode.h"
#include "protocol/method/rpc.h"
#include "protocol/pin_notices.h"
#include "protocol/socket_encode.h"
#include "protocol/websocket/websocket_server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    CLOSE_TRY_AGAIN_LATER = 1013, /* the registry of RFC 6455 §7.4 */
    GOODBYE_MAX_BYTES = 60,
    EVENTS_AT_ONCE = 64, /* texts written to one client in a turn of the loop */
    CALLS_AT_ONCE = 64,  /* socket calls of one notification, to a client that follows them */
    /* Answers wait here while the kernel's queue is full; a client that lets this much wait and
     * asks on is not read from until it has taken them. */
    REPLIES_PAUSE_BYTES = 64 * 1024,
    REPLIES_MAX_BYTES = RPC_REPLY_MAX_BYTES + REPLIES_PAUSE_BYTES,
};

static const char source_prefix[] = "websocket:";

static const struct feed_format format = {.event = json_encode_event_notification,
                                          .snapshot = json_encode_snapshot_notification,
                                          .headroom = LWS_PRE};

size_t websocket_client_size(const struct stream *stream)
{
    return sizeof(struct websocket_client) + sizeof source_prefix + strlen(stream_source(stream));
}

void websocket_client_init(struct websocket_client *client, struct service *service,
                           struct stream *stream, enum role role, const char *since)
{
    *client = (struct websocket_client){.service = service, .stream = stream, .role = role};
    (void)snprintf(client->source, websocket_client_size(stream) - sizeof *client, "%s%s",
                   source_prefix, stream_source(stream));
    client->cursor = feed_begin(service->feed, *since ? since : NULL, *since == '\0');
    buffer_init(&client->received, WEBSOCKET_FRAME_MAX_BYTES);
    buffer_init(&client->reply, REPLIES_MAX_BYTES);
    client->pins_next = service->pins ? service->pins->notices->next : 0;
}

void websocket_client_done(struct websocket_client *client)
{
    buffer_done(&client->received);
    buffer_done(&client->reply);
}

/* Names the close code; -1, for the library's callback to return. */
static int close_with(struct websocket_client *client, enum lws_close_status status,
                      const char *reason)
{
    unsigned char text[64];
    (void)snprintf((char *)text, sizeof text, "%s", reason);
    client->is_closing = true;
    lws_close_reason(client->wsi, status, text, strlen((char *)text));
    return -1;
}

void websocket_client_begin_close(struct websocket_client *client, enum lws_close_status status,
                                  const char *reason)
{
    /* Not lws_close_reason(): Debian 12's libwebsockets drops a connection without a word when its
     * writable callback asks for the close (a self-test of its libuv glue closes twice). So the close
     * frame is written here: FIN and opcode 8, no mask, length, code, reason (RFC 6455 §5.5.1). */
    unsigned char frame[LWS_PRE + 4 + GOODBYE_MAX_BYTES] = {0};
    unsigned char *at = frame + LWS_PRE;
    size_t length = strnlen(reason, GOODBYE_MAX_BYTES);
    *at++ = 0x88;
    *at++ = (unsigned char)(2 + length);
    *at++ = (unsigned char)(status >> 8);
    *at++ = (unsigned char)(status & 0xff);
    memcpy(at, reason, length);
    client->is_closing = true;
    (void)lws_write(client->wsi, frame + LWS_PRE, 4 + length, LWS_WRITE_RAW);
}

static bool begin_reply(struct websocket_client *client)
{
    buffer_clear(&client->reply);
    if (!buffer_reserve(&client->reply, LWS_PRE))
        return false;
    buffer_commit(&client->reply, LWS_PRE);
    return true;
}

/* What a watch of pins has seen is for those who may begin one. True when `reply` holds a notification. */
static bool draw_pins(struct websocket_client *client)
{
    const struct pin_finder *pins = client->service->pins;
    if (!pins || client->role < ROLE_ADMIN)
        return false;
    const struct pin_notice *notice = pin_notices_get(pins->notices, &client->pins_next);
    if (!notice || !begin_reply(client))
        return false;
    if (pin_notice_encode(notice, &client->reply)) {
        buffer_done(&client->reply);
        return false;
    }
    return true;
}

/* The class's present step, if the client follows and does not know it. True when `reply` holds a notification. */
static bool draw_lesson(struct websocket_client *client)
{
    const struct classroom *classroom = client->service->classroom;
    if (client->lesson_next == 0 || client->lesson_next > classroom->number || !begin_reply(client))
        return false;
    if (classroom_encode(classroom, stream_id(client->stream), &client->reply)) {
        buffer_done(&client->reply);
        return false;
    }
    client->lesson_next = classroom->number + 1;
    return true;
}

/* What the client follows besides events: socket calls that were made since it was sent the last ones. True
 * when `reply` holds a notification of them. */
static bool draw_calls(struct websocket_client *client)
{
    const struct socket_register *reg = net_register(client->service->net);
    if (client->calls_next == 0 || client->calls_next >= register_next(reg))
        return false;
    if (!begin_reply(client))
        return false;
    struct json_writer writer = json_encode_notification(&client->reply, "sockets.calls");
    uint64_t next = socket_encode_calls(&writer, reg, client->calls_next, CALLS_AT_ONCE);
    json_write_object_end(&writer);
    if (client->reply.error) {
        buffer_done(&client->reply);
        return false;
    }
    client->calls_next = next;
    return true;
}

static void ask_for_turn(struct websocket_client *client)
{
    client->wants_turn = true;
    lws_callback_on_writable(client->wsi);
}

int websocket_client_pump(struct websocket_client *client)
{
    /* A client that comes back far behind is sent the events in portions, so that others have their turn. */
    for (int drawn = 0; drawn < EVENTS_AT_ONCE && !lws_partial_buffered(client->wsi); drawn++) {
        if (client->reply.length > LWS_PRE) {
            size_t length = client->reply.length - LWS_PRE;
            int sent = lws_write(client->wsi, (unsigned char *)client->reply.data + LWS_PRE, length,
                                 LWS_WRITE_TEXT);
            buffer_done(&client->reply);
            if (sent < 0)
                return -1;
            continue;
        }
        size_t length;
        char *text =
            feed_next(client->service->feed, &format, &client->cursor, client->role, &length);
        if (!text && (draw_pins(client) || draw_lesson(client) || draw_calls(client)))
            continue;
        if (!text)
            break;
        if (lws_write(client->wsi, (unsigned char *)text, length, LWS_WRITE_TEXT) < 0)
            return -1;
    }
    bool is_full = lws_partial_buffered(client->wsi);
    if (!is_full)
        stream_set_waiting(client->stream, client->reply.length);
    if (is_full || client->reply.length > LWS_PRE ||
        feed_has_next(client->service->feed, &client->cursor))
        ask_for_turn(client);
    /* Once paused, until the client has taken everything: or each event would let it ask once more. */
    bool pause = is_full && (client->is_paused || client->reply.length > REPLIES_PAUSE_BYTES);
    if (pause != client->is_paused) {
        client->is_paused = pause;
        client->wants_turn = true;
        (void)lws_rx_flow_control(client->wsi, !pause);
    }
    return 0;
}

static const char out_of_memory[] = "out of memory";

static int answer(struct websocket_client *client)
{
    if (!stream_may_answer(client->stream))
        return close_with(client, (enum lws_close_status)CLOSE_TRY_AGAIN_LATER,
                          "too many answers wait to be taken");
    struct caller caller = {.role = client->role,
                            .source = client->source,
                            .connection = stream_id(client->stream),
                            .calls_next = &client->calls_next,
                            .lesson_next = &client->lesson_next};
    struct buffer reply;
    buffer_init(&reply, REPLIES_MAX_BYTES);
    if (!buffer_reserve(&reply, LWS_PRE))
        return close_with(client, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, out_of_memory);
    buffer_commit(&reply, LWS_PRE);
    loop_run_urgent(client->service->loop);
    int error = rpc_answer(client->service, &caller, buffer_text(&client->received),
                           client->received.length, &reply);
    buffer_done(&client->received);
    if (error) {
        buffer_done(&reply);
        return close_with(client, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION,
                          error == -ENOMEM ? out_of_memory : "answer too large");
    }
    if (reply.length == LWS_PRE) {
        buffer_done(&reply);
        return 0;
    }
    if (!lws_partial_buffered(client->wsi) && client->reply.length == 0) {
        client->reply = reply;
        stream_set_waiting(client->stream, reply.length);
        return websocket_client_pump(client);
    }
    /* The library takes a whole message and keeps what the kernel does not: at most the answers
     * to what one read brought, since reading pauses while answers wait. What it returns then is what
     * it sent of the message before, less the head of this one: below 0 where that was a byte or two,
     * and no failure. One that is comes again with the next write. */
    (void)lws_write(client->wsi, (unsigned char *)reply.data + LWS_PRE, reply.length - LWS_PRE,
                    LWS_WRITE_TEXT);
    stream_set_waiting(client->stream, client->reply.length + reply.length);
    buffer_done(&reply);
    client->is_paused = true;
    (void)lws_rx_flow_control(client->wsi, 0);
    ask_for_turn(client);
    return 0;
}

int websocket_client_receive(struct websocket_client *client, const void *bytes, size_t length)
{
    if (lws_frame_is_binary(client->wsi))
        return close_with(client, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text frames only");
    int error = buffer_append(&client->received, bytes, length);
    if (error == -ENOMEM)
        return close_with(client, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, out_of_memory);
    if (error)
        return close_with(client, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message over 64 KiB");
    if (!lws_is_final_fragment(client->wsi) || lws_remaining_packet_payload(client->wsi) > 0)
        return 0;
    return answer(client);
}
