/* A listening stream socket: socket(2), setsockopt(2), bind(2), listen(2), accept4(2). */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/address.h"

#include <sys/types.h>

struct listener;
struct net;
struct stream;

struct listener_options {
    const char *owner;  /* who uses it: "http", "line"; borrowed, a literal */
    mode_t socket_mode; /* of an AF_UNIX file, as 0660 */
    gid_t socket_group; /* of an AF_UNIX file; (gid_t)-1 leaves it unchanged */
    int inherited_fd;   /* a listening descriptor passed by the service manager, taken; else -1 */
};

struct listener_events {
    void *context;
    /* A new stream, taken: give it back with stream_close() or stream_forget(). */
    void (*accepted)(void *context, struct stream *stream);
    /* A stream over a limit, which is closed afterwards: a server may send an answer of its protocol by
     * stream_write() (one try, non-blocking). `reason` is a sentence. NULL to close without an answer. */
    void (*refused)(void *context, struct stream *stream, const char *reason);
};

/* Opens the socket and starts to accept. AF_INET6 addresses are dual-stack ([::] serves IPv4 too);
 * SO_REUSEADDR is set; a stale unix socket file is replaced, one that a process listens on is -EADDRINUSE.
 * 0, or the negative errno of the failed call, whose name is put into `*ret_call` ("bind"). */
int listener_open(struct net *net, const struct address *address,
                  const struct listener_options *options, const struct listener_events *events,
                  struct listener **ret_listener, const char **ret_call);

/* The bound address: the port is the kernel's choice where 0 was asked for. Borrowed. */
const struct address *listener_address(const struct listener *listener);

/* Stops accepting and closes; a unix socket file of ours is removed. NULL is legal. */
struct listener *listener_close(struct listener *listener);

#endif
