#include "protocol/websocket/frame_check.h"

enum {
    /* RFC 6455 §5.2 */
    OPCODE_CONTINUATION = 0,
    OPCODE_TEXT = 1,
    OPCODE_BINARY = 2,
    OPCODE_CLOSE = 8,
    OPCODE_PONG = 10,
    BIT_FINAL = 0x80,
    BITS_RESERVED = 0x70,
    BIT_MASK = 0x80,
    CONTROL_MAX_BYTES = 125,
    /* RFC 6455 §7.4.1 */
    CODE_PROTOCOL_ERROR = 1002,
    CODE_UNACCEPTABLE = 1003,
    CODE_TOO_LARGE = 1009,
};

void frame_check_init(struct frame_check *check, uint64_t message_max)
{
    *check = (struct frame_check){.message_max = message_max};
}

static void refuse(struct frame_check *check, uint16_t code, const char *reason)
{
    check->is_over = true;
    check->code = code;
    check->reason = reason;
}

static unsigned opcode_of(const struct frame_check *check)
{
    return check->head[0] & 0x0f;
}

static bool is_control(const struct frame_check *check)
{
    return opcode_of(check) >= OPCODE_CLOSE;
}

/* Bytes of a whole head, as far as its first two say. */
static size_t size_of_head(const struct frame_check *check)
{
    if (check->head_length < 2)
        return 2;
    unsigned length = check->head[1] & 0x7f;
    return 2 + (length == 126 ? 2u : length == 127 ? 8u : 0u) + 4;
}

static void check_first_byte(struct frame_check *check)
{
    unsigned opcode = opcode_of(check);
    if (check->head[0] & BITS_RESERVED)
        refuse(check, CODE_PROTOCOL_ERROR, "reserved bit: no extension was agreed");
    else if ((opcode > OPCODE_BINARY && opcode < OPCODE_CLOSE) || opcode > OPCODE_PONG)
        refuse(check, CODE_PROTOCOL_ERROR, "reserved opcode");
    else if (is_control(check) && !(check->head[0] & BIT_FINAL))
        refuse(check, CODE_PROTOCOL_ERROR, "control frame in fragments");
    else if (!is_control(check) && (opcode == OPCODE_CONTINUATION) != check->in_message)
        refuse(check, CODE_PROTOCOL_ERROR, "continuation expected, or not expected");
    else if (opcode == OPCODE_BINARY)
        refuse(check, CODE_UNACCEPTABLE, "text frames only");
}

static void check_second_byte(struct frame_check *check)
{
    if (!(check->head[1] & BIT_MASK))
        refuse(check, CODE_PROTOCOL_ERROR, "a client's frames are masked");
    else if (is_control(check) && (check->head[1] & 0x7f) > CONTROL_MAX_BYTES)
        refuse(check, CODE_PROTOCOL_ERROR, "control frame over 125 bytes");
}

static uint64_t read_length(const struct frame_check *check)
{
    unsigned length = check->head[1] & 0x7f;
    size_t bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    uint64_t value = bytes == 0 ? length : 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | check->head[2 + i];
    return value;
}

/* The length is known; the mask's four bytes may still be missing. */
static void check_length(struct frame_check *check)
{
    unsigned form = check->head[1] & 0x7f;
    uint64_t length = read_length(check);
    if ((form == 126 && length < 126) || (form == 127 && (length <= UINT16_MAX || length >> 63)))
        refuse(check, CODE_PROTOCOL_ERROR, "length not in its shortest form");
    else if (!is_control(check) && length > check->message_max - check->message_bytes)
        refuse(check, CODE_TOO_LARGE, "message over 64 KiB");
}

static void end_head(struct frame_check *check)
{
    check->payload_left = read_length(check);
    check->head_length = 0;
    if (!is_control(check)) {
        check->in_message = !(check->head[0] & BIT_FINAL);
        check->message_bytes = check->in_message ? check->message_bytes + check->payload_left : 0;
    }
    if (opcode_of(check) == OPCODE_CLOSE && check->payload_left == 0)
        check->is_over = true;
}

static void take_head_byte(struct frame_check *check, unsigned char byte)
{
    check->head[check->head_length++] = byte;
    size_t size = size_of_head(check);
    if (check->head_length == 1)
        check_first_byte(check);
    else if (check->head_length == 2)
        check_second_byte(check);
    if (!check->is_over && check->head_length >= 2 && check->head_length == size - 4)
        check_length(check);
    if (!check->is_over && check->head_length == size)
        end_head(check);
}

static void take_payload(struct frame_check *check, size_t length)
{
    check->payload_left -= length;
    if (check->payload_left == 0 && opcode_of(check) == OPCODE_CLOSE)
        check->is_over = true;
}

size_t frame_check_read(struct frame_check *check, const unsigned char *bytes, size_t length)
{
    size_t frame_begin = 0;
    size_t at = 0;
    while (at < length && !check->is_over) {
        if (check->payload_left > 0) {
            size_t step = length - at < check->payload_left ? length - at : check->payload_left;
            take_payload(check, step);
            at += step;
            continue;
        }
        if (check->head_length == 0)
            frame_begin = at;
        take_head_byte(check, bytes[at++]);
        if (check->code)
            return frame_begin;
    }
    return at;
}
