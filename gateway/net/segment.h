/* The headers of one TCP segment on the network: RFC 9293 §3.1, RFC 791, RFC 8200. */
#ifndef NET_SEGMENT_H
#define NET_SEGMENT_H

#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SEGMENT_HEADERS_MAX = 120, /* IPv4 60 and TCP 60 bytes; IPv6 40 and TCP 60 */
    SEGMENT_FLAGS_SIZE = 40,   /* "SYN ACK" … */
};

enum segment_flag {
    SEGMENT_FIN = 1 << 0,
    SEGMENT_SYN = 1 << 1,
    SEGMENT_RST = 1 << 2,
    SEGMENT_PSH = 1 << 3,
    SEGMENT_ACK = 1 << 4,
    SEGMENT_URG = 1 << 5,
    SEGMENT_ECE = 1 << 6,
    SEGMENT_CWR = 1 << 7,
};

struct segment {
    uint64_t number; /* 1 for the first of a capture */
    int64_t time_ns; /* wall clock, the kernel's */
    bool incoming;   /* sent to one of the gateway's ports */
    struct address source, destination;
    uint8_t flags;                      /* enum segment_flag */
    uint32_t sequence, acknowledgement; /* as sent, not relative */
    uint16_t window;                    /* as sent, not scaled */
    uint32_t payload_bytes;             /* their count; the bytes themselves are never stored */
    uint32_t packet_bytes;              /* of the whole IP packet */
    uint8_t header_length;
    uint8_t header[SEGMENT_HEADERS_MAX]; /* IP and TCP headers, for pcapng */
};

/* Reads the headers of an IP packet. Fills all but number, time_ns and incoming. 0, or -EBADMSG for
 * what is no whole TCP header in an unfragmented IPv4 or plain IPv6 packet. */
int segment_decode(const uint8_t *bytes, size_t length, struct segment *ret_segment);

/* "SYN ACK", in the order of a segment's life; returns `text`. */
char *segment_flags(uint8_t flags, char text[SEGMENT_FLAGS_SIZE]);

#endif
