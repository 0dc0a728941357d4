/* The segments of the gateway's TCP connections. One packet socket runs while somebody reads, and ten
 * seconds longer; each reader takes the segments of one connection. */
#ifndef LAB_CAPTURE_H
#define LAB_CAPTURE_H

#include "base/buffer.h"

#include "net/segment.h"

#include <stddef.h>
#include <stdint.h>

struct loop;
struct net;
struct capture;

/* Borrows both. 0 or -ENOMEM; no socket is opened yet. */
int capture_new(struct loop *loop, struct net *net, struct capture **ret_capture);
struct capture *capture_free(struct capture *capture);

enum {
    CAPTURE_SEGMENTS_MAX = 200,         /* of one read */
    CAPTURE_SAVE_MAX_BYTES = 512 * 1024 /* all that are kept, as pcapng */
};

/* What one read found. */
struct capture_view {
    int error;        /* why there is no capture: 0, or the negative errno of `call` */
    const char *call; /* "socket"; a literal */
    uint64_t dropped; /* segments that the kernel had no room for */
    uint64_t next;    /* what to ask for next time */
    size_t count;
    struct segment segments[CAPTURE_SEGMENTS_MAX];
};

/* Reads the segments of TCP connection `id` (the register's) from number `since` on. The first read
 * starts the capture, of all ports, so that a connection made from then on is seen from its SYN; ten
 * seconds without a read end it. 0, also where capturing is not allowed: `ret_view->error` says so;
 * -ENOENT when there is no such connection. */
int capture_read(struct capture *capture, uint32_t id, uint64_t since,
                 struct capture_view *ret_view);

/* Appends what is kept of connection `id` as pcapng. 0; -ENOENT when nobody reads it. */
int capture_save(struct capture *capture, uint32_t id, struct buffer *buffer);

#endif
