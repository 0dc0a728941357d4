/* What every server of the program serves: one circuit, one table of methods, one check of access.
 * Filled by the composition root, which owns all members; borrowed by the servers. */
#ifndef PROTOCOL_SERVICE_H
#define PROTOCOL_SERVICE_H

#include "base/histogram.h"
#include "circuit/command.h"
#include "protocol/auth.h"
#include "protocol/door.h"
#include "protocol/guess_limit.h"
#include "protocol/problem.h"

#include <stdint.h>

struct circuit;
struct classroom;
struct config_store;
struct feed;
struct history_file;
struct loop;
struct neighbours;
struct net;
struct pin_finder;
struct tls_context;
struct capture;

enum {
    SERVICE_HTTP_METHODS = 7, /* those of the routes, and all others */
    SERVICE_HTTP_CLASSES = 6, /* of the status: 1xx to 5xx; 0 is unused */
};

/* Counted since the start, for /metrics. */
struct service_counters {
    uint64_t requests;       /* HTTP, answered */
    uint64_t request_errors; /* of them with a status of 400 and above */
    uint64_t responses[SERVICE_HTTP_CLASSES];
    struct histogram request_times[SERVICE_HTTP_METHODS]; /* from the head to the answer */
    uint64_t calls[DOOR_COUNT][PROBLEM_COUNT]; /* methods called, by what became of them */
    uint64_t call_errors;
    uint64_t websockets;    /* opened */
    uint64_t event_streams; /* opened */
};

/* What helper processes have reported, for /healthz and /metrics. Kept by the composition root. */
struct service_helpers {
    const char *mqtt; /* "connected", "connecting", "refused" or "off"; a literal */
    const char *mdns; /* "announced", "missing" or "off"; a literal */
    uint64_t mqtt_dropped_large, mqtt_dropped_retained, mqtt_dropped_malformed; /* messages */
};

struct service {
    struct loop *loop;
    struct net *net;
    struct circuit *circuit;
    struct auth *auth;
    struct feed *feed;
    struct capture *capture;
    const char *id; /* of this gateway: 12 hex digits, "" for none; borrowed */
    struct service_counters counters;
    struct guess_limit guesses;
    struct allowance
        demo_allowance; /* of the socket lesson, that keep the loop for some milliseconds */
    struct service_helpers helpers;
    struct neighbours *neighbours;
    const struct config_store *config; /* the circuit's file */
    const struct pin_finder *pins;     /* NULL where nobody tries pins */
    struct classroom *classroom;       /* NULL where nobody teaches */
    struct history_file *history;      /* NULL where none is kept */
    const struct tls_context *tls;     /* NULL without listen.https */
    int64_t started_ns;                /* monotonic */
    int64_t started_wall_ns;           /* as /metrics reported it last; 0 before */
    /* The addresses that a person may open, one after another; NULL after the last. `text` has
     * room for 128 bytes. Set by the composition root, which knows the listeners. */
    const char *(*address)(void *context, size_t index, char *text);
    void *address_context;
    /* Called after each command or edge, so that the circuit's next due time is read again. */
    void (*circuit_touched)(void *context);
    void *circuit_context;
    /* Called when a token or a session has ended: the connections that it authenticated are closed. */
    void (*grants_changed)(void *context);
    void *grants_context;
};

/* Who calls: found once when a connection is made or a request arrives. */
struct caller {
    enum role role;
    const char *source;  /* "http:192.168.1.7:51514"; borrowed */
    uint32_t connection; /* of a stream that stays open, for leases: its id; 0 for none */
    uint32_t socket;     /* that the call came by: its id, for "your own connection" */
    /* Where a connection that can receive notifications keeps the number of the socket call that it is sent
     * next, 0 while it follows none; NULL where nothing can be sent. */
    uint64_t *calls_next;
    /* The same for the class's step; see classroom.h. */
    uint64_t *lesson_next;
};

#endif
