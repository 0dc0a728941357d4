#include "net/segment.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { TCP_HEADER_MIN = 20, IPV4_HEADER_MIN = 20, IPV6_HEADER = 40 };

static uint16_t read16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t read32(const uint8_t *bytes)
{
    return (uint32_t)read16(bytes) << 16 | read16(bytes + 2);
}

static void set_in(struct address *address, const uint8_t *host, const uint8_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    memcpy(&in.sin_addr, host, 4);
    memcpy(&in.sin_port, port, 2);
    *address = (struct address){.kind = ADDRESS_TCP, .length = sizeof in};
    memcpy(&address->any, &in, sizeof in);
}

static void set_in6(struct address *address, const uint8_t *host, const uint8_t *port)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    memcpy(&in6.sin6_addr, host, 16);
    memcpy(&in6.sin6_port, port, 2);
    *address = (struct address){.kind = ADDRESS_TCP, .length = sizeof in6};
    memcpy(&address->in6, &in6, sizeof in6);
}

static int decode_tcp(const uint8_t *bytes, size_t length, size_t ip_bytes, struct segment *segment)
{
    const uint8_t *tcp = bytes + ip_bytes;
    if (length < ip_bytes + TCP_HEADER_MIN)
        return -EBADMSG;
    size_t tcp_bytes = (size_t)(tcp[12] >> 4) * 4;
    if (tcp_bytes < TCP_HEADER_MIN || length < ip_bytes + tcp_bytes ||
        segment->packet_bytes < ip_bytes + tcp_bytes)
        return -EBADMSG;
    segment->sequence = read32(tcp + 4);
    segment->acknowledgement = read32(tcp + 8);
    segment->flags = tcp[13];
    segment->window = read16(tcp + 14);
    segment->payload_bytes = segment->packet_bytes - (uint32_t)(ip_bytes + tcp_bytes);
    segment->header_length = (uint8_t)(ip_bytes + tcp_bytes);
    memcpy(segment->header, bytes, segment->header_length);
    return 0;
}

static int decode_ipv4(const uint8_t *bytes, size_t length, struct segment *segment)
{
    size_t ip_bytes = (size_t)(bytes[0] & 0x0f) * 4;
    bool fragment = (read16(bytes + 6) & 0x3fff) != 0;
    if (length < IPV4_HEADER_MIN || ip_bytes < IPV4_HEADER_MIN || fragment ||
        bytes[9] != IPPROTO_TCP || length < ip_bytes + 4)
        return -EBADMSG;
    segment->packet_bytes = read16(bytes + 2);
    set_in(&segment->source, bytes + 12, bytes + ip_bytes);
    set_in(&segment->destination, bytes + 16, bytes + ip_bytes + 2);
    return decode_tcp(bytes, length, ip_bytes, segment);
}

static int decode_ipv6(const uint8_t *bytes, size_t length, struct segment *segment)
{
    if (length < IPV6_HEADER + 4 || bytes[6] != IPPROTO_TCP)
        return -EBADMSG;
    segment->packet_bytes = IPV6_HEADER + read16(bytes + 4);
    set_in6(&segment->source, bytes + 8, bytes + IPV6_HEADER);
    set_in6(&segment->destination, bytes + 24, bytes + IPV6_HEADER + 2);
    return decode_tcp(bytes, length, IPV6_HEADER, segment);
}

int segment_decode(const uint8_t *bytes, size_t length, struct segment *ret_segment)
{
    struct segment segment = {0};
    int error = -EBADMSG;
    if (length >= IPV4_HEADER_MIN && bytes[0] >> 4 == 4)
        error = decode_ipv4(bytes, length, &segment);
    else if (length >= IPV6_HEADER && bytes[0] >> 4 == 6)
        error = decode_ipv6(bytes, length, &segment);
    if (!error)
        *ret_segment = segment;
    return error;
}

char *segment_flags(uint8_t flags, char text[SEGMENT_FLAGS_SIZE])
{
    static const struct {
        uint8_t flag;
        const char *name;
    } names[] = {
        {SEGMENT_SYN, "SYN"}, {SEGMENT_FIN, "FIN"}, {SEGMENT_RST, "RST"}, {SEGMENT_PSH, "PSH"},
        {SEGMENT_ACK, "ACK"}, {SEGMENT_URG, "URG"}, {SEGMENT_ECE, "ECE"}, {SEGMENT_CWR, "CWR"},
    };
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags & names[i].flag)
            used += (size_t)snprintf(text + used, SEGMENT_FLAGS_SIZE - used, "%s%s",
                                     used ? " " : "", names[i].name);
    return text;
}
