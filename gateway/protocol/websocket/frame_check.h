/* The heads of a client's WebSocket frames (RFC 6455 §5.2), checked byte by byte as they come. What must
 * end the connection is found at the frame's head, before its payload is waited for; nothing behind such a head
 * or behind a Close frame is let through. Pure: no input or output. */
#ifndef PROTOCOL_WEBSOCKET_FRAME_CHECK_H
#define PROTOCOL_WEBSOCKET_FRAME_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEAD_MAX_BYTES = 14 };

struct frame_check {
    uint64_t message_max;   /* bytes of a message, its fragments together */
    uint64_t message_bytes; /* of the message that is under way */
    uint64_t payload_left;  /* of the frame that is under way */
    bool in_message;        /* a continuation must follow */
    bool is_over;           /* nothing more is let through */
    uint8_t head_length;
    uint8_t head[FRAME_HEAD_MAX_BYTES];
    uint16_t code;      /* of the close that a wrong head asks for; 0 for none */
    const char *reason; /* a literal of at most 60 bytes */
};

void frame_check_init(struct frame_check *check, uint64_t message_max);

/* How many of `length` bytes, counted from the first, may be read. Fewer than all: `code` says why, or it was
 * a Close frame. */
size_t frame_check_read(struct frame_check *check, const unsigned char *bytes, size_t length);

#endif
