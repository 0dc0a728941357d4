/* The gateway's TCP connections on the wire: one packet socket that runs while somebody looks, and a
 * little longer; each look takes the segments of one connection. */
#ifndef PROTOCOL_CAPTURE_H
#define PROTOCOL_CAPTURE_H

#include "base/buffer.h"

#include <stdint.h>

struct json_writer;
struct loop;
struct net;
struct capture;

/* Borrows both. 0 or -ENOMEM; no socket is opened yet. */
int capture_new(struct loop *loop, struct net *net, struct capture **ret_capture);
struct capture *capture_free(struct capture *capture);

/* Remembers TCP connection `id` (the register's), so that its segments are found also after its end.
 * 0, or -ENOENT when there is no such connection. */
int capture_watch(struct capture *capture, uint32_t id);

/* Writes the segments of a connection that is watched, from number `since` on:
 * `{"available":…,"reason":…,"packets":[…],"next":…,"dropped":…}`. The first look starts the capture, of
 * all ports, so that a connection made from then on is seen from its SYN; ten seconds without a look
 * end it. */
void capture_write(struct capture *capture, uint32_t id, uint64_t since,
                   struct json_writer *writer);

/* Appends what is kept of connection `id` as pcapng. 0; -ENOENT when it is not being looked at. */
int capture_save(struct capture *capture, uint32_t id, struct buffer *buffer);

#endif
