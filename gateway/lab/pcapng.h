/* A capture file that Wireshark opens: pcapng (draft-ietf-opsawg-pcapng), one interface of raw IP. */
#ifndef LAB_PCAPNG_H
#define LAB_PCAPNG_H

#include "base/buffer.h"
#include "net/segment.h"

/* Appends section header and interface. 0 or a negative errno. */
int pcapng_begin(struct buffer *buffer);

/* Appends one segment: its headers, and how long the packet was in all. 0 or a negative errno. */
int pcapng_add(struct buffer *buffer, const struct segment *segment);

#endif
