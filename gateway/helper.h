/* Helper processes: work that may block (a name look-up, TLS, D-Bus) runs in a child, so that the loop never
 * waits for it. This module starts one child, starts it again when it ends, and ends it with the gateway.
 * A child ends with its parent by PR_SET_PDEATHSIG (prctl(2)). */
#ifndef GATEWAY_HELPER_H
#define GATEWAY_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct helper;
struct loop;
struct net;
struct spawner;
struct stream;

enum {
    HELPER_STREAM_FD = 3,                       /* the child's end of the socket pair */
    HELPER_MEMORY_MAX_BYTES = 96 * 1024 * 1024, /* of data and heap (setrlimit(2) RLIMIT_DATA) */
    HELPER_LINE_MAX_BYTES = 4096, /* of its standard output; the rest of one is skipped */
    HELPER_RESTART_MIN_MS = 1000,
    HELPER_RESTART_MAX_MS = 60 * 1000,
    HELPER_END_MS = 1000, /* between SIGTERM and SIGKILL */
};

struct helper_options {
    const char *name;        /* "mqtt": in the log; a literal */
    struct spawner *spawner; /* forks; borrowed; NULL where the sandbox is off */
    const char *program;     /* a path or a name on the PATH; NULL for this program itself */
    const char *const
        *arguments; /* from argv[1] on, ended by NULL; borrowed as long as the helper */
    /* The gateway's end of a socket pair whose other end is the child's HELPER_STREAM_FD; taken.
     * NULL where the child gets none. */
    void (*started)(void *context, struct stream *stream);
    /* A line of the child's standard output without its end; NULL where it has none. */
    void (*line)(void *context, const char *text);
    void (*ended)(void *context); /* the child has ended; it is started again; may be NULL */
    void *context;
};

/* Starts the child in the next turn of `loop`, and again 1 to 60 s (±20 %, twice as long each time,
 * until one has lived for a minute) after it ended. `options` is copied. 0 or -ENOMEM. */
int helper_new(struct loop *loop, struct net *net, const struct helper_options *options,
               struct helper **ret_helper);

/* What spawner_new() runs in the child: becomes the helper's program. */
void helper_become(const void *context);

/* Ends the child: SIGTERM, and SIGKILL after HELPER_END_MS. Waits for it that long at most.
 * NULL is legal; returns NULL. */
struct helper *helper_free(struct helper *helper);

#endif
