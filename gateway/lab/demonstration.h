/* The steps of the socket lesson, made with real sockets on loopback: one short scene for each call and
 * each property of TCP and UDP. What comes back is every call in order, and what the kernel reported of each
 * socket after it. */
#ifndef LAB_DEMONSTRATION_H
#define LAB_DEMONSTRATION_H

#include "net/call.h"
#include "net/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net;

enum {
    DEMONSTRATION_ACTORS_MAX = 8,    /* a listener, and the sockets that come to it */
    DEMONSTRATION_CALLS_MAX = 64,    /* more is not followed by a reader */
    DEMONSTRATION_SEGMENTS_MAX = 64, /* of TCP, where they may be seen */
    DEMONSTRATION_DATA_SIZE = 48,    /* the beginning of what was sent or received, as text */
    DEMONSTRATION_MAX_MS = 20,       /* the loop waits for it; usually it takes 1 */
};

/* A socket of the scene. */
struct demonstration_actor {
    const char *name; /* "server", "connection" or "client"; a literal */
    unsigned number;  /* 1, 2, … where there are several of that name; else 0 */
    bool is_server;   /* which side of the picture it stands on */
};

/* What the kernel reported of a socket after a call. */
struct demonstration_state {
    const char *state; /* "LISTEN", "ESTABLISHED", "BOUND"; a literal; NULL while it is not open */
    bool has_queue;    /* a listener: connections that wait for accept4(2) */
    uint32_t queue_now, queue_max;
    int in_bytes, out_bytes; /* received and not read; sent and not acknowledged */
};

struct demonstration_call {
    struct socket_call call;
    unsigned actor;                     /* whose call it is */
    char data[DEMONSTRATION_DATA_SIZE]; /* "" where no bytes moved */
    struct demonstration_state after[DEMONSTRATION_ACTORS_MAX];
};

/* A segment on the wire, and the call after which it was seen. */
struct demonstration_segment {
    unsigned call; /* index in `calls` */
    struct segment segment;
};

struct demonstration {
    const char *step; /* a literal */
    size_t actor_count, call_count, segment_count;
    struct demonstration_actor actors[DEMONSTRATION_ACTORS_MAX];
    struct demonstration_call calls[DEMONSTRATION_CALLS_MAX];
    unsigned port; /* the server's; 0 before bind(2) */
    /* Why no segments are seen: 0, or the negative errno of `segment_call`, a literal. */
    int segment_error;
    const char *segment_call;
    /* Of TCP to and from `port`, in order; `incoming` are those to the server. */
    struct demonstration_segment segments[DEMONSTRATION_SEGMENTS_MAX];
    int64_t duration_ns;
};

/* Plays the step `name`; its sockets stand in the register while it runs, its calls also later. 0, -EINVAL
 * for a name that is not among demonstration_name(), or the negative errno of the call named in `*ret_call`
 * that kept the scene from being set. A call that fails as the lesson wants it is no such error. */
int demonstration_run(struct net *net, const char *name, struct demonstration *ret,
                      const char **ret_call);

/* The steps in the lesson's order; NULL after the last. */
const char *demonstration_name(size_t index);

#endif
