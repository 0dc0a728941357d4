/* What the tests of net/ share: a loop, a net, a listener that keeps what it accepts, and plain
 * blocking clients as any program would write them. */
#ifndef TEST_NET_RIG_H
#define TEST_NET_RIG_H

#include "loop/loop.h"
#include "net/address.h"
#include "net/listener.h"
#include "net/net.h"
#include "net/register.h"
#include "net/socket.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stddef.h>

enum { RIG_STREAMS_MAX = 512 };

struct net_rig {
    struct loop *loop;
    struct net *net;
    struct loop_timer deadline;
    struct listener *listener;
    struct stream *streams[RIG_STREAMS_MAX]; /* accepted, in order */
    unsigned accepted;
    unsigned refused;
    const char *refusal;      /* the reason of the last one */
    const char *refusal_text; /* what a refused peer is told; NULL for silence */
    char folder[64];          /* for unix sockets; removed at the end */
};

/* cmocka set-up and tear-down; the state is a struct net_rig. */
int net_rig_setup(void **state);
int net_rig_teardown(void **state);

/* Takes these limits instead of those of the set-up; before anything is opened. */
void net_rig_limit(struct net_rig *rig, const struct net_limits *limits);

/* Runs the loop until `done(rig)` is true, for a second at most; tells whether it became true. */
bool net_rig_run_until(struct net_rig *rig, bool (*done)(struct net_rig *rig));

/* Runs the loop for `ms`. */
void net_rig_run_ms(struct net_rig *rig, int ms);

/* Runs the loop until `count` streams were accepted. */
bool net_rig_accept(struct net_rig *rig, unsigned count);

/* Opens rig->listener at `address` ("127.0.0.1:0", "unix:name"). 0 or a negative errno. */
int net_rig_listen(struct net_rig *rig, const char *address, const char **ret_call);

/* A blocking client socket that is connected to rig->listener, or a negative errno. */
int net_rig_connect(struct net_rig *rig);

/* The kept calls of a socket, one text a line. */
char *net_rig_calls(struct net_rig *rig, uint32_t id, char *text, size_t size);

/* True when some call in the register's ring has this text. */
bool net_rig_was_called(struct net_rig *rig, const char *text);

#endif
