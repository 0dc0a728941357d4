#include "lab/pcapng.h"

#include <string.h>

enum {
    SECTION_HEADER = 0x0a0d0d0a,
    INTERFACE = 1,
    ENHANCED_PACKET = 6,
    MAGIC = 0x1a2b3c4d,
    LINKTYPE_RAW = 101, /* begins with an IPv4 or IPv6 header */
    OPTION_END = 0,
    OPTION_FLAGS = 2,      /* of a packet: its direction */
    OPTION_RESOLUTION = 9, /* of an interface: 9 is nanoseconds */
    DIRECTION_IN = 1,
    DIRECTION_OUT = 2,
    BLOCK_OVERHEAD = 12, /* type, length, and the length again at the end */
};

static int add16(struct buffer *buffer, uint16_t value)
{
    return buffer_append(buffer, &value, sizeof value);
}

static int add32(struct buffer *buffer, uint32_t value)
{
    return buffer_append(buffer, &value, sizeof value);
}

static void add_option(struct buffer *buffer, uint16_t code, const void *value, uint16_t length)
{
    static const char zero[4] = {0};
    (void)add16(buffer, code);
    (void)add16(buffer, length);
    if (length > 0)
        (void)buffer_append(buffer, value, length);
    (void)buffer_append(buffer, zero, (size_t)(-length & 3)); /* to the next 32 bits */
}

int pcapng_begin(struct buffer *buffer)
{
    static const uint8_t nanoseconds = 9;
    enum { SECTION_BYTES = BLOCK_OVERHEAD + 16, INTERFACE_BYTES = BLOCK_OVERHEAD + 8 + 8 + 4 };
    (void)add32(buffer, SECTION_HEADER);
    (void)add32(buffer, SECTION_BYTES);
    (void)add32(buffer, MAGIC);
    (void)add16(buffer, 1); /* version 1.0 */
    (void)add16(buffer, 0);
    (void)add32(buffer, UINT32_MAX); /* length of the section: unknown */
    (void)add32(buffer, UINT32_MAX);
    (void)add32(buffer, SECTION_BYTES);

    (void)add32(buffer, INTERFACE);
    (void)add32(buffer, INTERFACE_BYTES);
    (void)add16(buffer, LINKTYPE_RAW);
    (void)add16(buffer, 0);
    (void)add32(buffer, SEGMENT_HEADERS_MAX);
    add_option(buffer, OPTION_RESOLUTION, &nanoseconds, sizeof nanoseconds);
    add_option(buffer, OPTION_END, NULL, 0);
    (void)add32(buffer, INTERFACE_BYTES);
    return buffer->error;
}

int pcapng_add(struct buffer *buffer, const struct segment *segment)
{
    uint32_t direction = segment->incoming ? DIRECTION_IN : DIRECTION_OUT;
    uint64_t time_ns = (uint64_t)segment->time_ns;
    uint32_t captured = segment->header_length;
    uint32_t padding = -captured & 3;
    uint32_t block_bytes = BLOCK_OVERHEAD + 20 + captured + padding + 8 + 4;
    static const char zero[4] = {0};
    (void)add32(buffer, ENHANCED_PACKET);
    (void)add32(buffer, block_bytes);
    (void)add32(buffer, 0); /* the only interface */
    (void)add32(buffer, (uint32_t)(time_ns >> 32));
    (void)add32(buffer, (uint32_t)time_ns);
    (void)add32(buffer, captured);
    (void)add32(buffer, segment->packet_bytes);
    (void)buffer_append(buffer, segment->header, captured);
    (void)buffer_append(buffer, zero, padding);
    add_option(buffer, OPTION_FLAGS, &direction, sizeof direction);
    add_option(buffer, OPTION_END, NULL, 0);
    (void)add32(buffer, block_bytes);
    return buffer->error;
}
